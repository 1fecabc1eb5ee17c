/** Envelopes: seal, open, answer. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { before, test } from "node:test";
import { decrypt, deriveAccess, generateKey, openEnvelope, PgpError, sealEnvelope, sealReply } from "envelock";

let anna;
before(async () => {
  anna = (await generateKey({ userIds: [{ name: "Anna Berg", email: "anna@demo.example" }], passphrase: "harbour" })).key;
});
const file = Uint8Array.from({ length: 300_000 }, (_, at) => at % 253);
const content = { subject: "Befund Ω", text: "Guten Tag,\nanbei.", attachments: [{ name: "befund 漢.pdf", type: "application/pdf", data: file }, { name: "leer", data: new Blob([]) }] };
const rejects = (promise, code) => assert.rejects(promise, (error) => {
  assert.ok(error instanceof PgpError, String(error));
  assert.equal(error.code, code, error.message);
  return true;
});

test("an envelope comes back whole, with its signer and the way to answer", async () => {
  const sealed = await sealEnvelope({ ...content, password: "Zu\u0308rich", signers: { key: anna, passphrase: "harbour" }, reply: { name: "Anna", email: "anna@demo.example" } });
  assert.equal(sealed.head.profile, 1);
  assert.equal(sealed.head.linkSecret, true);
  assert.match(sealed.head.salt, /^[\w-]{22}$/);
  assert.match(sealed.linkSecret, /^[\w-]{22}$/);
  assert.match(sealed.tokenHash, /^[\w-]{43}$/);

  const { linkSecret, head: { salt }, ciphertext } = sealed;
  const opened = await openEnvelope({ ciphertext, linkSecret, password: "Zu\u0308rich", salt });
  assert.equal(opened.subject, content.subject);
  assert.equal(opened.text, content.text);
  assert.deepEqual(opened.attachments.map(({ name, type, data }) => [name, type, data.length]), [["befund 漢.pdf", "application/pdf", 300_000], ["leer", "application/octet-stream", 0]]);
  assert.deepEqual(Buffer.from(opened.attachments[0].data), Buffer.from(file));
  assert.equal(opened.signatures[0].status, "valid");
  assert.equal(opened.signatures[0].certificate, "enclosed");
  assert.equal(opened.senderCertificate.fingerprint, anna.fingerprint);
  assert.deepEqual([opened.replyTo.name, opened.replyTo.email, opened.replyTo.certificate.fingerprint], ["Anna", "anna@demo.example", anna.fingerprint]);
  assert.ok(opened.date instanceof Date);

  const known = await openEnvelope({ ciphertext, linkSecret, password: "Zürich", verifyWith: anna });
  assert.equal(known.signatures[0].certificate, "known");

  const { token } = await deriveAccess({ salt, password: "Zürich", linkSecret });
  assert.equal((await deriveAccess({ salt, password: "Zu\u0308rich", linkSecret })).token, token);
  assert.equal(createHash("sha256").update(Buffer.from(token, "base64url")).digest("base64url"), sealed.tokenHash);

  assert.match((await decrypt({ message: ciphertext, passwords: `${linkSecret}-Zürich` })).data, /befund/, "any OpenPGP program opens a saved copy");
});

test("wrong password, wrong secret, wrong salt", async () => {
  const { ciphertext, linkSecret, head } = await sealEnvelope({ ...content, password: "p" });
  await rejects(openEnvelope({ ciphertext, linkSecret, password: "q", salt: head.salt }), "decryption-failed");
  await rejects(openEnvelope({ ciphertext, password: "p" }), "decryption-failed");
  const salt = Buffer.alloc(16, 1).toString("base64url");
  await rejects(openEnvelope({ ciphertext, linkSecret, password: "p", salt }), "profile-mismatch");
  await rejects(openEnvelope({ ciphertext: ciphertext.subarray(0, 100), linkSecret, password: "p" }), "malformed");
  await rejects(sealEnvelope({ ...content, password: "" }), "empty-password");
});

test("a short link has no secret, and replies can be forbidden", async () => {
  const sealed = await sealEnvelope({ subject: "s", text: "", password: "p", linkSecret: false, reply: false });
  assert.equal(sealed.linkSecret, undefined);
  assert.equal(sealed.head.linkSecret, false);
  const opened = await openEnvelope({ ciphertext: sealed.ciphertext, password: "p" });
  assert.equal(opened.replyTo, undefined);
  assert.deepEqual(opened.signatures, []);
});

test("a recipient's key opens it as well, and an answer opens both ways", async () => {
  const sealed = await sealEnvelope({ subject: "s", text: "t", password: "p", recipients: anna, signers: { key: anna, passphrase: "harbour" } });
  const mine = await openEnvelope({ ciphertext: sealed.ciphertext, keys: { key: anna, passphrase: "harbour" } });
  assert.equal(mine.text, "t");
  const access = { password: "p", linkSecret: sealed.linkSecret, salt: sealed.head.salt };
  const { ciphertext } = await sealReply({ subject: "Re: s", text: "answer", senderCertificate: mine.senderCertificate, ...access });
  assert.equal((await openEnvelope({ ciphertext, keys: { key: anna, passphrase: "harbour" } })).text, "answer");
  assert.equal((await openEnvelope({ ciphertext, ...access })).text, "answer");
});
