/** Several devices with the same keys. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { addUserId, decrypt, encrypt, generateKey, Keystore, PgpError, revokeKey, sign } from "envelock";
import { memory } from "./memory-storage.mjs";

/** A place where devices meet, and all that ever lay there. */
function meeting() {
  const files = [];
  let at = -1;
  return {
    files,
    calls: [],
    goBackTo: (index) => void (at = index),
    async read() {
      this.calls.push("read");
      return at < 0 ? undefined : { file: files[at].slice(), version: `v${at}` };
    },
    async write(file, version) {
      this.calls.push("write");
      if (version !== (at < 0 ? undefined : `v${at}`)) return undefined;
      at = files.push(file.slice()) - 1;
      return `v${at}`;
    },
  };
}

const open = (passphrase, storage = memory()) => Keystore.open({ passphrase, storage });
const generated = async (email, keystore) => (await generateKey({ userIds: [{ email }], ...(keystore && { keystore }) })).key;
const contact = async (email) => (await generated(email)).certificate;
const rejects = (promise, code, pattern = /./) => assert.rejects(promise, (error) => {
  assert.ok(error instanceof PgpError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, pattern);
  return true;
});
const fingerprints = async (keystore) => (await keystore.list()).map((key) => key.fingerprint).sort();

/** Two devices that have met: `one` had the key `anna`. */
async function pair() {
  const store = meeting();
  const [one, two] = [await open("of the desk"), await open("of the phone")];
  const anna = await one.add(await generated("anna@demo.example", one));
  await one.sync({ store });
  await two.sync({ store, code: await one.syncCode() });
  return { store, one, two, anna };
}

test("a second device gets everything by the code, and locks it under its own passphrase", async () => {
  const store = meeting();
  const [one, two] = [await open("of the desk"), await open("of the phone")];
  const anna = await one.add(await generated("anna@demo.example", one), { labels: ["me"] });
  const ben = await one.add(await contact("ben@demo.example"), { origin: "wkd-direct", verified: { at: new Date("2026-05-01"), how: "by phone" } });
  await one.setDefault("anna@demo.example", anna.fingerprint);
  await one.setRecord("links", { n: [1, 2] });
  assert.equal(await one.syncCode(), undefined);
  assert.deepEqual(await one.sync({ store }), { received: [], removed: [], sent: true });
  const code = await one.syncCode();
  assert.match(code, /^([0-9A-HJKMNP-TV-Z]{5}-){6}[0-9A-HJKMNP-TV-Z]{5}$/);

  const synced = await two.sync({ store, code: code.toLowerCase().replaceAll("-", " ") });
  assert.deepEqual([synced.received.sort(), synced.removed], [[anna.fingerprint, ben.fingerprint].sort(), []]);
  assert.equal(await two.syncCode(), code);
  assert.deepEqual(await fingerprints(two), await fingerprints(one));
  assert.deepEqual(await two.metadata(ben.fingerprint), await one.metadata(ben.fingerprint));
  assert.deepEqual(await two.getRecord("links"), { n: [1, 2] });
  assert.equal((await two.defaultFor("anna@demo.example")).fingerprint, anna.fingerprint);
  const message = await encrypt({ data: "to both", recipients: anna });
  for (const keystore of [one, two]) {
    const key = await keystore.get(anna.fingerprint);
    assert.equal((await decrypt({ message, keys: { key, keystore } })).data, "to both");
  }
  await rejects(sign({ data: "x", signers: { key: await two.get(anna.fingerprint), passphrase: "of the desk" }, form: "detached" }), "wrong-passphrase");
  assert.deepEqual((await two.log()).map(({ what, call }) => `${what} ${call}`).slice(0, 1), ["add sync"]);
  // Afterwards there is nothing to say, and nothing is written.
  for (const keystore of [one, two, one]) await keystore.sync({ store });
  const before = store.files.length;
  for (const keystore of [one, two]) assert.deepEqual(await keystore.sync({ store }), { received: [], removed: [], sent: false });
  assert.equal(store.files.length, before);
});

test("whoever keeps the file sees neither names nor secrets, and cannot open it", async () => {
  const { store, one, anna } = await pair();
  const code = await one.syncCode();
  for (const file of store.files) {
    const octets = Buffer.from(file);
    for (const secret of ["anna@demo.example", "of the desk", code, code.replaceAll("-", "")]) assert.ok(!octets.includes(secret), secret);
    assert.ok(!octets.includes(Buffer.from(anna.certificate.binary.subarray(0, 40))));
  }
});

