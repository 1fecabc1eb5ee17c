/** A keystore in one file and a code on paper, and back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decrypt, generateKey, joinRecoveryShares, Keystore, PgpError, readKeys, sign, splitRecoveryCode, unlockCheck } from "envelock";
import { createWorker } from "envelock/worker";
import { memory } from "./memory-storage.mjs";

const passphrase = "keystore passphrase";
const rejects = (promise, code, pattern = /./) => assert.rejects(promise, (error) => {
  assert.ok(error instanceof PgpError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, pattern);
  return true;
});

const storage = memory();
const keystore = await Keystore.open({ storage, passphrase });
const anna = await keystore.add((await generateKey({ userIds: [{ email: "anna@demo.example" }], keystore })).key, { labels: ["me"] });
const own = await keystore.add((await generateKey({ userIds: [{ email: "anna@own.example" }], passphrase: "its own" })).key);
const ben = await keystore.add((await generateKey({ userIds: [{ email: "ben@demo.example" }] })).key.certificate, {
  origin: "wkd-direct", verified: { at: new Date("2026-05-01"), how: "by phone" },
});
await keystore.setRecord("links", { n: [1, 2] });
await keystore.setDefault("anna@demo.example", anna.fingerprint);
const { file, recoveryCode } = await keystore.backup();

test("the code is printed in seven groups, another one each time", async () => {
  assert.match(recoveryCode, /^([0-9A-HJKMNP-TV-Z]{5}-){6}[0-9A-HJKMNP-TV-Z]{5}$/);
  assert.notEqual((await keystore.backup()).recoveryCode, recoveryCode);
  assert.deepEqual((await keystore.log()).slice(-2).map(({ what, call }) => `${what} ${call}`), ["export backup", "export backup"]);
});

test("everything comes back in a fresh keystore under another passphrase", async () => {
  const fresh = memory();
  const restored = await Keystore.restore({ file, recoveryCode: ` ${recoveryCode.toLowerCase().replaceAll("-", " ")}`, passphrase: "new", storage: fresh });
  const summary = (list) => list.map(({ kind, fingerprint }) => `${kind} ${fingerprint}`).sort();
  assert.deepEqual(summary(await restored.list()), summary(await keystore.list()));
  assert.deepEqual(await restored.getRecord("links"), { n: [1, 2] });
  assert.deepEqual(await restored.metadata(ben.fingerprint), await keystore.metadata(ben.fingerprint));
  assert.equal((await restored.defaultFor("anna@demo.example")).fingerprint, anna.fingerprint);
  const key = await restored.get(anna.fingerprint);
  assert.match(await sign({ data: "x", signers: { key, keystore: restored }, form: "detached" }), /BEGIN PGP SIGNATURE/);
  assert.equal(await unlockCheck({ key, passphrase }), false, "the old passphrase counts no more");
  assert.equal(await unlockCheck({ key: await restored.get(own.fingerprint), passphrase: "its own" }), true);
  assert.deepEqual(await restored.problems(), []);
  const again = await Keystore.open({ storage: fresh, passphrase: "new" });
  assert.equal((await again.list()).length, 3);
});

test("what is there already stays: keys are merged, records kept, knowledge united", async () => {
  const there = memory();
  const second = await Keystore.open({ storage: there, passphrase: "second" });
  await second.setRecord("links", "mine");
  await second.add(ben, { labels: ["friend"], origin: "file" });
  await second.add(anna.certificate);
  const { key: carla } = await generateKey({ userIds: [{ email: "carla@demo.example" }], keystore: second });
  await second.add(carla);
  await second.setDefault("anna@demo.example", carla.fingerprint);
  await second.lock();
  await rejects(Keystore.restore({ file, recoveryCode, passphrase: "wrong", storage: there }), "wrong-passphrase");
  const restored = await Keystore.restore({ file: new Blob([file]), recoveryCode, passphrase: "second", storage: there });
  assert.deepEqual((await restored.list()).map(({ kind }) => kind), ["secret-key", "secret-key", "secret-key", "certificate"]);
  assert.equal(await restored.getRecord("links"), "mine");
  assert.equal((await restored.defaultFor("anna@demo.example")).fingerprint, carla.fingerprint);
  const { labels, origin, verified } = await restored.metadata(ben.fingerprint);
  assert.deepEqual([labels, origin, verified?.how], [["friend"], "file", "by phone"]);
  assert.equal(await unlockCheck({ key: await restored.get(anna.fingerprint), passphrase: "second" }), true);
});

test("any OpenPGP program opens the file with the code as printed, and imports the keys", async () => {
  const { data } = await decrypt({ message: file, passwords: recoveryCode });
  assert.match(data, /^Envelock keystore backup 1\nMade: \d+\n/);
  const keys = await readKeys(data);
  assert.deepEqual(keys.map(({ kind }) => kind).sort(), ["certificate", "secret-key", "secret-key"]);
  const key = keys.find(({ fingerprint }) => fingerprint === anna.fingerprint);
  assert.equal(await unlockCheck({ key, passphrase: recoveryCode }), true, "locked under the code");
  assert.equal(await unlockCheck({ key, passphrase }), false, "and not under the passphrase");
  assert.doesNotMatch(data, /keystore passphrase|demo\.example/);
});

test("a wrong code, a typing error and a damaged file are told apart, and nothing is made", async () => {
  const fresh = memory();
  const other = (await keystore.backup()).recoveryCode;
  const restore = (options) => Keystore.restore({ file, recoveryCode, passphrase: "new", storage: fresh, ...options });
  await rejects(restore({ recoveryCode: other }), "wrong-recovery-code");
  const at = recoveryCode.indexOf("-", 13) + 2;
  const typo = recoveryCode.slice(0, at) + (recoveryCode[at] === "7" ? "8" : "7") + recoveryCode.slice(at + 1);
  await rejects(restore({ recoveryCode: typo }), "recovery-code-mistyped", /group 4/);
  await rejects(restore({ recoveryCode: "correct horse battery staple" }), "recovery-code-mistyped", /seven|7 groups/);
  const changed = file.slice();
  changed[changed.length - 1] ^= 1;
  for (const damaged of [changed, file.subarray(0, 200), "no backup", new Uint8Array()]) await rejects(restore({ file: damaged }), "backup-damaged");
  await rejects(restore({ passphrase: "" }), "bad-option");
  assert.equal(fresh.kept.size, 0, "no empty keystore stays behind");
});

test("what is wrong with typed paper is told in numbers, from a worker too", async () => {
  const worker = createWorker();
  const wrong = (text, at) => text.slice(0, at) + (text[at] === "7" ? "8" : "7") + text.slice(at + 1);
  for (const { joinRecoveryShares: join, splitRecoveryCode: split } of [{ joinRecoveryShares, splitRecoveryCode }, worker]) {
    const shares = await split({ recoveryCode, shares: 3, threshold: 3 });
    const factsOf = (promise) => promise.then(() => "joined", ({ facts }) => facts);
    assert.deepEqual(await factsOf(split({ recoveryCode: wrong(recoveryCode, 13), shares: 3, threshold: 2 })), { group: 3 });
    assert.deepEqual(await factsOf(split({ recoveryCode: recoveryCode.slice(0, 29), shares: 3, threshold: 2 })), { found: 25, wanted: 7 });
    assert.deepEqual(await factsOf(join([shares[0], wrong(shares[1], 0)])), { share: 2, group: 1 });
    assert.deepEqual(await factsOf(join([shares[0], shares[1].slice(1, 20).replaceAll("-", "")])), { share: 2, found: 16, wanted: 9 });
    assert.deepEqual(await factsOf(join([shares[0], shares[2], shares[0]])), { needed: 3, given: 2 });
    assert.equal(await factsOf(join([shares[0], recoveryCode])).then(({ share }) => share), 2);
  }
  worker.terminate();
});

test("any two of three shares give the code back", async () => {
  const shares = await splitRecoveryCode({ recoveryCode, shares: 3, threshold: 2 });
  assert.equal(shares.length, 3);
  for (const share of shares) assert.match(share, /^([0-9A-HJKMNP-TV-Z]{5}-){8}[0-9A-HJKMNP-TV-Z]{5}$/);
  for (const two of [[0, 1], [2, 0], [1, 2], [0, 1, 2]]) {
    assert.equal(await joinRecoveryShares(two.map((at) => shares[at])), recoveryCode);
  }
  assert.equal(await joinRecoveryShares({ shares: shares.slice(1).map((share) => share.toLowerCase().replaceAll("-", "")) }), recoveryCode);
  assert.equal(new Set(shares.map((share) => share.slice(0, 5))).size, 1, "the first group names the set");

  const others = await splitRecoveryCode({ recoveryCode, shares: 3, threshold: 2 });
  await rejects(joinRecoveryShares([shares[0]]), "shares-missing", /2 .*1 /);
  await rejects(joinRecoveryShares([shares[0], shares[0]]), "shares-missing");
  await rejects(joinRecoveryShares([shares[0], others[1]]), "shares-mixed");
  await rejects(joinRecoveryShares([]), "shares-missing");
  await rejects(joinRecoveryShares([shares[0], recoveryCode]), "share-mistyped", /share 2/);
  for (const [count, threshold] of [[1, 1], [3, 1], [2, 3], [17, 2]]) await rejects(splitRecoveryCode({ recoveryCode, shares: count, threshold }), "bad-share-count");
  await rejects(splitRecoveryCode({ recoveryCode: "x", shares: 3, threshold: 2 }), "recovery-code-mistyped");
  await rejects(splitRecoveryCode({ recoveryCode, shares: "3", threshold: 2 }), "bad-option");
});
