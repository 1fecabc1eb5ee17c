// Jobs in which the key is what costs: making one, and what is done with it to 1 KB. Curve25519 (v4 and v6), RSA-3072, P-256.
import { binary, bytes, peerDecrypts, peerVerifies, valid } from "./measure.mjs";
import { GCM } from "./works_data.mjs";

const PERSON = { name: "Bench", email: "bench@example.org" };
/** RSA is drawn until primes are found, so its times scatter: the median of this many. */
const RSA_ROUNDS = 15;

const KINDS = [
  { short: "v4", name: "Curve25519 v4", ours: { profile: "compat" }, peer: { type: "ecc", curve: "curve25519Legacy", config: { v6Keys: false } } },
  { short: "v6", name: "Curve25519 v6", ours: { profile: "rfc9580" }, peer: { type: "curve25519", config: { v6Keys: true } } },
  { short: "rsa", name: "RSA-3072", ours: { profile: "rsa", bits: 3072 }, peer: { type: "rsa", rsaBits: 3072, config: { v6Keys: false } }, rounds: RSA_ROUNDS },
  { short: "p256", name: "P-256", ours: { profile: "nist", curve: "p256" }, peer: { type: "ecc", curve: "nistP256", config: { v6Keys: false } } },
];

/** One key of each kind, made by us and read by both. */
export async function prepareKeys(ours, peer) {
  const prepared = {};
  for (const { short, name, ours: how } of KINDS) {
    const { key } = await ours.generateKey({ userIds: [PERSON], ...how });
    const secret = await peer.readPrivateKey({ binaryKey: key.binary });
    prepared[short] = { name, ours: { key, certificate: key.certificate }, peer: { secret, certificate: secret.toPublic() } };
  }
  return prepared;
}

/** A primary key that signs and a subkey that encrypts, on both sides. */
export async function* generation(ours, peer) {
  for (const { name, ours: how, peer: peerHow, rounds } of KINDS) {
    yield {
      work: `${name} generate`,
      ours: () => ours.generateKey({ userIds: [PERSON], ...how }),
      peer: () => peer.generateKey({ userIDs: [PERSON], format: "object", ...peerHow }),
      ...(rounds && { rounds }),
    };
  }
}

export async function* small(ours, peer, keys) {
  const data = bytes(1024);
  const recipients = [keys.ours.certificate];
  const signers = [{ key: keys.ours.key }];
  // Both write what the key announces: SEIPD v2 to v6 keys, v1 to the others.
  const options = { data, recipients, armor: false };
  const signature = await ours.sign({ data, signers, form: "detached", armor: false });
  const message = await ours.encrypt(options);
  yield {
    work: `${keys.name} sign 1 KB`,
    ours: () => ours.sign({ data, signers, form: "detached", armor: false }),
    peer: async () => peer.sign({ message: await binary(peer, data), signingKeys: keys.peer.secret, detached: true, format: "binary" }),
  };
  yield {
    work: `${keys.name} verify 1 KB`,
    ours: async () => valid(await ours.verify({ data, signature, verifyWith: recipients })),
    peer: async () => peerVerifies(peer, await binary(peer, data), signature, keys),
  };
  yield {
    work: `${keys.name} encrypt 1 KB`,
    ours: () => ours.encrypt(options),
    peer: async () => peer.encrypt({ message: await binary(peer, data), encryptionKeys: keys.peer.certificate, format: "binary", config: GCM }),
  };
  yield {
    work: `${keys.name} decrypt 1 KB`,
    ours: () => ours.decrypt({ message, keys: signers, as: "binary" }),
    peer: () => peerDecrypts(peer, message, { decryptionKeys: keys.peer.secret }),
  };
}
