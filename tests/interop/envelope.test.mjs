// A saved envelope is an ordinary RFC 9580 message: other programs open it with `secret-password` (no library of ours).
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { generateKey, openEnvelope, readKeys, sealEnvelope } from "envelock";
import { openpgpjsPeer } from "./openpgpjs.mjs";
import { sopPeer } from "./sop.mjs";

const SUBJECT = "Invoice €17, plain";
const TEXT = "The text of the envelope.\nSecond line with ünïcode.";
const ATTACHMENT = new Uint8Array(randomBytes(300_000));
const peers = {
  "OpenPGP.js 6": openpgpjsPeer,
  rsop: () => sopPeer({ program: process.env.RSOP ?? "rsop", name: "rsop", keyProfiles: {}, formats: [] }),
};

/** Just enough MIME to find what we put in: no code of ours reads it. */
function assertMime(data) {
  const mail = Buffer.from(data).toString("latin1");
  const [head] = mail.split(/\r?\n\r?\n/, 1);
  assert.match(head, /^Subject: /im);
  assert.match(head, /^Content-Type: multipart\/mixed/im);
  const base64 = mail.replaceAll(/\r?\n/g, "");
  assert.ok(base64.includes(Buffer.from(ATTACHMENT).toString("base64")), "the attachment is not in it");
}

for (const [name, makePeer] of Object.entries(peers)) {
  for (const linkSecret of [true, false]) {
    for (const signed of [true, false]) {
      test(`${name} opens an envelope ${linkSecret ? "with" : "without"} link secret, ${signed ? "" : "not "}signed`, async (t) => {
        const peer = await makePeer();
        t.after(() => peer.close());
        const password = "pässword of the envelope"; // the ä is one code point: already NFC
        const { key } = await generateKey({ userIds: [{ name: "Anna Berg", email: "anna@example.org" }], profile: "compat" });
        const attachments = [{ name: "Lärm.bin", type: "application/octet-stream", data: ATTACHMENT }];
        const sealed = await sealEnvelope({
          subject: SUBJECT,
          text: TEXT,
          attachments,
          password,
          linkSecret,
          ...(signed ? { signers: [{ key }] } : {}),
        });
        const passwords = [linkSecret ? `${sealed.linkSecret}-${password}` : password];
        const verifyWith = signed ? [key.certificate.armored] : [];
        const opened = await peer.decrypt({ message: sealed.ciphertext, passwords, verifyWith });
        assertMime(opened.data);
        assert.deepEqual(opened.signedBy, signed ? [key.fingerprint] : []);
        await assert.rejects(peer.decrypt({ message: sealed.ciphertext, passwords: [`${passwords[0]}!`] }));
      });
    }
  }
}

test("an envelope to a recipient's key opens in OpenPGP.js with that key alone", async () => {
  const peer = await openpgpjsPeer();
  const { secret, certificate } = await peer.generate("rfc9580");
  const recipients = await readKeys(certificate);
  const attachments = [{ name: "a.bin", type: "application/octet-stream", data: ATTACHMENT }];
  const sealed = await sealEnvelope({ subject: SUBJECT, text: TEXT, attachments, password: "unused here", recipients });
  assertMime((await peer.decrypt({ message: sealed.ciphertext, secret })).data);
  const { linkSecret } = sealed;
  assert.equal((await openEnvelope({ ciphertext: sealed.ciphertext, linkSecret, password: "unused here" })).text, TEXT);
});
