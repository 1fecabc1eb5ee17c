/** Notations, the sender's address, session keys, armor, and messages looked at from outside. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import {
  armor, dearmor, decrypt, decryptSessionKeys, encrypt, encryptSessionKey, generateKey, generateSessionKey, inspectMessage, PgpError, sign, verify,
} from "envelock";

const passphrase = "harbour";
let anna, ben;
before(async () => {
  anna = (await generateKey({ userIds: [{ name: "Anna Berg", email: "anna@demo.example" }, { email: "berg@office.example" }], passphrase })).key;
  ben = (await generateKey({ userIds: [{ email: "ben@demo.example" }], profile: "rfc9580", passphrase })).key;
});
const rejects = (promise, code) => assert.rejects(promise, (error) => {
  assert.ok(error instanceof PgpError, String(error));
  assert.equal(error.code, code, error.message);
  return true;
});

test("notations come back, and an unknown critical one voids its signature", async () => {
  const notations = [
    { name: "ticket@demo.example", value: "Nº 7", critical: false },
    { name: "raw@demo.example", value: Uint8Array.of(0, 255), critical: true },
  ];
  const data = "text";
  const signature = await sign({ data, signers: { key: anna, passphrase }, form: "detached", notations });
  const unknown = await verify({ data, signature, verifyWith: anna });
  assert.equal(unknown.signatures[0].reason, "unknown-critical");
  const known = await verify({ data, signature, verifyWith: anna, knownNotations: ["raw@demo.example"] });
  assert.equal(known.signatures[0].status, "valid");
  assert.deepEqual(known.signatures[0].notations, notations);
  await rejects(sign({ data, signers: { key: anna, passphrase }, form: "detached", notations: [{ name: "a b", value: "" }] }), "bad-notation");
});

test("a signature is compared with the sender's address", async () => {
  const message = await encrypt({ data: "hello", recipients: ben, signers: { key: anna, passphrase }, from: "berg@office.example" });
  const open = (from) => decrypt({ message, keys: { key: ben, passphrase }, verifyWith: anna, from });
  const { signatures: [own] } = await open("anna@demo.example");
  assert.deepEqual([own.status, own.from, own.signerUserId], ["valid", "match", anna.userIds[1]]);
  assert.deepEqual(own.intendedRecipients, [ben.fingerprint]);
  assert.equal((await open("eve@evil.example")).signatures[0].from, "mismatch");
  assert.equal((await open(undefined)).signatures[0].from, undefined);
});

test("a second person signs beside the first", async () => {
  const data = "contract";
  const first = await sign({ data, signers: { key: anna, passphrase }, form: "detached" });
  const both = await sign({ data, signers: { key: ben, passphrase }, form: "detached", signature: first });
  const { signatures } = await verify({ data, signature: both, verifyWith: [anna, ben] });
  assert.deepEqual(signatures.map(({ status, signer }) => [status, signer]), [["valid", anna.fingerprint], ["valid", ben.fingerprint]]);
  await rejects(sign({ data, signers: { key: ben, passphrase }, form: "inline", signature: first }), "bad-option");
});

for (const format of ["seipd-v1", "seipd-v2"]) {
  test(`a session key of ${format} is drawn, used, found and passed on`, async () => {
    const sessionKey = await generateSessionKey({ recipients: anna, format });
    const kept = sessionKey.data.slice();
    const message = await encrypt({ data: "hello", recipients: anna, sessionKey, format, armor: false });
    assert.deepEqual(sessionKey.data, kept, "the caller's bytes stay");
    assert.equal((await decrypt({ message, sessionKeys: sessionKey })).data, "hello");
    assert.deepEqual(await decryptSessionKeys({ message, keys: { key: anna, passphrase } }), [sessionKey]);
    const packets = await encryptSessionKey({ sessionKey, recipients: ben, passwords: "heron", format, hideRecipients: true });
    assert.deepEqual(await decryptSessionKeys({ message: packets, keys: { key: ben, passphrase } }), [sessionKey]);
    const widened = new Uint8Array([...packets, ...message]);
    assert.equal((await decrypt({ message: widened, passwords: "heron" })).data, "hello");
    const seen = await inspectMessage({ message: widened });
    assert.deepEqual([seen.format, seen.encrypted, seen.passwords, seen.recipients.length], [format, true, 1, 2]);
    assert.deepEqual(seen.recipients[0], {});
    assert.ok(seen.recipients[1].keyId ?? seen.recipients[1].fingerprint);
  });
}

test("a message is looked at from outside", async () => {
  const signed = await sign({ data: "text", signers: [{ key: anna, passphrase }, { key: ben, passphrase }], form: "cleartext" });
  const seen = await inspectMessage({ message: signed });
  assert.deepEqual([seen.format, seen.encrypted, seen.signers.length], ["cleartext", false, 2]);
  assert.ok(seen.signers.every(({ fingerprint, created }) => fingerprint && created instanceof Date));
  await rejects(inspectMessage({ message: "nothing" }), "malformed");
});

test("armor with headers, there and back", async () => {
  const data = Uint8Array.from({ length: 100 }, (_, at) => at);
  const armored = await armor({ data, kind: "message", headers: { Comment: "for Ben" } });
  assert.match(armored, /^-----BEGIN PGP MESSAGE-----\nComment: for Ben\n\n/);
  assert.deepEqual(await dearmor({ armored }), { kind: "message", headers: { Comment: "for Ben" }, data });
  await rejects(dearmor({ armored: armored + armored }), "bad-armor");
  await rejects(armor({ data, kind: "message", headers: { Comment: "a\nb" } }), "bad-armor");
  await rejects(armor({ data, kind: "letter" }), "bad-option");
});
