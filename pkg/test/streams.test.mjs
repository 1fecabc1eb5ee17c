/** Streams: one in gives one out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decrypt, encrypt, generateKey, PgpError, sign, verify } from "envelock";

const bytes = Uint8Array.from({ length: 1_000_000 }, (_, at) => at % 251);
const streamOf = (data, size = 10_000) => {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= data.length) return controller.close();
      controller.enqueue(data.subarray(at, at + size));
      at += size;
    },
  });
};
const collect = async (stream) => Buffer.from(await new Response(stream).arrayBuffer());

test("encrypt and decrypt answer a stream with a stream", async () => {
  const encrypted = await encrypt({ data: streamOf(bytes), passwords: "p", armor: false });
  assert.ok(encrypted instanceof ReadableStream);
  const { data, signatures } = await decrypt({ message: encrypted, passwords: "p" });
  assert.ok(data instanceof ReadableStream);
  assert.deepEqual(await collect(data), Buffer.from(bytes));
  assert.deepEqual(signatures, []);
});

test("so do sign and verify; a detached signature is small and comes as text", async () => {
  const { key } = await generateKey({ userIds: [{ email: "anna@demo.example" }] });
  const inline = await sign({ data: streamOf(bytes), signers: { key }, form: "inline" });
  assert.ok(inline instanceof ReadableStream);
  const verified = await verify({ message: inline, verifyWith: key });
  assert.deepEqual(await collect(verified.data), Buffer.from(bytes));
  assert.equal(verified.signatures[0].status, "valid");
  const signature = await sign({ data: streamOf(bytes), signers: { key }, form: "detached" });
  assert.match(signature, /^-----BEGIN PGP SIGNATURE-----/);
  const detached = await verify({ data: streamOf(bytes), signature, verifyWith: key });
  assert.equal(detached.signatures[0].status, "valid");
});

test("a stream that fails, or gives no bytes, rejects the call", async () => {
  const failing = new ReadableStream({ pull(controller) { controller.error(new Error("disk")); } });
  await assert.rejects(encrypt({ data: failing, passwords: "p" }), { message: "disk" });
  const strings = new ReadableStream({ start(controller) { controller.enqueue("text"); controller.close(); } });
  await assert.rejects(encrypt({ data: strings, passwords: "p" }), { code: "bad-option" });
  await assert.rejects(decrypt({ message: streamOf(bytes), passwords: "p", as: "text" }), { code: "bad-option" });
});

test("an endless stream ends at the limit", async () => {
  const chunk = new Uint8Array(16 * 1024 * 1024);
  let cancelled = false;
  const endless = new ReadableStream({ pull: (controller) => controller.enqueue(chunk), cancel: () => { cancelled = true; } });
  await assert.rejects(encrypt({ data: endless, passwords: "p" }), (error) => error instanceof PgpError && error.code === "too-large");
  assert.ok(cancelled);
});

test("a cancel stops the reading", async () => {
  const controller = new AbortController();
  let cancelled = false;
  const waiting = new ReadableStream({ cancel: () => { cancelled = true; } });
  const call = encrypt({ data: waiting, passwords: "p", signal: controller.signal });
  setTimeout(() => controller.abort(), 20);
  await assert.rejects(call, { code: "cancelled" });
  assert.ok(cancelled);
});
