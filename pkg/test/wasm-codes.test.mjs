/** The codes of the module and of the package are one list. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { errorCodes, PgpError } from "envelock";

const root = process.env.ENVELOCK_ROOT;
const OURS = ["unknown-option", "wasm-unsupported", "wasm-not-loaded", "worker-failed", "terminated", "storage-failed"];

test("every code of the module has its advice, and no code is left over", { skip: !root && "ENVELOCK_ROOT is not set" }, async () => {
  const glue = await import(pathToFileURL(join(root, "pkg/wasm/envelock.js")));
  glue.initSync({ module: await readFile(join(root, "pkg/wasm/envelock_bg.wasm")) });
  const theirs = [...new Set(glue.errorCodes())];
  assert.ok(theirs.length > 20);
  assert.deepEqual([...theirs, ...OURS].sort(), [...errorCodes].sort());
});

test("every code has a hint", () => {
  for (const code of errorCodes) {
    const { hint, recoverable } = new PgpError(code, "m");
    assert.match(hint, /^[A-Z].{10,}\.$/s, code);
    assert.equal(typeof recoverable, "boolean");
  }
});
