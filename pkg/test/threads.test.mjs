/** Argon2 on several threads: the same keys, and whatever goes wrong with them is nobody's concern. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { createWorker, PgpError } from "envelock/worker";

const workers = process.getBuiltinModule("node:worker_threads");
const started = [];
workers.Worker = class extends workers.Worker {
  constructor(url) {
    super(url);
    if (String(url).includes("threads-script")) started.push(this);
  }
};
const memories = [];
WebAssembly.Memory = class extends WebAssembly.Memory {
  constructor(description) {
    super(description);
    memories.push(this);
  }
};

const alone = createWorker();
test.after(() => alone.terminate());
const passwords = "correct horse battery staple";
let last = 0;

/** The package anew, as its threads are its own. */
async function fresh(threads) {
  started.length = memories.length = 0;
  const envelock = await import(`${import.meta.resolve("envelock")}?${++last}`);
  await envelock.init({ threads });
  return envelock;
}

/** Encrypts there what one thread decrypts, and the other way round. */
async function bothWays(envelock) {
  const message = await envelock.encrypt({ data: "hello", passwords });
  assert.equal((await alone.decrypt({ message, passwords })).data, "hello");
  assert.equal((await envelock.decrypt({ message: await alone.encrypt({ data: "back", passwords }), passwords })).data, "back");
}

test("what several threads derive is what one derives, and their memory is wiped", async () => {
  for (const count of [2, 3, 4, 7]) {
    await bothWays(await fresh(count));
    assert.equal(started.length, { 2: 2, 3: 2, 4: 4, 7: 4 }[count], "one for each lane at most, none without a lane, kept for the next");
    assert.equal(memories.length, 1);
    const octets = new Uint8Array(memories[0].buffer);
    assert.ok(octets.length >= 64 << 20);
    assert.ok(octets.every((octet) => octet === 0), "not wiped");
  }
});

test("they fill a memory while it is derived", async () => {
  const envelock = await fresh({ count: 2 });
  await bothWays(envelock);
  const octets = new Uint8Array(memories[0].buffer, started.length * 65_536);
  let isFilled = false;
  const timer = setInterval(() => { isFilled ||= octets.subarray(0, 4096).some((octet) => octet !== 0); }, 1);
  await envelock.encrypt({ data: "hello", passwords });
  clearInterval(timer);
  assert.ok(isFilled);
});

test("who comes meanwhile has a memory of their own", async () => {
  const envelock = await fresh(2);
  const messages = await Promise.all(["a", "b", "c"].map((data) => envelock.encrypt({ data, passwords })));
  for (const [number, data] of ["a", "b", "c"].entries()) assert.equal((await alone.decrypt({ message: messages[number], passwords })).data, data);
  assert.equal(memories.length, 1);
});

test("without their script, without shared memory, with one, and where they die, all goes as without threads", async () => {
  await bothWays(await fresh({ count: 2, url: "./no-such-script.mjs" }));
  await bothWays(await fresh(1));
  assert.equal(started.length, 0);
  globalThis.crossOriginIsolated = false;
  try {
    await bothWays(await fresh(2));
    assert.equal(started.length, 0);
  } finally {
    delete globalThis.crossOriginIsolated;
  }
  const envelock = await fresh(2);
  await bothWays(envelock);
  const message = envelock.encrypt({ data: "hello", passwords });
  setTimeout(() => started[1].terminate(), 20);
  assert.equal((await alone.decrypt({ message: await message, passwords })).data, "hello");
  await bothWays(envelock);
});

test("threads that were idle end, and the next derivation has new ones", async () => {
  const set = globalThis.setTimeout;
  const idle = [];
  globalThis.setTimeout = (work, ms, ...rest) => {
    if (ms === 10_000) idle.push(work);
    return set(work, ms, ...rest);
  };
  try {
    const envelock = await fresh(2);
    await bothWays(envelock);
    const ended = started.map((thread) => new Promise((resolve) => { thread.once("exit", resolve); }));
    idle.at(-1)();
    await Promise.all(ended);
    await bothWays(envelock);
    assert.deepEqual([started.length, memories.length], [4, 2]);
  } finally {
    globalThis.setTimeout = set;
  }
});

test("a cancelled derivation rejects at once, and the next one is right", async () => {
  const envelock = await fresh(2);
  await bothWays(envelock);
  const controller = new AbortController();
  const message = envelock.encrypt({ data: "hello", passwords, signal: controller.signal });
  setTimeout(() => controller.abort(), 20);
  await assert.rejects(message, { code: "cancelled" });
  await bothWays(envelock);
});

test("a worker has threads of its own, and the process ends without waiting for them", async () => {
  const code = `import("envelock/worker").then(async ({ createWorker }) => {
    const worker = createWorker({ threads: { count: 2, url: new URL("./threads-script.mjs", ${JSON.stringify(import.meta.resolve("envelock"))}) } });
    const message = await worker.encrypt({ data: "hello", passwords: "p" });
    console.log((await worker.decrypt({ message, passwords: "p" })).data);
  })`;
  const begun = Date.now();
  const { stdout } = await promisify(execFile)(process.execPath, ["--eval", code], { cwd: import.meta.dirname });
  assert.equal(stdout, "hello\n");
  assert.ok(Date.now() - begun < 9_000, "it waited until they were idle");
});

test("a number of threads, or where they are: anything else is refused", async () => {
  for (const threads of [0, -1, 1.5, "2", {}, { count: 0 }, { count: 2, url: 1 }, { count: 2, policy: 1 }, { count: 2, polcy: "x" }]) {
    assert.throws(() => createWorker({ threads }), (error) => error instanceof PgpError && error.code === "bad-option", JSON.stringify(threads));
  }
});
