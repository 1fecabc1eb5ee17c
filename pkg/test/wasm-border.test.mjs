/** The border of the module: its codes and the package's are one list, and it takes no unknown word for a default. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { errorCodes, PgpError } from "envelock";

const root = process.env.ENVELOCK_ROOT;
const OURS = ["unknown-option", "wasm-unsupported", "wasm-not-loaded", "worker-failed", "terminated", "source-failed", "storage-failed", "passkey-unavailable", "passkey-refused", "lookup-failed", "lookup-refused", "sync-code-required", "sync-rolled-back", "wrong-password", "password-too-short", "password-too-long"];

const needsRoot = { skip: !root && "ENVELOCK_ROOT is not set" };
async function load() {
  const glue = await import(pathToFileURL(join(root, "pkg/wasm/envelock.js")));
  const part = async (name) => new WebAssembly.Module(await readFile(join(root, "pkg/wasm", name)));
  glue.initSync({ module: await part("envelock_bg.wasm") });
  glue.join(await part("envelock_rest_bg.wasm"));
  return glue;
}

test("every code of the module has its advice, and no code is left over", needsRoot, async () => {
  const glue = await load();
  const theirs = [...new Set(glue.errorCodes())];
  assert.ok(theirs.length > 20);
  assert.deepEqual([...theirs, ...OURS].sort(), [...errorCodes].sort());
});

test("the first part exports what its glue calls and nothing for the second, since V8 takes 16 µs for each export when it starts", needsRoot, async () => {
  const glue = await readFile(join(root, "pkg/wasm/envelock.js"), "utf8");
  const module = new WebAssembly.Module(await readFile(join(root, "pkg/wasm/envelock_bg.wasm")));
  const functions = WebAssembly.Module.exports(module).filter(({ kind }) => kind === "function").map(({ name }) => name);
  assert.ok(functions.includes("encrypt"));
  assert.deepEqual(functions.filter((name) => !glue.includes(`wasm.${name}`)), []);
});

test("every code has a hint", () => {
  for (const code of errorCodes) {
    const { hint, recoverable } = new PgpError(code, "m");
    assert.match(hint, /^[A-Z].{10,}\.$/s, code);
    assert.equal(typeof recoverable, "boolean");
  }
});

test("the module refuses words it does not know", needsRoot, async () => {
  const glue = await load();
  const at = Date.now();
  const nobody = { data: new Uint8Array(1), passwords: [], recipients: [], signers: [], armor: true, padding: true, notations: [], intendedRecipients: true, hideRecipients: false, at };
  assert.doesNotThrow(() => glue.encrypt({ ...nobody, format: "seipd-v2" }, () => true).free());
  const refused = [
    () => glue.generateKey({ userIds: [{ email: "a@b.example" }], profile: "dsa", at }),
    () => glue.generateKey({ userIds: [{ email: "a@b.example" }], profile: "nist", curve: "p192", at }),
    () => glue.generateKey({ userIds: [{ email: "a@b.example" }], profile: "rsa", bits: 1024, at }),
    () => glue.encrypt({ ...nobody, format: "seipd-v3" }, () => true),
    () => glue.sign({ data: new Uint8Array(1), signers: [], form: "inlined", armor: true, notations: [], at }),
    () => glue.encrypt({}, () => true),
    () => glue.decrypt(undefined, () => true),
  ];
  for (const call of refused) assert.throws(call, (error) => /^bad-options?$/.test(error.code), String(call));
});
