/**
 * Worker threads, web workers and Node's alike: starts one and hears it.
 *
 * Not here: what is said (`rpc.ts`, `login-thread.ts`), and the worker's own end (`port.ts`).
 */
import { builtin } from "./platform.js";
import type { TrustedScriptUrl } from "./api.js";

/** A started thread. */
export interface Thread<Question> {
  post(message: Question, transfer: ArrayBuffer[]): void;
  /** Keeps a Node process alive while there is work. */
  busy(isBusy: boolean): void;
  terminate(): void;
}

/** What a thread runs. */
export interface Script {
  /** Handed on untouched, if it is given. */
  url: string | URL | TrustedScriptUrl | undefined;
  /** Else: makes a web worker. Bundlers look for that whole expression, so it stands in the entry. */
  inBrowser(): Worker;
  /** For Node: the file's name, and the URL that it is beside. */
  file: string;
  base: string;
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

/** Starts a thread that hands its answers to `receive` and its death to `died`. */
export function startThread<Question, Answer>(script: Script, receive: (answer: Answer) => void, died: (cause: unknown) => void): Thread<Question> {
  const node = builtin("node:worker_threads");
  return typeof Worker === "undefined" && node ? startInNode(node as NodeWorkers, script, receive, died) : startInBrowser(script, receive, died);
}

function startInBrowser<Question, Answer>({ url, inBrowser }: Script, receive: (answer: Answer) => void, died: (cause: unknown) => void): Thread<Question> {
  const worker = url === undefined ? inBrowser() : new Worker(url as string, { type: "module" });
  worker.onmessage = ({ data }: MessageEvent<Answer>) => receive(data);
  worker.onerror = (event) => {
    event.preventDefault();
    died(event);
  };
  worker.onmessageerror = died;
  return { post: (message, transfer) => worker.postMessage(message, transfer), busy: () => undefined, terminate: () => worker.terminate() };
}

function startInNode<Question, Answer>({ Worker }: NodeWorkers, { url, file, base }: Script, receive: (answer: Answer) => void, died: (cause: unknown) => void): Thread<Question> {
  const worker = new Worker(new URL(url === undefined ? file : String(url), base));
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
