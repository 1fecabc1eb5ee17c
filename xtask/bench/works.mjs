// What is measured: the same job done by both libraries, as pairs of functions. Runs in node and in a browser alike.
//
// The other side, OpenPGP.js, is in its best configuration for each job: AES-GCM or OCB by its AEAD switch, Argon2 for
// passwords as on our side, and its keys read once, outside the measured time. Keys have no passphrase, so that neither
// side pays for unlocking.

const MB = 1_000_000;

/** Every job, in groups that share what they prepare: `{ work, ours, peer, prepare? }`. */
export async function* works(ours, peer) {
  const keys = await prepareKeys(ours, peer);
  yield* generation(ours, peer);
  for (const profile of ["compat", "rfc9580"]) yield* small(ours, peer, keys[profile], profile === "compat" ? "v4" : "v6");
  for (const size of [1, 10, 50]) {
    yield* aead(ours, peer, keys.rfc9580, size);
    yield* integrityProtected(ours, peer, keys.compat, size);
    yield* offsetCodebook(ours, peer, keys.rfc9580, size);
  }
  for (const size of [10, 50]) {
    yield* signatures(ours, peer, keys.compat, size);
    yield* signedAndEncrypted(ours, peer, keys.rfc9580, size);
  }
  yield* envelopes(ours, peer);
}

async function prepareKeys(ours, peer) {
  const prepared = {};
  for (const profile of ["compat", "rfc9580"]) {
    const { key } = await ours.generateKey({ userIds: [{ name: "Bench", email: "bench@example.org" }], profile });
    const secret = await peer.readPrivateKey({ binaryKey: key.binary });
    prepared[profile] = { ours: { key, certificate: key.certificate }, peer: { secret, certificate: secret.toPublic() } };
  }
  return prepared;
}

async function* generation(ours, peer) {
  const userIds = [{ name: "Bench", email: "bench@example.org" }];
  yield {
    work: "Curve25519 v4 generate",
    ours: () => ours.generateKey({ userIds, profile: "compat" }),
    peer: () => peer.generateKey({ userIDs: userIds, type: "ecc", curve: "curve25519Legacy", format: "object", config: { v6Keys: false } }),
  };
  yield {
    work: "Curve25519 v6 generate",
    ours: () => ours.generateKey({ userIds, profile: "rfc9580" }),
    peer: () => peer.generateKey({ userIDs: userIds, type: "curve25519", format: "object", config: { v6Keys: true } }),
  };
}

async function* small(ours, peer, keys, version) {
  const data = bytes(1024);
  const recipients = [keys.ours.certificate];
  const signers = [{ key: keys.ours.key }];
  const signature = await ours.sign({ data, signers, form: "detached", armor: false });
  const message = await ours.encrypt({ data, recipients, armor: false });
  yield {
    work: `Curve25519 ${version} sign 1 KB`,
    ours: () => ours.sign({ data, signers, form: "detached", armor: false }),
    peer: async () => peer.sign({ message: await binary(peer, data), signingKeys: keys.peer.secret, detached: true, format: "binary" }),
  };
  yield {
    work: `Curve25519 ${version} verify 1 KB`,
    ours: async () => valid(await ours.verify({ data, signature, verifyWith: recipients })),
    peer: () => peerVerifies(peer, data, signature, keys),
  };
  yield {
    work: `Curve25519 ${version} encrypt 1 KB`,
    ours: () => ours.encrypt({ data, recipients, armor: false }),
    peer: async () => peer.encrypt({ message: await binary(peer, data), encryptionKeys: keys.peer.certificate, format: "binary", config: GCM }),
  };
  yield {
    work: `Curve25519 ${version} decrypt 1 KB`,
    ours: () => ours.decrypt({ message, keys: signers, as: "binary" }),
    peer: () => peerDecrypts(peer, message, { decryptionKeys: keys.peer.secret }),
  };
}

const GCM = { aeadProtect: true, preferredAEADAlgorithm: 3 };
const OCB = { aeadProtect: true, preferredAEADAlgorithm: 2 };
const CFB = { aeadProtect: false };
/** The same password work on both sides: Argon2id, 3 passes, 4 lanes, 64 MiB. */
const ARGON2 = { s2kType: 4, s2kArgon2Params: { passes: 3, parallelism: 4, memoryExponent: 16 } };

