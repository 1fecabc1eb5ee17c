// The keystore of the packed npm package in real Chromium: IndexedDB, and passkeys with a virtual authenticator.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { stored } from "./browser_storage.mjs";
import { startPackagePages } from "./package_page.mjs";

const PINNED = new URL("../keystore/pinned/", import.meta.url);

let pages;
before(async () => {
  pages = await startPackagePages();
});
after(() => pages?.close());

const open = (profile) => pages.open(profile);

/** An authenticator such as a laptop has; gone with its page. */
async function authenticator(page, options = {}) {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasResidentKey: true, hasUserVerification: true,
      isUserVerified: true, automaticPresenceSimulation: true, hasPrf: true, ...options,
    },
  });
  return { session, authenticatorId };
}

/** Runs in the page and gives the code of what it rejects with. */
const codeOf = (page, work, argument) => page.evaluate(work, argument).then(() => "nothing failed", (error) => /code: ([\w-]+)/.exec(error.message)?.[1] ?? error.message);

test("what is kept is there in the next tab, and nothing of it shows in IndexedDB", async () => {
  const { profile, page } = await open();
  const fingerprint = await page.evaluate(async () => {
    const keystore = await worker.Keystore.open({ passphrase: "harbour in the fog" });
    const { key } = await worker.generateKey({ userIds: [{ name: "Anna Berg", email: "anna@demo.example" }], keystore });
    await keystore.add(key, { labels: ["label-of-anna"] });
    await keystore.setRecord("record-name", "record-value");
    await worker.sign({ data: "x", signers: { key, keystore }, form: "detached" });
    return key.fingerprint;
  });
  const { page: next } = await open(profile);
  const found = await next.evaluate(async () => {
    const keystore = await envelock.Keystore.open({ passphrase: "harbour in the fog" });
    const [{ key, metadata }] = await keystore.contacts();
    return [await envelock.Keystore.names(), key.fingerprint, metadata.labels, await keystore.getRecord("record-name"), (await keystore.log()).map(({ what }) => what)];
  });
  assert.deepEqual(found, [["default"], fingerprint, ["label-of-anna"], "record-value", ["add", "sign"]]);
  const kept = Object.values(await stored(next)).map(String).join("\n").toLowerCase();
  for (const clear of ["harbour in the fog", "Anna Berg", "anna@demo", "label-of-anna", "record-name", "record-value", fingerprint]) {
    const hex = Buffer.from(clear).toString("hex");
    assert.ok(!kept.includes(clear.toLowerCase()) && !kept.includes(hex), clear);
  }
  assert.ok(kept.includes("entry."), "the search sees the database");
  profile.assertQuiet();
  await profile.close();
});

test("two tabs that make the keystore at the same moment get the same one", async () => {
  const { profile, page } = await open();
  const { page: other } = await open(profile);
  const make = (tab, name) => tab.evaluate(async (record) => {
    const keystore = await envelock.Keystore.open({ passphrase: "harbour" });
    await keystore.setRecord(record, 1);
  }, name);
  await Promise.all([make(page, "one"), make(other, "two")]);
  const records = await page.evaluate(async () => (await envelock.Keystore.open({ passphrase: "harbour" })).listRecords());
  assert.deepEqual(records, ["one", "two"]);
  await profile.close();
});

test("a change of passphrase that fails halfway changes nothing", async () => {
  const { profile, page } = await open();
  const outcome = await page.evaluate(async () => {
    const keystore = await envelock.Keystore.open({ passphrase: "harbour" });
    const { key } = await envelock.generateKey({ userIds: [{ email: "a@b.example" }], keystore });
    await keystore.add(key);
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (value, name) {
      if (name === "keystore") throw new DOMException("full", "QuotaExceededError");
      return put.call(this, value, name);
    };
    const code = await keystore.changePassphrase({ newPassphrase: "new" }).then(() => "changed", (error) => error.code);
    IDBObjectStore.prototype.put = put;
    const again = await envelock.Keystore.open({ passphrase: "harbour" });
    const kept = await again.get(key.fingerprint);
    const old = await envelock.unlockCheck({ key: kept, passphrase: "harbour" });
    await again.changePassphrase({ newPassphrase: "new" });
    const changed = await envelock.Keystore.open({ passphrase: "new" });
    return [code, old, await envelock.unlockCheck({ key: await changed.get(key.fingerprint), passphrase: "new" })];
  });
  assert.deepEqual(outcome, ["storage-failed", true, true]);
  await profile.close();
});

