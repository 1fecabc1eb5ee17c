// The format of drafts, as docs/drafts.md has it, read without the webmail: the pinned draft opens with the package and with GnuPG, to the same
// mail, whose parts any mail program shows.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { decrypt, readKeys, readMail } from "envelock";
import { gnupgHome } from "./gnupg_home.mjs";

const vector = async (path) => new Uint8Array(await readFile(new URL(`../vectors/${path}`, import.meta.url)));
/** The day after it was sealed. */
const DATE = new Date(Date.UTC(2026, 10, 30));

describe("the pinned draft", () => {
  let gpg;
  let draft;
  let mail;
  before(async () => {
    gpg = await gnupgHome();
    draft = await vector("70-drafts/draft-v1.pgp");
    await gpg.take(await vector("00-keys/nora.sec.asc"));
  });
  after(() => gpg?.close());

  test("opens with the package, signed by the key it is encrypted to", async () => {
    const [key] = await readKeys({ keys: await vector("00-keys/nora.sec.asc"), date: DATE });
    const { data, signatures } = await decrypt({ message: draft, keys: { key }, verifyWith: key.certificate, as: "binary", date: DATE });
    assert.deepEqual(signatures.map(({ status, signer }) => [status, signer]), [["valid", key.fingerprint]]);
    mail = data;
  });

  test("opens with GnuPG to the same mail", async () => {
    const { data, said } = await gpg.gpg(["--status-fd", "2", "--decrypt"], { input: draft });
    assert.match(said, /\[GNUPG:\] VALIDSIG 90B0DA0DDFBE2B60F0F37F4EACC7918E7B026DCA /);
    assert.deepEqual(new Uint8Array(data), mail);
  });

  test("has a Padmé length, and the facts in one header field", async () => {
    const exponent = Math.floor(Math.log2(mail.length));
    assert.equal(mail.length % 2 ** (exponent - Math.floor(Math.log2(exponent)) - 1), 0);
    const { fields, subject, parts } = await readMail({ mail });
    const [field, ...more] = fields.filter(({ name }) => name === "Envelock-Draft");
    assert.equal(more.length, 0);
    assert.deepEqual(JSON.parse(decodeURIComponent(field.value.replaceAll(" ", ""))), {
      id: "uBMKqnVg2tQg-hDJXtwuAA",
      number: 1,
      write: "hSJ_xYdANKknBum9Qr4aOw",
      copy: false,
      omitted: ["film.raw"],
      recipients: ["bea@example.org", "jörg@weiher.example"],
      hint: "Wo der Fischreiher stand",
      passwordKind: "own",
      expiresInSeconds: 604_800,
      linkSecret: true,
      allowReply: true,
      files: [
        { name: "Skizze Bootshaus.txt", type: "text/plain" },
        { name: "verschlüsselt.pgp", type: "application/pgp-encrypted" },
      ],
    });
    assert.equal(subject, "Der Plan für Süd 7");
    const text = parts.find(({ attachment }) => !attachment).text.replaceAll("\r\n", "\n");
    assert.match(text, /^Grüße vom Steg\.\n\n- -----BEGIN PGP MESSAGE-----\n/);
    const attachments = parts.filter(({ attachment }) => attachment).map(({ name, data }) => [name, Buffer.from(data).toString()]);
    assert.deepEqual(attachments, [["Skizze Bootshaus.txt", "drei Latten fehlen\n"], ["verschlüsselt.pgp.bin", "wV4D"]]);
  });
});
