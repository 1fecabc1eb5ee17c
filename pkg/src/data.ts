/**
 * Turns what callers give (string, bytes, blob, stream) into bytes, and bytes back into what they expect.
 *
 * A stream is read to its end here before the work starts, and the result is handed out as a stream afterwards. The
 * size limit is checked while reading, so an endless stream ends in `too-large`. Not here: what works on a stream while
 * it is read (`streams.ts`).
 */
import type { Data } from "./api.js";
import { cancelled, PgpError } from "./error.js";
import { Turns } from "./turns.js";

/** The most that is read into memory: 256 MiB, the plaintext limit of the core. */
export const MAX_BYTES = 256 * 1024 * 1024;

/** How much one read of a result stream gives: large enough to be quick, small enough to be transferred. */
const STREAM_CHUNK = 256 * 1024;

/** How much of a string is turned into bytes or back before others may have a turn: a millisecond or two. */
const PIECE = 1024 * 1024;

/** How much of a blob is read at a time: a read cannot be stopped, and each takes a turn of the event loop or two. */
const READ = 4 * 1024 * 1024;

/** Bytes, and whether they are a copy of ours that may be transferred to a worker. */
export interface Input {
  bytes: Uint8Array;
  ours: boolean;
}

/** Whether `data` is a stream, so that the answer is to be one as well. */
export function isStream(data: unknown): data is ReadableStream<Uint8Array> {
  return typeof data === "object" && data !== null && typeof (data as { getReader?: unknown }).getReader === "function";
}

/** Reads `data` to its end. Rejects with `too-large` above {@link MAX_BYTES}, `cancelled` on abort, and `source-failed` if it cannot be read. */
export async function readData(data: Data, signal?: AbortSignal): Promise<Input> {
  if (typeof data === "string") return { bytes: await encoded(data, signal), ours: true };
  if (data instanceof Uint8Array) return { bytes: within(data.length) && noted(steady(data)), ours: false };
  within(isStream(data) ? 0 : data.size);
  return { bytes: await (isStream(data) ? drain(data, signal) : readBlob(data, signal)), ours: true };
}

async function readBlob(blob: Blob, signal?: AbortSignal): Promise<Uint8Array> {
  const { size } = blob;
  const whole = new Uint8Array(size);
  const turns = new Turns();
  for (let at = 0; at < size; at += READ) {
    if (at > 0) await rest(turns, signal);
    const part = await blob.slice(at, at + READ).arrayBuffer().catch((cause: unknown) => {
      throw sourceFailed(cause);
    });
    if (signal?.aborted) throw cancelled(signal);
    whole.set(new Uint8Array(part), at);
  }
  return whole;
}

/** The error of a call whose stream or blob cannot be read. What is one of ours already stays what it is. */
export function sourceFailed(cause: unknown): PgpError {
  return cause instanceof PgpError ? cause : new PgpError("source-failed", "the stream or blob that was given could not be read", { cause });
}

async function drain(stream: ReadableStream<Uint8Array>, signal?: AbortSignal): Promise<Uint8Array> {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  const abort = () => void reader.cancel(signal?.reason).catch(() => undefined);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    if (signal?.aborted) throw cancelled(signal);
    for (;;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        throw signal?.aborted ? cancelled(signal) : sourceFailed(cause);
      });
      if (signal?.aborted) throw cancelled(signal);
      if (done) break;
      if (!(value instanceof Uint8Array)) throw new PgpError("bad-option", "a stream must give Uint8Array chunks");
      length += value.length;
      within(length);
      chunks.push(value);
    }
  } catch (thrown) {
    void reader.cancel(thrown).catch(() => undefined);
    throw thrown;
  } finally {
    signal?.removeEventListener("abort", abort);
    reader.releaseLock();
  }
  const bytes = new Uint8Array(length);
  const turns = new Turns();
  let at = 0;
  for (const chunk of chunks) {
    for (let from = 0; from < chunk.length; from += PIECE, await rest(turns, signal)) bytes.set(chunk.subarray(from, from + PIECE), at + from);
    at += chunk.length;
  }
  return bytes;
}

