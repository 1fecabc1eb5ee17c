/** Loading: from everywhere, again after a failure, and after a trap. Each case has a process of its own. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { dirname } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { generateKey } from "envelock";

const here = dirname(fileURLToPath(import.meta.url));
const prelude = `
  import assert from "node:assert/strict";
  import { readFile } from "node:fs/promises";
  import { init, encrypt, PgpError } from "envelock";
  const path = new URL(import.meta.resolve("envelock/wasm"));
  const bytes = await readFile(path);
  const works = async () => assert.match(await encrypt({ data: "x", passwords: "p" }), /BEGIN PGP MESSAGE/);
  const refuses = (wasm, code, pattern) => assert.rejects(init({ wasm }), (error) => {
    assert.equal(error.code, code, error.message); assert.match(error.message, pattern); return true; });
`;
const run = (code) => promisify(execFile)(process.execPath, ["--input-type=module", "--eval", prelude + code], { cwd: here });

test("finds its module by itself, once for concurrent calls", () => run(`
  let instances = 0;
  const Instance = WebAssembly.Instance;
  WebAssembly.Instance = function (...given) { instances += 1; return new Instance(...given); };
  await Promise.all([works(), init(), works(), init()]);
  assert.equal(instances, 1);`));

for (const [what, wasm] of [
  ["a URL", "path"], ["a string", "path.href"], ["bytes", "bytes"], ["a buffer", "bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)"],
  ["a compiled module", "await WebAssembly.compile(bytes)"],
  ["a response", 'new Response(bytes, { headers: { "content-type": "application/wasm" } })'],
]) test(`takes ${what}`, () => run(`await init({ wasm: ${wasm} }); await works();`));

test("takes a response of another type with one warning", () => run(`
  const warnings = []; console.warn = (text) => warnings.push(text);
  await init({ wasm: new Response(bytes, { headers: { "content-type": "application/octet-stream" } }) });
  await works();
  assert.equal(warnings.length, 1); assert.match(warnings[0], /application\\/wasm/);`));

test("says so when it gets a web page, and works when called again", () => run(`
  await refuses(new Response("<!doctype html>", { headers: { "content-type": "text/html" } }), "wasm-not-loaded", /web page.*init\\(\\{ wasm \\}\\)/s);
  await refuses(new Response("not found", { status: 404 }), "wasm-not-loaded", /404/);
  await refuses(new TextEncoder().encode("hello"), "wasm-not-loaded", /not a wasm module/);
  await refuses(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]), "wasm-not-loaded", /version/);
  await refuses(new URL(import.meta.resolve("envelock/reader-wasm")), "wasm-not-loaded", /version/);
  await refuses(new URL("./missing.wasm", path), "wasm-not-loaded", /ENOENT/);
  await init({ wasm: path }); await works();`));

test("a failure without an explicit place is forgotten as well", () => run(`
  const compile = WebAssembly.compile;
  WebAssembly.compile = () => Promise.reject(new Error("network"));
  await assert.rejects(works(), { code: "wasm-not-loaded" });
  WebAssembly.compile = compile;
  await works();`));

test("without WebAssembly it says that", () => run(`
  delete globalThis.WebAssembly;
  await assert.rejects(works(), { code: "wasm-unsupported" });`));

test("a trap is reported as internal, and the next call works", () => run(`
  const Instance = WebAssembly.Instance;
  let traps = 0;
  WebAssembly.Instance = function (...given) {
    const { exports } = new Instance(...given);
    const trap = () => { traps += 1; throw new WebAssembly.RuntimeError("unreachable"); };
    return { exports: traps === 0 ? { ...exports, job_poll: trap } : exports };
  };
  await assert.rejects(works(), (error) => error instanceof PgpError && error.code === "internal" && error.recoverable);
  assert.equal(traps, 1);
  await works();`));

test("importing has no effect", () => run(`assert.equal(typeof init, "function"); assert.deepEqual(process.getActiveResourcesInfo().filter((name) => /Worker|FSReq/.test(name)), []);`));

test("a browser whose WebAssembly knows no vectors is too old, and hears it", () => run(`
  const { validate } = WebAssembly;
  WebAssembly.validate = () => false;
  await assert.rejects(works(), { code: "wasm-unsupported", message: /too old/ });
  WebAssembly.validate = validate;
  await works();`));

const parts = `
  const rest = new URL(import.meta.resolve("envelock/wasm-rest"));
  const { decrypt, generateSessionKey, readKeys } = await import("envelock");
  const compiled = [];
  const compile = WebAssembly.compile;
  WebAssembly.compile = (bytes) => { compiled.push(bytes.length); return compile(bytes); };
  const sizes = { first: bytes.length, rest: (await readFile(rest)).length };
  const session = async () => assert.equal((await generateSessionKey()).data.length, 32);`;

const made = async (options) => JSON.stringify((await generateKey({ userIds: [{ email: "a@b.example" }], ...options })).key.armored);

test("the usual calls load the first part alone; one that needs the second loads it, once for concurrent calls", async () => run(`${parts}
  await works();
  const [key] = await readKeys(${await made({ profile: "compat" })});
  const message = await encrypt({ data: "x", recipients: [key.certificate], signers: [{ key }] });
  assert.equal((await decrypt({ message, keys: [{ key }], verifyWith: [key.certificate] })).signatures[0].status, "valid");
  assert.deepEqual(compiled, [sizes.first]);
  await Promise.all([session(), session(), works()]);
  await session();
  assert.deepEqual(compiled, [sizes.first, sizes.rest]);`));

test("a key of another algorithm than Curve25519 has them load the second part, once", async () => run(`${parts}
  const keys = ${await made({ profile: "nist" })};
  const [[key], [again]] = await Promise.all([readKeys(keys), readKeys(keys), works()]);
  assert.equal(key.fingerprint, again.fingerprint);
  const message = await encrypt({ data: "x", recipients: [key.certificate] });
  assert.equal((await decrypt({ message, keys: [{ key }] })).data, "x");
  assert.deepEqual(compiled, [sizes.first, sizes.rest]);`));

test("a first call that needs the second part loads both, whichever comes first", () => run(`${parts}
  await Promise.all([session(), works()]);
  assert.deepEqual(compiled.sort(), [sizes.first, sizes.rest].sort());`));

test("a second part that does not come fails that call alone, and the next one tries again", () => run(`${parts}
  await works();
  WebAssembly.compile = () => Promise.reject(new Error("network"));
  await assert.rejects(session(), (error) => error instanceof PgpError && error.code === "wasm-not-loaded" && /network/.test(error.message));
  await works();
  WebAssembly.compile = compile;
  await session();`));

test("the second part is looked for beside the first, where it is said to be, and nowhere else", () => run(`${parts}
  const { mkdtemp, copyFile } = await import("node:fs/promises");
  const { pathToFileURL } = await import("node:url");
  const folder = pathToFileURL(await mkdtemp((await import("node:os")).tmpdir() + "/parts-") + "/");
  await copyFile(path, new URL("envelock_bg.wasm", folder));
  await init({ wasm: new URL("envelock_bg.wasm", folder) });
  await works();
  await assert.rejects(session(), { code: "wasm-not-loaded" });
  await copyFile(rest, new URL("envelock_rest_bg.wasm", folder));
  await session();`));

for (const [what, part] of [["a URL", "rest.href"], ["bytes", "await readFile(rest)"], ["a response", 'new Response(await readFile(rest), { headers: { "content-type": "application/wasm" } })']]) {
  test(`takes ${what} as the second part`, () => run(`${parts} await init({ wasm: bytes, wasmRest: ${part} }); await session();`));
}

test("a second part of another build is refused", () => run(`${parts}
  await init({ wasmRest: new URL(import.meta.resolve("envelock/pqc-wasm-rest")) });
  await works();
  await assert.rejects(session(), (error) => error.code === "wasm-not-loaded" && /version/.test(error.message));
  await works();
  await init({ wasmRest: rest });
  await session();`));

test("the first part in the place of the second is refused, and so is what is no module at all", () => run(`${parts}
  for (const wasm of [{}, 7, [], new Date()]) await assert.rejects(init({ wasm }), { code: "bad-option" });
  await init({ wasm: bytes, wasmRest: bytes });
  await works();
  await assert.rejects(session(), (error) => error.code === "wasm-not-loaded" && /does not belong/.test(error.message));
  await works();`));

test("after a trap both parts are there again", () => run(`${parts}
  await session();
  const Instance = WebAssembly.Instance;
  let instances = 0;
  WebAssembly.Instance = function (...given) { instances += 1; return new Instance(...given); };
  const random = globalThis.crypto.getRandomValues;
  globalThis.crypto.getRandomValues = () => { throw new WebAssembly.RuntimeError("unreachable"); };
  await assert.rejects(session(), (error) => error.code === "internal");
  globalThis.crypto.getRandomValues = random;
  await session();
  await works();
  assert.equal(instances, 2);`));
