/** The keystore: what it keeps, and that nothing of it shows at rest. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { generateKey, Keystore, PgpError, readKeys, sign, unlockCheck, verify } from "envelock";
import { createWorker } from "envelock/worker";

const passphrase = "keystore passphrase";
function memory() {
  const kept = new Map();
  return {
    kept,
    get: async (name) => kept.get(name),
    put: async (name, bytes) => void kept.set(name, bytes.slice()),
    delete: async (name) => void kept.delete(name),
    list: async () => [...kept.keys()],
  };
}
const rejects = (promise, code) => assert.rejects(promise, (error) => {
  assert.ok(error instanceof PgpError, String(error));
  assert.equal(error.code, code, error.message);
  return true;
});

test("keys and records come back after the keystore was locked", async () => {
  const storage = memory();
  assert.equal(await Keystore.exists({ storage }), false);
  const { key } = await generateKey({ userIds: [{ name: "Anna Berg", email: "anna@demo.example" }] });
  const { key: ben } = await generateKey({ userIds: [{ email: "ben@demo.example" }], passphrase: "ben's own" });
  const first = await Keystore.open({ storage, passphrase });
  assert.equal(await Keystore.exists({ storage }), true);
  const kept = await first.add(key);
  assert.equal(kept.locked, true, "an unlocked key is locked");
  await first.add(ben.certificate);
  await first.setRecord("links", { subject: "Befund", n: [1, 2] });
  await first.lock();
  await rejects(first.list(), "keystore-locked");

  await rejects(Keystore.open({ storage, passphrase: "wrong" }), "wrong-passphrase");
  const second = await Keystore.open({ storage, passphrase });
  assert.deepEqual((await second.list()).map(({ kind, fingerprint }) => [kind, fingerprint]), [["secret-key", key.fingerprint], ["certificate", ben.fingerprint]]);
  assert.equal((await second.get(key.fingerprint.toLowerCase())).fingerprint, key.fingerprint);
  assert.deepEqual(await second.getRecord("links"), { subject: "Befund", n: [1, 2] });
  assert.equal(await second.getRecord("none"), undefined);
  assert.deepEqual(await second.listRecords(), ["links"]);
  assert.equal(await second.remove(ben.fingerprint), true);
  assert.equal(await second.remove(ben.fingerprint), false);
  await second.setRecord("links", undefined);
  assert.deepEqual(await second.listRecords(), []);
});

test("an open keystore unlocks its keys", async () => {
  const keystore = await Keystore.open({ storage: memory(), passphrase });
  const { key: own } = await generateKey({ userIds: [{ email: "a@b.example" }], passphrase: "own" });
  const key = await keystore.add(own, { passphrase: "own" });
  const signature = await sign({ data: "x", signers: { key, keystore }, form: "detached" });
  assert.equal((await verify({ data: "x", signature, verifyWith: key })).signatures[0].status, "valid");
  assert.equal(await unlockCheck({ key, passphrase }), true);
  await keystore.lock();
  await rejects(sign({ data: "x", signers: { key, keystore }, form: "detached" }), "keystore-locked");
  await rejects(sign({ data: "x", signers: { key, keystore: {} }, form: "detached" }), "bad-option");
});

test("a certificate does not replace a secret key", async () => {
  const keystore = await Keystore.open({ storage: memory(), passphrase });
  const { key } = await generateKey({ userIds: [{ email: "a@b.example" }] });
  await keystore.add(key);
  assert.equal((await keystore.add(key.certificate)).kind, "secret-key");
  assert.equal((await keystore.list()).length, 1);
});

test("a key leaves under a passphrase of its own", async () => {
  const keystore = await Keystore.open({ storage: memory(), passphrase });
  const { key } = await generateKey({ userIds: [{ email: "a@b.example" }] });
  await keystore.add(key);
  const saved = await keystore.export({ fingerprint: key.fingerprint, newPassphrase: "backup" });
  const [read] = await readKeys(saved.armored);
  assert.equal(await unlockCheck({ key: read, passphrase: "backup" }), true);
  assert.equal(await unlockCheck({ key: read, passphrase }), false);
  await rejects(keystore.export({ fingerprint: "00" }), "bad-option");
});

test("the passphrase is changed for the keystore and its keys", async () => {
  const storage = memory();
  const keystore = await Keystore.open({ storage, passphrase });
  const { key } = await generateKey({ userIds: [{ email: "a@b.example" }] });
  await keystore.add(key);
  const { key: other } = await generateKey({ userIds: [{ email: "c@d.example" }], passphrase: "its own" });
  await keystore.add(other);
  await keystore.setRecord("r", 1);
  await keystore.changePassphrase({ newPassphrase: "new" });
  await keystore.lock();
  await rejects(Keystore.open({ storage, passphrase }), "wrong-passphrase");
  const again = await Keystore.open({ storage, passphrase: "new" });
  assert.equal(await unlockCheck({ key: await again.get(key.fingerprint), passphrase: "new" }), true);
  assert.equal(await unlockCheck({ key: await again.get(other.fingerprint), passphrase: "its own" }), true);
  assert.equal(await again.getRecord("r"), 1);
});

test("nothing shows at rest", async () => {
  const storage = memory();
  const keystore = await Keystore.open({ storage, passphrase });
  const { key } = await generateKey({ userIds: [{ name: "Anna Berg", email: "anna@demo.example" }] });
  await keystore.add(key);
  await keystore.setRecord("record-name", { secret: "record-value" });
  const rest = Buffer.concat([...storage.kept].flatMap(([name, bytes]) => [Buffer.from(name), Buffer.from(bytes)]));
  const clear = ["Anna Berg", "anna@demo", "record-name", "record-value", "secret", passphrase, key.fingerprint, key.fingerprint.toLowerCase(), Buffer.from(key.fingerprint, "hex"), Buffer.from(key.binary.subarray(10, 30))];
  for (const text of clear) assert.equal(rest.includes(text), false, String(text));
  storage.kept.set("positive control", Buffer.from("xx Anna Berg xx"));
  assert.ok(Buffer.concat([...storage.kept.values()]).includes("Anna Berg"), "the search finds what is there");
});

test("changed and swapped entries are refused", async () => {
  const storage = memory();
  const keystore = await Keystore.open({ storage, passphrase });
  await keystore.setRecord("a", 1);
  const [first] = [...storage.kept.keys()].filter((name) => name !== "keystore");
  await keystore.setRecord("b", 2);
  const [second] = [...storage.kept.keys()].filter((name) => name !== "keystore" && name !== first);
  const kept = storage.kept.get(first);
  storage.kept.set(first, storage.kept.get(second));
  await rejects(keystore.getRecord("a"), "entry-damaged");
  const changed = kept.slice();
  changed[changed.length - 1] ^= 1;
  storage.kept.set(first, changed);
  await rejects(keystore.getRecord("a"), "entry-damaged");
  storage.kept.set(first, kept);
  assert.equal(await keystore.getRecord("a"), 1);
});

test("a storage that fails is named", async () => {
  const storage = memory();
  const keystore = await Keystore.open({ storage, passphrase });
  storage.put = () => { throw new Error("quota"); };
  await rejects(keystore.setRecord("a", 1), "storage-failed");
  await rejects(Keystore.open({ passphrase }), "storage-failed");
  await rejects(Keystore.open({ storage: { get() {} }, passphrase }), "bad-option");
});

test("it works through a worker, and belongs to it", async () => {
  const storage = memory();
  const worker = createWorker();
  try {
    const keystore = await worker.Keystore.open({ storage, passphrase });
    const { key } = await worker.generateKey({ userIds: [{ email: "a@b.example" }] });
    const kept = await keystore.add(key);
    assert.match(await worker.sign({ data: "x", signers: { key: kept, keystore }, form: "cleartext" }), /BEGIN PGP SIGNED MESSAGE/);
    await rejects(sign({ data: "x", signers: { key: kept, keystore }, form: "cleartext" }), "bad-option");
  } finally {
    worker.terminate();
  }
  assert.equal((await (await Keystore.open({ storage, passphrase })).list()).length, 1);
});
