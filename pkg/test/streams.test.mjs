/** Streams: one in gives one out, part by part, on the main thread and in a worker. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import * as main from "envelock";
import { createWorker } from "envelock/worker";

const { generateKey, PgpError, sign, verify } = main;
const worker = createWorker();
after(() => worker.terminate());
const WAYS = [["on the main thread", main], ["in a worker", worker]];
const MIB = 1024 * 1024;

/** No two places are alike. */
const bytes = Uint8Array.from({ length: 5 * MIB + 12_345 }, (_, at) => (Math.imul(at, 2_654_435_761) >>> 13) & 255);
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
const same = (given, wanted) => assert.ok(Buffer.from(wanted).equals(given), `${given.length} other bytes`);
const { key } = await generateKey({ userIds: [{ email: "anna@demo.example" }], profile: "rfc9580" });
const compat = (await generateKey({ userIds: [{ email: "bert@demo.example" }] })).key;
const encrypted = await main.encrypt({ data: bytes, recipients: key, signers: { key }, armor: false });
/** A source that tells how much was taken from it, and whether it was cancelled. */
const watched = (data, size) => {
  const seen = { taken: 0, cancelled: undefined };
  let at = 0;
  seen.stream = new ReadableStream({
    pull(controller) {
      if (at >= data.length) return controller.close();
      controller.enqueue(data.subarray(at, at + size));
      at += size;
      seen.taken = Math.min(at, data.length);
    },
    cancel(reason) { seen.cancelled = { reason }; },
  }, { highWaterMark: 0 });
  return seen;
};

for (const [where, on] of WAYS) {
  const { encrypt, decrypt } = on;
  test(`what is streamed is read as a whole, and the other way round, ${where}`, async () => {
    for (const [recipient, armor] of [[key, true], [key, false], [compat, true], [compat, false]]) {
      const options = { recipients: recipient, signers: { key }, filename: "a.bin", armor };
      const stream = await encrypt({ data: streamOf(bytes), ...options });
      assert.ok(stream instanceof ReadableStream);
      const message = await collect(stream);
      assert.equal(message.subarray(0, 5).toString() === "-----", armor);
      const whole = await decrypt({ message, keys: { key: recipient }, verifyWith: key, as: "binary" });
      same(whole.data, bytes);
      assert.deepEqual(whole.signatures.map(({ status }) => status), ["valid"]);
      const before = await encrypt({ data: bytes, ...options });
      for (const given of [message, Buffer.from(before)]) {
        const { data, filename, notes, signatures } = await decrypt({ message: streamOf(given, 65_536), keys: { key: recipient }, verifyWith: key });
        assert.ok(data instanceof ReadableStream);
        assert.deepEqual([filename, notes], ["a.bin", []]);
        same(await collect(data), bytes);
        assert.deepEqual((await signatures).map(({ status, signer }) => [status, signer]), [["valid", key.fingerprint]]);
      }
    }
  });

  test(`nothing, and little, are streams as well, ${where}`, async () => {
    for (const data of [new Uint8Array(0), new Uint8Array([7]), bytes.subarray(0, 2 * MIB)]) {
      const message = await encrypt({ data: streamOf(data), passwords: "p" });
      const opened = await decrypt({ message, passwords: "p" });
      same(await collect(opened.data), data);
      assert.deepEqual(await opened.signatures, []);
    }
  });

  test(`a slow reader keeps the source waiting, ${where}`, async () => {
    for (const [source, run] of [
      [watched(bytes, 100_000), ({ stream }) => encrypt({ data: stream, recipients: key })],
      [watched(encrypted, 100_000), async ({ stream }) => (await decrypt({ message: stream, keys: { key } })).data],
    ]) {
      const reader = (await run(source)).getReader();
      await reader.read();
      await sleep(100);
      assert.ok(source.taken > 0 && source.taken < 3.3 * MIB, `${source.taken} bytes were taken before the second read`);
      await reader.cancel("enough");
      await sleep(20);
      assert.ok(source.cancelled, "the source was not cancelled");
    }
  });

  test(`a stream that fails, or gives no bytes, fails the stream that comes out, ${where}`, async () => {
    const failing = () => {
      let count = 0;
      return new ReadableStream({ pull(controller) { if (count++ < 300) controller.enqueue(bytes.subarray(0, 10_000)); else controller.error(new Error("disk")); } });
    };
    const isFromDisk = (error) => error instanceof PgpError && error.code === "source-failed" && error.cause.message === "disk";
    await assert.rejects(collect(await encrypt({ data: failing(), recipients: key })), isFromDisk);
    const strings = new ReadableStream({ start(controller) { controller.enqueue("text"); controller.close(); } });
    await assert.rejects(collect(await encrypt({ data: strings, recipients: key })), { code: "bad-option" });
    await assert.rejects(decrypt({ message: failing(), keys: { key } }), (error) => isFromDisk(error) || error.code === "malformed");
    const cut = new ReadableStream({ start(controller) { controller.enqueue(encrypted.subarray(0, 2.5 * MIB)); }, pull(controller) { controller.error(new Error("disk")); } }, { highWaterMark: 0 });
    const { data, signatures } = await decrypt({ message: cut, keys: { key }, verifyWith: key });
    await assert.rejects(collect(data), isFromDisk);
    await assert.rejects(signatures, isFromDisk);
    // Where a stream is read to its end before the work, and of a blob.
    for (const data of [failing(), { __proto__: Blob.prototype, size: 9, slice: () => ({ arrayBuffer: () => Promise.reject(new Error("disk")) }) }]) {
      await assert.rejects(on.sign({ data, signers: { key }, form: "detached" }), isFromDisk);
    }
  });

  test(`what is wrong from the start rejects the call, ${where}`, async () => {
    await assert.rejects(encrypt({ data: streamOf(bytes) }), { code: "no-recipient" });
    await assert.rejects(decrypt({ message: streamOf(encrypted), keys: { key: compat } }), { code: "no-matching-key" });
    await assert.rejects(decrypt({ message: streamOf(Buffer.from("no message")), passwords: "p" }), { code: "malformed" });
    await assert.rejects(decrypt({ message: streamOf(bytes), passwords: "p", as: "text" }), { code: "bad-option" });
    // The next call works.
    same(await collect((await decrypt({ message: streamOf(encrypted), keys: { key } })).data), bytes);
  });

  test(`a message that is cut or changed fails, and its verdicts with it, ${where}`, async () => {
    const changed = encrypted.slice();
    changed[4.5 * MIB] ^= 1;
    for (const [message, code, most] of [
      [encrypted.subarray(0, -1), "malformed", bytes.length], [encrypted.subarray(0, 3 * MIB), "malformed", 3 * MIB], [changed, "decryption-failed", 4.5 * MIB],
    ]) {
      const { data, signatures } = await decrypt({ message: streamOf(message, 50_000), keys: { key }, verifyWith: key });
      const released = [];
      await assert.rejects(async () => { for await (const piece of data) released.push(Buffer.from(piece)); }, { code });
      await assert.rejects(signatures, { code });
      const all = Buffer.concat(released);
      assert.ok(all.length > 0 && all.length <= most, `${all.length} bytes`);
      same(all, bytes.subarray(0, all.length));
    }
  });

  test(`a cancel stops within 100 ms, ${where}`, async () => {
    for (const [input, run] of [
      [bytes, (stream, signal) => encrypt({ data: stream, recipients: key, signal })],
      [encrypted, async (stream, signal) => (await decrypt({ message: stream, keys: { key }, signal })).data],
    ]) {
      const controller = new AbortController();
      let at = 0;
      let cancelled = false;
      const source = new ReadableStream({
        // It stops giving after three parts, and never ends.
        pull: (pulled) => (at < 3 * 2 * MIB && at < input.length ? pulled.enqueue(input.subarray(at, at += 100_000)) : new Promise(() => {})),
        cancel: () => { cancelled = true; },
      });
      const reading = collect(await run(source, controller.signal));
      reading.catch(() => undefined);
      await sleep(50);
      const begun = performance.now();
      controller.abort("enough");
      await assert.rejects(reading, (error) => error instanceof PgpError && error.code === "cancelled" && error.cause === "enough");
      assert.ok(performance.now() - begun < 100, `${performance.now() - begun} ms`);
      assert.ok(cancelled);
    }
    await assert.rejects(encrypt({ data: streamOf(bytes), recipients: key, signal: AbortSignal.abort() }), { code: "cancelled" });
  });

  test(`progress is true, ${where}`, async () => {
    const seen = [];
    const message = await collect(await encrypt({ data: streamOf(bytes), recipients: key, onProgress: (progress) => seen.push(progress) }));
    assert.ok(seen.length > 3 && seen.slice(0, -1).every(({ done }, at) => done <= seen[at + 1].done));
    assert.ok(seen.some(({ done, total }) => done === 2 * MIB && total === Infinity));
    assert.deepEqual(seen.at(-1), { done: bytes.length, total: bytes.length });
    const opened = [];
    await collect((await decrypt({ message: streamOf(message), keys: { key }, onProgress: (progress) => opened.push(progress) })).data);
    const { done, total } = opened.at(-1);
    assert.ok(done === total && done >= bytes.length && opened.length > 2);
  });
}

