/** When a keystore locks itself, and the log of what was done with its keys. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { addUserId, decrypt, encrypt, generateKey, Keystore, PgpError, sealEnvelope, sign, unlockCheck } from "envelock";
import { createWorker } from "envelock/worker";
import { memory } from "./memory-storage.mjs";

const passphrase = "keystore passphrase";
const rejects = (promise, code) => assert.rejects(promise, (error) => {
  assert.ok(error instanceof PgpError, String(error));
  assert.equal(error.code, code, error.message);
  return true;
});
const userIds = [{ email: "anna@demo.example" }];

test("what is changed while the passphrase is changed stays, under the new one", async () => {
  const storage = memory();
  const keystore = await Keystore.open({ storage, passphrase });
  const { key } = await generateKey({ userIds, keystore });
  await keystore.add(key);
  const named = await addUserId({ key: { key, keystore }, userId: { email: "anna@new.example" } });
  const changing = keystore.changePassphrase({ newPassphrase: "another passphrase" });
  const [{ skipped }] = await Promise.all([changing, keystore.add(named), keystore.setMetadata(key.fingerprint, { labels: ["work"] })]);
  await keystore.lock();

  const again = await Keystore.open({ storage, passphrase: "another passphrase" });
  const [{ key: kept, metadata }] = await again.contacts();
  assert.deepEqual([skipped, kept.userIds.length, metadata.labels], [[], 2, ["work"]]);
  assert.ok(await unlockCheck({ key: kept, passphrase: "another passphrase" }));
});

test("a keystore that nobody uses locks itself, and says so once", async (context) => {
  const keystore = await Keystore.open({ storage: memory(), passphrase });
  const events = [];
  keystore.onlock = (event) => events.push(event);
  context.mock.timers.enable({ apis: ["setInterval", "Date"], now: Date.now() });
  keystore.autoLock({ minutes: 5 });
  context.mock.timers.tick(4 * 60_000);
  assert.deepEqual(await keystore.list(), [], "use starts the time anew");
  context.mock.timers.tick(4 * 60_000);
  assert.deepEqual(events, []);
  context.mock.timers.tick(61_000);
  assert.deepEqual(events, [{ reason: "idle" }]);
  await rejects(keystore.list(), "keystore-locked");
  await rejects(keystore.setRecord("a", 1), "keystore-locked");
  await keystore.lock();
  assert.equal(events.length, 1);
});

test("time asleep counts: timers stood still, the clock did not", async (context) => {
  const keystore = await Keystore.open({ storage: memory(), passphrase });
  const { key } = await generateKey({ userIds, keystore });
  context.mock.timers.enable({ apis: ["setInterval", "Date"], now: Date.now() });
  keystore.autoLock({ minutes: 5 });
  context.mock.timers.setTime(Date.now() + 10 * 60_000 - 1);
  await rejects(sign({ data: "x", signers: { key, keystore }, form: "detached" }), "keystore-locked");
  await rejects(keystore.log(), "keystore-locked");
});

test("a call that uses a key starts the time anew, and false ends it", async (context) => {
  const keystore = await Keystore.open({ storage: memory(), passphrase });
  const { key } = await generateKey({ userIds, keystore });
  context.mock.timers.enable({ apis: ["setInterval", "Date"], now: Date.now() });
  keystore.autoLock({ minutes: 5 });
  context.mock.timers.tick(4 * 60_000);
  await sign({ data: "x", signers: { key, keystore }, form: "detached" });
  context.mock.timers.tick(4 * 60_000);
  keystore.autoLock({ minutes: false });
  context.mock.timers.tick(600 * 60_000);
  assert.deepEqual(await keystore.list(), []);
  for (const minutes of [0, -1, Number.NaN, "5", 9999, true]) assert.throws(() => keystore.autoLock({ minutes }), { code: "bad-option" });
});

test("locking is told, by whomever", async () => {
  const keystore = await Keystore.open({ storage: memory(), passphrase });
  const events = [];
  keystore.onlock = ({ reason }) => events.push(reason);
  await keystore.lock();
  await keystore.lock();
  assert.deepEqual(events, ["locked"]);
  assert.throws(() => keystore.autoLock({ minutes: 1 }), { code: "keystore-locked" });
});

test("the log has each use of a secret key", async () => {
  const storage = memory();
  const keystore = await Keystore.open({ storage, passphrase });
  assert.deepEqual(await keystore.log(), []);
  const { key: anna } = await generateKey({ userIds, keystore });
  await keystore.add(anna);
  const { key: ben } = await generateKey({ userIds: [{ email: "ben@demo.example" }], passphrase: "own" });
  await keystore.add(ben);
  const own = { key: anna, keystore };
  await sign({ data: "x", signers: own, form: "detached" });
  const message = await encrypt({ data: "x", recipients: anna, signers: own });
  await decrypt({ message, keys: [own] });
  await decrypt({ message, keys: [{ key: anna, passphrase }] });
  await assert.rejects(decrypt({ message: message.slice(0, 200), keys: [own] }));
  await sealEnvelope({ subject: "s", text: "t", password: "p", signers: [own] });
  await unlockCheck({ key: ben, passphrase: "own" });
  await keystore.export({ fingerprint: anna.fingerprint });
  await keystore.add(ben.certificate);
  await keystore.remove(ben.fingerprint);
  const log = await keystore.log();
  assert.deepEqual(log.map(({ number, what, call, fingerprint }) => `${number} ${what} ${call} ${fingerprint === anna.fingerprint ? "anna" : "ben"}`), [
    "0 add add anna", "1 add add ben", "2 sign sign anna", "3 sign encrypt anna", "4 decrypt decrypt anna", "5 sign sealEnvelope anna",
    "6 export export anna", "7 remove remove ben",
  ]);
  assert.ok(log.every(({ date }) => Math.abs(date.getTime() - Date.now()) < 300_000));
  const rest = Buffer.concat([...storage.kept.values()].map((bytes) => Buffer.from(bytes)));
  for (const clear of ["sealEnvelope", anna.fingerprint]) assert.equal(rest.includes(clear), false, clear);
  const again = await Keystore.open({ storage, passphrase });
  assert.deepEqual(await again.log(), log);
});

test("entries that were taken away, moved or changed are noticed", async () => {
  const storage = memory();
  const keystore = await Keystore.open({ storage, passphrase });
  const { key } = await generateKey({ userIds, keystore });
  for (let count = 0; count < 4; count += 1) await sign({ data: "x", signers: { key, keystore }, form: "detached" });
  const numbers = async () => (await keystore.log()).map(({ number }) => number);
  assert.deepEqual(await numbers(), [0, 1, 2, 3]);
  const kept = new Map(storage.kept);
  storage.kept.delete("log.1");
  assert.deepEqual(await numbers(), [0, 2, 3]);
  storage.kept.set("log.1", kept.get("log.2"));
  assert.deepEqual(await numbers(), [0, 2, 3], "one in the place of another");
  assert.deepEqual((await keystore.problems()).map(({ code, message }) => [code, message.slice(0, 5)]), [["entry-damaged", "log.1"]]);
});

test("the log holds a thousand entries", async () => {
  const storage = memory();
  const keystore = await Keystore.open({ storage, passphrase });
  const { key } = await generateKey({ userIds, keystore });
  const { get, list } = storage;
  // As if a thousand had been written before.
  storage.list = async () => [...(await list()), "log.4999"];
  await sign({ data: "x", signers: { key, keystore }, form: "detached" });
  Object.assign(storage, { get, list });
  storage.kept.set("log.4001", new Uint8Array([1]));
  await sign({ data: "x", signers: { key, keystore }, form: "detached" });
  assert.deepEqual((await keystore.log()).map(({ number }) => number), [5000, 5001]);
  assert.equal(storage.kept.has("log.4001"), false, "the oldest goes");
});

test("a log that cannot be written stops no work and is told", async () => {
  const storage = memory();
  const keystore = await Keystore.open({ storage, passphrase });
  const { key } = await generateKey({ userIds, keystore });
  storage.put = async () => { throw new Error("quota"); };
  assert.match(await sign({ data: "x", signers: { key, keystore }, form: "detached" }), /BEGIN PGP SIGNATURE/);
  assert.match((await keystore.problems())[0].message, /sign with .* is missing in the log.*quota/);
});

test("two keystores open on one storage write one log", async () => {
  const storage = memory();
  storage.create = async (name, bytes) => !storage.kept.has(name) && (storage.kept.set(name, bytes.slice()), true);
  const [one, two] = [await Keystore.open({ storage, passphrase }), await Keystore.open({ storage, passphrase })];
  const { key } = await generateKey({ userIds, keystore: one });
  for (const keystore of [one, two, one, two]) await sign({ data: "x", signers: { key, keystore }, form: "detached" });
  assert.deepEqual((await one.log()).map(({ number }) => number), [0, 1, 2, 3]);
});

test("a worker that ended locks its keystores, and says so", async () => {
  const worker = createWorker();
  const keystore = await worker.Keystore.open({ storage: memory(), passphrase });
  const { key } = await worker.generateKey({ userIds, keystore });
  await worker.sign({ data: "x", signers: { key, keystore }, form: "detached" });
  assert.equal((await keystore.log()).length, 1);
  const events = [];
  keystore.onlock = ({ reason }) => events.push(reason);
  worker.terminate();
  await rejects(keystore.setRecord("a", 1), "terminated");
  await rejects(keystore.list(), "keystore-locked");
  assert.deepEqual(events, ["ended"]);
});
