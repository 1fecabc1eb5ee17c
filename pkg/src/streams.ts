/**
 * Both ends of a call that works on a stream: octets are read from the caller's stream when the module wants them, and
 * handed out when the reader does.
 *
 * At most one part (1 MiB) is on its way in and one on its way out, so a slow reader keeps the source waiting.
 */
import type { CallOptions, Note } from "./api.js";
import { cancelled } from "./data.js";
import { PgpError } from "./error.js";
import type { Backend, StreamName } from "./module.js";

/** What is known of a message before its data. */
export interface Head {
  filename?: string;
  notes: Note[];
}

/** A stream under way. */
export interface Piped {
  /** Settles when the first octets may come; rejects if none will. */
  opened: Promise<Head | undefined>;
  data: ReadableStream<Uint8Array>;
  /** What the module says at the end. Rejects with what `data` fails with. */
  ended: Promise<unknown>;
}

/** Sends `input` through a call of the module. */
export function pipe(backend: Backend, name: StreamName, args: object, { signal, onProgress }: CallOptions, input: ReadableStream<Uint8Array>): Piped {
  if (signal?.aborted) {
    void input.cancel(signal.reason).catch(() => undefined);
    throw cancelled(signal);
  }
  const control = new AbortController();
  const abort = () => control.abort(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  const source = new Source(input);
  const outlet = new Outlet((reason) => control.abort(reason));
  let open: (head?: Head) => void = () => undefined;
  const first = new Promise<Head | undefined>((resolve) => {
    open = resolve;
  });
  let failed: { thrown: unknown } | undefined;
  const take = async (size: number) => {
    try {
      return await source.take(size);
    } catch (thrown) {
      failed ??= { thrown };
      control.abort(thrown);
      throw thrown;
    }
  };
  const give = async (bytes: Uint8Array) => {
    if (name === "encryptStream") open();
    await outlet.give(bytes);
  };
  const ended = backend.stream(name, args, { signal: control.signal, onProgress }, { take, give, open }).then(
    (value) => {
      outlet.close();
      return value;
    },
    (thrown: unknown) => {
      const error = failed ? failed.thrown : signal?.aborted ? cancelled(signal) : thrown;
      source.cancel(error);
      outlet.fail(error);
      throw error;
    },
  ).finally(() => signal?.removeEventListener("abort", abort));
  // Whoever reads `data` hears of it; nobody has to listen here as well.
  ended.catch(() => undefined);
  return { opened: Promise.race([first, ended.then(() => undefined)]), data: outlet.stream, ended };
}

/** Reads a stream in parts of a size. */
class Source {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #left: Uint8Array | undefined;
  /** One buffer for all parts, while it is ours: a fresh one each time would pile up. */
  #part: Uint8Array | undefined;
  #over = false;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  /** So many octets, or fewer if they are the last; good until the next call, unless they are moved away. */
  async take(size: number): Promise<Uint8Array> {
    let part = this.#part?.length === size ? this.#part : undefined;
    let length = 0;
    while (length < size) {
      const piece = await this.#next();
      if (piece === undefined) break;
      const taken = piece.length > size - length ? piece.subarray(0, size - length) : piece;
      if (taken.length < piece.length) this.#left = piece.subarray(taken.length);
      part ??= this.#part = new Uint8Array(size);
      part.set(taken, length);
      length += taken.length;
    }
    return part === undefined || length === 0 ? new Uint8Array(0) : length < size ? part.slice(0, length) : part;
  }

  cancel(reason: unknown): void {
    if (!this.#over) void this.#reader.cancel(reason).catch(() => undefined);
    this.#over = true;
  }

  async #next(): Promise<Uint8Array | undefined> {
    const left = this.#left;
    this.#left = undefined;
    if (left !== undefined || this.#over) return left;
    const { done, value } = await this.#reader.read();
    if (done) {
      this.#over = true;
      return undefined;
    }
    if (!(value instanceof Uint8Array)) throw new PgpError("bad-option", "a stream must give Uint8Array chunks");
    return value;
  }
}

/** Hands octets out as slowly as the reader wants them. */
class Outlet {
  readonly stream: ReadableStream<Uint8Array>;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #isWanted = false;
  #wake: (() => void) | undefined;
  #over = false;

  constructor(cancel: (reason: unknown) => void) {
    this.stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => {
        this.#isWanted = true;
        this.#wake?.();
      },
      cancel: (reason) => {
        this.#over = true;
        cancel(reason);
      },
    }, { highWaterMark: 0 });
  }

  /** Waits until somebody reads. */
  async give(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    if (!this.#isWanted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    if (this.#over) return;
    this.#isWanted = false;
    this.#controller?.enqueue(bytes);
  }

  close(): void {
    if (!this.#over) this.#controller?.close();
    this.#over = true;
  }

  fail(error: unknown): void {
    if (!this.#over) this.#controller?.error(error);
    this.#over = true;
  }
}
