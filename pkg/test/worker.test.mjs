/** The worker: the same API off the main thread. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import * as envelock from "envelock";
import { createWorker, PgpError } from "envelock/worker";

const worker = createWorker();
after(() => worker.terminate());
const rejects = (promise, code) => assert.rejects(promise, (error) => {
  assert.ok(error instanceof PgpError, String(error));
  assert.equal(error.code, code, error.message);
  return true;
});

test("has every call of the main module, and one class of errors", () => {
  for (const [name, value] of Object.entries(envelock)) {
    // What is no call stands in the entry itself.
    if (!["PgpError", "errorCodes", "addressOf"].includes(name)) assert.equal(typeof worker[name], typeof value, name);
  }
  assert.equal(PgpError, envelock.PgpError);
});

test("works, and leaves the main thread free", async () => {
  await worker.init();
  let ticks = 0;
  const timer = setInterval(() => { ticks += 1; }, 5);
  const message = await worker.encrypt({ data: "hello", passwords: "p" });
  clearInterval(timer);
  assert.ok(ticks >= 3, `${ticks} ticks during an Argon2 run`);
  assert.equal((await worker.decrypt({ message, passwords: "p" })).data, "hello");
  assert.equal((await envelock.decrypt({ message, passwords: "p" })).data, "hello");
});

test("dates and bytes cross over; the caller's bytes stay", async () => {
  const { key } = await worker.generateKey({ userIds: [{ email: "a@b.example" }] });
  assert.ok(key.created instanceof Date);
  const data = new Uint8Array(500_000).fill(7);
  const message = await worker.encrypt({ data, recipients: key, armor: false });
  assert.equal(data.length, 500_000);
  const opened = await worker.decrypt({ message, keys: { key }, as: "binary" });
  assert.deepEqual(Buffer.from(opened.data), Buffer.from(data));
});

test("streams, progress and errors cross over", async () => {
  const seen = [];
  const stream = await worker.encrypt({ data: new Blob([new Uint8Array(2_000_000)]).stream(), passwords: "p", onProgress: (p) => seen.push(p) });
  assert.ok(stream instanceof ReadableStream);
  await new Response(stream).arrayBuffer();
  assert.ok(seen.length > 1 && seen.at(-1).done === seen.at(-1).total);
  await rejects(worker.decrypt({ message: "nonsense", passwords: "p" }), "malformed").catch(() => rejects(worker.decrypt({ message: "nonsense", passwords: "p" }), "bad-armor"));
  await rejects(worker.decrypt({ message: "x", passwrods: "p" }), "unknown-option");
});

test("what onProgress throws ends the call, in the worker as on the page's thread", async () => {
  const thrown = new TypeError("of the caller");
  for (const where of [worker, envelock]) {
    let calls = 0;
    const call = where.encrypt({ data: new Uint8Array(4_000_000), passwords: "p", onProgress: () => { calls += 1; throw thrown; } });
    await assert.rejects(call, (error) => error === thrown);
    assert.equal(calls, 1);
    assert.equal((await where.encrypt({ data: "x", passwords: "p" })).slice(0, 27), "-----BEGIN PGP MESSAGE-----");
  }
});

test("a cancel rejects at once, and the worker goes on", async () => {
  const controller = new AbortController();
  const call = worker.encrypt({ data: new Uint8Array(50_000_000), passwords: "p", signal: controller.signal });
  setTimeout(() => controller.abort(), 10);
  const started = performance.now();
  await rejects(call, "cancelled");
  assert.ok(performance.now() - started < 5_000);
  assert.match(await worker.encrypt({ data: "x", passwords: "p" }), /BEGIN PGP MESSAGE/);
});

test("calls at the same time answer to the right one", async () => {
  const messages = await Promise.all(["a", "b", "c"].map((data) => worker.encrypt({ data, passwords: "p" })));
  const opened = await Promise.all(messages.map((message) => worker.decrypt({ message, passwords: "p" })));
  assert.deepEqual(opened.map(({ data }) => data), ["a", "b", "c"]);
});

test("a worker that was terminated says so", async () => {
  const other = createWorker();
  const call = other.encrypt({ data: "x", passwords: "p" });
  other.terminate();
  await rejects(call, "terminated");
  await rejects(other.encrypt({ data: "x", passwords: "p" }), "terminated");
});

test("a worker that cannot start says so; given the right module it works", async () => {
  await rejects(createWorker({ url: new URL("file:///missing/worker-script.mjs") }).init(), "worker-failed");
  const url = new URL(import.meta.resolve("envelock/worker-script"));
  const wasm = new URL(import.meta.resolve("envelock/wasm"));
  const explicit = createWorker({ url, wasm });
  assert.match(await explicit.encrypt({ data: "x", passwords: "p" }), /BEGIN PGP MESSAGE/);
  explicit.terminate();
  const wrong = createWorker({ wasm: new TextEncoder().encode("<!doctype html>") });
  await rejects(wrong.generateKey({ userIds: [{ email: "a@b.example" }] }), "wasm-not-loaded");
  await wrong.init({ wasm });
  assert.ok(await wrong.generateKey({ userIds: [{ email: "a@b.example" }] }));
  wrong.terminate();
});

test("a worker with nothing to do keeps no process alive", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, "idle-worker.mjs")], { timeout: 20_000 });
  assert.equal(stdout.trim(), "done");
});

test("a worker that dies is started again by the next call", async () => {
  const url = new URL("./dying-worker.mjs", import.meta.url);
  const dying = createWorker({ url, wasm: new URL(import.meta.resolve("envelock/wasm")) });
  await dying.init();
  await rejects(dying.encrypt({ data: "die", passwords: "p", filename: "die" }), "internal");
  assert.match(await dying.encrypt({ data: "x", passwords: "p" }), /BEGIN PGP MESSAGE/);
  dying.terminate();
});

test("after a trap in another call, a call is answered by a new worker as soon as it hears of it", async () => {
  const on = createWorker({ url: new URL("./trapping-worker.mjs", import.meta.url), wasm: new URL(import.meta.resolve("envelock/wasm")) });
  after(() => on.terminate());
  const again = on.encrypt({ data: new Uint8Array(2_000_000), passwords: "p", filename: "wait" }).catch((error) => {
    assert.equal(error.code, "internal");
    return on.encrypt({ data: "x", passwords: "p" });
  });
  assert.match(await on.encrypt({ data: "x", passwords: "p" }), /BEGIN PGP MESSAGE/);
  await assert.rejects(on.encrypt({ data: "x", passwords: "p", filename: "trap" }), { code: "internal", message: /unreachable/ });
  assert.match(await again, /BEGIN PGP MESSAGE/);
});

test("both parts of the module can be given as bytes", async () => {
  const [wasm, wasmRest] = await Promise.all(["wasm", "wasm-rest"].map((name) => readFile(new URL(import.meta.resolve(`envelock/${name}`)))));
  const given = createWorker({ wasm, wasmRest });
  after(() => given.terminate());
  assert.match(await given.encrypt({ data: "x", passwords: "p" }), /BEGIN PGP MESSAGE/);
  assert.equal((await given.generateSessionKey()).data.length, 32);
});
