/** The keystore: what it keeps, and that nothing of it shows at rest. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { generateKey, Keystore, PgpError, readKeys, sign, unlockCheck, verify } from "envelock";
import { createWorker } from "envelock/worker";
import { memory } from "./memory-storage.mjs";

const passphrase = "keystore passphrase";
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

test("a key is locked inside the module when it is made for a keystore", async () => {
  const keystore = await Keystore.open({ storage: memory(), passphrase });
  const { key } = await generateKey({ userIds: [{ email: "a@b.example" }], keystore });
  assert.equal(key.locked, true);
  assert.equal(await unlockCheck({ key, passphrase }), true);
  assert.deepEqual((await keystore.add(key)).binary, key.binary);
  await rejects(generateKey({ userIds: [{ email: "a@b.example" }], keystore, passphrase: "p" }), "bad-option");
  await keystore.lock();
  await rejects(generateKey({ userIds: [{ email: "a@b.example" }], keystore }), "keystore-locked");
});

test("what a key says of its lock is not believed", async () => {
  const keystore = await Keystore.open({ storage: memory(), passphrase });
  const { key } = await generateKey({ userIds: [{ email: "a@b.example" }] });
  await keystore.add({ ...key, locked: true });
  assert.equal((await keystore.get(key.fingerprint)).locked, true);
});

/** Two tabs: storages of their own over the same entries. */
function tab(kept, withCreate) {
  const later = () => new Promise((resolve) => setTimeout(resolve, 5));
  const storage = memory();
  const create = async (name, bytes) => {
    await later();
    if (kept.has(name)) return false;
    kept.set(name, bytes.slice());
    return true;
  };
  return {
    ...storage,
    get: async (name) => (await later(), kept.get(name)),
    put: async (name, bytes) => (await later(), void kept.set(name, bytes.slice())),
    list: async () => [...kept.keys()],
    ...(withCreate && { create }),
  };
}

test("two that make the keystore at the same moment get the same one", async () => {
  const kept = new Map();
  const shared = tab(new Map(), false);
  for (const [first, second] of [[tab(kept, true), tab(kept, true)], [shared, shared]]) {
    const [one, two] = await Promise.all([Keystore.open({ storage: first, passphrase }), Keystore.open({ storage: second, passphrase })]);
    await one.setRecord("one", 1);
    await two.setRecord("two", 2);
    assert.deepEqual(await one.listRecords(), ["one", "two"]);
    const again = await Keystore.open({ storage: first, passphrase });
    assert.deepEqual([await again.getRecord("one"), await again.getRecord("two")], [1, 2]);
  }
});

test("a damaged entry hides no other, and is told", async () => {
  const storage = memory();
  const keystore = await Keystore.open({ storage, passphrase });
  const { key } = await generateKey({ userIds: [{ email: "a@b.example" }], keystore });
  await keystore.add(key);
  assert.deepEqual(await keystore.problems(), []);
  storage.kept.set("entry.00112233445566778899aabbccddeeff", new Uint8Array(50));
  assert.deepEqual((await keystore.list()).map(({ fingerprint }) => fingerprint), [key.fingerprint]);
  assert.deepEqual(await keystore.listRecords(), []);
  const problems = await keystore.problems();
  assert.deepEqual(problems.map(({ code }) => code), ["entry-damaged"]);
  assert.match(problems[0].message, /00112233/);
});

test("an interrupted change of passphrase can be repeated", async () => {
  const storage = memory();
  const keystore = await Keystore.open({ storage, passphrase });
  const { key } = await generateKey({ userIds: [{ email: "a@b.example" }], keystore });
  await keystore.add(key);
  const put = storage.put;
  storage.put = async (name, bytes) => {
    if (name === "keystore") throw new Error("quota");
    return put(name, bytes);
  };
  await rejects(keystore.changePassphrase({ newPassphrase: "new" }), "storage-failed");
  storage.put = put;
  const { key: later } = await generateKey({ userIds: [{ email: "c@d.example" }], keystore });
  assert.equal(await unlockCheck({ key: later, passphrase }), true, "the old passphrase still counts");
  const reopened = await Keystore.open({ storage, passphrase });
  assert.deepEqual(await reopened.changePassphrase({ newPassphrase: "new" }), { skipped: [] });
  const changed = await Keystore.open({ storage, passphrase: "new" });
  assert.equal(await unlockCheck({ key: await changed.get(key.fingerprint), passphrase: "new" }), true);
});

test("a storage that can stores a change of passphrase at once", async () => {
  const storage = memory();
  const writes = [];
  storage.putAll = async (entries) => { writes.push(entries.map(([name]) => name)); for (const entry of entries) await storage.put(...entry); };
  const keystore = await Keystore.open({ storage, passphrase });
  const { key } = await generateKey({ userIds: [{ email: "a@b.example" }], keystore });
  await keystore.add(key);
  writes.length = 0;
  await keystore.changePassphrase({ newPassphrase: "new" });
  assert.equal(writes.length, 1);
  assert.equal(writes[0].length, 2);
  assert.equal(writes[0].at(-1), "keystore");
});

test("a keystore that is locked during a change stays locked", async () => {
  const storage = memory();
  const keystore = await Keystore.open({ storage, passphrase });
  const slow = storage.put;
  let locked;
  storage.put = async (name, bytes) => {
    locked ??= keystore.lock();
    await locked;
    return slow(name, bytes);
  };
  await rejects(keystore.changePassphrase({ newPassphrase: "new" }), "keystore-locked");
  await rejects(keystore.list(), "keystore-locked");
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
  assert.deepEqual(await keystore.changePassphrase({ newPassphrase: "new" }), { skipped: [other.fingerprint] });
  assert.match(await sign({ data: "x", signers: { key: await keystore.get(key.fingerprint), keystore }, form: "detached" }), /BEGIN PGP SIGNATURE/);
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
