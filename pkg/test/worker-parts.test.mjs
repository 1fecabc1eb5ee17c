/** Where a worker's module is: responses are read once, for however many calls, and what fails is not remembered. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { createWorker, PgpError } from "envelock/worker";

const [wasm, wasmRest] = await Promise.all(["wasm", "wasm-rest"].map((name) => readFile(new URL(import.meta.resolve(`envelock/${name}`)))));
const started = [];
const worker = (options) => {
  const made = createWorker(options);
  started.push(made);
  return made;
};
after(() => started.forEach((made) => made.terminate()));
const encrypts = async (on, signal) => assert.match(await on.encrypt({ data: "x", passwords: "p", signal }), /BEGIN PGP MESSAGE/);
const late = (body) => new Response(new ReadableStream({ async pull(end) { await new Promise((resolve) => setTimeout(resolve, 20)); body(end); } }));
const whole = (bytes) => late((end) => { end.enqueue(bytes); end.close(); });
const broken = () => late((end) => end.error(new Error("the line is cut")));

test("calls at the same time share one response", async () => {
  const on = worker({ wasm: whole(wasm), wasmRest: whole(wasmRest) });
  await Promise.all([encrypts(on), encrypts(on), on.init(), on.generateSessionKey()]);
  await encrypts(on);
});

test("a response that cannot be read fails the calls that waited for it, and the next one looks elsewhere", async () => {
  const on = worker({ wasm: broken() });
  const failed = (error) => error instanceof PgpError && error.code === "wasm-not-loaded" && /the line is cut/.test(error.message);
  await Promise.all([assert.rejects(encrypts(on), failed), assert.rejects(encrypts(on), failed)]);
  await encrypts(on);
});

test("what init gives is added to what was given before", async () => {
  const on = worker({ wasmRest: new TextEncoder().encode("no module") });
  await on.init({ wasm });
  await encrypts(on);
  await assert.rejects(on.generateSessionKey(), { code: "wasm-not-loaded" });
  await on.init({ wasmRest });
  assert.equal((await on.generateSessionKey()).data.length, 32);
});

test("a signal that fires while the response is read is heard", async () => {
  const on = worker({ wasm: whole(wasm) });
  const controller = new AbortController();
  const call = encrypts(on, controller.signal);
  setTimeout(() => controller.abort("enough"), 5);
  await assert.rejects(call, (error) => error instanceof PgpError && error.code === "cancelled" && error.cause === "enough");
  await encrypts(on);
});
