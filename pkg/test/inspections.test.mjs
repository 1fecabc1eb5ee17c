/** Keys looked at closely, merged, reduced and previewed. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import {
  addUserId, certifyKey, generateKey, inspectKey, mergeKeys, minimizeKey, PgpError, previewImport, readKeys, revokeKey, unlockCheck,
} from "envelock";
import { createWorker } from "envelock/worker";

const ANNA = "Anna Berg <anna@demo.example>";
const passphrase = "harbour";
const rejects = (promise, code) => assert.rejects(promise, (error) => {
  assert.ok(error instanceof PgpError, String(error));
  assert.equal(error.code, code, error.message);
  return true;
});

let own, other;
before(async () => {
  own = { key: (await generateKey({ userIds: [{ name: "Anna Berg", email: "anna@demo.example" }], passphrase })).key, passphrase };
  other = { key: (await generateKey({ userIds: [{ name: "Bert" }], profile: "rfc9580" })).key };
});

test("everything about a key", async () => {
  const certified = await certifyKey({ certificate: own.key, userIds: [ANNA], signer: other, exportable: false });
  const seen = await inspectKey({ key: certified, known: [other.key] });
  const [user] = seen.userIds;
  assert.deepEqual([user.text, user.name, user.email, user.status, user.primary], [ANNA, "Anna Berg", "anna@demo.example", "valid", true]);
  assert.ok(user.certifiedAt instanceof Date && user.warnings.length === 0);
  const [certification] = user.certifications;
  assert.deepEqual([certification.issuer, certification.status, certification.exportable], [other.key.fingerprint, "valid", false]);
  assert.ok(certification.created instanceof Date);
  assert.equal((await inspectKey({ key: certified })).userIds[0].certifications[0].status, "unknown");
  const [primary, subkey] = (await inspectKey({ key: own.key })).components;
  assert.deepEqual([primary.fingerprint, primary.primary, primary.secret, primary.status], [own.key.fingerprint, true, "locked", "valid"]);
  assert.deepEqual(subkey.can, { certify: false, sign: false, encrypt: true, authenticate: false });
  assert.equal((await inspectKey({ key: other.key })).components[0].secret, "open");
  assert.equal((await inspectKey({ key: other.key })).preferences.seipdV2, true);
  assert.deepEqual(seen.weaknesses, []);
  const revoked = await revokeKey({ key: own, reason: "superseded", text: "see the new one" });
  const { revocation } = (await inspectKey({ key: revoked })).components[0];
  assert.deepEqual([revocation.code, revocation.text, revocation.hard], ["superseded", "see the new one", false]);
  assert.ok(revocation.at instanceof Date);
});

test("copies of one key", async () => {
  const more = await addUserId({ key: own, userId: { email: "new@demo.example" } });
  const merged = await mergeKeys({ key: own.key, update: more.certificate });
  assert.deepEqual([merged.kind, merged.locked, merged.userIds.length], ["secret-key", true, 2]);
  assert.ok(await unlockCheck({ key: merged, passphrase }));
  assert.equal((await mergeKeys({ key: own.key.certificate, update: more })).kind, "secret-key");
  await rejects(mergeKeys({ key: own.key, update: other.key }), "key-mismatch");
  await rejects(mergeKeys({ key: own.key }), "bad-option");
});

test("for others", async () => {
  const certified = await certifyKey({ certificate: own.key, userIds: [ANNA], signer: other });
  const reduced = await minimizeKey({ key: certified });
  assert.equal(reduced.kind, "certificate");
  assert.ok(reduced.binary.length < certified.binary.length && reduced.canEncrypt && reduced.canSign);
  const more = await addUserId({ key: own, userId: { email: "new@demo.example" } });
  assert.deepEqual((await minimizeKey({ key: more, userIds: [ANNA] })).userIds, [ANNA]);
});

test("before an import", async () => {
  const more = await addUserId({ key: own, userId: { email: "new@demo.example" } });
  const damaged = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n????\n-----END PGP PUBLIC KEY BLOCK-----\n";
  const keys = [more.certificate.armored, damaged, other.key.armored, own.key.certificate.armored].join("\n");
  const { entries, skipped } = await previewImport({ keys, known: [own.key, other.key.certificate] });
  // Copies of one key are one entry.
  assert.deepEqual(entries.map(({ change }) => change), ["updated", "updated"]);
  assert.deepEqual(entries.map(({ changes }) => changes.map(({ code }) => code)), [["user-id-added"], ["secret-added"]]);
  assert.equal(entries[0].merged.kind, "secret-key");
  assert.equal(entries[0].merged.userIds.length, 2);
  assert.deepEqual(skipped.map(({ code, offset }) => [code, offset]), [["damaged-armor", 0]]);
  const binary = Uint8Array.from([...own.key.certificate.binary, 0xce, 2, 4, 1]);
  const cut = await previewImport({ keys: binary });
  assert.deepEqual([cut.entries[0].change, cut.entries[0].key.kind], ["new", "certificate"]);
  assert.deepEqual(cut.skipped.map(({ code, tag, offset }) => [code, tag, offset]), [["malformed-packet", 14, binary.length - 4]]);
  await rejects(previewImport({ keys: "nothing here" }), "no-key");
});

test("in a worker as well", async () => {
  const worker = createWorker();
  try {
    assert.equal((await worker.inspectKey({ key: own.key })).userIds[0].text, ANNA);
    const [key] = await readKeys(own.key.armored);
    assert.equal((await worker.previewImport({ keys: key.armored, known: [key] })).entries[0].change, "unchanged");
  } finally {
    worker.terminate();
  }
});