/** Hands `bytes` out as a stream, as slowly as the reader wants them. */
export function toStream(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at < bytes.length) {
        controller.enqueue(bytes.slice(at, at + STREAM_CHUNK));
        at += STREAM_CHUNK;
      }
      if (at >= bytes.length) controller.close();
    },
  }, { highWaterMark: 0 });
}

/** How long the arrays of callers were when their calls began. */
const lengths = new WeakMap<Uint8Array, number>();

function noted(data: Uint8Array): Uint8Array {
  lengths.set(data, data.length);
  return data;
}

/** Rejects the arguments of a call of which an array was taken away since it began, as a transfer to a worker does: it would pass for empty. */
export function checkPresent(args: unknown): void {
  if (args instanceof Uint8Array) {
    if ((lengths.get(args) ?? args.length) !== args.length) throw new PgpError("bad-option", "the data was taken away before it was read");
  } else if (typeof args === "object" && args !== null) {
    for (const part of Object.values(args)) checkPresent(part);
  }
}

/** WebCrypto takes no bytes that other threads can change under its hands, or whose buffer may shrink. */
function steady(data: Uint8Array): Uint8Array {
  const { buffer } = data;
  const isPlain = buffer instanceof ArrayBuffer && !(buffer as { resizable?: boolean }).resizable;
  return isPlain ? data : new Uint8Array(data);
}

/** UTF-8 bytes of a string, in an array of their own. */
export function utf8(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  within(bytes.length);
  return bytes;
}

/** As {@link utf8}, others having their turns meanwhile. Rejects with `cancelled` on abort. */
async function encoded(text: string, signal?: AbortSignal): Promise<Uint8Array> {
  if (text.length <= PIECE) return utf8(text);
  within(text.length);
  const encoder = new TextEncoder();
  const turns = new Turns();
  // As long as that if all is ASCII.
  let bytes = new Uint8Array(text.length);
  let length = 0;
  for (let at = 0; at < text.length; ) {
    if (at > 0) await rest(turns, signal);
    const part = wholeCharacters(text, at);
    const { read, written } = encoder.encodeInto(part, bytes.subarray(length));
    at += read;
    length += written;
    within(length);
    if (read < part.length) {
      const longer = new Uint8Array(length + 3 * PIECE + (text.length - at) * 1.5);
      longer.set(bytes.subarray(0, length));
      bytes = longer;
    }
  }
  return bytes.subarray(0, length);
}

/** The next part of a string, without half of a character at its end. */
function wholeCharacters(text: string, at: number): string {
  const end = at + PIECE;
  const last = text.charCodeAt(end - 1);
  return text.substring(at, end < text.length && last >= 0xd800 && last < 0xdc00 ? end - 1 : end);
}

/** Text from UTF-8 bytes; `not-text` for anything else. */
export function text(bytes: Uint8Array): string {
  try {
    return decoder().decode(bytes);
  } catch (cause) {
    throw notText(cause);
  }
}

/** As {@link text}, others having their turns meanwhile. Rejects with `cancelled` on abort. */
export async function decoded(bytes: Uint8Array, signal?: AbortSignal): Promise<string> {
  if (bytes.length <= PIECE) return text(bytes);
  const turns = new Turns();
  const running = decoder();
  let read = "";
  for (let at = 0; at < bytes.length; at += PIECE) {
    if (at > 0) await rest(turns, signal);
    try {
      read += running.decode(bytes.subarray(at, at + PIECE), { stream: at + PIECE < bytes.length });
    } catch (cause) {
      throw notText(cause);
    }
  }
  return read;
}

const decoder = () => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function notText(cause: unknown): PgpError {
  return new PgpError("not-text", "the data is not UTF-8 text", { cause });
}

async function rest(turns: Turns, signal?: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => turns.go(resolve));
  if (signal?.aborted) throw cancelled(signal);
}

function within(length: number): true {
  if (length > MAX_BYTES) throw new PgpError("too-large", `the input is larger than ${MAX_BYTES} bytes`);
  return true;
}
