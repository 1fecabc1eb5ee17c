/** What a keystore knows about keys: whose they are, where they came from, which one counts; and several keystores. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { addUserId, generateKey, Keystore, PgpError, revokeKey } from "envelock";
import { memory } from "./memory-storage.mjs";

const passphrase = "keystore passphrase";
const rejects = (promise, code) => assert.rejects(promise, (error) => {
  assert.ok(error instanceof PgpError, String(error));
  assert.equal(error.code, code, error.message);
  return true;
});
const made = async (email, options = {}) => (await generateKey({ userIds: [{ name: "Somebody", email }], ...options })).key;

test("labels, origin and verification are kept, changed and sealed", async () => {
  const storage = memory();
  const first = await Keystore.open({ storage, passphrase });
  const { certificate: ben } = await made("Ben@Demo.example");
  const date = new Date("2026-05-01T10:00:00Z");
  const at = new Date("2026-05-02T10:00:00Z");
  const addresses = [{ address: "ben@demo.example", firstSeen: date }];
  const kept = await first.add(ben, { origin: "wkd-direct", labels: ["work", "work"], date });
  assert.deepEqual(kept.changed, []);
  assert.deepEqual(await first.metadata(ben.fingerprint), { labels: ["work"], origin: "wkd-direct", firstSeen: date, addresses });
  await first.setMetadata(ben.fingerprint, { verified: { at, how: "compared by phone" } });

  const second = await Keystore.open({ storage, passphrase });
  await second.add(ben, { origin: "file", labels: ["friends"] });
  const [{ key, metadata }] = await second.contacts();
  assert.equal(key.fingerprint, ben.fingerprint);
  assert.deepEqual(metadata, { labels: ["work", "friends"], origin: "wkd-direct", verified: { at, how: "compared by phone", addresses: ["ben@demo.example"] }, firstSeen: date, addresses });
  assert.equal((await second.setMetadata(ben.fingerprint, { verified: null, labels: [] })).verified, undefined);
  assert.deepEqual((await second.metadata(ben.fingerprint)).labels, []);
  await rejects(second.setMetadata("00", { labels: [] }), "bad-option");
  await rejects(second.setMetadata(ben.fingerprint, { label: [] }), "unknown-option");
  const rest = Buffer.concat([...storage.kept].flatMap(([name, bytes]) => [Buffer.from(name), Buffer.from(bytes)]));
  for (const clear of ["wkd-direct", "by phone", "demo.example", "friends"]) assert.equal(rest.includes(clear), false, clear);
  assert.equal(await second.remove(ben.fingerprint), true);
  assert.equal(await second.metadata(ben.fingerprint), undefined);
});

test("a different certificate for a known address is told: trust on first use", async () => {
  const keystore = await Keystore.open({ storage: memory(), passphrase });
  const { certificate: first } = await made("ben@demo.example");
  const { certificate: second } = await made("BEN@demo.example");
  const { certificate: other } = await made("eve@demo.example");
  assert.deepEqual((await keystore.add(first, { date: new Date("2026-01-01") })).changed, []);
  assert.deepEqual((await keystore.add(other)).changed, []);
  const { changed } = await keystore.add(second);
  assert.deepEqual(changed, [{ address: "ben@demo.example", known: [first.fingerprint] }]);
  assert.deepEqual((await keystore.add(second)).changed, [], "only once");
  const order = async () => (await keystore.find("Ben@demo.EXAMPLE")).map(({ key }) => key.fingerprint);
  assert.deepEqual(await order(), [first.fingerprint, second.fingerprint], "the one known first counts");
  await keystore.setMetadata(second.fingerprint, { verified: { at: new Date(), how: "in person" } });
  assert.deepEqual(await order(), [second.fingerprint, first.fingerprint], "until the other is verified");
  await keystore.setDefault("ben@demo.example", first.fingerprint);
  assert.deepEqual(await order(), [first.fingerprint, second.fingerprint], "or one is preferred");
  await keystore.remove(first.fingerprint);
  assert.deepEqual(await order(), [second.fingerprint]);
  assert.deepEqual(await keystore.find("nobody@demo.example"), []);
  assert.deepEqual(await keystore.find("no address"), []);
});

test("an earlier contact does not take over an address by a later copy of its key", async () => {
  const storage = memory();
  const keystore = await Keystore.open({ storage, passphrase });
  const { key: eve } = await generateKey({ userIds: [{ email: "eve@demo.example" }], passphrase: "p" });
  const { certificate: anna } = await made("anna@demo.example");
  await keystore.add(eve.certificate, { date: new Date("2026-01-01"), verified: { at: new Date("2026-01-02"), how: "in person" } });
  await keystore.add(anna, { date: new Date("2026-03-01") });
  const claiming = await addUserId({ key: { key: eve, passphrase: "p" }, userId: { email: "anna@demo.example" } });
  const { changed } = await keystore.add(claiming.certificate);
  assert.deepEqual(changed, [{ address: "anna@demo.example", known: [anna.fingerprint] }]);

  const check = async (open) => {
    const { certificate, trust } = await open.recipient("Anna@demo.example");
    assert.deepEqual([certificate?.fingerprint, trust], [anna.fingerprint, "known"]);
    assert.equal((await open.recipient("eve@demo.example")).trust, "verified");
    const contact = (await open.contacts()).find(({ key }) => key.fingerprint === eve.fingerprint);
    assert.deepEqual(contact.trust, [
      { address: "eve@demo.example", trust: "verified", rivals: [] },
      { address: "anna@demo.example", trust: "changed", rivals: [anna.fingerprint] },
    ]);
  };
  await check(keystore);
  const { file, recoveryCode } = await keystore.backup();
  const there = memory();
  const older = await Keystore.open({ storage: there, passphrase });
  await older.add(eve.certificate, { date: new Date("2026-01-01"), verified: { at: new Date("2026-01-02"), how: "in person" } });
  await older.lock();
  await check(await Keystore.restore({ file, recoveryCode, passphrase, storage: there }));

  await keystore.setDefault("anna@demo.example", eve.fingerprint);
  assert.deepEqual((await keystore.recipient("anna@demo.example")).certificate.fingerprint, eve.fingerprint, "unless somebody says so");
  await keystore.setDefault("anna@demo.example", undefined);
  await keystore.setMetadata(eve.fingerprint, { verified: { at: new Date(), how: "again" } });
  assert.equal((await keystore.recipient("anna@demo.example")).trust, "verified", "or compares it with that name");
});

test("an unlooked-at key takes no place when the earlier one has expired or is revoked", async () => {
  const keystore = await Keystore.open({ storage: memory(), passphrase });
  const { key: first } = await generateKey({ userIds: [{ email: "ben@demo.example" }], passphrase: "p" });
  await keystore.add(first.certificate, { date: new Date("2026-01-01") });
  const { certificate: second } = await made("ben@demo.example");
  await keystore.add(second);
  assert.equal((await keystore.recipient("ben@demo.example")).certificate.fingerprint, first.fingerprint);
  await keystore.add((await revokeKey({ key: { key: first, passphrase: "p" } })).certificate);
  assert.deepEqual(await keystore.recipient("ben@demo.example"), { trust: "changed" });
  assert.deepEqual(await keystore.recipient("nobody@demo.example"), {});
  assert.deepEqual(await keystore.recipient("no address"), {});
  await keystore.setMetadata(second.fingerprint, { verified: { at: new Date(), how: "by phone" } });
  const { certificate, trust } = await keystore.recipient("ben@demo.example");
  assert.deepEqual([certificate.fingerprint, trust], [second.fingerprint, "verified"]);
});

test("a newer copy is merged: it adds, and takes nothing away", async () => {
  const keystore = await Keystore.open({ storage: memory(), passphrase });
  const key = await keystore.add(await made("anna@demo.example", { keystore }));
  const one = await addUserId({ key: { key, keystore }, userId: { email: "anna@one.example" } });
  const two = await addUserId({ key: { key, keystore }, userId: { email: "anna@two.example" } });
  await keystore.add(one);
  const kept = await keystore.add(two.certificate);
  assert.equal(kept.kind, "secret-key");
  assert.deepEqual(kept.userIds.length, 3, String(kept.userIds));
  assert.deepEqual((await keystore.metadata(key.fingerprint)).addresses.map(({ address }) => address).sort(), ["anna@demo.example", "anna@one.example", "anna@two.example"]);
  assert.deepEqual((await keystore.log()).map(({ what, call }) => `${what} ${call}`), ["add add", "edit addUserId", "edit addUserId"]);

  const { certificate: ben } = await made("ben@demo.example", { passphrase: "p" });
  const { key: mallory } = await generateKey({ userIds: [{ email: "mallory@demo.example" }], passphrase: "p" });
  await keystore.add(ben);
  await keystore.add(mallory.certificate);
  const claiming = await addUserId({ key: { key: mallory, passphrase: "p" }, userId: { email: "ben@demo.example" } });
  assert.deepEqual((await keystore.add(claiming.certificate)).changed, [{ address: "ben@demo.example", known: [ben.fingerprint] }], "an update that claims another's address");
});

test("whose an expired key was is not forgotten", async (context) => {
  const keystore = await Keystore.open({ storage: memory(), passphrase });
  const { certificate: old } = await made("ben@demo.example", { date: new Date(Date.now() - 7200_000), expires: new Date(Date.now() + 3600_000) });
  await keystore.add(old);
  context.mock.timers.enable({ apis: ["Date"], now: Date.now() + 2 * 3600_000 });
  const { certificate: next } = await made("ben@demo.example");
  assert.deepEqual((await keystore.add(next)).changed, [{ address: "ben@demo.example", known: [old.fingerprint] }]);
  const found = await keystore.find("ben@demo.example");
  assert.deepEqual(found.map(({ key }) => key.status), ["valid", "expired"], "usable ones first");
});

test("an address has a default key", async () => {
  const storage = memory();
  const keystore = await Keystore.open({ storage, passphrase });
  const older = await made("anna@demo.example", { date: new Date("2025-01-01"), keystore });
  const newer = await made("anna@demo.example", { date: new Date("2026-01-01"), keystore });
  for (const key of [newer, older]) await keystore.add(key);
  const fingerprint = async (address) => (await keystore.defaultFor(address))?.fingerprint;
  assert.equal(await fingerprint("anna@demo.example"), newer.fingerprint);
  await keystore.setDefault("Anna@Demo.example", older.fingerprint.toLowerCase());
  assert.equal(await fingerprint("anna@demo.example"), older.fingerprint);
  assert.equal((await (await Keystore.open({ storage, passphrase })).defaultFor("anna@demo.example")).fingerprint, older.fingerprint);
  await keystore.setDefault("anna@demo.example", undefined);
  assert.equal(await fingerprint("anna@demo.example"), newer.fingerprint);
  assert.equal(await fingerprint("ben@demo.example"), undefined);
  await rejects(keystore.setDefault("anna", newer.fingerprint), "bad-option");
  await rejects(keystore.setDefault("anna@demo.example", "00"), "bad-option");
  const long = `${"a".repeat(241)}@demo.example`;
  await keystore.setDefault(long, newer.fingerprint);
  assert.equal(await fingerprint(long), newer.fingerprint);
});

test("one storage holds several keystores that know nothing of each other", async () => {
  const storage = memory();
  assert.deepEqual(await Keystore.names({ storage }), []);
  const one = await Keystore.open({ storage, passphrase });
  const two = await Keystore.open({ storage, passphrase: "another", name: "Praxis/Büro" });
  const tricky = await Keystore.open({ storage, passphrase: "a third", name: "entry.x" });
  assert.deepEqual([one.name, two.name], ["default", "Praxis/Büro"]);
  assert.deepEqual(await Keystore.names({ storage }), ["Praxis/Büro", "default", "entry.x"]);
  await one.setRecord("a", 1);
  await two.setRecord("b", 2);
  await tricky.setRecord("c", 3);
  assert.deepEqual([await one.listRecords(), await two.listRecords(), await tricky.listRecords()], [["a"], ["b"], ["c"]]);
  assert.deepEqual(await one.problems(), []);
  await rejects(Keystore.open({ storage, passphrase, name: "Praxis/Büro" }), "wrong-passphrase");
  assert.equal(await Keystore.remove({ storage, name: "Praxis/Büro" }), true);
  assert.equal(await Keystore.remove({ storage, name: "Praxis/Büro" }), false);
  assert.deepEqual(await Keystore.names({ storage }), ["default", "entry.x"]);
  assert.equal(await Keystore.exists({ storage, name: "Praxis/Büro" }), false);
  assert.deepEqual(await one.listRecords(), ["a"]);
  await Keystore.remove({ storage });
  await Keystore.remove({ storage, name: "entry.x" });
  assert.equal(storage.kept.size, 0, "nothing stays behind");
  for (const name of ["", "x".repeat(65), "\ud800"]) await rejects(Keystore.open({ storage, passphrase, name }), "bad-option");
  for (const foreign of ["a/b/keystore", "%/keystore", "/keystore", "@/keystore"]) storage.kept.set(foreign, new Uint8Array(1));
  assert.deepEqual(await Keystore.names({ storage }), []);
});
