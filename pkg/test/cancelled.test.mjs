/** Calls on large data that are neither a stream nor plain encrypting and signing, and calls that open or lock a key: all of them stop when the signal fires, here and in a worker. */
import assert from "node:assert/strict";
import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { after, test } from "node:test";
import { deflateRawSync } from "node:zlib";
import * as here from "envelock";
import * as reader from "envelock/reader";
import { createWorker } from "envelock/worker";

const worker = createWorker();
after(() => worker.terminate());
const PLACES = [["on this thread", here], ["in a worker", worker]];
const { key } = await here.generateKey({ userIds: [{ email: "anna@demo.example" }] });
const [signers, keys, recipients] = [{ key }, { key }, key.certificate];
const data = new Uint8Array(40_000_000).map((_, at) => (at * at) >> 3).fill(0, 0, 1);
const attachments = [{ name: "a.bin", data: data.subarray(0, 24_000_000) }];
const content = { subject: "s", text: "t", attachments };
const mail = { ...content, from: { address: "anna@demo.example" }, signers };

const armored = await here.armor({ data, kind: "message" });
const encrypted = await here.encrypt({ data, recipients });
const sealed = await here.sealEnvelope({ ...content, password: "p", linkSecret: false, signers });
const { senderCertificate } = await here.openEnvelope({ ciphertext: sealed.ciphertext, password: "p" });
const { signedMessage } = await reader.openEnvelope({ ciphertext: sealed.ciphertext, access: await reader.deriveAccess({ salt: sealed.head.salt, password: "p" }) });
const blob = new Blob([await here.encrypt({ data, recipients, format: "seipd-v1", armor: false })]);
const mails = { signed: await here.composeMail(mail), encrypted: await here.composeMail({ ...mail, recipients }) };
const JOBS = {
  armor: (on, signal) => on.armor({ data, kind: "message", signal }),
  dearmor: (on, signal) => on.dearmor({ armored, signal }),
  inspectMessage: (on, signal) => on.inspectMessage({ message: encrypted, signal }),
  decryptSessionKeys: (on, signal) => on.decryptSessionKeys({ message: encrypted, keys, signal }),
  "decrypt of a blob": (on, signal) => on.decrypt({ message: blob, keys, as: "binary", signal }),
  sealEnvelope: (on, signal) => on.sealEnvelope({ ...content, password: "p", signers, signal }),
  openEnvelope: (on, signal) => on.openEnvelope({ ciphertext: sealed.ciphertext, password: "p", verifyWith: recipients, signal }),
  verifyEnvelope: (on, signal) => on.verifyEnvelope({ signedMessage, verifyWith: recipients, signal }),
  sealReply: (on, signal) => on.sealReply({ ...content, senderCertificate, password: "p", salt: sealed.head.salt, signers, signal }),
  "composeMail, signed": (on, signal) => on.composeMail({ ...mail, signal }),
  "composeMail, encrypted": (on, signal) => on.composeMail({ ...mail, recipients, format: "seipd-v1", signal }),
  "readMail, signed": (on, signal) => on.readMail({ mail: mails.signed.mail, verifyWith: recipients, signal }),
  "readMail, encrypted": (on, signal) => on.readMail({ mail: mails.encrypted.mail, keys, signal }),
};
// Argon2id, which takes longest to derive.
const passphrase = "harbour";
const locked = (await here.generateKey({ userIds: [{ email: "anna@demo.example" }], profile: "rfc9580", passphrase })).key;
const toLocked = await here.encrypt({ data: "x", recipients: locked.certificate });
Object.assign(JOBS, {
  "generateKey with a passphrase": (on, signal) => on.generateKey({ userIds: [{ email: "a@b.example" }], profile: "rfc9580", passphrase, signal }),
  "sign with a locked key": (on, signal) => on.sign({ data: "x", signers: { key: locked, passphrase }, form: "detached", signal }),
  "decrypt with a locked key": (on, signal) => on.decrypt({ message: toLocked, keys: { key: locked, passphrase }, signal }),
  "decrypt with a wrong passphrase": (on, signal) => on.decrypt({ message: toLocked, keys: { key: locked, passphrase: "x" }, signal }).catch((error) => {
    if (error.code !== "wrong-passphrase") throw error;
  }),
  unlockCheck: (on, signal) => on.unlockCheck({ key: locked, passphrase, signal }),
  changePassphrase: (on, signal) => on.changePassphrase({ key: locked, passphrase, newPassphrase: "lantern", signal }),
  addUserId: (on, signal) => on.addUserId({ key: { key: locked, passphrase }, userId: { email: "b@b.example" }, signal }),
  addSubkey: (on, signal) => on.addSubkey({ key: { key: locked, passphrase }, use: "sign", signal }),
});
// What other programs write: compressed, then encrypted as SEIPD v1 (RFC 9580 §5.6, §5.13.1).
const packet = (tag, ...parts) => {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const head = Buffer.from([0xc0 | tag, 255, 0, 0, 0, 0]);
  head.writeUInt32BE(body.length, 2);
  return Buffer.concat([head, body]);
};
const words = randomBytes(data.length).map((octet) => octet & 15);
const compressed = packet(8, [1], deflateRawSync(packet(11, [0x62, 0, 0, 0, 0, 0], words), { level: 1 }));
const sessionKeys = { algorithm: "aes256", data: new Uint8Array(32).fill(7) };
const authentic = Buffer.concat([Buffer.alloc(18, 9), compressed, Buffer.from([0xd3, 20])]);
const cfb = createCipheriv("aes-256-cfb", sessionKeys.data, Buffer.alloc(16));
const packed = packet(18, [1], cfb.update(authentic), cfb.update(createHash("sha1").update(authentic).digest()));
Object.assign(JOBS, {
  "decrypt of what is compressed": (on, signal) => on.decrypt({ message: packed, sessionKeys, as: "binary", signal }),
  "verify of what is compressed": (on, signal) => on.verify({ message: compressed, verifyWith: [], as: "binary", signal }),
  "inspectMessage of what is compressed": (on, signal) => on.inspectMessage({ message: compressed, signal }),
});
const many = await Promise.all(Array.from({ length: 400 }, () => here.generateKey({ userIds: [{ email: "b@b.example" }] })));
const certificates = many.map(({ key }) => key.certificate);
const keyring = Buffer.concat(certificates.map(({ binary }) => binary));
Object.assign(JOBS, {
  "readKeys of hundreds": (on, signal) => on.readKeys({ keys: keyring, signal }),
  "encrypt to hundreds": (on, signal) => on.encrypt({ data: "x", recipients: certificates, signal }),
});
const next = (on) => on.sign({ data: "next", signers, form: "detached" });

