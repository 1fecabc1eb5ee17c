// Mail that arrived: how its parts are put together, and that every reason of the server's has its words.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { load } from "./load.mjs";

const { arrange, isAsWhole } = await load("app/inbox/arrangement.ts");
const { readRoute, listOf } = await load("app/route.ts");

const part = (path, type, more = {}) => ({ path, type, layer: 0, attachment: false, protection: "unprotected", signatures: [], data: new Uint8Array(), ...(type.startsWith("text/") && { text: path }), ...more });
const alternative = (path) => ({ group: { type: "alternative", path } });
/** "text:1(2) html:2 | file:3" */
const shown = (parts) =>
  arrange(parts)
    .map(({ blocks, files }) => [...blocks.map(({ kind, part, formatted = [] }) => `${kind}:${part.path}${formatted.length === 0 ? "" : `(${formatted.map(({ path }) => path)})`}`), ...files.map(({ path }) => `file:${path}`)].join(" "))
    .join(" | ");

test("text stands for the HTML beside it, also where that has its images around it", () => {
  assert.equal(shown([part("1", "text/plain", alternative("1")), part("2", "text/html", alternative("1"))]), "text:1(2)");
  const image = part("2.2", "image/png", { contentId: "a", group: { type: "related", path: "2" } });
  const related = part("2.1", "text/html", { group: { type: "related", path: "2" } });
  assert.equal(shown([part("1", "text/plain", alternative("1")), related, image]), "text:1(2.1) file:2.2");
  assert.equal(shown([part("1.1", "text/plain", alternative("1")), part("1.2", "text/html", alternative("1")), part("2", "application/pdf", { attachment: true })]), "text:1.1(1.2) file:2");
});

test("text stands for no HTML but the one beside it", () => {
  const mixed = { group: { type: "mixed", path: "1" } };
  assert.equal(shown([part("1", "text/plain", mixed), part("2", "text/html", mixed)]), "text:1 html:2");
  assert.equal(shown([part("1.1", "text/plain", alternative("1")), part("1.2", "text/html", alternative("1")), part("2", "text/html", mixed)]), "text:1.1(1.2) html:2");
  assert.equal(shown([part("1", "text/plain", { ...alternative("1"), text: " \r\n" }), part("2", "text/html", alternative("1"))]), "html:2");
});

test("what says nothing is not shown, as text or as HTML", () => {
  assert.equal(shown([part("1", "text/plain", { text: "" })]), "");
  assert.equal(shown([part("1", "text/html", { text: " \r\n" }), part("2", "application/pdf", { attachment: true })]), "file:2");
});

test("parts of different encryption never come together, not even as alternatives", () => {
  const inside = { layer: 1, protection: "encrypted" };
  assert.equal(shown([part("1", "text/plain", alternative("1")), part("2.1", "text/html", { ...alternative("2"), ...inside })]), "text:1 | html:2.1");
  assert.equal(shown([part("1#1", "text/plain"), part("1#2", "text/plain", inside), part("1#3", "text/plain")]), "text:1#1 | text:1#2 | text:1#3");
});

test("what is no text, or in an unknown charset, is a file, and what did not open says so", () => {
  const strange = { ...part("3", "text/plain"), text: undefined };
  assert.equal(shown([part("1", "text/html", { attachment: true }), part("2", "image/svg+xml"), strange, part("4", "application/pgp-encrypted", { problem: { code: "no-matching-key" } })]), "problem:4 file:1 file:2 file:3");
});

test("a section has the whole mail's badge only if it is protected in the same way, by the same signatures", () => {
  const signature = { status: "valid", signer: "A", keyFingerprint: "B" };
  const signed = part("1", "text/plain", { layer: 1, protection: "signed", signatures: [signature] });
  const mail = { protection: "signed", signatures: [{ ...signature }], parts: [signed, part("2", "text/plain")] };
  const [first, footer] = arrange(mail.parts);
  assert.deepEqual([isAsWhole(first, mail), isAsWhole(footer, mail)], [true, false]);
  assert.equal(isAsWhole(first, { ...mail, signatures: [] }), false);
  assert.equal(isAsWhole(first, { ...mail, signatures: [{ ...signature, status: "invalid" }] }), false);
});

