/**
 * The protocol between a page and its worker, and the page's end of it.
 *
 * Requests carry an id and a transfer list; answers come back under the id as a value, an error or progress.
 * A stream's parts are asked for by the worker and moved, one at a time each way. An AbortSignal cannot be cloned, so a cancel is a message of its own, and the caller's promise rejects at
 * once. When the worker dies or reports a trap, all its calls reject with `internal` and the next call starts a
 * new worker. Keystores that were open in the old one are locked.
 */
import type { InitOptions } from "./api.js";
import { cancelled, type PaperFacts, PgpError, type Place, toPgpError } from "./error.js";
import { handOver, isLarge } from "./handover.js";
import { isResponse } from "./loader.js";
import type { Backend, CallName, Control, Ends, StreamName } from "./module.js";
import { wipe } from "./secrets.js";
import type { Head } from "./streams.js";
import type { Thread } from "./thread.js";

/** To the worker. */
export type Request =
  | { id: number; call: CallName; args: object; progress: boolean }
  | { id: number; stream: StreamName; args: object; progress: boolean }
  /** What the worker waits for: octets that it took, or room for more. */
  | { go: number; bytes?: Uint8Array }
  | { id: number; init: InitOptions }
  | { cancel: number };

/** From the worker. */
export type Answer =
  | { id: number; value: unknown }
  | { id: number; error: { code: string; message: string; place?: Place | undefined; facts?: PaperFacts | undefined }; trapped: boolean }
  | { id: number; progress: { done: number; total: number } }
  | { id: number; take: number; spent?: Uint8Array | undefined }
  | { id: number; give: Uint8Array }
  | { id: number; open: Head };

/** Starts a worker that hands its answers to `receive` and its death to `died`. */
export type Start = (receive: (answer: Answer) => void, died: (cause: unknown) => void) => Thread<Request>;

type Part = InitOptions["wasm"];
const PARTS = ["wasm", "wasmRest"] as const;
/** The bodies of responses that were given: they can be read once. */
const bodies = new WeakMap<Response, Promise<ArrayBuffer>>();

/** A URL is no object that can be posted, and is one of this page's. */
function postable(threads: InitOptions["threads"]): InitOptions["threads"] {
  if (typeof threads !== "object" || threads.url === undefined) return threads;
  const place = String(threads.url);
  return { ...threads, url: typeof document === "undefined" ? place : new URL(place, document.baseURI).href };
}

interface Pending {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  onProgress: Control["onProgress"];
  ends: Ends | undefined;
}

/** A backend in a worker. */
export class WorkerBackend implements Backend {
  readonly #start: Start;
  readonly #pending = new Map<number, Pending>();
  #channel: Thread<Request> | undefined;
  /** Where the parts of the module are, as it was given. */
  readonly #given: InitOptions;
  #answered = false;
  #terminated = false;
  #lastId = 0;

  constructor(start: Start, init: InitOptions) {
    this.#start = start;
    this.#given = { ...init };
  }

  async init(init: InitOptions): Promise<void> {
    for (const part of PARTS) if (init[part] !== undefined) this.#given[part] = init[part];
    this.#given.threads = init.threads ?? this.#given.threads;
    await this.#send((id, told) => ({ id, init: told }), {}, []);
  }

  async call(call: CallName, given: object, control: Control, movable: ArrayBuffer[]): Promise<unknown> {
    try {
      const isCopied = isLarge(given, movable);
      const { args, transfer } = isCopied ? await handOver(given, movable, control.signal) : { args: given, transfer: movable };
      return await this.#send((id) => ({ id, call, args, progress: control.onProgress !== undefined }), control, transfer);
    } finally {
      wipe(given); // it may never have been sent
    }
  }

  async stream(stream: StreamName, args: object, control: Control, ends: Ends): Promise<unknown> {
    try {
      return await this.#send((id) => ({ id, stream, args, progress: control.onProgress !== undefined }), control, [], ends);
    } finally {
      wipe(args); // it may never have been sent
    }
  }

  /** Ends the worker; calls under way reject with `terminated`, and so do later ones. */
  terminate(): void {
    this.#terminated = true;
    this.#drop(new PgpError("terminated", "the worker was terminated"));
  }

