/** No passphrase or password stays behind in the memory of the module. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { memory } from "./memory-storage.mjs";
import { moduleMemory, occurrences } from "./module-memory.mjs";

const { decrypt, encrypt, generateKey, joinRecoveryShares, Keystore, openEnvelope, sealEnvelope, sign, splitRecoveryCode, unlockCheck } = await import("envelock");

test("the scan finds what is there", async () => {
  const { key } = await generateKey({ userIds: [{ name: "positive control", email: "a@b.example" }] });
  assert.equal(key.primaryUserId, "positive control <a@b.example>");
  const view = moduleMemory();
  const needle = Buffer.from("needle-in-the-haystack");
  const saved = Uint8Array.from(view.subarray(view.length - needle.length));
  view.set(needle, view.length - needle.length);
  assert.equal(occurrences(needle.toString()), 1);
  view.set(saved, view.length - needle.length);
});

for (const secret of ["correct-horse-battery", "pässwörter-zählen-nicht-🐎"]) {
  test(`"${secret}" is gone after each call`, async () => {
    const gone = (what) => assert.equal(occurrences(secret), 0, what);
    for (const profile of ["compat", "rfc9580"]) {
      const { key } = await generateKey({ userIds: [{ email: "a@b.example" }], profile, passphrase: secret });
      gone(`generateKey ${profile}`);
      assert.ok(await unlockCheck({ key, passphrase: secret }));
      gone(`unlockCheck ${profile}`);
      const stop = new AbortController();
      setImmediate(() => stop.abort());
      await assert.rejects(unlockCheck({ key, passphrase: secret, signal: stop.signal }), { code: "cancelled" });
      gone(`a cancelled unlockCheck ${profile}`);
      await sign({ data: "x", signers: { key, passphrase: secret }, form: "detached" });
      gone(`sign ${profile}`);
      const message = await encrypt({ data: "x", recipients: key });
      await decrypt({ message, keys: { key, passphrase: secret } });
      gone(`decrypt with a ${profile} key`);
    }
    for (const format of ["seipd-v1", "seipd-v2"]) {
      const message = await encrypt({ data: "x", passwords: secret, format });
      gone(`encrypt ${format}`);
      await decrypt({ message, passwords: secret });
      gone(`decrypt ${format}`);
      await assert.rejects(decrypt({ message: message.slice(0, -60), passwords: secret }));
      gone(`failed decrypt ${format}`);
    }
    const { ciphertext, linkSecret } = await sealEnvelope({ subject: "s", text: "t", password: secret });
    gone("sealEnvelope");
    await openEnvelope({ ciphertext, linkSecret, password: secret });
    gone("openEnvelope");
    const kept = new Map();
    const storage = { get: (name) => kept.get(name), put: (name, bytes) => void kept.set(name, bytes), delete: (name) => void kept.delete(name), list: () => [...kept.keys()] };
    const keystore = await Keystore.open({ storage, passphrase: secret });
    await keystore.lock();
    gone("a locked keystore");
  });
}

/** The key that opens the primary key of a version 4 key, as RFC 9580 §3.7.1.3 has it: 16 MiB of salt and passphrase under SHA-256. */
function derived(binary, passphrase) {
  // S2K usage 254, AES-256, iterated and salted, SHA-256.
  const at = Buffer.from(binary).indexOf(Buffer.from([254, 9, 3, 8])) + 4;
  assert.equal(binary[at + 8], 224, "the coded count");
  const unit = Buffer.concat([binary.subarray(at, at + 8), Buffer.from(passphrase)]);
  return createHash("sha256").update(Buffer.alloc(16 << 20, unit)).digest();
}

test("an open keystore holds the keys that were derived from its passphrase, a locked one does not", async () => {
  const storage = memory();
  const secret = "derived-in-the-lighthouse";
  const keystore = await Keystore.open({ storage, passphrase: secret });
  const { key } = await generateKey({ userIds: [{ email: "a@b.example" }], passphrase: secret });
  const opening = derived(key.binary, secret);
  assert.equal(occurrences(opening), 0, "a passphrase that was typed leaves nothing");
  await sign({ data: "x", signers: { key, keystore }, form: "detached" });
  assert.ok(occurrences(opening) > 0, "the scan finds it");
  await keystore.lock();
  assert.equal(occurrences(opening), 0);
  assert.equal(occurrences(secret), 0);
});

test("passphrase, PRF output and recovery code are gone once the keystore is locked", async () => {
  const secret = "keystore-of-the-lighthouse";
  const output = new Uint8Array(Buffer.from("what-the-passkey-gave-32-octets!"));
  const id = new Uint8Array([1, 2, 3, 4]);
  const answer = { rawId: id.buffer, getClientExtensionResults: () => ({ prf: { enabled: true, results: { first: output.slice().buffer } } }) };
  const credentials = { create: async () => answer, get: async () => answer };
  Object.defineProperty(globalThis, "navigator", { value: { credentials }, configurable: true });
  const kept = new Map();
  const storage = { get: (name) => kept.get(name), put: (name, bytes) => void kept.set(name, bytes), delete: (name) => void kept.delete(name), list: () => [...kept.keys()] };

  const keystore = await Keystore.open({ storage, passphrase: secret });
  assert.ok(occurrences(secret) > 0, "an open keystore holds its passphrase: the scan finds it");
  for (const profile of ["compat", "rfc9580"]) {
    const { key } = await generateKey({ userIds: [{ email: "a@b.example" }], profile, keystore });
    await keystore.add(key);
    await sign({ data: "x", signers: { key, keystore }, form: "detached" });
  }
  await keystore.enrolPasskey({ userName: "anna" });
  const { file, recoveryCode } = await keystore.backup();
  const shares = await splitRecoveryCode({ recoveryCode, shares: 3, threshold: 2 });
  await joinRecoveryShares(shares.slice(1));
  await assert.rejects(joinRecoveryShares([shares[0], shares[0]]));
  await keystore.changePassphrase({ newPassphrase: "another-lighthouse-keystore" });
  await keystore.lock();
  const byPasskey = await Keystore.open({ storage, passkey: true });
  assert.ok(occurrences("another-lighthouse-keystore") > 0, "the passkey brings the passphrase");
  await byPasskey.lock();
  await assert.rejects(Keystore.open({ storage, passphrase: "a-wrong-lighthouse-keystore" }));
  const restored = await Keystore.restore({ file, recoveryCode, passphrase: "the-restored-lighthouse", storage: { ...storage, get: () => undefined, put: () => undefined, list: () => [] } });
  await restored.lock();

  const digits = recoveryCode.replaceAll("-", "");
  const clear = {
    secret, output, recoveryCode, digits, group: recoveryCode.slice(0, 11), lower: recoveryCode.toLowerCase(),
    another: "another-lighthouse-keystore", wrong: "a-wrong-lighthouse-keystore", restored: "the-restored-lighthouse",
    ...Object.fromEntries(shares.map((share, at) => [`share ${at + 1}`, share.slice(6)])),
  };
  for (const [what, text] of Object.entries(clear)) assert.equal(occurrences(typeof text === "string" ? text : Buffer.from(text)), 0, what);
});
