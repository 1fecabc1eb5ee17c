/** The rule about addresses: the core's, by the table that holds both together. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { addressOf, autocryptHeader, composeMail, generateKey, inspectKey, readMail } from "envelock";

const table = JSON.parse(readFileSync(new URL("../../tests/addresses.json", import.meta.url), "utf8"));

test("user IDs name the addresses of the table", () => {
  for (const [userId, expected] of table) assert.equal(addressOf(userId) ?? null, expected, JSON.stringify(userId));
  assert.equal(addressOf(`${"a".repeat(250)}@demo.example`), undefined);
});

test("a domain in another script is one address in both forms", async () => {
  const [letters, ascii] = ["anna@b\u00fccher.example", "anna@xn--bcher-kva.example"];
  const { key } = await generateKey({ userIds: [{ name: "Anna", email: letters }], profile: "rfc9580" });
  assert.equal((await inspectKey({ key })).userIds[0].email, letters);
  for (const address of [letters, ascii]) {
    assert.match(await autocryptHeader({ key, address }), /^addr=anna@xn--bcher-kva\.example;/);
    const from = { name: "Anna", address };
    const { mail } = await composeMail({ from, to: [from], subject: "s", text: "t", signers: { key }, recipients: key, autocrypt: { key, address } });
    assert.match(mail, /^From: "Anna" <anna@xn--bcher-kva\.example>/m);
    const read = await readMail({ mail, keys: { key }, verifyWith: key.certificate });
    assert.equal(read.protection, "signed-and-encrypted");
    assert.equal(read.autocrypt.peer.certificate.fingerprint, key.fingerprint);
  }
  const from = { address: "\u00e4nna@demo.example" };
  await assert.rejects(composeMail({ from, to: [from], subject: "s", text: "t" }), { code: "bad-address" });
});
