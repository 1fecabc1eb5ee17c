/**
 * Both ends of a call that works on a stream: octets are read from the caller's stream when the module wants them, and
 * handed out when the reader does.
 *
 * At most two parts (of 1 MiB) are on their way in and one on its way out, so a slow reader keeps the source waiting.
 */
import type { CallOptions, Note } from "./api.js";
import { sourceFailed } from "./data.js";
import { cancelled, PgpError } from "./error.js";
import type { Backend, StreamName } from "./module.js";
import { wipe } from "./secrets.js";

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
    wipe(args);
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
  const take = async (size: number, spent?: Uint8Array) => {
    try {
      return await source.take(size, spent);
    } catch (thrown) {
      failed ??= { thrown: sourceFailed(thrown) };
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

/** Reads a stream in parts of a size, the next part while one is worked on. */
class Source {
  readonly #pieces: Pieces;
  /** Buffers of parts: fresh ones each time would pile up. */
  readonly #spare: ArrayBuffer[] = [];
  #lent: Uint8Array | undefined;
  #ahead: Promise<Uint8Array> | undefined;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#pieces = piecesOf(stream);
  }

  /** So many octets, or fewer if they are the last; good until the next call. If they were moved away, that may bring them back. */
  async take(size: number, spent = this.#lent): Promise<Uint8Array> {
    if (spent?.buffer.byteLength === size) this.#spare.push(spent.buffer as ArrayBuffer);
    const part = await (this.#ahead ?? this.#fill(size));
    const isLast = part.length < size;
    this.#lent = isLast ? undefined : part;
    this.#ahead = isLast ? undefined : this.#fill(size);
    this.#ahead?.catch(() => undefined); // told to whoever takes it
    return part;
  }

  cancel(reason: unknown): void {
    this.#pieces.cancel(reason);
  }

  async #fill(size: number): Promise<Uint8Array> {
    let part = new Uint8Array(this.#spare.pop() ?? new ArrayBuffer(size));
    for (let length = 0; length < size; ) {
      const filled = await this.#pieces.into(part, length);
      if (filled === undefined) return part.length === 0 ? part : part.subarray(0, length); // a cancelled stream may have kept it
      ({ part, length } = filled);
    }
    return part;
  }
}

/** Where the octets of a stream come from. */
interface Pieces {
  /** Writes the next octets into an array from `at` on, which may move it, and gives how far; nothing at the end. */
  into(part: Uint8Array<ArrayBuffer>, at: number): Promise<{ part: Uint8Array<ArrayBuffer>; length: number } | undefined>;
  cancel(reason: unknown): void;
}

function piecesOf(stream: ReadableStream<Uint8Array>): Pieces {
  try {
    return new Bytes(stream.getReader({ mode: "byob" }));
  } catch {
    return new Chunks(stream.getReader());
  }
}

/** A stream that writes where it is told, as bodies of responses and blobs do: no chunk is left to be collected. */
class Bytes implements Pieces {
  readonly #reader: ReadableStreamBYOBReader;
  #over = false;

  constructor(reader: ReadableStreamBYOBReader) {
    this.#reader = reader;
  }

  async into(part: Uint8Array<ArrayBuffer>, at: number) {
    if (this.#over) return undefined;
    const { done, value } = await this.#reader.read(part.subarray(at));
    this.#over ||= done; // the array comes back all the same, with nothing more in it
    return value && { part: new Uint8Array(value.buffer), length: at + value.length };
  }

  cancel(reason: unknown): void {
    if (!this.#over) void this.#reader.cancel(reason).catch(() => undefined);
    this.#over = true;
  }
}

/** Any other stream: chunks of its own, copied. */
class Chunks implements Pieces {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #left: Uint8Array | undefined;
  #over = false;

  constructor(reader: ReadableStreamDefaultReader<Uint8Array>) {
    this.#reader = reader;
  }

  async into(part: Uint8Array<ArrayBuffer>, at: number) {
    const chunk = this.#left ?? (await this.#next());
    if (chunk === undefined) return undefined;
    const taken = chunk.subarray(0, part.length - at);
    this.#left = taken.length < chunk.length ? chunk.subarray(taken.length) : undefined;
    part.set(taken, at);
    return { part, length: at + taken.length };
  }

  cancel(reason: unknown): void {
    if (!this.#over) void this.#reader.cancel(reason).catch(() => undefined);
    this.#over = true;
  }

  async #next(): Promise<Uint8Array | undefined> {
    if (this.#over) return undefined;
    const { done, value } = await this.#reader.read();
    if (done) {
      this.#over = true;
      return undefined;
    }
    if (!(value instanceof Uint8Array)) throw new PgpError("bad-option", "a stream must give Uint8Array chunks");
    return value;
  }
}

/** So much is handed out before the browser is asked to look for what nobody holds any more. */
const UNSEEN = 8 * 1024 * 1024;
/** What V8 lets arrays hold before it looks by itself. */
const SEEN = 64 * 1024 * 1024;

/**
 * Has the browser collect arrays that were handed out and dropped: V8 counts what they hold only from some size on, and a stream would take all of
 * that. An array of that size makes it look at once; as nothing is ever written to it, it takes no memory. Node needs no such hint, and
 * would take as long again.
 */
function collect(): void {
  // Bundlers give pages a `process` without versions.
  if ((globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node !== undefined) return;
  try {
    const array = new ArrayBuffer(SEEN) as ArrayBuffer & { transfer?: (size: number) => ArrayBuffer };
    array.transfer?.(0);
  } catch {
    // There is no room for it: then the browser looks anyhow.
  }
}

/** Hands octets out as slowly as the reader wants them. */
class Outlet {
  readonly stream: ReadableStream<Uint8Array>;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #isWanted = false;
  #unseen = 0;
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
    this.#unseen += bytes.length;
    if (this.#unseen >= UNSEEN) {
      this.#unseen = 0;
      collect();
    }
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