test("without the code, or with another one, nothing changes", async () => {
  const { store, two } = await pair();
  const three = await open("of the tablet");
  await rejects(three.sync({ store }), "sync-code-required");
  const other = await open("elsewhere");
  await other.sync({ store: meeting() });
  await rejects(three.sync({ store, code: await other.syncCode() }), "wrong-recovery-code");
  await rejects(three.sync({ store, code: (await two.syncCode()).replace(/^./, (first) => (first === "7" ? "8" : "7")) }), "recovery-code-mistyped");
  assert.deepEqual([await three.list(), await three.syncCode()], [[], undefined]);
  await rejects(three.sync({ store: {} }), "bad-option");
});

/** Changes the last octet of entries in a storage. */
function damage(storage, names) {
  for (const name of names) storage.kept.set(name, storage.kept.get(name).map((octet, at, { length }) => (at === length - 1 ? octet ^ 1 : octet)));
}

test("what one device adds, changes and removes, the other does", async () => {
  const { store, one, two, anna } = await pair();
  const ben = await two.add(await contact("ben@demo.example"), { labels: ["work"] });
  await two.setRecord("theme", "dark");
  await two.sync({ store });
  assert.deepEqual(await one.sync({ store }), { received: [ben.fingerprint], removed: [], sent: false });
  assert.equal(await one.getRecord("theme"), "dark");

  await one.setMetadata(ben.fingerprint, { labels: [] });
  await one.setRecord("theme", undefined);
  await one.add(await addUserId({ key: { key: await one.get(anna.fingerprint), keystore: one }, userId: { email: "anna@own.example" } }));
  await one.sync({ store });
  await two.sync({ store });
  assert.deepEqual((await two.metadata(ben.fingerprint)).labels, [], "a label that was taken away does not come back");
  assert.equal(await two.getRecord("theme"), undefined);
  assert.equal((await two.get(anna.fingerprint)).userIds.length, 2);

  await two.remove(ben.fingerprint);
  await two.sync({ store });
  assert.deepEqual(await one.sync({ store }), { received: [], removed: [ben.fingerprint], sent: false });
  assert.deepEqual(await fingerprints(one), [anna.fingerprint]);
});

test("what changed on both sides is merged: of keys and what is known nothing is lost", async () => {
  const { store, one, two, anna } = await pair();
  const ben = await one.add(await contact("ben@demo.example"));
  await one.sync({ store });
  await two.sync({ store });
  await one.setMetadata(ben.fingerprint, { labels: ["work"] });
  await two.setMetadata(ben.fingerprint, { labels: ["family"] });
  await one.add(await addUserId({ key: { key: await one.get(anna.fingerprint), keystore: one }, userId: { email: "anna@own.example" } }));
  await two.add(await revokeKey({ key: { key: await two.get(anna.fingerprint), keystore: two }, reason: "compromised" }));
  await two.setRecord("theme", "light");
  await one.setRecord("theme", "dark");
  for (const keystore of [one, two, one]) await keystore.sync({ store });
  for (const keystore of [one, two]) {
    const key = await keystore.get(anna.fingerprint);
    assert.equal(key.status, "revoked");
    assert.equal(key.userIds.length + key.unverifiedUserIds.length, 2);
    assert.deepEqual((await keystore.metadata(ben.fingerprint)).labels.sort(), ["family", "work"]);
    assert.equal(await keystore.getRecord("theme"), "light", "that of the device that came last");
  }
});

test("two that add to the same key come to rest", async () => {
  const { store, one, two, anna } = await pair();
  for (const [keystore, email] of [[one, "anna@desk.example"], [two, "anna@phone.example"]]) {
    await keystore.add(await addUserId({ key: { key: await keystore.get(anna.fingerprint), keystore }, userId: { email } }));
  }
  for (const keystore of [one, two, one]) await keystore.sync({ store });
  for (const keystore of [two, one]) assert.deepEqual(await keystore.sync({ store }), { received: [], removed: [], sent: false });
  for (const keystore of [one, two]) assert.equal((await keystore.get(anna.fingerprint)).userIds.length, 3);
});

test("a verification that was taken back stays so, whatever the other device changed", async () => {
  const { store, one, two } = await pair();
  const ben = await one.add(await contact("ben@demo.example"), { verified: { at: new Date("2026-05-01"), how: "by phone" } });
  for (const keystore of [one, two]) await keystore.sync({ store });
  await two.setMetadata(ben.fingerprint, { verified: null });
  await one.setMetadata(ben.fingerprint, { labels: ["work"] });
  for (const keystore of [two, one, two]) await keystore.sync({ store });
  for (const keystore of [one, two]) {
    const { labels, verified } = await keystore.metadata(ben.fingerprint);
    assert.deepEqual([labels, verified], [["work"], undefined]);
  }
});

test("a key that changed here is not removed because it was removed there", async () => {
  const { store, one, two, anna } = await pair();
  await two.remove(anna.fingerprint);
  await two.sync({ store });
  await one.setMetadata(anna.fingerprint, { labels: ["mine"] });
  await one.sync({ store });
  await two.sync({ store });
  for (const keystore of [one, two]) assert.deepEqual(await fingerprints(keystore), [anna.fingerprint]);
});

