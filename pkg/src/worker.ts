/**
 * `envelock/worker`: the same API off the main thread.
 *
 * The page never blocks, not even for Argon2. Web workers in browsers, `worker_threads` in Node.
 */
import type { Envelock, InitOptions, TrustedScriptUrl } from "./api.js";
import { createCalls } from "./calls.js";
import { checkOptions } from "./options.js";
import { type Start, WorkerBackend } from "./rpc.js";
import { startThread } from "./thread.js";

export type * from "./api.js";
export { type ErrorCode, errorCodes, type PaperFacts, PgpError, type Place } from "./error.js";
export { addressOf } from "./keystore-address.js";

export interface WorkerOptions extends InitOptions {
  /** Where `envelock/worker-script` is, if the bundler cannot find it by itself. Handed on untouched. */
  url?: string | URL | TrustedScriptUrl | undefined;
}

/** The API of a worker. */
export interface EnvelockWorker extends Envelock {
  /** Ends the worker at once. Calls under way and later ones reject with `terminated`. */
  terminate(): void;
}

/** Makes a worker; it starts with its first call. */
export function createWorker(options: WorkerOptions = {}): EnvelockWorker {
  checkOptions("createWorker", options);
  const part = (given: InitOptions["wasm"]) => (given instanceof URL ? given.href : given);
  const { url, wasm, wasmRest, threads } = options;
  const backend = new WorkerBackend(start(url), { wasm: part(wasm), wasmRest: part(wasmRest), threads });
  return { ...createCalls(backend), terminate: () => backend.terminate() };
}

function start(url: WorkerOptions["url"]): Start {
  // Bundlers look for exactly this expression.
  const inBrowser = () => new Worker(new URL("./worker-script.mjs", import.meta.url), { type: "module" });
  return (receive, died) => startThread({ url, inBrowser, file: "./worker-script.mjs", base: import.meta.url }, receive, died);
}
