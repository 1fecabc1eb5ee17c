/**
 * What a worker is given of a call's data: moved, not cloned. Bytes that stay the caller's are copied for it first, in pieces with turns of
 * the event loop between them. A clone holds the thread until all is copied, which takes a second copy in the worker besides.
 */
import { cancelled, PgpError } from "./error.js";
import { isSecret } from "./secrets.js";
import { Turns } from "./turns.js";

/** Less than this is cloned sooner than others could have a turn. */
const LARGE = 1024 * 1024;

/** The arguments of a call, and the buffers in them that are to be moved. */
export interface Handover {
  args: object;
  transfer: ArrayBuffer[];
}

/** Whether there is anything in `args` that {@link handOver} would copy. */
export function isLarge(args: object, transfer: ArrayBuffer[]): boolean {
  return largeIn(args, transfer).size > 0;
}

/** The same arguments with copies in the place of what is large and may not be moved. Rejects with `cancelled` on abort. */
export async function handOver(args: object, transfer: ArrayBuffer[], signal: AbortSignal | undefined): Promise<Handover> {
  const copies = new Map<unknown, Uint8Array<ArrayBuffer>>();
  const turns = new Turns();
  for (const bytes of largeIn(args, transfer)) copies.set(bytes, await copyOf(bytes, turns, signal));
  return { args: replaced(args, copies) as object, transfer: [...transfer, ...[...copies.values()].map(({ buffer }) => buffer)] };
}

function largeIn(value: unknown, transfer: ArrayBuffer[], found = new Set<Uint8Array>()): Set<Uint8Array> {
  if (value instanceof Uint8Array) {
    if (value.length >= LARGE && !transfer.includes(value.buffer as ArrayBuffer)) found.add(value);
  } else if (isPlain(value)) {
    // Of secrets there shall be no more copies.
    for (const [name, item] of Object.entries(value)) if (!isSecret(name)) largeIn(item, transfer, found);
  }
  return found;
}

/** A new object where something in it is replaced: what is in the arguments may be the caller's. */
function replaced(value: unknown, copies: Map<unknown, Uint8Array>): unknown {
  if (copies.has(value)) return copies.get(value);
  if (Array.isArray(value)) return value.map((item) => replaced(item, copies));
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, replaced(item, copies)]));
}

async function copyOf(bytes: Uint8Array, turns: Turns, signal: AbortSignal | undefined): Promise<Uint8Array<ArrayBuffer>> {
  const { length } = bytes;
  const copy = new Uint8Array(length);
  for (let at = 0; at < length; at += LARGE) {
    if (at > 0) await new Promise<void>((resolve) => turns.go(resolve));
    if (signal?.aborted) throw cancelled(signal);
    if (bytes.length !== length) throw new PgpError("bad-option", "the data was taken away before the worker had it");
    copy.set(bytes.subarray(at, at + LARGE), at);
  }
  return copy;
}

const isPlain = (value: unknown): value is object =>
  Array.isArray(value) || (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype);