  async #send(request: (id: number, init: InitOptions) => Request, { signal, onProgress }: Control, transfer: ArrayBuffer[], ends?: Ends): Promise<unknown> {
    if (signal?.aborted) throw cancelled(signal);
    const [wasm, wasmRest] = await Promise.all(PARTS.map((part) => this.#postable(part)));
    if (signal?.aborted) throw cancelled(signal);
    const init = { wasm, wasmRest, threads: postable(this.#given.threads) };
    const channel = this.#connect(init);
    const id = ++this.#lastId;
    const abort = () => {
      channel.post({ cancel: id }, []);
      this.#settle(id)?.reject(cancelled(signal));
    };
    try {
      return await new Promise<unknown>((resolve, reject) => {
        this.#pending.set(id, { resolve, reject, onProgress, ends });
        signal?.addEventListener("abort", abort, { once: true });
        channel.busy(true);
        try {
          const message = request(id, init);
          channel.post(message, transfer);
          wipe(message); // the worker has its own copy now
        } catch (cause) {
          this.#settle(id);
          reject(new PgpError("bad-option", "an option cannot be sent to the worker", { cause }));
        }
      });
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Where a part is, in a form that can be posted: a response cannot, its bytes can. Calls at the same time read them once. */
  async #postable(part: (typeof PARTS)[number]): Promise<Part> {
    const given = this.#given[part];
    if (given instanceof URL) return given.href;
    if (!isResponse(given)) return given;
    const body = bodies.get(given) ?? given.arrayBuffer();
    bodies.set(given, body);
    try {
      return await body;
    } catch (cause) {
      if (this.#given[part] === given) this.#given[part] = undefined; // it can be read no second time
      throw new PgpError("wasm-not-loaded", `the given response could not be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  }

  #connect(init: InitOptions): Thread<Request> {
    if (this.#terminated) throw new PgpError("terminated", "the worker was terminated");
    if (this.#channel) return this.#channel;
    this.#answered = false;
    let channel: Thread<Request>;
    try {
      channel = this.#start(
        (answer) => this.#channel === channel && this.#receive(answer),
        (cause) => this.#channel === channel && this.#died(cause),
      );
    } catch (cause) {
      throw new PgpError("worker-failed", `the worker could not be started: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
    this.#channel = channel;
    if (Object.values(init).some((given) => given !== undefined)) channel.post({ id: 0, init }, []);
    return channel;
  }

  #receive(answer: Answer): void {
    this.#answered = true;
    if ("progress" in answer) {
      this.#report(answer);
    } else if ("open" in answer) {
      this.#pending.get(answer.id)?.ends?.open(answer.open);
    } else if ("take" in answer || "give" in answer) {
      void this.#go(answer);
    } else if ("value" in answer) {
      this.#settle(answer.id)?.resolve(answer.value);
    } else {
      const error = toPgpError(answer.error);
      this.#settle(answer.id)?.reject(error);
      if (answer.trapped) this.#drop(new PgpError("internal", "the worker was started again after a defect in another call"));
    }
  }

  /** What the caller throws ends the call, as it does without a worker. */
  #report({ id, progress }: Extract<Answer, { progress: unknown }>): void {
    try {
      this.#pending.get(id)?.onProgress?.(progress);
    } catch (cause) {
      this.#channel?.post({ cancel: id }, []);
      this.#settle(id)?.reject(cause);
    }
  }

  /** Does what the worker waits for. A stream that fails cancels its call, so nobody waits then. */
  async #go(answer: Extract<Answer, { take: number } | { give: Uint8Array }>): Promise<void> {
    const { id } = answer;
    const ends = this.#pending.get(id)?.ends;
    try {
      const bytes = "take" in answer ? await ends?.take(answer.take, answer.spent) : await ends?.give(answer.give);
      if (this.#pending.has(id)) this.#channel?.post({ go: id, ...(bytes && { bytes }) }, bytes ? [bytes.buffer as ArrayBuffer] : []);
    } catch {
      // `take` told whoever called.
    }
  }

  #died(cause: unknown): void {
    const reason = cause instanceof Error ? cause.message : String((cause as { message?: unknown } | undefined)?.message ?? "it could not be loaded");
    this.#drop(this.#answered
      ? new PgpError("internal", `the worker ended: ${reason}`, { cause })
      : new PgpError("worker-failed", `the worker could not be started: ${reason}`, { cause }));
  }

  #drop(error: PgpError): void {
    this.#channel?.terminate();
    this.#channel = undefined;
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(error);
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#channel?.busy(false);
    return pending;
  }
}