test("a keystore of the first version opens and gets a passkey", async () => {
  const { profile, page } = await open();
  await authenticator(page);
  const [header, entry] = ["header-v1.pgp", "entry-v1.pgp"].map((name) => [...readFileSync(new URL(name, PINNED))]);
  const slot = /SLOT: &str = "(\w+)"/.exec(readFileSync(new URL("../pinned.rs", PINNED), "utf8"))[1];
  const opened = await page.evaluate(async ([header, entry, slot]) => {
    const database = await new Promise((resolve, reject) => {
      const asked = indexedDB.open("envelock", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("keystore");
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
    const transaction = database.transaction("keystore", "readwrite");
    transaction.objectStore("keystore").put(new Uint8Array(header), "keystore");
    transaction.objectStore("keystore").put(new Uint8Array(entry), `entry.${slot}`);
    await new Promise((resolve) => { transaction.oncomplete = resolve; });
    database.close();
    const keystore = await worker.Keystore.open({ passphrase: "harbour" });
    await keystore.enrolPasskey({ userName: "anna@demo.example" });
    await keystore.lock();
    const again = await worker.Keystore.open({ passkey: true });
    return [await again.listRecords(), await again.problems()];
  }, [header, entry, slot]);
  assert.deepEqual(opened, [["note"], []]);
  await profile.close();
});

test("a database of a later version is refused and left alone", async () => {
  const { profile, page } = await open();
  const code = await page.evaluate(async () => {
    await new Promise((resolve) => {
      const asked = indexedDB.open("envelock", 99);
      asked.onupgradeneeded = () => asked.result.createObjectStore("another");
      asked.onsuccess = () => (asked.result.close(), resolve());
    });
    const failed = await envelock.Keystore.open({ passphrase: "harbour" }).then(() => "opened", (error) => error.code);
    return [failed, (await indexedDB.databases())[0].version];
  });
  assert.deepEqual(code, ["storage-failed", 99]);
  await profile.close();
});

test("a passkey opens the keystore in the worker, and the passphrase always does", async () => {
  const { profile, page } = await open();
  const { session, authenticatorId } = await authenticator(page);
  const enrolled = await page.evaluate(async () => {
    const keystore = await worker.Keystore.open({ passphrase: "harbour" });
    const { key } = await worker.generateKey({ userIds: [{ email: "anna@demo.example" }], keystore });
    window.kept = await keystore.add(key);
    const passkey = await keystore.enrolPasskey({ userName: "anna@demo.example", name: "Laptop" });
    await keystore.lock();
    return { ids: await worker.Keystore.passkeys(), id: passkey.id };
  });
  assert.deepEqual(enrolled.ids, [enrolled.id]);
  const { credentials } = await session.send("WebAuthn.getCredentials", { authenticatorId });
  assert.equal(credentials.length, 1);
  assert.equal(Buffer.from(credentials[0].credentialId, "base64").toString("base64url"), enrolled.id);

  const opened = await page.evaluate(async () => {
    const keystore = await worker.Keystore.open({ passkey: true });
    const signature = await worker.sign({ data: "x", signers: { key: window.kept, keystore }, form: "detached" });
    await keystore.changePassphrase({ newPassphrase: "lantern" });
    await keystore.lock();
    const again = await worker.Keystore.open({ passkey: true });
    const key = await again.get(window.kept.fingerprint);
    const signed = await worker.sign({ data: "x", signers: { key, keystore: again }, form: "detached" });
    const typed = await worker.Keystore.open({ passphrase: "lantern" });
    return [signature.slice(0, 27), signed.slice(0, 27), (await again.passkeys()).map(({ name }) => name), (await typed.list()).length];
  });
  assert.deepEqual(opened, ["-----BEGIN PGP SIGNATURE---", "-----BEGIN PGP SIGNATURE---", ["Laptop"], 1]);

  const twice = codeOf(page, async () => {
    const keystore = await worker.Keystore.open({ passphrase: "lantern" });
    await keystore.enrolPasskey({ userName: "anna@demo.example" }).catch(({ code }) => { throw new Error(`code: ${code}`); });
  });
  assert.equal(await twice, "passkey-refused", "the same authenticator is not enrolled twice");
  await session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
  const refused = codeOf(page, () => worker.Keystore.open({ passkey: true }).catch(({ code }) => { throw new Error(`code: ${code}`); }));
  assert.equal(await refused, "passkey-refused", "nobody else's finger");

  const removed = await page.evaluate(async () => {
    const keystore = await worker.Keystore.open({ passphrase: "lantern" });
    const [{ id }] = await keystore.passkeys();
    const gone = await keystore.removePasskey(id);
    const code = await worker.Keystore.open({ passkey: true }).catch((error) => error.code);
    return [gone, code, (await worker.Keystore.open({ passphrase: "lantern" })).name];
  });
  assert.deepEqual(removed, [true, "unknown-passkey", "default"]);
  profile.assertQuiet();
  await profile.close();
});

test("an authenticator without PRF is told, and the keystore stays as it was", async () => {
  const { profile, page } = await open();
  await authenticator(page, { hasPrf: false });
  const outcome = await page.evaluate(async () => {
    const keystore = await envelock.Keystore.open({ passphrase: "harbour" });
    const code = await keystore.enrolPasskey({ userName: "anna" }).catch((error) => error.code);
    return [code, await envelock.Keystore.passkeys(), (await envelock.Keystore.open({ passphrase: "harbour" })).name];
  });
  assert.deepEqual(outcome, ["passkey-unavailable", [], "default"]);
  await profile.close();
});

test("back up, wipe, restore: the passkey of before is forgotten, the keys are not", async () => {
  const { profile, page } = await open();
  await authenticator(page);
  const outcome = await page.evaluate(async () => {
    const keystore = await worker.Keystore.open({ passphrase: "harbour" });
    const { key } = await worker.generateKey({ userIds: [{ email: "anna@demo.example" }], keystore });
    await keystore.add(key);
    await keystore.enrolPasskey({ userName: "anna" });
    const { file, recoveryCode } = await keystore.backup();
    const shares = await worker.splitRecoveryCode({ recoveryCode, shares: 5, threshold: 3 });
    await worker.Keystore.remove();
    const left = (await indexedDB.databases()).length && (await worker.Keystore.names());
    const joined = await worker.joinRecoveryShares([shares[4], shares[0], shares[2]]);
    const restored = await worker.Keystore.restore({ file: new Blob([file]), recoveryCode: joined, passphrase: "new" });
    const back = await restored.get(key.fingerprint);
    const signature = await worker.sign({ data: "x", signers: { key: back, keystore: restored }, form: "detached" });
    return [left, await worker.Keystore.passkeys(), (await worker.verify({ data: "x", signature, verifyWith: key })).signatures[0].status];
  });
  assert.deepEqual(outcome, [[], [], "valid"]);
  profile.assertQuiet();
  await profile.close();
});

test("a post-quantum key is kept by the module that cannot read it, in its backup too", async () => {
  const { profile, page } = await open();
  const outcome = await page.evaluate(async () => {
    const larger = postQuantum();
    const keystore = await larger.Keystore.open({ passphrase: "harbour" });
    const { key } = await larger.generateKey({ userIds: [{ email: "anna@demo.example" }], profile: "pqc", keystore });
    await keystore.add(key);
    await keystore.lock();

    const usual = await worker.Keystore.open({ passphrase: "harbour" });
    const listed = [await usual.list(), (await usual.problems()).map(({ code }) => code)];
    const { key: other } = await worker.generateKey({ userIds: [{ email: "bea@demo.example" }], keystore: usual });
    await usual.add(other);
    const { file, recoveryCode } = await usual.backup();
    await worker.Keystore.remove();

    const left = await worker.Keystore.restore({ file: new Blob([file]), recoveryCode, passphrase: "new" });
    const partly = [(await left.list()).map(({ fingerprint }) => fingerprint === other.fingerprint), (await left.problems()).map(({ code }) => code)];
    const whole = await larger.Keystore.restore({ file: new Blob([file]), recoveryCode, passphrase: "new" });
    const back = await whole.get(key.fingerprint);
    // The module that made the backup could not lock it anew: it keeps the passphrase it had.
    const signature = await larger.sign({ data: "x", signers: { key: back, passphrase: "harbour" }, form: "detached" });
    const { signatures } = await larger.verify({ data: "x", signature, verifyWith: back });
    return [listed, partly, (await whole.list()).length, signatures[0].status];
  });
  assert.deepEqual(outcome, [[[], ["unsupported"]], [[true], ["unsupported"]], 2, "valid"]);
  profile.assertQuiet();
  await profile.close();
});