test("routes of the inbox", () => {
  assert.deepEqual(readRoute("#/inbox"), { page: "inbox" });
  assert.deepEqual(readRoute("#/inbox/abc"), { page: "mail", id: "abc" });
  assert.equal(listOf(readRoute("#/inbox/abc")), "#/inbox");
});

test("every reason of an alarm has its words", async () => {
  const source = await readFile(new URL("../../crates/mail/src/validation/grade.rs", import.meta.url), "utf8");
  const variants = /pub enum Reason \{([^}]*)\}/.exec(source)?.[1].match(/^ {4}[A-Z]\w+/gm).map((name) => name.trim()) ?? [];
  const codes = [...variants.map((name) => name.replace(/(?!^)[A-Z]/g, "-$&").toLowerCase()), "not-checked-yet"];
  assert.ok(codes.includes("disowned-by-policy"), codes.join());
  for (const language of ["en", "de"]) {
    const { alarmReasons } = (await load(`language/${language}.ts`)).default;
    assert.deepEqual(Object.keys(alarmReasons).sort(), codes.sort(), language);
  }
});

const { everybodyOf, replyTo, handedOn } = await load("app/inbox/answer.ts");
const { sourceOf } = await load("app/inbox/purified.ts");

const mailOf = (parts, more = {}) => ({ fields: [], subject: "Lunch", from: { name: "Bob", address: "bob@example.org" }, protection: "unprotected", signatures: [], parts, ...more });

test("an answer goes to whom the message asks for, quotes it, and says so once", () => {
  const begun = replyTo(mailOf([part("1", "text/plain", { text: "At noon?\r\nBob\r\n" })]), "He wrote:");
  assert.deepEqual(begun, { recipients: ["bob@example.org"], subject: "Re: Lunch", text: "\n\nHe wrote:\n> At noon?\n> Bob", files: [], thread: [] });
  const asked = replyTo(mailOf([], { subject: "RE: Lunch", fields: [{ name: "Reply-To", value: "Office <office@example.org>" }] }), "");
  assert.deepEqual([asked.recipients, asked.subject], [["office@example.org"], "RE: Lunch"]);
  assert.deepEqual(replyTo(mailOf([], { from: undefined }), "").recipients, []);
});

test("an answer to everybody goes to each of them once, and not to oneself", () => {
  const to = (fields, own = "anna@example.org") => Object.values(everybodyOf(mailOf([], { fields: Object.entries(fields).map(([name, value]) => ({ name, value })) }), own));
  assert.deepEqual(to({ To: "anna@example.org" }), [["bob@example.org"], []]);
  assert.deepEqual(to({ To: "Carl <carl@x.example>, ANNA@example.org", CC: "bob@example.org, dora@x.example, carl@X.example" }), [["bob@example.org", "carl@x.example"], ["dora@x.example"]]);
  assert.deepEqual(to({ "Reply-To": "list@x.example, Office <office@x.example>", To: "list@x.example" }), [["list@x.example", "office@x.example"], []]);
  assert.deepEqual(to({ To: '"a@evil.example, b" <carl@x.example> (c@evil.example), Moss, Dora <dora@x.example>', Cc: "undisclosed-recipients:;" }), [["bob@example.org", "carl@x.example", "dora@x.example"], []]);
  assert.deepEqual(to({ To: "Team: carl@x.example, Dora <dora@x.example>; emil@x.example" }), [["bob@example.org", "carl@x.example", "dora@x.example", "emil@x.example"], []]);
  assert.deepEqual(to({ To: "carl@x.example" }, "bob@example.org"), [["carl@x.example"], []]);
});

