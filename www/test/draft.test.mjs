// A draft of before is read as it was written: `tests/vectors/70-drafts` by the webmail's own reader, whatever it has become.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { decrypt, readKeys, readMail } from "envelock";
import { load } from "./load.mjs";

const { draftOf, escaped, neverOpens } = await load("app/drafts/content.ts");
const vector = (path) => readFile(new URL(`../../tests/vectors/${path}`, import.meta.url));
const USUAL = 604_800;

async function pinned() {
  const [key] = await readKeys({ keys: new Uint8Array(await vector("00-keys/nora.sec.asc")) });
  const { data } = await decrypt({ message: new Uint8Array(await vector("70-drafts/draft-v1.pgp")), keys: { key }, as: "binary" });
  return data;
}

test("the first format of drafts is read whole", async () => {
  const { draft, facts } = draftOf(await readMail({ mail: await pinned() }), 1);
  assert.deepEqual(facts, { id: "uBMKqnVg2tQg-hDJXtwuAA", number: 1, write: "hSJ_xYdANKknBum9Qr4aOw", copy: false, omitted: ["film.raw"] });
  const { files, generated, ...rest } = draft;
  assert.deepEqual(rest, {
    recipients: ["bea@example.org", "jörg@weiher.example"],
    cc: [],
    bcc: [],
    way: "key",
    linkByHand: false,
    subject: "Der Plan für Süd 7",
    text: "Grüße vom Steg.\n\n-----BEGIN PGP MESSAGE-----\n\nwV4D\n-----END PGP MESSAGE-----\n- -----BEGIN PGP SIGNED MESSAGE-----\n",
    passwordKind: "own",
    own: "",
    hint: "Wo der Fischreiher stand",
    expiresInSeconds: USUAL,
    maxOpenings: undefined,
    linkSecret: true,
    signWith: undefined,
    allowReply: true,
    thread: [],
  });
  assert.ok(generated.length > 10, "a fresh one: no draft has any");
  const read = await Promise.all(files.map(async (file) => [file.name, file.type, await file.text()]));
  assert.deepEqual(read, [["Skizze Bootshaus.txt", "text/plain", "drei Latten fehlen\n"], ["verschlüsselt.pgp", "application/pgp-encrypted", "wV4D"]]);
});

test("a mail without that field, with two of them, or with nonsense in it is no draft", async () => {
  const mail = Buffer.from(await pinned()).toString("latin1");
  const field = /^Envelock-Draft: .*\r\n(?: .*\r\n)*/.exec(mail)[0];
  for (const other of [mail.slice(field.length), field + mail, mail.replace("%7B", "%5B"), mail.replace("%22number%22%3A1", "%22number%22%3A%221%22")]) {
    const read = await readMail({ mail: new Uint8Array(Buffer.from(other, "latin1")) });
    assert.throws(() => draftOf(read, 1), { code: "not-a-draft" });
  }
});

test("fields that a later version adds are passed over, and those it leaves out have their usual values", async () => {
  const value = encodeURIComponent(JSON.stringify({ id: "A", number: 2, write: "B", later: { any: true } }));
  const { draft, facts } = draftOf({ fields: [{ name: "envelock-draft", value }], subject: "s", parts: [] }, USUAL);
  assert.deepEqual(facts, { id: "A", number: 2, write: "B", copy: false, omitted: [] });
  assert.deepEqual([draft.way, draft.linkByHand], ["key", false]);
  assert.deepEqual([draft.recipients, draft.hint, draft.passwordKind, draft.expiresInSeconds, draft.linkSecret, draft.allowReply], [[], "", "generated", USUAL, true, true]);
});

test("whoever is in Cc or Bcc stays there", () => {
  const value = encodeURIComponent(JSON.stringify({ id: "A", number: 2, write: "B", recipients: ["a@x"], cc: ["b@x", 7], bcc: ["c@x"] }));
  const { recipients, cc, bcc } = draftOf({ fields: [{ name: "envelock-draft", value }], subject: "s", parts: [] }, USUAL).draft;
  assert.deepEqual([recipients, cc, bcc], [["a@x"], ["b@x"], ["c@x"]]);
});

/** It was taken for another device's, and kept twice. */
test("a draft that is not opened for lack of memory may be this browser's own", () => {
  for (const code of ["decryption-failed", "no-matching-key", "malformed", "not-a-draft"]) assert.equal(neverOpens({ code }), true, code);
  for (const code of ["out-of-memory", "worker-failed", "keystore-locked", "internal", "offline"]) assert.equal(neverOpens({ code }), false, code);
  assert.equal(neverOpens(undefined), false);
});

test("OpenPGP in a text is escaped wherever it begins a line, and only there", () => {
  assert.equal(escaped("a -----BEGIN PGP X\n-----BEGIN PGP X\n- -----BEGIN PGP X"), "a -----BEGIN PGP X\n- -----BEGIN PGP X\n- - -----BEGIN PGP X");
});
