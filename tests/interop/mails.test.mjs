// Mails as gpg and Python's email package read them, and theirs as we do; Setup Messages that gpg opens.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { autocryptSetupMessage, composeMail, generateKey, readMail } from "envelock";
import { run, workplace } from "./command.mjs";
import { gnupgHome } from "./gnupg_home.mjs";

const passphrase = "x";
const from = { name: "Anna Bergström", address: "anna@example.org" };
const to = { name: "Bert", address: "bert@example.org" };
const draft = { from, to, subject: "Größe – 7 €", text: "Grüße\nFrom here \n-- \nAnna\n" };
const attachments = [{ name: "ä b.bin", type: "application/pdf", data: Uint8Array.of(0, 13, 10, 255) }];
let gpg, place, anna, bert;

/** Subject, and each leaf's type, name and octets, as Python's email package reads a mail. */
async function python(mail) {
  const program = `
import sys, json, email, email.policy
m = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
parts = [[p.get_content_type(), p.get_filename(), p.get_payload(decode=True).hex()] for p in m.walk() if not p.is_multipart()]
defects = [str(d) for p in m.walk() for d in p.defects]
print(json.dumps({"subject": m["subject"], "from": m["from"], "parts": parts, "defects": defects}))`;
  const { code, stdout, stderr } = await run("python3", ["-c", program], Buffer.from(mail));
  assert.equal(code, 0, stderr);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** The octets of the first part of a multipart, and the second part's body. */
function taken(mail) {
  const boundary = /multipart\/\w+;\r\n boundary="([^"]+)"/.exec(mail)[1];
  const [, first, second] = mail.split(`\r\n--${boundary}`).map((part) => part.slice(2));
  return [first, second.slice(second.indexOf("\r\n\r\n") + 4)];
}

before(async () => {
  [gpg, place] = [await gnupgHome(), await workplace()];
  const make = async (address) => (await generateKey({ userIds: [{ email: address }], passphrase })).key;
  [anna, bert] = [await make(from.address), await make(to.address)];
  for (const key of [anna, bert]) await gpg.gpg(["--import"], { input: Buffer.from(key.armored), passphrase });
});
after(async () => {
  await gpg.close();
  await place.remove();
});

describe("gpg and Python read our mails", () => {
  test("a signed one: the very octets of the first part are what gpg verifies", async () => {
    const { mail } = await composeMail({ ...draft, attachments, signers: { key: anna, passphrase } });
    const [content, signature] = taken(mail);
    const { said } = await gpg.gpg(["--status-fd", "2", "--verify", await place.file(signature), await place.file(content)]);
    assert.match(said, new RegExp(`VALIDSIG .*${anna.fingerprint}`));
    const read = await python(mail);
    assert.deepEqual(read.defects, []);
    assert.equal(read.subject, draft.subject);
    assert.deepEqual(read.parts.map(([type]) => type), ["text/plain", "application/pdf", "application/pgp-signature"]);
    assert.equal(Buffer.from(read.parts[0][2], "hex").toString(), draft.text.replaceAll("\n", "\r\n"));
    assert.deepEqual(read.parts[1], ["application/pdf", "ä b.bin", "000d0aff"]);
  });

  test("an encrypted one: what gpg decrypts is the mail with its subject", async () => {
    const { mail } = await composeMail({ ...draft, attachments, html: "<p>Grüße</p>", recipients: bert, signers: { key: anna, passphrase } });
    const outside = await python(mail);
    assert.deepEqual([outside.subject, outside.defects], ["[...]", []]);
    const { data, said } = await gpg.gpg(["--status-fd", "2", "--decrypt"], { input: Buffer.from(taken(mail)[1]), passphrase });
    assert.match(said, /VALIDSIG/);
    const inside = await python(data);
    assert.deepEqual([inside.subject, inside.defects], [draft.subject, []]);
    assert.deepEqual(inside.parts.map(([type, name]) => [type, name]), [["text/plain", null], ["text/html", null], ["application/pdf", "ä b.bin"]]);
  });

  test("a long subject is folded where it has blanks, and Python joins it", async () => {
    const long = "seven quiet herons ".repeat(20).trim();
    for (const [subject, folded] of [[long, true], [`a   ${long}`, true], [`${long} ${"x".repeat(997)}`, true], [`${long} ${"x".repeat(998)}`, false], [`${long} =?`, false]]) {
      const { mail } = await composeMail({ from, to, subject, text: "Hi" });
      const field = /^Subject:.*\r\n(?: .*\r\n)*/m.exec(mail)[0];
      assert.equal(field.includes("=?utf-8?"), !folded, field);
      assert.ok(field.split("\r\n").every((line) => line.length <= 998), field);
      const read = await python(mail);
      assert.deepEqual([read.subject, read.defects], [subject, []]);
    }
  });

  test("a Setup Message opens with its code", async () => {
    const { mail, code } = await autocryptSetupMessage({ key: { key: anna, passphrase }, address: from.address });
    const block = /-----BEGIN PGP MESSAGE-----[^]*?-----END PGP MESSAGE-----/.exec(mail)[0];
    const { text } = await gpg.gpg(["--decrypt"], { input: Buffer.from(block), passphrase: code });
    assert.match(text, /^-----BEGIN PGP PRIVATE KEY BLOCK-----\r?\nAutocrypt-Prefer-Encrypt: nopreference/);
    const shown = await gpg.gpg(["--with-colons", "--show-keys"], { input: Buffer.from(text) });
    assert.match(shown.text, new RegExp(anna.fingerprint));
  });
});

