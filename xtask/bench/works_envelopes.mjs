// A short message under a password, as the decrypt page opens it. OpenPGP.js encrypts the text alone; an envelope is a MIME
// message with subject, date and padding around it.
import { peerDecrypts } from "./measure.mjs";
import { ARGON2, GCM } from "./works_data.mjs";

export async function* envelopes(ours, peer) {
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