test("an answer names what it answers, and the thread that is part of (RFC 5322, 3.6.4)", () => {
  const threadOf = (fields) => replyTo(mailOf([], { fields: Object.entries(fields).map(([name, value]) => ({ name, value })) }), "").thread;
  assert.deepEqual(threadOf({ "Message-ID": "<b@x>", References: "<a@x> <b1@x>", "In-Reply-To": "<b1@x>" }), ["<a@x>", "<b1@x>", "<b@x>"]);
  assert.deepEqual(threadOf({ "message-id": " <b@x> ", "in-reply-to": "<a@x> (yesterday's)" }), ["<a@x>", "<b@x>"]);
  assert.deepEqual(threadOf({ "Message-ID": "<c@x>", "In-Reply-To": "<a@x> <b@x>" }), ["<c@x>"], "it answers several, and says nothing of a thread");
  assert.deepEqual(threadOf({ References: "<a@x>" }), [], "without a name of its own it cannot be named");
  assert.deepEqual(threadOf({ "Message-ID": "<a b@x>" }), []);
  const long = Array.from({ length: 50 }, (_, number) => `<${number}@x>`);
  assert.deepEqual(threadOf({ "Message-ID": "<50@x>", References: long.join("\r\n ") }), [long[0], ...long.slice(32), "<50@x>"]);
});

test("what may be somebody else's ciphertext is not quoted to whoever sent it", () => {
  const secret = (protection) => part("1", "text/plain", { layer: 1, protection, text: "secret" });
  const quotes = (parts, protection) => replyTo(mailOf(parts, { protection }), "").text.includes("> secret");
  assert.equal(quotes([secret("signed-and-encrypted")], "signed-and-encrypted"), true, "its author signed it");
  assert.equal(quotes([secret("encrypted")], "encrypted"), false);
  assert.equal(quotes([secret("encrypted")], "unprotected"), false, "a piece inside");
  assert.equal(quotes([part("1", "text/plain"), secret("encrypted")], "unprotected"), false);
  assert.equal(quotes([secret("signed-and-encrypted"), part("2", "text/plain")], "signed-and-encrypted"), false);
});

test("a message is handed on with its files, or as a file where it is not one thing", () => {
  const original = new Blob(["original"]);
  const file = part("2", "application/pdf", { attachment: true, name: "../a.pdf" });
  const whole = handedOn(mailOf([part("1", "text/plain", { text: "hello" }), file]), original, "From Bob:");
  assert.deepEqual([whole.subject, whole.text, whole.files.map(({ name }) => name)], ["Fwd: Lunch", "\n\nFrom Bob:\nhello", [".._a.pdf"]]);
  for (const strange of [part("2", "text/plain", { layer: 1 }), part("2", "text/plain", { problem: { code: "malformed" } })]) {
    const { text, files } = handedOn(mailOf([part("1", "text/plain", { text: "hello" }), strange]), original, "From Bob:");
    assert.deepEqual([text.includes("hello"), files.map(({ name }) => name)], [false, ["message.eml"]]);
  }
});

test("pictures come out of the message; from elsewhere if asked for, and never from this server", () => {
  globalThis.location = { host: "mail.example" };
  const enclosed = new Map([["a b@x", "blob:1"]]);
  const from = (written, remote = false) => sourceOf(written, { enclosed, remote }).address;
  assert.equal(from("cid:a%20b@x"), "blob:1");
  assert.equal(from("cid:other@x"), undefined);
  assert.equal(from("cid:%"), undefined);
  assert.equal(from("data:image/png;base64,AA"), "data:image/png;base64,AA");
  for (const never of ["data:image/svg+xml,<svg/>", "data:text/html,x", "/api/v1/server", "relative", "https://mail.example/x", "//mail.example/x", "http://pictures.example/1", "javascript:1", "blob:https://mail.example/1", ""]) assert.equal(from(never, true), undefined, never);
  assert.equal(from("https://pictures.example/1"), undefined);
  assert.equal(from(" //pictures.example/1", true), "https://pictures.example/1");
  assert.deepEqual(sourceOf("HTTP://pictures.example/1", { enclosed, remote: true }), { elsewhere: "http" });
  assert.deepEqual(sourceOf("//pictures.example/1", { enclosed, remote: false }), { elsewhere: "https" });
});
