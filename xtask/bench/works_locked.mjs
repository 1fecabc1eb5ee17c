// Jobs with a key that has a passphrase, under the same string-to-key on both sides: 16 MiB of SHA-256 in version 4, Argon2id with 64 MiB in
// version 6; each component has a salt of its own, so that a key of two is two derivations.
import { peerDecrypts } from "./measure.mjs";
import { ARGON2 } from "./works_data.mjs";

const PERSON = { name: "Bench", email: "bench@example.org" };
const passphrase = "correct horse battery staple";
const MAILS = 20;

const KINDS = [
  { name: "Curve25519 v4", ours: { profile: "compat" }, peer: { type: "ecc", curve: "curve25519Legacy" }, config: { v6Keys: false } },
  { name: "Curve25519 v6", ours: { profile: "rfc9580" }, peer: { type: "curve25519" }, config: { v6Keys: true, aeadProtect: true, ...ARGON2 } },
];

export async function* locked(ours, peer, only) {
  for (const kind of KINDS) {
    // Preparing derives, too: not for nothing.
    if (!only || only.includes("locked") || only.includes("passphrase") || only.startsWith(kind.name)) yield* ofKind(ours, peer, kind);
  }
}

async function* ofKind(ours, peer, { name, ours: how, peer: peerHow, config }) {
  const { key } = await ours.generateKey({ userIds: [PERSON], ...how, passphrase });
  const { key: open } = await ours.generateKey({ userIds: [PERSON], ...how });
  const [privateKey, openPeer] = [await peer.readPrivateKey({ binaryKey: key.binary }), await peer.readPrivateKey({ binaryKey: open.binary })];
  const message = await ours.encrypt({ data: "A short message, as most are.", recipients: key.certificate, armor: false });
  const unlocked = () => peer.decryptKey({ privateKey, passphrase });
  /** So many mails, one after the other. */
  const mails = async (open) => {
    for (let count = 0; count < MAILS; count += 1) await open();
  };
  yield {
    work: `${name} generate with a passphrase`,
    ours: () => ours.generateKey({ userIds: [PERSON], ...how, passphrase }),
    peer: () => peer.generateKey({ userIDs: [PERSON], ...peerHow, passphrase, format: "object", config }),
  };
  yield {
    work: `${name} lock with a passphrase`,
    ours: () => ours.lockKey({ key: open, newPassphrase: passphrase }),
    peer: () => peer.encryptKey({ privateKey: openPeer, passphrase, config }),
  };
  yield {
    work: `${name} unlock with a passphrase`,
    ours: () => ours.unlockCheck({ key, passphrase }),
    peer: unlocked,
  };
  // Under Argon2id that is the row above, so many times.
  if (!config.s2kType) yield {
    work: `${name} decrypt ${MAILS} mails, the passphrase given with each`,
    ours: () => mails(() => ours.decrypt({ message, keys: { key, passphrase } })),
    peer: () => mails(async () => peerDecrypts(peer, message, { decryptionKeys: await unlocked() })),
  };
  const entries = new Map();
  const storage = { get: (name) => entries.get(name), put: (name, bytes) => void entries.set(name, bytes), delete: (name) => void entries.delete(name), list: () => [...entries.keys()] };
  const keystore = await ours.Keystore.open({ storage, passphrase });
  const once = await unlocked();
  yield {
    work: `${name} decrypt ${MAILS} mails with a locked key, unlocked before`,
    ours: () => mails(() => ours.decrypt({ message, keys: { key, keystore } })),
    peer: () => mails(() => peerDecrypts(peer, message, { decryptionKeys: once })),
  };
  await keystore.lock();
}
