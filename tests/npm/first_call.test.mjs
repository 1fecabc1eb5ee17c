// Every kind of key in the very first call of an instance, whose second part is not there yet: read, sign, verify, encrypt, decrypt, unlock, generate.
import assert from "node:assert/strict";
import * as envelock from "envelock";
import { createWorker } from "envelock/worker";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { bytes, REFERENCE_TIME } from "./corpus.mjs";

const { decrypt, encrypt, generateKey, lockKey, PgpError, readKeys, sign, verify } = envelock;
const place = (name) => import.meta.resolve(`envelock/${name}`);
const part = async (name) => WebAssembly.compile(await readFile(new URL(place(name))));
const parts = { wasm: await part("wasm"), wasmRest: await part("wasm-rest") };

/** A call in a worker of the package's own. */
async function inWorker(name, options) {
  const worker = createWorker(parts);
  try {
    return await worker[name](options);
  } finally {
    worker.terminate();
  }
}

/** A call on the thread of whoever makes it: one that has nothing else. */
function onThread(name, options) {
  const code = `
    const { parentPort, workerData } = require("node:worker_threads");
    import(workerData.envelock)
      .then((envelock) => envelock[workerData.name](workerData.options))
      .then((value) => parentPort.postMessage({ value }), ({ code, message }) => parentPort.postMessage({ error: { code, message } }));`;
  return new Promise((resolve, reject) => {
    const thread = new Worker(code, { eval: true, workerData: { envelock: import.meta.resolve("envelock"), name, options } });
    thread.once("message", ({ value, error }) => {
      void thread.terminate();
      if (error) reject(error);
      else resolve(value);
    });
    thread.once("error", reject);
  });
}

const generated = {
  "Curve25519, v4": { profile: "compat" },
  "Curve25519, v6": { profile: "rfc9580" },
  RSA: { profile: "rsa", bits: 2048 },
  "P-256": { profile: "nist", curve: "p256" },
  "P-384": { profile: "nist", curve: "p384" },
  "P-521": { profile: "nist", curve: "p521" },
};
const others = { "Ed448 and X448": "00-keys/rpgp-v6-ed448-x448.tsk.asc", "Ed25519 and X448": "00-keys/rpgp-v6-ed25519-x448.tsk.asc" };
const date = new Date(REFERENCE_TIME);
const passphrase = "a lock for the key";
const plain = (value) => structuredClone(value);

const keys = new Map();
for (const [kind, options] of Object.entries(generated)) keys.set(kind, (await generateKey({ userIds: [{ email: "a@b.example" }], date, ...options })).key);
for (const [kind, file] of Object.entries(others)) keys.set(kind, (await readKeys({ keys: bytes(file), date }))[0]);

for (const [where, call] of [["in a worker", inWorker], ["on the page's thread", onThread]]) {
  for (const [kind, key] of keys) {
    const { certificate } = key;
    const data = `${kind} ${where}`;
    test(`${kind}: the first call ${where}`, async (t) => {
      await t.test("readKeys", async () => {
        for (const it of [key, certificate]) {
          const [here] = await readKeys({ keys: it.binary, date });
          assert.deepEqual(plain((await call("readKeys", { keys: it.binary, date }))[0]), plain(here));
        }
      });
      await t.test("sign", async () => {
        const signature = await call("sign", { data, signers: [{ key }], form: "detached", date });
        assert.equal((await verify({ data, signature, verifyWith: [certificate], date })).signatures[0].status, "valid");
      });
      await t.test("verify", async () => {
        const signature = await sign({ data, signers: [{ key }], form: "detached", date });
        const { signatures } = await call("verify", { data, signature, verifyWith: [certificate], date });
        assert.deepEqual(signatures.map(({ status }) => status), ["valid"]);
        const forged = await call("verify", { data: `${data}!`, signature, verifyWith: [certificate], date });
        assert.deepEqual(forged.signatures.map(({ status }) => status), ["invalid"]);
      });
      await t.test("encrypt", async () => {
        const message = await call("encrypt", { data, recipients: [certificate], signers: [{ key }], date });
        const opened = await decrypt({ message, keys: [{ key }], verifyWith: [certificate], date });
        assert.deepEqual([opened.data, opened.signatures[0].status], [data, "valid"]);
      });
      await t.test("decrypt", async () => {
        const message = await encrypt({ data, recipients: [certificate], signers: [{ key }], date });
        const opened = await call("decrypt", { message, keys: [{ key }], verifyWith: [certificate], date });
        assert.deepEqual([opened.data, opened.signatures.map(({ status }) => status)], [data, ["valid"]]);
      });
      await t.test("unlock", async () => {
        const locked = await lockKey({ key, newPassphrase: passphrase, date });
        assert.equal(await call("unlockCheck", { key: locked, passphrase }), true);
        assert.equal(await call("unlockCheck", { key: locked, passphrase: "another" }), false);
        const again = await call("lockKey", { key: locked, passphrase, newPassphrase: "another", date });
        assert.equal(await call("unlockCheck", { key: again, passphrase: "another" }), true);
      });
    });
  }

  for (const [kind, options] of Object.entries(generated)) {
    test(`${kind}: generated by the first call ${where}`, async () => {
      const { key } = await call("generateKey", { userIds: [{ email: "a@b.example" }], date, passphrase, ...options });
      assert.equal((await readKeys({ keys: key.binary, date }))[0].fingerprint, key.fingerprint);
    });
  }
}

