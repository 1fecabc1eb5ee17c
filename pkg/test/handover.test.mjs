/** Data on its way to the module: what is large is copied for a worker in turns, moved, and never the caller's own; what the caller takes away is missed. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import * as here from "envelock";
import { createWorker, PgpError } from "envelock/worker";

const worker = createWorker();
after(() => worker.terminate());
const { key } = await worker.generateKey({ userIds: [{ email: "anna@demo.example" }] });
const LARGE = 240_000_000; // near the limit: copying it takes several turns on any machine
const sign = (data, signal) => worker.sign({ data, signers: { key }, form: "detached", signal });
const rejectsWith = (code) => (error) => error instanceof PgpError && error.code === code;

test("the caller's bytes stay, alone, as a part of others, and given twice", async () => {
  const around = new Uint8Array(9_000_000).map((_, at) => at * 7);
  const data = around.subarray(1_000_001, 8_500_000);
  const opened = await worker.decrypt({ message: await worker.encrypt({ data, recipients: key, armor: false }), keys: { key }, as: "binary" });
  assert.ok(Buffer.from(opened.data).equals(Buffer.from(data)));
  const attachments = ["one", "two"].map((name) => ({ name, data }));
  const { ciphertext } = await worker.sealEnvelope({ subject: "s", text: "t", attachments, password: "p", linkSecret: false });
  const message = await worker.openEnvelope({ ciphertext, password: "p" });
  assert.deepEqual(message.attachments.map(({ name }) => name), ["one", "two"]);
  for (const attachment of message.attachments) assert.ok(Buffer.from(attachment.data).equals(Buffer.from(data)), attachment.name);
  assert.equal(around.length, 9_000_000);
  assert.equal(attachments[0].data, data);
});

test("a cancel is heard while they are copied", async () => {
  const controller = new AbortController();
  const data = new Uint8Array(LARGE);
  const began = performance.now();
  setImmediate(() => controller.abort());
  await assert.rejects(sign(data, controller.signal), rejectsWith("cancelled"));
  assert.ok(performance.now() - began < 100, `${performance.now() - began} ms`);
  assert.ok(await sign("next"));
});

test("bytes that are taken away while they are copied are not replaced by zeros", async () => {
  const data = new Uint8Array(LARGE);
  setImmediate(() => structuredClone(data, { transfer: [data.buffer] }));
  await assert.rejects(sign(data), rejectsWith("bad-option"));
  assert.ok(await sign("next"));
});

test("an array that is taken away in the turn of its call is not replaced by an empty one", async () => {
  for (const [where, on] of [["on this thread", here], ["in a worker", worker]]) {
    for (const profile of ["compat", "rfc9580"]) {
      const { key } = await on.generateKey({ userIds: [{ email: "anna@demo.example" }], profile });
      const calls = {
        encrypt: (data) => on.encrypt({ data, recipients: key, signers: { key } }),
        "sign, inline": (data) => on.sign({ data, signers: { key }, form: "inline" }),
        "sign, detached": (data) => on.sign({ data, signers: { key }, form: "detached" }),
        sealEnvelope: (data) => on.sealEnvelope({ subject: "s", text: "t", attachments: [{ name: "a", data }], password: "p" }),
      };
      for (const [name, call] of Object.entries(calls)) {
        for (const size of [5, 3_000_000]) {
          const data = new Uint8Array(size).fill(7);
          const called = call(data);
          structuredClone(data, { transfer: [data.buffer] });
          const failed = await called.then(() => undefined, (error) => error);
          assert.equal(failed?.code, "bad-option", `${name} of ${size}, ${profile}, ${where}: ${failed}`);
        }
      }
    }
  }
});
