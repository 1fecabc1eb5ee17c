/** The browser's half of a login. The server's half is in the browser tests; here a stranger answers. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { errorCodes } from "envelock";
import { createLogin, PgpError } from "envelock/login";

const root = process.env.ENVELOCK_ROOT;
const needsRoot = { skip: !root && "ENVELOCK_ROOT is not set" };
const PASSWORD = "seven quiet herons";
const client = createLogin();
after(() => client.terminate());

/** ristretto255's base point (RFC 9496, A.1): a group element that needs no server. */
const POINT = Buffer.from("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76", "hex");
const octets = (length, value = 7) => Buffer.alloc(length, value);
/** RegistrationResponse (RFC 9807 §5.1): evaluated message, server's public key. */
const ANSWER = Buffer.concat([POINT, POINT]);
/** KE2 (RFC 9807 §6.1): evaluated message, masking nonce, masked response, nonce, key share, MAC. */
const KE2 = Buffer.concat([POINT, octets(32), octets(128), octets(32), POINT, octets(64)]);
const text = (bytes) => bytes.toString("base64url");
const bytes = (text) => {
  assert.match(text, /^[\w-]+$/);
  return Buffer.from(text, "base64url");
};
const rejects = (promise, code) => assert.rejects(promise, (error) => {
  assert.ok(error instanceof PgpError, String(error));
  assert.equal(error.code, code, error.message);
  assert.ok(error.hint.length > 10 && error.message.length > 10 && error.message !== code, error.message);
  return true;
});

test("messages have their sizes, and no two first messages are alike", async () => {
  const [first, second] = await Promise.all([1, 2].map(() => client.startLogin({ password: PASSWORD })));
  assert.deepEqual([bytes(first.request).length, bytes(second.request).length], [96, 96]);
  assert.notEqual(first.request, second.request);
  for (const login of [first, second]) login.cancel();

  const registration = await client.startRegistration({ password: PASSWORD });
  assert.equal(bytes(registration.request).length, 32);
  const { record, exportKey } = await registration.finish(text(ANSWER));
  assert.deepEqual([bytes(record).length, exportKey.length], [192, 64]);
  assert.ok(exportKey.some((octet) => octet !== 0));
});

test("an answer that is not of the account's server is a wrong password, and nothing comes out", async () => {
  const login = await client.startLogin({ password: PASSWORD });
  await assert.rejects(login.finish(text(KE2)), (error) => {
    assert.deepEqual([error.name, error.code, error.recoverable], ["PgpError", "wrong-password", true]);
    return true;
  });
  await rejects(login.finish(text(KE2)), "terminated");
});

test("what is no message of the protocol is malformed", async () => {
  for (const answer of ["", "***", text(KE2.subarray(1)), text(Buffer.concat([KE2, octets(1)])), text(octets(320, 255)), `${text(KE2)}=`, "A"]) {
    await rejects((await client.startLogin({ password: PASSWORD })).finish(answer), "malformed");
  }
  for (const answer of [text(octets(64, 255)), text(KE2)]) {
    await rejects((await client.startRegistration({ password: PASSWORD })).finish(answer), "malformed");
  }
  await rejects((await client.startLogin({ password: PASSWORD })).finish({ response: text(KE2) }), "bad-option");
});

test("a chosen password has 12 characters as its readers count them, and at most 1024 octets", async () => {
  await rejects(client.startRegistration({ password: "12345678901" }), "password-too-short");
  await rejects(client.startRegistration({ password: "u\u0308".repeat(11) }), "password-too-short");
  await rejects(client.startRegistration({ password: "x".repeat(1025) }), "password-too-long");
  for (const password of ["123456789012", "x".repeat(1024)]) (await client.startRegistration({ password })).cancel();
  // What nobody can have chosen needs no server.
  await rejects(client.startLogin({ password: "" }), "wrong-password");
});

test("refuses what is no options object, and options it does not know", async () => {
  for (const options of [null, undefined, "password", { password: 5 }]) await rejects(client.startLogin(options), "bad-option");
  await rejects(client.startLogin({ password: PASSWORD, address: "anna@example.org" }), "unknown-option");
  assert.throws(() => createLogin({ script: "x" }), { code: "unknown-option" });
});

