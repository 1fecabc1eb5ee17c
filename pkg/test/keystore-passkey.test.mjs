/** Passkeys, with an authenticator of our own in place of the browser's; the real one is in the end-to-end tests. */
import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { beforeEach, test } from "node:test";
import { generateKey, Keystore, PgpError, sign, unlockCheck } from "envelock";
import { createWorker } from "envelock/worker";
import { memory } from "./memory-storage.mjs";

const passphrase = "keystore passphrase";
const rejects = (promise, code) => assert.rejects(promise, (error) => {
  assert.ok(error instanceof PgpError, String(error));
  assert.equal(error.code, code, error.message);
  return true;
});

/** What the user does when asked: give a passkey, or decline. */
let user;
/** The passkeys of the authenticator: id → PRF key. */
let passkeys;
const text = (id) => Buffer.from(id).toString("base64url");
const dom = (name) => Object.assign(new Error(name), { name });
function prf(id, input) {
  const octets = createHmac("sha256", passkeys.get(text(id))).update(Buffer.from(input)).digest();
  return new Uint8Array(octets).buffer;
}
const credential = (id, prfResult) => ({ rawId: new Uint8Array(Buffer.from(id)).buffer, getClientExtensionResults: () => ({ prf: prfResult }) });
const credentials = {
  async create({ publicKey }) {
    assert.equal(publicKey.authenticatorSelection.userVerification, "required");
    if (!user.willing) throw dom("NotAllowedError");
    if (publicKey.excludeCredentials.some(({ id }) => passkeys.has(text(id)))) throw dom("InvalidStateError");
    const id = randomBytes(user.idLength ?? 16);
    passkeys.set(text(id), randomBytes(32));
    if (!user.hasPrf) return credential(id, undefined);
    return credential(id, user.atOnce ? { enabled: true, results: { first: prf(id, publicKey.extensions.prf.eval.first) } } : { enabled: true });
  },
  async get({ publicKey }) {
    user.asked += 1;
    if (!user.willing) throw dom("NotAllowedError");
    const allowed = publicKey.allowCredentials.map(({ id }) => id).find((id) => passkeys.has(text(id)));
    if (!allowed) throw dom("NotAllowedError");
    const { first } = publicKey.extensions.prf.evalByCredential[text(allowed)];
    return credential(allowed, { results: { first: prf(allowed, first) } });
  },
};
Object.defineProperty(globalThis, "navigator", { value: { credentials }, configurable: true });
beforeEach(() => {
  user = { willing: true, hasPrf: true, atOnce: true, asked: 0 };
  passkeys = new Map();
});

test("a passkey opens the keystore and its keys; the passphrase always does", async () => {
  const storage = memory();
  const first = await Keystore.open({ storage, passphrase });
  const { key } = await generateKey({ userIds: [{ email: "a@b.example" }], keystore: first });
  await first.add(key);
  assert.deepEqual(await Keystore.passkeys({ storage }), []);
  const enrolled = await first.enrolPasskey({ userName: "anna@demo.example", name: "Laptop" });
  assert.deepEqual(await Keystore.passkeys({ storage }), [enrolled.id]);
  assert.deepEqual(await first.passkeys(), [enrolled]);
  await first.lock();

  const second = await Keystore.open({ storage, passkey: true });
  assert.equal((await second.list()).length, 1);
  assert.match(await sign({ data: "x", signers: { key, keystore: second }, form: "detached" }), /BEGIN PGP SIGNATURE/);
  assert.deepEqual((await second.passkeys())[0].name, "Laptop");
  const third = await Keystore.open({ storage, passphrase });
  assert.equal((await third.list()).length, 1);
  assert.equal(storage.kept.get("keystore").length > 200, true);
  const rest = Buffer.concat([...storage.kept.values()].map((bytes) => Buffer.from(bytes)));
  for (const clear of [passphrase, "Laptop"]) assert.equal(rest.includes(clear), false, clear);
});

test("a browser that gives no output at once is asked again", async () => {
  user.atOnce = false;
  const storage = memory();
  const keystore = await Keystore.open({ storage, passphrase });
  await keystore.enrolPasskey({ userName: "anna" });
  assert.equal(user.asked, 1);
  assert.equal((await Keystore.open({ storage, passkey: true })).name, "default");
});

