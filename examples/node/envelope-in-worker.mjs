// Seals a file for somebody without OpenPGP, in a worker with progress, and opens it as the link's page would.
// Run: node envelope-in-worker.mjs
import { createWorker } from "envelock/worker";

const envelock = createWorker();
const file = new Uint8Array(3_000_000).fill(42);
const sealed = await envelock.sealEnvelope({
  subject: "Your results",
  text: "Attached, as promised.",
  attachments: [{ name: "results.bin", type: "application/octet-stream", data: file }],
  password: "told by telephone",
  onProgress: ({ done, total }) => console.log(`sealed ${done} of ${total} bytes`),
});
const id = "AAAAAAAAAAAAAAAAAAAAAA"; // the server gives this for sealed.ciphertext, sealed.head and sealed.tokenHash
console.log(`https://mail.example.org/d/${id}#${sealed.linkSecret}`);

const opened = await envelock.openEnvelope({
  ciphertext: sealed.ciphertext,
  password: "told by telephone",
  linkSecret: sealed.linkSecret,
  salt: sealed.head.salt,
});
console.log(opened.subject, opened.attachments.map(({ name, data }) => `${name}: ${data.length} bytes`));
envelock.terminate();