async function* aead(ours, peer, keys, size) {
  const data = bytes(size * MB);
  const recipients = [keys.ours.certificate];
  const passwords = ["correct horse battery staple"];
  for (const [by, oursTo, peerTo, oursWith, peerWith] of [
    ["key", { recipients }, { encryptionKeys: keys.peer.certificate }, { keys: [{ key: keys.ours.key }] }, { decryptionKeys: keys.peer.secret }],
    ["password", { passwords }, { passwords }, { passwords }, { passwords }],
  ]) {
    const message = await ours.encrypt({ data, ...oursTo, format: "seipd-v2", armor: false });
    yield {
      work: `AES-256-GCM by ${by} encrypt ${size} MB`,
      ours: () => ours.encrypt({ data, ...oursTo, format: "seipd-v2", armor: false }),
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
async function* signedAndEncrypted(ours, peer, keys, size) {
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

async function* integrityProtected(ours, peer, keys, size) {
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

async function* offsetCodebook(ours, peer, keys, size) {
  if (size > 10) return;
  const message = await peer.encrypt({
    message: await binary(peer, bytes(size * MB)),
    encryptionKeys: keys.peer.certificate,
    format: "binary",
    config: OCB,
  });
  yield {
    work: `AES-256-OCB decrypt ${size} MB`,
    ours: () => ours.decrypt({ message, keys: [{ key: keys.ours.key }], as: "binary" }),
    peer: () => peerDecrypts(peer, message, { decryptionKeys: keys.peer.secret }),
  };
}

async function* signatures(ours, peer, keys, size) {
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
    peer: () => peerVerifies(peer, data, signature, keys),
  };
}

async function* envelopes(ours, peer) {
  const text = "A short message, as most are.";
  const password = "correct horse battery staple";
  const sealed = await ours.sealEnvelope({ subject: "Bench", text, password });
  const passphrase = `${sealed.linkSecret}-${password}`;
  yield {
    work: "envelope seal (Argon2id 64 MiB)",
    ours: () => ours.sealEnvelope({ subject: "Bench", text, password }),
    peer: async () =>
      peer.encrypt({ message: await peer.createMessage({ text }), passwords: [passphrase], format: "binary", config: { ...GCM, ...ARGON2 } }),
  };
  yield {
    work: "envelope open (Argon2id 64 MiB)",
    ours: () => ours.openEnvelope({ ciphertext: sealed.ciphertext, linkSecret: sealed.linkSecret, password }),
    peer: () => peerDecrypts(peer, sealed.ciphertext, { passwords: [passphrase] }),
  };
}

/** Runs one job on both sides in turn, in this process. Medians in milliseconds. */
export async function measure({ work, ours, peer }, { least = 5, most = 25, budget = 4000 } = {}) {
  await ours();
  await peer();
  const times = { ours: [], peer: [] };
  const started = performance.now();
  while (times.ours.length < most && (times.ours.length < least || performance.now() - started < budget)) {
    times.ours.push(await time(ours));
    times.peer.push(await time(peer));
  }
  return { work, ours_ms: median(times.ours), peer_ms: median(times.peer) };
}

export function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

async function time(job) {
  const started = performance.now();
  await job();
  return performance.now() - started;
}

function binary(peer, data) {
  return peer.createMessage({ binary: data });
}

async function peerDecrypts(peer, message, how) {
  return peer.decrypt({ message: await peer.readMessage({ binaryMessage: message }), ...how, format: "binary" });
}

async function peerVerifies(peer, data, signature, keys) {
  const result = await peer.verify({
    message: await binary(peer, data),
    signature: await peer.readSignature({ binarySignature: signature }),
    verificationKeys: keys.peer.certificate,
    format: "binary",
  });
  if (!(await result.signatures[0].verified)) throw new Error("the other side does not verify");
}

function valid({ signatures }) {
  if (signatures[0]?.status !== "valid") throw new Error(`our side does not verify: ${signatures[0]?.reason}`);
}

/** Bytes that do not compress, the same in every run. */
function bytes(length) {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = 0x9e3779b9;
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return new Uint8Array(words.buffer, 0, length);
}
