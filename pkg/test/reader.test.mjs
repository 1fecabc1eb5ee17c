/** The small reader: opens what the full module sealed, and hands over what it cannot judge. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { occurrences } from "./module-memory.mjs";
import { generateKey, sealEnvelope, verifyEnvelope } from "envelock";
import { deriveAccess, init, openEnvelope } from "envelock/reader";

let key, sealed;
const file = Uint8Array.from({ length: 600_000 }, (_, at) => at % 241);
before(async () => {
  ({ key } = await generateKey({ userIds: [{ email: "anna@demo.example" }] }));
  sealed = await sealEnvelope({ subject: "Befund", text: "Guten Tag", attachments: [{ name: "a.bin", data: file }], password: "Zürich", signers: { key }, reply: { name: "Anna", email: "anna@demo.example" } });
});
const accessFor = (password) => deriveAccess({ salt: sealed.head.salt, linkSecret: sealed.linkSecret, password });

test("opens an envelope; the full module checks who signed it", async () => {
  await init();
  const access = await accessFor("Zu\u0308rich");
  assert.match(access.token, /^[\w-]{43}$/);
  const seen = [];
  const opened = await openEnvelope({ ciphertext: sealed.ciphertext, access, onProgress: (progress) => seen.push(progress) });
  assert.equal(opened.subject, "Befund");
  assert.equal(opened.text, "Guten Tag");
  assert.deepEqual(Buffer.from(opened.attachments[0].data), Buffer.from(file));
  assert.equal(opened.replyTo.name, "Anna");
  assert.ok(opened.signed && opened.senderCertificate.length > 100);
  assert.ok(seen.length > 1 && seen.at(-1).done === seen.at(-1).total);

  const { signatures, senderCertificate } = await verifyEnvelope({ signedMessage: opened.signedMessage });
  assert.deepEqual([signatures[0].status, signatures[0].certificate, senderCertificate.fingerprint], ["valid", "enclosed", key.fingerprint]);
  const known = await verifyEnvelope({ signedMessage: opened.signedMessage, verifyWith: key });
  assert.equal(known.signatures[0].certificate, "known");
  access.free();
  await assert.rejects(openEnvelope({ ciphertext: sealed.ciphertext, access }), { code: "bad-option" });
});

test("a wrong password, changed bytes and a wrong salt are typed errors, and the next call works", async () => {
  await assert.rejects(openEnvelope({ ciphertext: sealed.ciphertext, access: await accessFor("wrong") }), (error) => {
    assert.deepEqual([error.name, error.code, error.recoverable], ["PgpError", "decryption-failed", true]);
    assert.match(error.hint, /password/);
    return true;
  });
  const access = await accessFor("Zürich");
  const changed = sealed.ciphertext.slice();
  changed[changed.length - 20] ^= 1;
  await assert.rejects(openEnvelope({ ciphertext: changed, access }), { code: "decryption-failed" });
  const salt = Buffer.alloc(16, 7).toString("base64url");
  const other = await deriveAccess({ salt, linkSecret: sealed.linkSecret, password: "Zürich" });
  await assert.rejects(openEnvelope({ ciphertext: sealed.ciphertext, access: other }), { code: "profile-mismatch" });
  await assert.rejects(openEnvelope({ ciphertext: new Uint8Array(5), access }), (error) => error.name === "PgpError" && error.code !== "internal");
  await assert.rejects(deriveAccess({ salt: "AAAA", password: "p" }), { code: "malformed" });
  await assert.rejects(deriveAccess({ salt: "***", password: "p" }), { code: "bad-option" });
  const controller = new AbortController();
  controller.abort();
  await assert.rejects(openEnvelope({ ciphertext: sealed.ciphertext, access, signal: controller.signal }), { code: "cancelled" });
  assert.equal((await openEnvelope({ ciphertext: sealed.ciphertext, access })).text, "Guten Tag");
});

test("the content is read in steps: progress goes on, and a cancel is heard at any of them", async () => {
  const attachments = [1, 2].map((index) => ({ name: `${index}.bin`, data: new Uint8Array(25_000_000).fill(index) }));
  const { head, ciphertext } = await sealEnvelope({ subject: "s", text: "t", attachments, password: "p", linkSecret: false });
  const access = await deriveAccess({ salt: head.salt, password: "p" });
  const told = [];
  const opened = await openEnvelope({ ciphertext, access, onProgress: ({ done, total }) => told.push([done, total]) });
  assert.deepEqual(opened.attachments.map(({ data }) => [data.length, data[0], data.at(-1)]), [[25_000_000, 1, 1], [25_000_000, 2, 2]]);
  const total = told[0][1];
  assert.ok(told.every(([done, all], index) => all === total && Number.isInteger(done) && done >= (told[index - 1]?.[0] ?? 0)), "never backwards");
  assert.equal(told.at(-1)[0], total);
  // From the last decryption on, which is that of the final tag.
  const { decrypt } = crypto.subtle;
  let isDecrypted;
  crypto.subtle.decrypt = (how, key, data) => {
    const plaintext = decrypt.call(crypto.subtle, how, key, data);
    if (data.length === 16) void plaintext.then(() => { isDecrypted = true; });
    return plaintext;
  };
  try {
    for (const share of [0, 0.6, 0.8, 0.95]) {
      isDecrypted = false;
      const controller = new AbortController();
      let due;
      const onProgress = ({ done }) => {
        if (isDecrypted && done >= share * total && due === undefined) {
          due = performance.now();
          setTimeout(() => controller.abort());
        }
      };
      await assert.rejects(openEnvelope({ ciphertext, access, signal: controller.signal, onProgress }), { code: "cancelled" }, `at ${share}`);
      assert.ok(performance.now() - due < 100, `at ${share}: ${performance.now() - due} ms`);
    }
  } finally {
    crypto.subtle.decrypt = decrypt;
  }
  assert.equal((await openEnvelope({ ciphertext, access })).text, "t");
});

test("ciphertext that was taken away, before or meanwhile, is a typed error and no trap", async () => {
  const access = await accessFor("Zürich");
  const away = sealed.ciphertext.slice();
  structuredClone(away, { transfer: [away.buffer] });
  await assert.rejects(openEnvelope({ ciphertext: away, access }), { name: "PgpError", code: "bad-option" });
  for (const turns of [0, 1, 2]) {
    const ciphertext = sealed.ciphertext.slice();
    const opening = openEnvelope({ ciphertext, access });
    for (let turn = 0; turn < turns; turn += 1) await undefined;
    structuredClone(ciphertext, { transfer: [ciphertext.buffer] });
    await assert.rejects(opening, { name: "PgpError", code: "malformed" }, `${turns} turns later`);
  }
  assert.equal((await openEnvelope({ ciphertext: sealed.ciphertext, access })).text, "Guten Tag", "the key was not lost to a restart");
});

test("stands alone", () => {
  const source = readFileSync(fileURLToPath(import.meta.resolve("envelock/reader")), "utf8");
  assert.equal(/\bfrom\s*"|import\(/.test(source), false, "one file");
  assert.equal(source.includes("envelock_bg.wasm"), false, "no trace of the full module");
});

test("refuses what is no options object, and options it does not know", async () => {
  for (const options of [null, undefined, "salt", { salt: sealed.head.salt, password: 5 }]) {
    await assert.rejects(deriveAccess(options), { code: "bad-option" });
  }
  await assert.rejects(deriveAccess({ salt: sealed.head.salt, password: "x", foo: 1 }), { code: "unknown-option" });
  await assert.rejects(openEnvelope({ ciphertext: "text", access: {} }), { code: "bad-option" });
});

test("password and link secret are gone from the reader's memory", async () => {
  const password = "in-the-lighthouse-at-night";
  const { head, ciphertext, linkSecret } = await sealEnvelope({ subject: "s", text: "what-nobody-else-reads", password });
  const access = await deriveAccess({ salt: head.salt, linkSecret, password });
  assert.equal((await openEnvelope({ ciphertext, access })).text, "what-nobody-else-reads");
  access.free();
  // The token is no secret of the reader's: what was derived with it is.
  for (const secret of [password, linkSecret, Buffer.from(linkSecret, "base64url"), "what-nobody-else-reads"]) assert.equal(occurrences(secret), 0, String(secret));
});
