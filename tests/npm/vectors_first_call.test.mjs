// The rows of tests/vectors once more, each call the first one of a fresh instance: whatever it needs of the module's second part is not there yet. A
// key or a signature must never be judged by what is missing, so the outcome has to be the same as with everything there.
import * as envelock from "envelock";
import { createWorker } from "envelock/worker";
import { readFile } from "node:fs/promises";
import { isPostQuantum, rows } from "./corpus.mjs";
import { runRows } from "./run_rows.mjs";

const part = async (name) => WebAssembly.compile(await readFile(new URL(import.meta.resolve(`envelock/${name}`))));
const parts = { wasm: await part("wasm"), wasmRest: await part("wasm-rest") };

const first = (name) => async (options) => {
  const worker = createWorker(parts);
  try {
    return await worker[name](options);
  } finally {
    worker.terminate();
  }
};
const firsts = Object.fromEntries(["decrypt", "encrypt", "readKeys", "unlockCheck", "verify"].map((name) => [name, first(name)]));

await runRows(async () => ({ ...envelock, ...firsts }), rows().filter((row) => !isPostQuantum(row)), { once: true });