test("two at the same moment: the second reads again", async () => {
  const { store, one, two, anna } = await pair();
  const ben = await one.add(await contact("ben@demo.example"));
  const cara = await two.add(await contact("cara@demo.example"));
  await Promise.all([one.sync({ store }), two.sync({ store })]);
  assert.ok(store.calls.filter((call) => call === "write").length > store.files.length, "one of them was told that the other was faster");
  // Either may have been the faster one, who has not yet seen the other's key.
  for (const keystore of [one, two]) await keystore.sync({ store });
  for (const keystore of [one, two]) assert.deepEqual(await fingerprints(keystore), [anna.fingerprint, ben.fingerprint, cara.fingerprint].sort());
});

test("an older file is refused: what was removed does not come back", async () => {
  const { store, one, two, anna } = await pair();
  const ben = await one.add(await contact("ben@demo.example"));
  await one.sync({ store });
  await two.sync({ store });
  const older = store.files.length - 1;
  await one.remove(ben.fingerprint);
  await one.sync({ store });
  store.goBackTo(older);
  await rejects(one.sync({ store }), "sync-rolled-back");
  assert.deepEqual(await fingerprints(one), [anna.fingerprint]);
});

test("two at once on one device are one after the other, and the code may be given each time", async () => {
  const { store, one, anna } = await pair();
  const code = (await one.syncCode()).toLowerCase();
  const ben = await one.add(await contact("ben@demo.example"));
  const slow = { read: async () => { const found = await store.read(); await new Promise((done) => setTimeout(done, 300)); return found; }, write: (...args) => store.write(...args) };
  const [first, second] = await Promise.all([one.sync({ store: slow, code }), one.sync({ store, code })]);
  assert.deepEqual([first.sent, second.sent], [true, false]);
  await one.remove(ben.fingerprint);
  await one.sync({ store, code });
  store.goBackTo(store.files.length - 2);
  await rejects(one.sync({ store, code }), "sync-rolled-back");
  assert.deepEqual(await fingerprints(one), [anna.fingerprint]);
});

test("another file of the same number is refused", async () => {
  const { store, one, two } = await pair();
  const fork = { ...store, read: store.read, write: async (file) => (store.files.push(file.slice()), "fork") };
  const ben = await one.add(await contact("ben@demo.example"));
  await two.add(await contact("cara@demo.example"));
  await two.sync({ store: fork });
  const theirs = store.files.length - 1;
  await one.sync({ store });
  store.goBackTo(theirs);
  await rejects(one.sync({ store }), "sync-rolled-back");
  assert.ok((await fingerprints(one)).includes(ben.fingerprint));
});

test("a file that is missing takes nothing away, and is made again", async () => {
  const { store, one, two } = await pair();
  const before = await fingerprints(one);
  store.goBackTo(-1);
  assert.equal((await one.sync({ store })).sent, true);
  assert.deepEqual(await fingerprints(one), before);
  await two.sync({ store });
  assert.deepEqual(await fingerprints(two), before);
});

test("an entry that is damaged here is not removed elsewhere", async () => {
  const { store, two, anna } = await pair();
  const storage = memory();
  const three = await open("third", storage);
  await three.sync({ store, code: await two.syncCode() });
  const others = new Set(storage.kept.keys());
  const ben = await three.add(await contact("ben@demo.example"));
  const own = [...storage.kept.keys()].filter((name) => !others.has(name));
  await three.sync({ store });
  await two.sync({ store });
  damage(storage, own);
  const reopened = await open("third", storage);
  assert.equal((await reopened.problems()).length, 2);
  // What is really removed goes all the same.
  await reopened.remove(anna.fingerprint);
  await reopened.sync({ store });
  await two.sync({ store });
  assert.deepEqual(await fingerprints(two), [ben.fingerprint]);
});

test("what is known about a key is not lost everywhere because it is damaged here", async () => {
  const { store, one, two } = await pair();
  const ben = await one.add(await contact("ben@demo.example"), { labels: ["work"], verified: { at: new Date("2026-05-01"), how: "by phone" } });
  await one.sync({ store });
  const storage = memory();
  const three = await open("third", storage);
  await three.sync({ store, code: await one.syncCode() });
  // Which entry holds it: the one that a new label changes.
  const before = new Map(storage.kept);
  await three.setMetadata(ben.fingerprint, { labels: ["work"] });
  damage(storage, [...storage.kept.keys()].filter((name) => before.get(name) !== storage.kept.get(name)));
  const reopened = await open("third", storage);
  assert.equal((await reopened.metadata(ben.fingerprint).catch((error) => error.code)), "entry-damaged");
  await reopened.add(await contact("cara@demo.example"));
  await reopened.sync({ store });
  await two.sync({ store });
  for (const keystore of [reopened, two]) {
    const { labels, verified } = await keystore.metadata(ben.fingerprint);
    assert.deepEqual([labels, verified?.how], [["work"], "by phone"]);
  }
});

