/** A trap takes its own instance along, and nothing else: not what was begun in the next one. Each case has a process of its own. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { dirname } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const here = dirname(fileURLToPath(import.meta.url));
const prelude = `
  import assert from "node:assert/strict";
  import { dearmor, encrypt, generateKey, init, Keystore, PgpError } from "envelock";
  const works = async () => assert.match(await encrypt({ data: "x", passwords: "p" }), /BEGIN PGP MESSAGE/);
  const internal = (error) => error instanceof PgpError && error.code === "internal";
  // Of the first part alone: the second has no memory of its own.
  const seen = { instances: [], freed: 0, trap: false };
  const Instance = WebAssembly.Instance;
  WebAssembly.Instance = function (...given) {
    const { exports } = new Instance(...given);
    if (!exports.memory) return { exports };
    seen.instances.push(exports);
    const job_poll = (...given) => {
      const polled = seen.trap || exports.job_poll(...given);
      if (seen.trap) throw new WebAssembly.RuntimeError("unreachable");
      return polled;
    };
    const __wbg_job_free = (...given) => { seen.freed += 1; return exports.__wbg_job_free(...given); };
    return { exports: { ...exports, job_poll, __wbg_job_free } };
  };
  const trap = async () => {
    seen.trap = true;
    await assert.rejects(works(), internal);
    seen.trap = false;
    seen.freed = 0;
  };
  const kept = new Map();
  const storage = { get: (name) => kept.get(name), put: (name, bytes) => void kept.set(name, bytes), delete: (name) => void kept.delete(name), list: () => [...kept.keys()] };
  /** A call that waits for the platform until it is released. */
  async function waiting(control) {
    const { generateKey: original } = crypto.subtle;
    let release, arrive;
    const gate = new Promise((resolve) => { release = resolve; });
    const there = new Promise((resolve) => { arrive = resolve; });
    crypto.subtle.generateKey = async (...given) => { arrive(); await gate; return original.apply(crypto.subtle, given); };
    const call = generateKey({ userIds: [{ email: "a@b.example" }], profile: "nist", ...control });
    call.catch(() => undefined);
    await there;
    crypto.subtle.generateKey = original;
    return { call, release };
  }
  const turns = async () => { for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve)); };
`;
const run = (code) => promisify(execFile)(process.execPath, ["--input-type=module", "--eval", prelude + code], { cwd: here });

test("a call that waited ends at once, and what the platform answers it later disturbs nobody", () => run(`
  const { call, release } = await waiting();
  await trap();
  await assert.rejects(call, (error) => internal(error) && /another call/.test(error.message));
  const keystore = await Keystore.open({ storage, passphrase: "p" });
  release();
  await turns();
  await works();
  await keystore.backup();
  assert.equal(seen.instances.length, 2);`));

test("a call that is cancelled after the trap frees nothing in the next instance", () => run(`
  const controller = new AbortController();
  const { call, release } = await waiting({ signal: controller.signal });
  await trap();
  controller.abort();
  await assert.rejects(call, internal);
  release();
  await turns();
  assert.equal(seen.freed, 0);
  await works();
  assert.equal(seen.instances.length, 2);`));

test("two calls that trap start the module again once", () => run(`
  await init();
  seen.trap = true;
  const calls = [works(), works(), works()];
  const outcomes = await Promise.allSettled(calls);
  seen.trap = false;
  assert.ok(outcomes.every(({ reason }) => internal(reason)));
  assert.equal(seen.instances.length, 2);
  await works();`));

test("a module that could not be started again is started by the next call", () => run(`
  await works();
  const started = WebAssembly.Instance;
  WebAssembly.Instance = function () { throw new RangeError("no memory"); };
  await trap();
  await assert.rejects(works(), (error) => error.code === "wasm-not-loaded" && /started again/.test(error.message));
  WebAssembly.Instance = started;
  await works();
  assert.equal(seen.instances.length, 2);`));

test("a trap after the listener threw starts the module again, too", () => run(`
  const thrown = new Error("of the caller");
  const onProgress = () => { seen.trap = true; throw thrown; };
  await assert.rejects(encrypt({ data: new Uint8Array(8_000_000), passwords: "p", onProgress }), (error) => error === thrown);
  seen.trap = false;
  await works();
  assert.equal(seen.instances.length, 2);`));

test("calls that fail leave nothing behind", () => run(`
  const fails = async (times) => { for (let at = 0; at < times; at++) await assert.rejects(dearmor({ armored: "nonsense" }), { code: "bad-armor" }); };
  await fails(100);
  const [{ memory, __wbindgen_externrefs: held }] = seen.instances;
  const before = { held: held.length, memory: memory.buffer.byteLength };
  seen.freed = 0;
  await fails(2_000);
  assert.equal(seen.freed, 2_000);
  assert.deepEqual({ held: held.length, memory: memory.buffer.byteLength }, before);`));
