/** The package as it is installed: what is in it, what it exports, what TypeScript says about it. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const root = dirname(fileURLToPath(import.meta.resolve("envelock/package.json")));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

test("is the installed package, with no dependencies and nothing that is not needed", () => {
  assert.ok(root.includes("node_modules"), root);
  assert.equal(manifest.dependencies, undefined);
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
  for (const licence of ["LICENSE-APACHE", "LICENSE-MIT", "THIRD-PARTY-LICENSES.txt"]) assert.ok(files.includes(licence), licence);
  for (const file of files) assert.match(file, /^(package\.json|README\.md|LICENSE[\w.-]*|THIRD-PARTY-LICENSES\.txt|dist\/[\w.-]+\.(mjs|d\.ts)|wasm\/(envelock|envelock_rest|pqc|pqc_rest|reader|login)_bg\.wasm)$/, file);
});

test("every subpath exists, types first and default last", async () => {
  for (const [subpath, target] of Object.entries(manifest.exports)) {
    const conditions = Object.keys(target);
    assert.equal(conditions.at(-1), "default", subpath);
    if (conditions.includes("types")) assert.equal(conditions[0], "types", subpath);
    for (const file of Object.values(target)) readFileSync(join(root, file));
  }
});

test("publint has nothing to say", async () => {
  const { publint } = await import("publint");
  const { messages } = await publint({ pkgDir: root, strict: true });
  assert.deepEqual(messages, []);
});

test("can be required", () => {
  const { init, PgpError } = require("envelock");
  assert.equal(typeof init, "function");
  assert.equal(typeof PgpError, "function");
});

test("touches nothing of browsers or Node when imported, and finds each part of its module by one URL", () => {
  const sources = readdirSync(join(root, "dist")).filter((name) => name.endsWith(".mjs")).map((name) => [name, readFileSync(join(root, "dist", name), "utf8")]);
  for (const [name, source] of sources) {
    assert.equal(/\bfrom "node:|import\("node:|\brequire\(|\beval\(|new Function\(/.test(source), false, name);
    const places = [...source.matchAll(/new URL\(\s*"([^"]+)",\s*import\.meta\.url/g)].map(([, place]) => place);
    // Two parts of a module, and one script of a worker.
    const [parts, scripts] = [true, false].map((isPart) => places.filter((place) => place.endsWith(".wasm") === isPart));
    assert.deepEqual(places, places.filter((place, at) => places.indexOf(place) === at && parts.length <= 2 && scripts.length <= 1), name);
  }
});

test("the inline build is one file without a second request", async () => {
  const path = fileURLToPath(import.meta.resolve("envelock/inline"));
  const source = readFileSync(path, "utf8");
  assert.equal(/\bfrom\s*"|\bimport\s*\(|new URL\("\./.test(source.split('"').filter((part) => part.length < 100_000).join('"')), false);
  const { decrypt, encrypt } = await import("envelock/inline");
  assert.equal((await decrypt({ message: await encrypt({ data: "x", passwords: "p" }), passwords: "p" })).data, "x");
});

const CONSUMER = `
import { decrypt, encrypt, errorCodes, generateKey, init, Keystore, openEnvelope, PgpError, readKeys, sealEnvelope, sign, verify } from "envelock";
import type { Certificate, ErrorCode, SecretKey, Signature, Storage } from "envelock";
import { createWorker } from "envelock/worker";
import { deriveAccess, openEnvelope as read } from "envelock/reader";
import { createLogin, type FinishedLogin, type Started } from "envelock/login";
import { init as inline } from "envelock/inline";

await init({ wasm: new URL("https://example.org/envelock_bg.wasm") });
await inline();
const { key, revocationCertificate }: { key: SecretKey; revocationCertificate: string } =
  await generateKey({ userIds: [{ name: "Anna", email: "anna@example.org" }], passphrase: "x" });
const certificates: Certificate[] = [];
for (const read of await readKeys(key.armored)) if (read.kind === "certificate") certificates.push(read);
const text: string = await encrypt({ data: "x", recipients: certificates, signers: [{ key, passphrase: "x" }] });
const bytes: Uint8Array = await encrypt({ data: "x", passwords: "p", armor: false });
const stream: ReadableStream<Uint8Array> = await encrypt({ data: new Blob(["x"]).stream(), passwords: "p" });
const opened = await decrypt({ message: text, keys: { key, passphrase: "x" }, verifyWith: certificates });
const data: string = opened.data;
const signatures: Signature[] = opened.signatures;
const binary: Uint8Array = (await decrypt({ message: bytes, passwords: "p", as: "binary" })).data;
const signature: string = await sign({ data, signers: { key, passphrase: "x" }, form: "detached" });
const { signatures: verdicts } = await verify({ data, signature, verifyWith: certificates });
const sealed = await sealEnvelope({ subject: "s", text: "t", password: "p", attachments: [{ name: "a", data: binary }] });
const envelope = await openEnvelope({ ciphertext: sealed.ciphertext, linkSecret: sealed.linkSecret, password: "p" });
const kept = new Map<string, Uint8Array>();
const storage: Storage = { get: (name) => kept.get(name), put: (name, value) => void kept.set(name, value), delete: (name) => void kept.delete(name), list: () => [...kept.keys()] };
const keystore: Keystore = await Keystore.open({ storage, passphrase: "p" });
await keystore.add(key);
const worker = createWorker();
const own: Keystore = await worker.Keystore.open({ passphrase: "p", storage });
worker.terminate();
const access = await deriveAccess({ salt: sealed.head.salt, password: "p" });
const small = await read({ ciphertext: sealed.ciphertext, access });
const client = createLogin({ url: new URL("https://example.org/login-worker-script.mjs") });
const login: Started<FinishedLogin> = await client.startLogin({ password: "p", signal: AbortSignal.timeout(1000) });
const { finalization, exportKey }: { finalization: string; exportKey: Uint8Array } = await login.finish(login.request);
const { record }: { record: string } = await (await client.startRegistration({ password: "p" })).finish(finalization);
console.log(record, exportKey);
const codes: readonly ErrorCode[] = errorCodes;
try { await own.lock(); } catch (error) { if (error instanceof PgpError && error.code === "keystore-locked") console.log(error.hint, error.recoverable); }
console.log(revocationCertificate, stream, signatures, verdicts, envelope.subject, small.signedMessage, codes);

// @ts-expect-error an option with a typo
await encrypt({ data: "x", passwrods: "p" });
// @ts-expect-error armored keys have to be read first
await encrypt({ data: "x", recipients: "-----BEGIN" });
// @ts-expect-error a verdict is compared, not trusted by being there
const wrong: boolean = verdicts[0].status;
console.log(wrong);
`;

test("types compile in a strict consumer", () => {
  const file = join(here, "consumer.mts");
  writeFileSync(file, CONSUMER);
  const tsc = join(dirname(require.resolve("typescript")), "tsc.js");
  for (const resolution of [["nodenext", "nodenext"], ["esnext", "bundler"]]) {
    const options = ["--module", resolution[0], "--moduleResolution", resolution[1], "--target", "es2022", "--lib", "es2022,dom,dom.iterable,dom.asynciterable", "--strict", "--exactOptionalPropertyTypes", "--noEmit"];
    try {
      execFileSync(process.execPath, [tsc, ...options, file], { cwd: here, encoding: "utf8" });
    } catch (error) {
      assert.fail(`${resolution}: ${error.stdout}`);
    }
  }
  rmSync(file);
});