test("a backup is no such file, and neither is anything else", async () => {
  const keystore = await open("x");
  const { file, recoveryCode } = await keystore.backup();
  const with_ = (octets) => ({ read: async () => ({ file: octets, version: "1" }), write: async () => undefined });
  await rejects(keystore.sync({ store: with_(file), code: recoveryCode }), "backup-damaged");
  await rejects(keystore.sync({ store: with_(new Uint8Array(100)), code: recoveryCode }), "backup-damaged");
  await rejects(keystore.sync({ store: { read: async () => { throw new Error("offline"); }, write: async () => undefined } }), "storage-failed", /offline/);
});

test("a device can stop, and keeps what it has", async () => {
  const { store, one, two, anna } = await pair();
  await two.stopSync();
  assert.equal(await two.syncCode(), undefined);
  await rejects(two.sync({ store }), "sync-code-required");
  assert.deepEqual(await fingerprints(two), [anna.fingerprint]);
  const { file, recoveryCode } = await one.backup();
  const restored = await Keystore.restore({ file, recoveryCode, passphrase: "new", storage: memory() });
  assert.equal(await restored.syncCode(), undefined, "a backup does not hold the code");
});

test("a new code shuts out whoever knows the one before alone, and takes all that the devices share along", async () => {
  const { store, one, two, anna } = await pair();
  const ben = await two.add(await contact("ben@demo.example"));
  await two.sync({ store });
  const [old, files] = [await one.syncCode(), store.files.length];
  assert.equal((await one.sync({ store, renewCode: true })).sent, true);
  const code = await one.syncCode();
  assert.notEqual(code, old);
  assert.equal(store.files.length, files + 1);
  await two.add(await contact("cara@demo.example"));
  await rejects(two.sync({ store }), "wrong-recovery-code");
  await rejects((await open("of a thief")).sync({ store, code: old }), "wrong-recovery-code");
  assert.equal(await two.syncCode(), old, "until it is given the new one");
  await two.sync({ store, code });
  await one.sync({ store });
  assert.deepEqual(await fingerprints(one), await fingerprints(two));
  for (const { fingerprint } of [anna, ben]) assert.ok((await fingerprints(one)).includes(fingerprint));
  assert.deepEqual(await one.sync({ store }), { received: [], removed: [], sent: false });
  await rejects((await open("new")).sync({ store, renewCode: true }), "sync-code-required");
});

test("a new code whose answer was lost, or that did not get there, is no riddle to the device that made it", async () => {
  const { store, one, two } = await pair();
  const old = await one.syncCode();
  const lost = { read: () => store.read(), write: async (...args) => { await store.write(...args); throw new Error("no answer"); } };
  await rejects(one.sync({ store: { read: () => store.read(), write: async () => { throw new Error("offline"); } }, renewCode: true }), "storage-failed", /offline/);
  await two.add(await contact("ben@demo.example"));
  await two.sync({ store });
  await one.sync({ store });
  assert.equal(await one.syncCode(), old, "it did not get there");

  await rejects(one.sync({ store: lost, renewCode: true }), "storage-failed", /no answer/);
  const cara = await one.add(await contact("cara@demo.example"));
  await one.sync({ store });
  const code = await one.syncCode();
  assert.notEqual(code, old);
  await rejects(two.sync({ store }), "wrong-recovery-code");
  await two.sync({ store, code });
  assert.ok((await fingerprints(two)).includes(cara.fingerprint));
});

test("a device that was faster than a new code is not lost to it", async () => {
  const { store, one, two } = await pair();
  const ben = await two.add(await contact("ben@demo.example"));
  let isFirst = true;
  const slow = {
    read: () => store.read(),
    write: async (...args) => {
      if (isFirst) await two.sync({ store });
      isFirst = false;
      return store.write(...args);
    },
  };
  await one.sync({ store: slow, renewCode: true });
  assert.ok((await fingerprints(one)).includes(ben.fingerprint));
  const three = await open("third");
  await three.sync({ store, code: await one.syncCode() });
  assert.deepEqual(await fingerprints(three), await fingerprints(one));
});

test("a file restores like a backup, under the code", async () => {
  const { store, one, anna } = await pair();
  const restored = await Keystore.restore({ file: store.files.at(-1), recoveryCode: await one.syncCode(), passphrase: "new", storage: memory() });
  assert.deepEqual(await fingerprints(restored), [anna.fingerprint]);
});
