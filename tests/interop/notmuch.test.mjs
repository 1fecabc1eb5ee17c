// Whole mails as an independent mail program reads them: notmuch, which is GMime and GnuPG.
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { composeMail, generateKey } from "envelock";
import { run } from "./command.mjs";
import { gnupgHome } from "./gnupg_home.mjs";

const NOTMUCH = process.env.NOTMUCH ?? "notmuch";
const from = { name: "Anna Bergstr\u00f6m", address: "anna@example.org" };
const to = { name: "B\u00e9rt, the second", address: "bert@example.org" };
const draft = {
  from, to, subject: "Gr\u00f6\u00dfe \u2013 7 \u20ac, und das \u00fcber eine ganze Zeile hinaus, damit gefaltet wird",
  text: "Gr\u00fc\u00dfe\nFrom here \n-- \nAnna\n", html: "<p>Gr\u00fc\u00dfe</p>",
  attachments: [{ name: "\u00e4 b.bin", type: "application/pdf", data: Uint8Array.of(0, 13, 10, 255) }],
};
let gpg, env, anna, bert;

/** The mail as `notmuch show` has it: headers, crypto and the leaves. */
async function shown(mail, messageId) {
  await writeFile(join(env.MAILDIR, "cur", `${Math.random()}:2,S`), mail);
  await notmuch(["new", "--quiet"]);
  const text = await notmuch(["show", "--format=json", "--entire-thread=false", "--include-html", "--decrypt=true", `id:${messageId.slice(1, -1)}`]);
  const message = JSON.parse(text).flat(Infinity).find((entry) => entry?.headers);
  const leaves = (parts) => parts.flatMap((part) => (Array.isArray(part.content) ? leaves(part.content) : [part]));
  return { headers: message.headers, crypto: message.crypto, parts: leaves(message.body) };
}

async function notmuch(args) {
  const { code, stdout, stderr } = await run(NOTMUCH, args, undefined, env);
  assert.equal(code, 0, stderr);
  return new TextDecoder().decode(stdout);
}

before(async () => {
  gpg = await gnupgHome();
  const folder = join(gpg.folder, "mail");
  for (const name of ["cur", "new", "tmp"]) await mkdir(join(folder, name), { recursive: true });
  const config = join(gpg.folder, "notmuch-config");
  await writeFile(config, `[database]\npath=${folder}\n[user]\nname=x\nprimary_email=${to.address}\n[new]\ntags=\n`);
  env = { GNUPGHOME: gpg.folder, NOTMUCH_CONFIG: config, HOME: gpg.folder, MAILDIR: folder };
  const make = async ({ name, address }) => (await generateKey({ userIds: [{ name, email: address }] })).key;
  [anna, bert] = [await make(from), await make(to)];
  await gpg.take(Buffer.from(bert.armored));
  await gpg.take(Buffer.from(anna.certificate.armored));
  await gpg.trust(anna.fingerprint);
});
after(() => gpg.close());

const people = { From: `${from.name} <${from.address}>`, To: `"${to.name}" <${to.address}>` };
const hasAll = ({ headers, parts }) => {
  assert.deepEqual([headers.Subject, headers.From, headers.To], [draft.subject, people.From, people.To]);
  const [text, html, file] = parts.filter((part) => part["content-type"] !== "application/pgp-encrypted" && part["content-type"] !== "application/pgp-signature");
  assert.deepEqual([text.content.replaceAll("\r\n", "\n"), html.content.trim()], [draft.text, draft.html]);
  assert.deepEqual([file["content-type"], file.filename], ["application/pdf", draft.attachments[0].name]);
};
const good = (crypto) => crypto.signed.status.map(({ status, fingerprint }) => [status, fingerprint.toLowerCase()]);

test("a mail without cryptography", async () => {
  const { mail, messageId } = await composeMail(draft);
  const read = await shown(mail, messageId);
  hasAll(read);
  assert.deepEqual(read.crypto, {});
});

test("a signed mail: good, and the subject is signed", async () => {
  const { mail, messageId } = await composeMail({ ...draft, signers: { key: anna } });
  const read = await shown(mail, messageId);
  hasAll(read);
  assert.deepEqual(good(read.crypto), [["good", anna.fingerprint.toLowerCase()]]);
  assert.ok(read.crypto.signed.headers.includes("Subject"), JSON.stringify(read.crypto));
});

test("an encrypted mail: its own subject is shown, not the one outside", async () => {
  const { mail, messageId } = await composeMail({ ...draft, recipients: bert });
  const read = await shown(mail, messageId);
  hasAll(read);
  assert.deepEqual([read.crypto.decrypted.status, read.crypto.signed], ["full", undefined]);
  assert.deepEqual(read.crypto.decrypted["header-mask"], { Subject: "[...]" });
});

test("a mail encrypted and signed", async () => {
  const { mail, messageId } = await composeMail({ ...draft, recipients: bert, signers: { key: anna } });
  const read = await shown(mail, messageId);
  hasAll(read);
  assert.equal(read.crypto.decrypted.status, "full");
  assert.deepEqual(good(read.crypto), [["good", anna.fingerprint.toLowerCase()]]);
});
