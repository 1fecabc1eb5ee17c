// Jobs in which the data is what costs: encryption in each format, signatures, both at once, text.
import { binary, bytes, lines, peerDecrypts, peerVerifies, valid } from "./measure.mjs";

const MB = 1_000_000;
const PASSWORD = "correct horse battery staple";

/** Its chunks are as large as ours by default, 256 KiB; 4 MiB, the largest there are, make no difference to it. */
export const GCM = { aeadProtect: true, preferredAEADAlgorithm: 3 };
const OCB = { aeadProtect: true, preferredAEADAlgorithm: 2 };
const CFB = { aeadProtect: false };
/** The same password work on both sides: Argon2id, 3 passes, 4 lanes, 64 MiB. */
export const ARGON2 = { s2kType: 4, s2kArgon2Params: { passes: 3, parallelism: 4, memoryExponent: 16 } };

export async function* aead(ours, peer, keys, size) {
  const data = bytes(size * MB);
  const recipients = [keys.ours.certificate];
  const passwords = [PASSWORD];
  for (const [by, oursTo, peerTo, oursWith, peerWith] of [
    ["key", { recipients }, { encryptionKeys: keys.peer.certificate }, { keys: [{ key: keys.ours.key }] }, { decryptionKeys: keys.peer.secret }],
    ["password", { passwords }, { passwords }, { passwords }, { passwords }],
  ]) {
    const options = { data, ...oursTo, format: "seipd-v2", armor: false };
    const message = await ours.encrypt(options);
    yield {
      work: `AES-256-GCM by ${by} encrypt ${size} MB`,
      ours: () => ours.encrypt(options),
      peer: async () => peer.encrypt({ message: await binary(peer, data), ...peerTo, format: "binary", config: { ...GCM, ...ARGON2 } }),
    };
    yield {
      work: `AES-256-GCM by ${by} decrypt ${size} MB`,
      ours: () => ours.decrypt({ message, ...oursWith, as: "binary" }),
      peer: () => peerDecrypts(peer, message, peerWith),
    };
  }
}

/** Both at once, as mail clients do: signed, and encrypted to the signer. */
export async function* signedAndEncrypted(ours, peer, keys, size) {
  const data = bytes(size * MB);
  const recipients = [keys.ours.certificate];
  const signers = [{ key: keys.ours.key }];
  const options = { data, recipients, signers, format: "seipd-v2", armor: false };
  const message = await ours.encrypt(options);
  const both = { encryptionKeys: keys.peer.certificate, signingKeys: keys.peer.secret, format: "binary", config: GCM };
  yield {
    work: `encrypt and sign ${size} MB`,
    ours: () => ours.encrypt(options),
    peer: async () => peer.encrypt({ message: await binary(peer, data), ...both }),
  };
  yield {
    work: `decrypt and verify ${size} MB`,
    ours: async () => valid(await ours.decrypt({ message, keys: signers, verifyWith: recipients, as: "binary" })),
    peer: () => peerDecrypts(peer, message, { decryptionKeys: keys.peer.secret, verificationKeys: keys.peer.certificate, expectSigned: true }),
  };
}

export async function* integrityProtected(ours, peer, keys, size) {
  const data = bytes(size * MB);
  const recipients = [keys.ours.certificate];
  const message = await ours.encrypt({ data, recipients, format: "seipd-v1", armor: false });
  yield {
    work: `SEIPD v1 encrypt ${size} MB`,
    ours: () => ours.encrypt({ data, recipients, format: "seipd-v1", armor: false }),
    peer: async () => peer.encrypt({ message: await binary(peer, data), encryptionKeys: keys.peer.certificate, format: "binary", config: CFB }),
  };
  yield {
    work: `SEIPD v1 decrypt ${size} MB`,
    ours: () => ours.decrypt({ message, keys: [{ key: keys.ours.key }], as: "binary" }),
    peer: () => peerDecrypts(peer, message, { decryptionKeys: keys.peer.secret }),
  };
}

/** Read only: we write GCM or CFB. WebCrypto has no OCB, so both sides do it themselves. */
export async function* offsetCodebook(ours, peer, keys, size) {
  if (size > 10) return;
  const message = await peer.encrypt({ message: await binary(peer, bytes(size * MB)), encryptionKeys: keys.peer.certificate, format: "binary", config: OCB });
  yield {
    work: `AES-256-OCB decrypt ${size} MB`,
    ours: () => ours.decrypt({ message, keys: [{ key: keys.ours.key }], as: "binary" }),
    peer: () => peerDecrypts(peer, message, { decryptionKeys: keys.peer.secret }),
  };
}

/** Detached signatures over bytes. */
export async function* signatures(ours, peer, keys, size) {
  const data = bytes(size * MB);
  const signers = [{ key: keys.ours.key }];
  const signature = await ours.sign({ data, signers, form: "detached", armor: false });
  yield {
    work: `sign ${size} MB`,
    ours: () => ours.sign({ data, signers, form: "detached", armor: false }),
    peer: async () => peer.sign({ message: await binary(peer, data), signingKeys: keys.peer.secret, detached: true, format: "binary" }),
  };
  yield {
    work: `verify ${size} MB`,
    ours: async () => valid(await ours.verify({ data, signature, verifyWith: [keys.ours.certificate] })),
    peer: async () => peerVerifies(peer, await binary(peer, data), signature, keys),
  };
}

/**
 * The same over text, given as a string. OpenPGP.js then signs canonical text and canonicalises it while verifying; we sign the
 * string's UTF-8 as bytes, and verify the signature over canonical text that the other side made.
 */
export async function* texts(ours, peer, keys) {
  const signers = [{ key: keys.ours.key }];
  const verifyWith = [keys.ours.certificate];
  const text = lines(10 * MB);
  const message = () => peer.createMessage({ text });
  const signature = await peer.sign({ message: await message(), signingKeys: keys.peer.secret, detached: true, format: "binary" });
  yield {
    work: "sign text of 10 MB",
    ours: () => ours.sign({ data: text, signers, form: "detached", armor: false }),
    peer: async () => peer.sign({ message: await message(), signingKeys: keys.peer.secret, detached: true, format: "binary" }),
  };
  yield {
    work: "verify text of 10 MB",
    ours: async () => valid(await ours.verify({ data: text, signature, verifyWith })),
    peer: async () => peerVerifies(peer, await message(), signature, keys),
  };
}
