/** Keys: generate, read, lock, check. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { changePassphrase, decrypt, encrypt, generateKey, lockKey, PgpError, readKeys, unlockCheck } from "envelock";

const userIds = [{ name: "Anna Berg", email: "anna@demo.example" }];
const rejects = (promise, code) => assert.rejects(promise, (error) => {
  assert.ok(error instanceof PgpError, String(error));
  assert.equal(error.code, code, error.message);
  return true;
});

for (const [profile, version] of [["compat", 4], ["rfc9580", 6]]) {
  test(`a ${profile} key says what it is`, async () => {
    const { key, revocationCertificate } = await generateKey({ userIds, profile, passphrase: "harbour" });
    assert.equal(key.kind, "secret-key");
    assert.equal(key.version, version);
    assert.equal(key.locked, true);
    assert.equal(key.primaryUserId, "Anna Berg <anna@demo.example>");
    assert.match(key.fingerprint, version === 4 ? /^[0-9A-F]{40}$/ : /^[0-9A-F]{64}$/);
    assert.equal(key.status, "valid");
    assert.ok(key.canEncrypt && key.canSign);
    assert.ok(key.created instanceof Date && Math.abs(Date.now() - key.created) < 60_000);
    assert.equal(key.certificate.kind, "certificate");
    assert.equal(key.certificate.fingerprint, key.fingerprint);
    assert.match(key.armored, /^-----BEGIN PGP PRIVATE KEY BLOCK-----/);
    assert.match(key.certificate.armored, /^-----BEGIN PGP PUBLIC KEY BLOCK-----/);
    assert.match(revocationCertificate, /^-----BEGIN PGP/);
    assert.deepEqual(structuredClone(key), key);
  });
}

test("keys are read back armored and binary, several at once", async () => {
  const { key } = await generateKey({ userIds, passphrase: "harbour" });
  const { key: other } = await generateKey({ userIds, profile: "rfc9580" });
  const [read] = await readKeys(key.armored);
  assert.deepEqual(read.binary, key.binary);
  const both = await readKeys(Buffer.concat([key.binary, other.certificate.binary]));
  assert.deepEqual(both.map(({ kind, fingerprint }) => [kind, fingerprint]), [["secret-key", key.fingerprint], ["certificate", other.fingerprint]]);
  assert.deepEqual((await readKeys({ keys: new Blob([key.armored]) })).map(({ fingerprint }) => fingerprint), [key.fingerprint]);
});

test("expiry is seen at the date asked about", async () => {
  const { key } = await generateKey({ userIds, expires: new Date(Date.now() + 86_400_000) });
  assert.ok(key.expires instanceof Date);
  const [later] = await readKeys({ keys: key.armored, date: new Date(Date.now() + 2 * 86_400_000) });
  assert.equal(later.status, "expired");
  assert.equal(later.canEncrypt, false);
});

test("a passphrase is checked, changed and asked for", async () => {
  const { key } = await generateKey({ userIds, passphrase: "harbour" });
  assert.equal(await unlockCheck({ key, passphrase: "harbour" }), true);
  assert.equal(await unlockCheck({ key, passphrase: "harbor" }), false);
  const changed = await changePassphrase({ key, passphrase: "harbour", newPassphrase: "lantern" });
  assert.equal(await unlockCheck({ key: changed, passphrase: "lantern" }), true);
  assert.equal(await unlockCheck({ key: changed, passphrase: "harbour" }), false);
  await rejects(changePassphrase({ key, passphrase: "wrong", newPassphrase: "x" }), "wrong-passphrase");

  const { key: open } = await generateKey({ userIds });
  assert.equal(open.locked, false);
  const locked = await lockKey({ key: open, newPassphrase: "lantern" });
  assert.equal(locked.locked, true);
  const message = await encrypt({ data: "hello", recipients: [locked] });
  await rejects(decrypt({ message, keys: [{ key: locked }] }), "passphrase-required");
  assert.equal((await decrypt({ message, keys: [{ key: locked, passphrase: "lantern" }] })).data, "hello");
});

test("input without a key, and a broken key, are typed errors", async () => {
  await rejects(readKeys("hello"), "no-key").catch(() => rejects(readKeys("hello"), "bad-armor"));
  const { key } = await generateKey({ userIds });
  const cut = await readKeys(key.binary.subarray(0, key.binary.length - 40)).catch((error) => error);
  assert.ok(cut instanceof PgpError || cut[0].problems.length > 0);
  assert.equal((await readKeys(key.binary)).length, 1, "the next call works");
});

/** The packets of a key, header and all (RFC 9580 §4.2.1; lengths of one, two or five octets). */
function packets(bytes) {
  const found = [];
  for (let at = 0; at < bytes.length;) {
    const [first, second] = [bytes[at + 1], bytes[at + 2]];
    const [header, length] = first < 192 ? [2, first] : first < 224 ? [3, ((first - 192) << 8) + second + 192] : [6, Buffer.from(bytes).readUInt32BE(at + 2)];
    found.push({ tag: bytes[at] & 0x3f, bytes: bytes.subarray(at, at + header + length) });
    at += header + length;
  }
  return found;
}

test("a user ID that somebody else added is not among the owner's", async () => {
  const { key } = await generateKey({ userIds });
  const added = Buffer.from("Carol <carol@demo.example>");
  const parts = packets(key.certificate.binary).map(({ tag, bytes }) => [tag, bytes]);
  const subkey = parts.findIndex(([tag]) => tag === 14);
  const forged = Buffer.concat([...parts.slice(0, subkey).map(([, bytes]) => bytes), Uint8Array.of(0xc0 | 13, added.length), added, ...parts.slice(subkey).map(([, bytes]) => bytes)]);
  const [read] = await readKeys(forged);
  assert.equal(read.fingerprint, key.fingerprint);
  assert.deepEqual(read.userIds, ["Anna Berg <anna@demo.example>"]);
  assert.deepEqual(read.unverifiedUserIds, ["Carol <carol@demo.example>"]);
  assert.deepEqual([key.userIds, key.unverifiedUserIds], [["Anna Berg <anna@demo.example>"], []]);
});
