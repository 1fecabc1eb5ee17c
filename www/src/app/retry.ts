// When what failed may be tried again by itself.
import { ApiError } from "./api.ts";

/** After something went wrong that may pass: twice as long each time, up to this. */
const FIRST_MILLISECONDS = 15_000;
const LONGEST_MILLISECONDS = 600_000;
/** Refusals that time changes; any other (RFC 9110 §15.5) comes again for the same request, and so does a storage that is full. */
const PASSING = [408, 425, 429];
/** What went wrong in this browser and may pass, too. */
const PASSING_CODES: ReadonlySet<unknown> = new Set(["out-of-memory", "worker-failed", "wasm-not-loaded", "storage-failed", "keystore-locked", "internal"]);

/** At which moment, after so many tries; `undefined`: it would fail again. */
export function retryAt(error: unknown, tries: number): number | undefined {
  const passes = error instanceof ApiError ? error.status === 0 || PASSING.includes(error.status) || (error.status >= 500 && error.status !== 507) : PASSING_CODES.has((error as { code?: unknown }).code);
  if (!passes) return undefined;
  const asTold = error instanceof ApiError ? (error.wait ?? 0) * 1_000 : 0;
  return Date.now() + Math.max(asTold, Math.min(FIRST_MILLISECONDS * 2 ** (tries - 1), LONGEST_MILLISECONDS));
}
