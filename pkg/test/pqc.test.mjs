/** `envelock/pqc`: RFC 9980's samples, keys of our own, and what the main module says to them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as base from "envelock";
import * as inline from "envelock/inline";
import * as pqc from "envelock/pqc";
import { createWorker } from "envelock/worker";

const sample = (name) => readFileSync(new URL(`../../tests/vectors/35-pqc/${name}.asc`, import.meta.url));
const date = new Date(1_795_000_000_000);
const SIGNED = ["v6-mldsa-65", "v6-mldsa-87", "v6-slhdsa-128s", "v6-slhdsa-128f", "v6-slhdsa-256s"];
const MESSAGES = {
  "v6-eddsa": ["message"], "v4-eddsa": ["message-v1", "message-v2"], "v6-mldsa-65": ["message"], "v6-mldsa-87": ["message"], "v6-slhdsa-128s": ["message"],
};

test("every way in has the same calls", () => {
  assert.deepEqual(Object.keys(pqc).sort(), Object.keys(base).sort());
  assert.deepEqual(Object.keys(inline).sort(), Object.keys(base).sort());
  assert.equal(pqc.PgpError, base.PgpError);
});

test("the samples of RFC 9980 open and verify", async () => {
  for (const [name, messages] of Object.entries(MESSAGES)) {
    const [key] = await pqc.readKeys(sample(`${name}-sample-sk`));
    const [certificate] = await pqc.readKeys(sample(`${name}-sample-pk`));
    assert.equal(key.fingerprint, certificate.fingerprint);
    for (const message of messages) {
      const opened = await pqc.decrypt({ message: sample(`${name}-sample-${message}`), keys: { key }, verifyWith: certificate, date });
      assert.equal(opened.data, "Testing\n", name);
      assert.equal(opened.signatures[0].status, "valid", name);
    }
  }
  for (const name of SIGNED) {
    const [verifyWith] = await pqc.readKeys(sample(`${name}-sample-pk`));
    const signature = sample(`${name}-sample-signature`);
    const statusOf = async (data) => (await pqc.verify({ data, signature, verifyWith, date })).signatures[0].status;
    assert.equal(await statusOf("Testing\n"), "valid", name);
    assert.equal(await statusOf("Tasting\n"), "invalid", name);
  }
});

test("a key of our own, in a worker as well", async () => {
  const passphrase = "a long one";
  const { key } = await pqc.generateKey({ userIds: [{ email: "anna@demo.example" }], profile: "pqc", passphrase });
  assert.equal(key.algorithm, "ML-DSA-65+Ed25519 + ML-KEM-768+X25519");
  assert.equal(key.version, 6);
  assert.ok(key.locked);
  const message = await pqc.encrypt({ data: "hello", recipients: key.certificate, signers: { key, passphrase } });
  const worker = createWorker({ url: import.meta.resolve("envelock/pqc-worker-script") });
  try {
    const { data, signatures } = await worker.decrypt({ message, keys: { key, passphrase }, verifyWith: key.certificate });
    assert.equal(data, "hello");
    assert.equal(signatures[0].status, "valid");
  } finally {
    worker.terminate();
  }
});

test("the main module names what it leaves out, and reads the rest", async () => {
  const [unsupported] = await base.readKeys(sample("v6-mldsa-65-sample-pk"));
  assert.equal(unsupported.kind, "unsupported");
  assert.match(unsupported.reason, /post-quantum algorithm 30/);
  const [classical] = await base.readKeys(sample("v6-eddsa-sample-pk"));
  assert.equal(classical.kind, "certificate");
  assert.ok(classical.problems.some(({ message }) => /post-quantum algorithm 35/.test(message)));
  assert.equal(classical.canEncrypt, false);
  await assert.rejects(base.generateKey({ userIds: [{ email: "a@demo.example" }], profile: "pqc" }), { code: "unsupported" });
});