test("a changed passphrase keeps the passkeys, which then know the new one", async () => {
  const storage = memory();
  const keystore = await Keystore.open({ storage, passphrase });
  const { key } = await generateKey({ userIds: [{ email: "a@b.example" }], keystore });
  await keystore.add(key);
  await keystore.enrolPasskey({ userName: "anna" });
  await keystore.changePassphrase({ newPassphrase: "new" });
  const opened = await Keystore.open({ storage, passkey: true });
  const kept = await opened.get(key.fingerprint);
  assert.equal(await unlockCheck({ key: kept, passphrase: "new" }), true);
  await sign({ data: "x", signers: { key: kept, keystore: opened }, form: "detached" });
  await rejects(Keystore.open({ storage, passphrase }), "wrong-passphrase");
});

test("several passkeys, and one taken away", async () => {
  const storage = memory();
  const keystore = await Keystore.open({ storage, passphrase });
  const one = await keystore.enrolPasskey({ userName: "one" });
  passkeys.clear();
  user.idLength = 1000;
  const two = await keystore.enrolPasskey({ userName: "two" });
  assert.deepEqual((await keystore.passkeys()).map(({ name }) => name), ["one", "two"]);
  await Keystore.open({ storage, passkey: true });
  assert.equal(await keystore.removePasskey(two.id), true);
  assert.equal(await keystore.removePasskey(two.id), false);
  await rejects(Keystore.open({ storage, passkey: true }), "passkey-refused");
  assert.equal(await keystore.removePasskey(one.id), true);
  await rejects(Keystore.open({ storage, passkey: true }), "unknown-passkey");
  assert.deepEqual(await keystore.passkeys(), []);
  assert.equal((await Keystore.open({ storage, passphrase })).name, "default");
});

test("what can go wrong has a name, and leaves the keystore as it was", async () => {
  const storage = memory();
  await rejects(Keystore.open({ storage, passkey: true }), "unknown-passkey");
  assert.equal(storage.kept.size, 0, "no keystore is made with a passkey alone");
  const keystore = await Keystore.open({ storage, passphrase });
  const before = Buffer.from(storage.kept.get("keystore"));
  user.hasPrf = false;
  await rejects(keystore.enrolPasskey({ userName: "anna" }), "passkey-unavailable");
  user = { ...user, hasPrf: true, willing: false };
  await rejects(keystore.enrolPasskey({ userName: "anna" }), "passkey-refused");
  assert.deepEqual(Buffer.from(storage.kept.get("keystore")), before);
  user.willing = true;
  await keystore.enrolPasskey({ userName: "anna" });
  await rejects(keystore.enrolPasskey({ userName: "anna" }), "passkey-refused");
  for (const id of passkeys.keys()) passkeys.set(id, randomBytes(32));
  await rejects(Keystore.open({ storage, passkey: true }), "wrong-passkey");
  user.willing = false;
  await rejects(Keystore.open({ storage, passkey: true }), "passkey-refused");
  const aborted = new AbortController();
  aborted.abort();
  await rejects(Keystore.open({ storage, passkey: true, signal: aborted.signal }), "cancelled");
  await rejects(Keystore.open({ storage, passkey: true, passphrase }), "bad-option");
  await rejects(Keystore.open({ storage }), "bad-option");
  Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
  try {
    await rejects(Keystore.open({ storage, passkey: true }), "passkey-unavailable");
  } finally {
    Object.defineProperty(globalThis, "navigator", { value: { credentials }, configurable: true });
  }
});

test("the page asks for the passkey, the worker opens with it", async () => {
  const worker = createWorker();
  try {
    const storage = memory();
    const keystore = await worker.Keystore.open({ storage, passphrase });
    await keystore.setRecord("a", 1);
    await keystore.enrolPasskey({ userName: "anna" });
    assert.equal(await (await worker.Keystore.open({ storage, passkey: true })).getRecord("a"), 1);
  } finally {
    worker.terminate();
  }
});
