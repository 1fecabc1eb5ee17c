/**
 * `envelock/worker`: the same API off the main thread.
 *
 * The page never blocks, not even for Argon2. Web workers in browsers, `worker_threads` in Node.
 */
import type { Envelock, InitOptions } from "./api.js";
import { createCalls } from "./calls.js";
import { checkOptions } from "./options.js";
import { type Answer, type Channel, type Start, WorkerBackend } from "./rpc.js";

export type * from "./api.js";
export { type ErrorCode, errorCodes, type PaperFacts, PgpError, type Place } from "./error.js";
export { addressOf } from "./keystore-address.js";

/** A script URL that a Trusted Types policy made. */
export interface TrustedScriptUrl {
  toString(): string;
}

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
  const backend = new WorkerBackend(start(options.url), { wasm: part(options.wasm), wasmRest: part(options.wasmRest) });
  return { ...createCalls(backend), terminate: () => backend.terminate() };
}

interface NodeWorker {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  on(event: string, listener: (value: never) => void): void;
  ref(): void;
  unref(): void;
  terminate(): void;
}
interface NodeWorkers {
  Worker: new (url: URL) => NodeWorker;
}

function start(url: WorkerOptions["url"]): Start {
  const node = (globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }).process?.getBuiltinModule?.("node:worker_threads");
  return (receive, died) => (typeof Worker === "undefined" && node ? startInNode(node as NodeWorkers, url, receive, died) : startInBrowser(url, receive, died));
}

function startInBrowser(url: WorkerOptions["url"], receive: (answer: Answer) => void, died: (cause: unknown) => void): Channel {
  // Bundlers look for exactly this expression.
  const worker = url === undefined ? new Worker(new URL("./worker-script.mjs", import.meta.url), { type: "module" }) : new Worker(url as string, { type: "module" });
  worker.onmessage = ({ data }: MessageEvent<Answer>) => receive(data);
  worker.onerror = (event) => {
    event.preventDefault();
    died(event);
  };
  worker.onmessageerror = died;
  return { post: (message, transfer) => worker.postMessage(message, transfer), busy: () => undefined, terminate: () => worker.terminate() };
}

function startInNode({ Worker }: NodeWorkers, url: WorkerOptions["url"], receive: (answer: Answer) => void, died: (cause: unknown) => void): Channel {
  const worker = new Worker(new URL(url === undefined ? "./worker-script.mjs" : String(url), import.meta.url));
  worker.on("message", receive);
  worker.on("messageerror", died);
  worker.on("error", died);
  worker.on("exit", died);
  worker.unref();
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    busy: (isBusy) => (isBusy ? worker.ref() : worker.unref()),
    terminate: () => void worker.terminate(),
  };
}