test("sign and verify read a stream to its end; a detached signature is small and comes as text", async () => {
  const data = bytes.subarray(0, 1_000_000);
  const inline = await sign({ data: streamOf(data), signers: { key }, form: "inline" });
  assert.ok(inline instanceof ReadableStream);
  const verified = await verify({ message: inline, verifyWith: key });
  same(await collect(verified.data), data);
  assert.equal(verified.signatures[0].status, "valid");
  const signature = await sign({ data: streamOf(data), signers: { key }, form: "detached" });
  assert.match(signature, /^-----BEGIN PGP SIGNATURE-----/);
  const detached = await verify({ data: streamOf(data), signature, verifyWith: key });
  assert.equal(detached.signatures[0].status, "valid");
  const chunk = new Uint8Array(16 * MIB);
  let cancelled = false;
  const endless = new ReadableStream({ pull: (controller) => controller.enqueue(chunk), cancel: () => { cancelled = true; } });
  await assert.rejects(sign({ data: endless, signers: { key }, form: "inline" }), (error) => error instanceof PgpError && error.code === "too-large");
  assert.ok(cancelled);
});

test("of a blob nothing more is read once the signal fired", async () => {
  const controller = new AbortController();
  let read = 0;
  const slice = () => ({
    arrayBuffer: async () => {
      if (++read === 2) controller.abort("enough");
      return new ArrayBuffer(4 * MIB);
    },
  });
  const message = { __proto__: Blob.prototype, size: 40 * MIB, slice };
  await assert.rejects(main.decrypt({ message, keys: { key }, signal: controller.signal }), { code: "cancelled" });
  assert.equal(read, 2);
});

test("a worker that ends fails its streams", async () => {
  const dying = createWorker();
  const stream = await dying.encrypt({ data: streamOf(bytes), recipients: key });
  const reader = stream.getReader();
  await reader.read();
  dying.terminate();
  await assert.rejects(async () => { while (!(await reader.read()).done); }, { code: "terminated" });
});