for (const [name, run] of Object.entries(JOBS)) {
  for (const [where, on] of PLACES) {
    test(`${name} leaves others their turns and stops when the signal fires, ${where}`, async () => {
      await run(on);
      const begun = performance.now();
      await run(on);
      const whole = performance.now() - begun;
      const controller = new AbortController();
      let due = Infinity;
      setTimeout(() => {
        due = performance.now();
        controller.abort("enough");
      }, whole * 0.3);
      const error = await run(on, controller.signal).then(() => undefined, (error) => error);
      assert.ok(error instanceof here.PgpError && error.code === "cancelled" && error.cause === "enough", String(error));
      assert.ok(performance.now() - due < 150, `${performance.now() - due} ms`);
      await next(on);
      assert.ok(performance.now() - due < 250, `the next call was answered after ${performance.now() - due} ms`);
    });
  }
}

const stalled = () => new ReadableStream({ pull: () => new Promise(() => {}) });
const DRAINING = {
  sign: (source) => ({ data: source, signers, form: "cleartext" }),
  verify: (source) => ({ message: source, verifyWith: recipients }),
  readKeys: (source) => ({ keys: source }),
  inspectMessage: (source) => ({ message: source }),
  openEnvelope: (source) => ({ ciphertext: source, password: "p" }),
  readMail: (source) => ({ mail: source }),
  armor: (source) => ({ data: source, kind: "message" }),
};
for (const [name, options] of Object.entries(DRAINING)) {
  test(`${name} of a stream that gives nothing does not begin when the signal has fired`, { timeout: 5000 }, async () => {
    await assert.rejects(here[name]({ ...options(stalled()), signal: AbortSignal.abort("enough") }), { code: "cancelled" });
  });
}