describe("we read mails made with gpg and Python", () => {
  const verifyWith = () => [anna, bert];
  const built = async (subtype) => {
    const program = `
import email.message, email.policy, sys
m = email.message.EmailMessage(policy=email.policy.SMTP)
m.set_content("Grüße aus Python  \\nFrom there\\n", cte="quoted-printable")
m.add_attachment(bytes([0, 255]), maintype="application", subtype="octet-stream", filename="ä.bin")
sys.stdout.buffer.write(m.as_bytes())`;
    const { stdout } = await run("python3", ["-c", program]);
    return Buffer.from(stdout).toString("latin1") + (subtype ?? "");
  };
  const wrapped = (kind, protocol, parts) =>
    [`From: ${from.address}`, "Subject: outside", "MIME-Version: 1.0", `Content-Type: multipart/${kind}; protocol="${protocol}"; micalg=pgp-sha512; boundary="B"`, "",
      ...parts.flatMap((part) => ["--B", part]), "--B--", ""].join("\r\n");

  test("a multipart that gpg signed", async () => {
    const content = await built();
    const { text } = await gpg.gpg(["--local-user", anna.fingerprint, "--digest-algo", "SHA512", "--armor", "--detach-sign"], { input: Buffer.from(content, "latin1"), passphrase });
    const mail = wrapped("signed", "application/pgp-signature", [content, `Content-Type: application/pgp-signature\r\n\r\n${text}`]);
    const read = await readMail({ mail: Buffer.from(mail, "latin1"), verifyWith: verifyWith() });
    assert.deepEqual([read.protection, read.signatures[0].status, read.signatures[0].from], ["signed", "valid", "match"]);
    assert.equal(read.parts[0].text, "Grüße aus Python  \r\nFrom there\r\n");
    assert.deepEqual([read.parts[1].name, read.parts[1].data], ["ä.bin", Uint8Array.of(0, 255)]);
    assert.equal(read.fields.find(({ name }) => name === "Subject").protection, "unprotected", "gpg signed no header fields");
  });

  test("a multipart that gpg encrypted and signed", async () => {
    const args = ["--recipient", bert.fingerprint, "--local-user", anna.fingerprint, "--armor", "--sign", "--encrypt"];
    const { text } = await gpg.gpg(args, { input: Buffer.from(await built(), "latin1"), passphrase });
    const mail = wrapped("encrypted", "application/pgp-encrypted", ["Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n", `Content-Type: application/octet-stream\r\n\r\n${text}`]);
    const read = await readMail({ mail, keys: { key: bert, passphrase }, verifyWith: verifyWith() });
    assert.deepEqual([read.protection, read.parts.length, read.subject], ["signed-and-encrypted", 2, "outside"]);
  });
});
