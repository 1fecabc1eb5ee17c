/** Large data on its way to a worker: copied in turns, moved, and never the caller's own. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
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