test("a cancel rejects at once, whatever is under way, and the next login works", async () => {
  await rejects(client.startLogin({ password: PASSWORD, signal: AbortSignal.abort() }), "cancelled");
  const early = new AbortController();
  const starting = client.startLogin({ password: PASSWORD, signal: early.signal });
  early.abort();
  await rejects(starting, "cancelled");

  const late = new AbortController();
  const login = await client.startLogin({ password: PASSWORD, signal: late.signal });
  const started = performance.now();
  setTimeout(() => late.abort(), 20);
  await rejects(login.finish(text(KE2)), "cancelled");
  const waited = performance.now() - started;

  const other = await client.startLogin({ password: PASSWORD });
  const whole = performance.now();
  await rejects(other.finish(text(KE2)), "wrong-password");
  assert.ok(waited < performance.now() - whole, `${waited} ms`);

  const left = await client.startLogin({ password: PASSWORD });
  left.cancel();
  await rejects(left.finish(text(KE2)), "cancelled");
});

test("leaves the main thread free", async () => {
  await client.ready();
  const login = await client.startLogin({ password: PASSWORD });
  let ticks = 0;
  const timer = setInterval(() => { ticks += 1; }, 5);
  await rejects(login.finish(text(KE2)), "wrong-password");
  clearInterval(timer);
  assert.ok(ticks >= 3, `${ticks} ticks during an Argon2 run`);
});

test("a client that was terminated says so", async () => {
  const other = createLogin();
  const login = await other.startLogin({ password: PASSWORD });
  const finishing = login.finish(text(KE2));
  other.terminate();
  await rejects(finishing, "terminated");
  await rejects(other.startLogin({ password: PASSWORD }), "terminated");
  await rejects(other.ready(), "terminated");
});

test("parts that are not where they should be are named, and can be given", async () => {
  await rejects(createLogin({ url: new URL("file:///missing/login-worker-script.mjs") }).ready(), "worker-failed");
  await rejects(createLogin({ wasm: new TextEncoder().encode("<!doctype html>") }).ready(), "wasm-not-loaded");
  await rejects(createLogin({ wasm: new URL(import.meta.resolve("envelock/reader-wasm")) }).startLogin({ password: PASSWORD }), "wasm-not-loaded");
  const wasm = new URL(import.meta.resolve("envelock/login-wasm"));
  for (const given of [{ wasm }, { wasm: await readFile(wasm) }, { url: new URL(import.meta.resolve("envelock/login-worker-script")) }]) {
    const other = createLogin(given);
    assert.equal(bytes((await other.startLogin({ password: PASSWORD })).request).length, 96);
    other.terminate();
  }
});

test("stands alone", async () => {
  for (const entry of ["envelock/login", "envelock/login-worker-script"]) {
    const source = await readFile(fileURLToPath(import.meta.resolve(entry)), "utf8");
    assert.equal(/\bfrom\s*"|import\(/.test(source), false, `${entry} is one file`);
    assert.equal(source.includes("envelock_bg.wasm"), false, "no trace of the full module");
  }
});

test("every code of the module has its advice", needsRoot, async () => {
  const source = await readFile(join(root, "crates/login/src/client.rs"), "utf8");
  const codes = [...(/const CODES[^;]*;/.exec(source)?.[0] ?? "").matchAll(/"([\w-]+)"/g)].map(([, code]) => code);
  assert.ok(codes.length >= 5 && codes.includes("wrong-password"), codes.join());
  assert.deepEqual(codes.filter((code) => !errorCodes.includes(code)), []);
});

test("the module forgets a password with the login, finished or not", needsRoot, async () => {
  const glue = await import(pathToFileURL(join(root, "pkg/wasm/login.js")));
  const { memory } = glue.initSync({ module: new WebAssembly.Module(await readFile(join(root, "pkg/wasm/login_bg.wasm"))) });
  const password = new TextEncoder().encode("nine purple otters");
  const kept = () => Buffer.from(memory.buffer).includes(password);
  for (const { start, answer } of [{ start: glue.Login, answer: KE2 }, { start: glue.Registration, answer: ANSWER }]) {
    const finished = start.start(password);
    assert.ok(kept(), "held while it is needed");
    try {
      finished.finish(answer);
    } catch (error) {
      assert.equal(error.code, "wrong-password");
    }
    assert.equal(kept(), false, "finished");
    const left = start.start(password);
    assert.ok(kept());
    left.free();
    assert.equal(kept(), false, "freed");
  }
});
