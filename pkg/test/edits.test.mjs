/** Edits: what goes in and what comes out. What other programs make of it is told in tests/interop. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import {
  addSubkey, addUserId, applyRevocation, certifyKey, decrypt, encrypt, generateKey, generateRevocation, inspectMessage, Keystore, PgpError, readKeys, revokeCertification,
  revokeKey, revokeSubkey, revokeUserId, setExpiration, setPrimaryUserId, sign, unlockCheck, verify,
} from "envelock";
import { createWorker } from "envelock/worker";

const ANNA = "Anna Berg <anna@demo.example>";
const NEW = "Anna <anna@new.example>";
const DAY = 86_400_000;
const passphrase = "harbour";
const rejects = (promise, code) => assert.rejects(promise, (error) => {
  assert.ok(error instanceof PgpError, String(error));
  assert.equal(error.code, code, error.message);
  return true;
});

let own;
before(async () => {
  const { key } = await generateKey({ userIds: [{ name: "Anna Berg", email: "anna@demo.example" }], passphrase });
  own = { key, passphrase };
});

test("user IDs", async () => {
  const added = await addUserId({ key: own, userId: { name: "Anna", email: "anna@new.example" } });
  assert.deepEqual([added.userIds, added.primaryUserId, added.locked], [[ANNA, NEW], ANNA, true]);
  assert.deepEqual(own.key.userIds, [ANNA], "the given key stays as it is");
  assert.ok(await unlockCheck({ key: added, passphrase }));
  const key = await setPrimaryUserId({ key: { ...own, key: added }, userId: NEW });
  assert.equal(key.primaryUserId, NEW);
  const revoked = await revokeUserId({ key: { ...own, key }, userId: ANNA, text: "moved" });
  assert.deepEqual([revoked.userIds, revoked.unverifiedUserIds], [[NEW], [ANNA]]);
  await rejects(revokeUserId({ key: { ...own, key: revoked }, userId: NEW }), "last-user-id");
  await rejects(revokeUserId({ key: own, userId: "nobody" }), "unknown-user-id");
  await rejects(addUserId({ key: own, userId: { name: "Anna Berg", email: "anna@demo.example" } }), "user-id-exists");
  await rejects(addUserId({ key: { key: own.key }, userId: { name: "A" } }), "passphrase-required");
  await rejects(addUserId({ key: { key: own.key, passphrase: "x" }, userId: { name: "A" } }), "wrong-passphrase");
});

test("expiry of key and subkey", async () => {
  const expires = new Date(Math.ceil(Date.now() / 1000) * 1000 + DAY);
  const ends = await setExpiration({ key: own, expires });
  assert.deepEqual(ends.expires, expires);
  const never = await setExpiration({ key: { ...own, key: ends }, expires: null });
  assert.equal(never.expires, undefined);
  await rejects(setExpiration({ key: own }), "bad-option");
  await rejects(setExpiration({ key: own, expires: new Date(0) }), "bad-options");
  await rejects(setExpiration({ key: own, expires: null, subkey: own.key.fingerprint }), "unknown-subkey");
});

test("subkeys", async () => {
  const added = await addSubkey({ key: own, use: "sign", algorithm: "p256" });
  assert.equal(added.algorithm, "Ed25519 + X25519 + NIST P-256");
  await rejects(addSubkey({ key: own, use: "dance" }), "bad-options");
  await rejects(addSubkey({ key: own, use: "sign", algorithm: "rsa-512" }), "bad-options");
  await rejects(revokeSubkey({ key: own, subkey: "00" }), "unknown-subkey");
  await rejects(revokeSubkey({ key: own, subkey: "00", reason: "mood" }), "bad-options");
});

test("revocations", async () => {
  const revoked = await revokeKey({ key: own, reason: "superseded", text: "see my new key" });
  assert.equal(revoked.status, "revoked");
  const revocation = await generateRevocation({ key: own, reason: "compromised" });
  assert.match(revocation, /^-----BEGIN PGP PUBLIC KEY BLOCK-----/);
  const seen = await inspectMessage({ message: revocation });
  assert.deepEqual([seen.format, seen.signers[0].type, seen.signers[0].fingerprint], ["signature", "key-revocation", own.key.fingerprint]);
  const certificate = await applyRevocation({ key: own.key.certificate, revocation });
  assert.deepEqual([certificate.kind, certificate.status], ["certificate", "revoked"]);
  assert.equal((await applyRevocation({ key: own.key, revocation: new Blob([revocation]) })).kind, "secret-key");
  const { key: other } = await generateKey({ userIds: [{ name: "Other" }] });
  await rejects(applyRevocation({ key: other, revocation }), "key-mismatch");
  await rejects(applyRevocation({ key: own.key, revocation: own.key.certificate.armored }), "no-revocation");
  await rejects(addUserId({ key: { ...own, key: revoked }, userId: { name: "A" } }), "key-not-usable");
});

test("certifications", async () => {
  const { key: carl } = await generateKey({ userIds: [{ name: "Carl" }], profile: "rfc9580" });
  const signer = own;
  const certificate = await certifyKey({ certificate: carl, userIds: ["Carl"], signer, exportable: false, trust: { depth: 1, amount: 60 } });
  assert.equal(certificate.kind, "certificate");
  assert.ok(certificate.binary.length > carl.certificate.binary.length);
  const back = await revokeCertification({ certificate, userIds: ["Carl"], signer, text: "not him" });
  await rejects(revokeCertification({ certificate: back, userIds: ["Carl"], signer }), "not-certified");
  await rejects(certifyKey({ certificate: carl, userIds: ["Carla"], signer }), "unknown-user-id");
  await rejects(certifyKey({ certificate: carl, userIds: ["Carl"], signer, trust: { depth: 256, amount: 0 } }), "bad-option");
});

test("with the passphrase of a keystore, and in a worker", async () => {
  const kept = new Map();
  const storage = { get: async (name) => kept.get(name), put: async (name, value) => void kept.set(name, value), delete: async (name) => void kept.delete(name), list: async () => [...kept.keys()] };
  const worker = createWorker();
  const keystore = await worker.Keystore.open({ storage, passphrase: "lantern" });
  const { key } = await worker.generateKey({ userIds: [{ name: "Anna" }], keystore });
  const edited = await worker.addUserId({ key: { key, keystore }, userId: { name: "Berg" } });
  assert.deepEqual([edited.userIds, edited.locked], [["Anna", "Berg"], true]);
  assert.ok(await unlockCheck({ key: edited, passphrase: "lantern" }));
  worker.terminate();
  await rejects(Keystore.open({ storage, passphrase: "x" }), "wrong-passphrase");
});

for (const [options, algorithm] of [[{ profile: "nist" }, "NIST P-256"], [{ profile: "nist", curve: "p384" }, "NIST P-384"], [{ profile: "rsa", bits: 2048 }, "RSA"]]) {
  test(`a key of profile ${Object.values(options).join(" ")}`, async () => {
    const { key } = await generateKey({ userIds: [{ name: "Anna" }], passphrase, ...options });
    assert.deepEqual([key.version, key.algorithm, key.canEncrypt, key.canSign], [4, algorithm, true, true]);
    assert.equal((await readKeys(key.armored))[0].fingerprint, key.fingerprint);
  });
}

test("RSA keys are drawn by the platform, and without it all the same", async (t) => {
  const make = () => generateKey({ userIds: [{ name: "Anna" }], profile: "rsa", bits: 2048 });
  const drawing = t.mock.method(crypto.subtle, "generateKey");
  const { key } = await make();
  assert.equal(drawing.mock.callCount(), 2);
  const message = await encrypt({ data: "Moin", recipients: key.certificate, signers: { key } });
  const { data, signatures } = await decrypt({ message, keys: { key }, verifyWith: key.certificate });
  assert.deepEqual([data, signatures[0].status], ["Moin", "valid"]);

  const added = await addSubkey({ key: { key }, use: "encrypt", algorithm: "rsa-2048" });
  assert.equal(drawing.mock.callCount(), 3);
  const toBoth = await encrypt({ data: "Moin", recipients: added.certificate });
  assert.equal((await inspectMessage({ message: toBoth })).recipients.length, 2);
  assert.equal((await decrypt({ message: toBoth, keys: { key: added } })).data, "Moin");
  const signs = await addSubkey({ key: { key }, use: "sign", algorithm: "p256" });
  assert.equal(drawing.mock.callCount(), 4);
  const signed = await sign({ data: "Moin", signers: { key: signs }, form: "detached" });
  assert.equal((await verify({ data: "Moin", signature: signed, verifyWith: signs.certificate })).signatures[0].status, "valid");

  drawing.mock.mockImplementation(() => Promise.reject(new Error("not here")));
  assert.equal((await make()).key.algorithm, "RSA");
  assert.ok(await addSubkey({ key: { key }, use: "sign", algorithm: "p256" }));
});

test("profiles that do not exist", async () => {
  const userIds = [{ name: "Anna" }];
  await rejects(generateKey({ userIds, profile: "dsa" }), "bad-option");
  await rejects(generateKey({ userIds, profile: "rsa", bits: 1024 }), "bad-options");
  await rejects(generateKey({ userIds, profile: "compat", bits: 4096 }), "bad-options");
  await rejects(generateKey({ userIds, profile: "nist", curve: "p192" }), "bad-option");
});