test("calls for keys of both parts at once", async () => {
  const worker = createWorker(parts);
  try {
    const messages = await Promise.all([...keys.values()].map((key) => encrypt({ data: key.fingerprint, recipients: [key.certificate], date })));
    const opened = await Promise.all([...keys.values()].map((key, index) => worker.decrypt({ message: messages[index], keys: [{ key }], date })));
    assert.deepEqual(opened.map(({ data }) => data), [...keys.values()].map(({ fingerprint }) => fingerprint));
  } finally {
    worker.terminate();
  }
});

test("while the second part cannot be loaded, nothing is said about a key that needs it, and no signature is judged", async () => {
  const key = keys.get("RSA");
  const curve = keys.get("Curve25519, v4");
  const signature = await sign({ data: "x", signers: [{ key }, { key: curve }], form: "detached", date });
  const worker = createWorker({ ...parts, wasmRest: "file:///missing.wasm" });
  const unloaded = { code: "wasm-not-loaded" };
  try {
    for (let times = 0; times < 2; times += 1) {
      await assert.rejects(worker.readKeys({ keys: key.certificate.binary, date }), unloaded);
      await assert.rejects(worker.verify({ data: "x", signature, verifyWith: [curve.certificate, key.certificate], date }), unloaded);
      await assert.rejects(worker.encrypt({ data: "x", recipients: [key.certificate], date }), unloaded);
      assert.equal((await worker.readKeys({ keys: curve.certificate.binary, date }))[0].fingerprint, curve.fingerprint);
    }
    await worker.init(parts);
    const { signatures } = await worker.verify({ data: "x", signature, verifyWith: [curve.certificate, key.certificate], date });
    assert.deepEqual(signatures.map(({ status }) => status), ["valid", "valid"]);
  } finally {
    worker.terminate();
  }
});

test("a call that is made once more still tells how far it is, and can be cancelled", async () => {
  const key = keys.get("RSA");
  const message = await encrypt({ data: new Uint8Array(1 << 20), recipients: [key.certificate], date });
  const seen = [];
  const worker = createWorker(parts);
  const other = createWorker(parts);
  try {
    await worker.decrypt({ message, keys: [{ key }], as: "binary", date, onProgress: ({ done, total }) => seen.push([done, total]) });
    assert.equal(seen.at(-1)?.[0], seen.at(-1)?.[1]);
    await assert.rejects(other.decrypt({ message, keys: [{ key }], date, signal: AbortSignal.timeout(1) }), (error) => error instanceof PgpError && error.code === "cancelled");
    assert.equal((await other.decrypt({ message, keys: [{ key }], as: "binary", date })).data.length, 1 << 20);
  } finally {
    worker.terminate();
    other.terminate();
  }
});
