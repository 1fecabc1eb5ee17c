/**
 * The one error class of the package.
 *
 * Not here: the codes and what to do about them (`advice.ts`); what the core decides about a message or key.
 */
import { ADVICE, type Advice } from "./advice.js";

/** Every code a {@link PgpError} can carry. */
export type ErrorCode = keyof typeof ADVICE;

/** The codes as a list, for catalogues and exhaustive tests. */
export const errorCodes: readonly ErrorCode[] = /* @__PURE__ */ Object.keys(ADVICE) as ErrorCode[];

/** What every call rejects with. Compare `code`; `message` is for developers, `hint` says what to do. */
export class PgpError extends Error {
  /** Stable, kebab-case. */
  readonly code: ErrorCode;
  /** Whether the same call can succeed with another input, or simply later. */
  readonly recoverable: boolean;
  /** One sentence on what to do next. */
  readonly hint: string;
  /** Where in a message or key the fault is, for `malformed` with one place to blame. */
  readonly place?: Place;
  /** What is wrong with typed paper, for `recovery-code-mistyped`, `share-mistyped` and `shares-missing`. */
  readonly facts?: PaperFacts;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown; place?: Place | undefined; facts?: PaperFacts | undefined }) {
    super(message, options);
    const advice: Advice = ADVICE[code];
    this.name = "PgpError";
    this.code = code;
    this.recoverable = advice.recoverable;
    this.hint = advice.hint;
    if (options?.place !== undefined) this.place = options.place;
    if (options?.facts !== undefined) this.facts = options.facts;
  }
}

/** What can be said of a typed recovery code or its shares. Counted from 1. */
export interface PaperFacts {
  /** Which of the given shares. */
  share?: number | undefined;
  /** Which group of five characters. Missing where the length is wrong. */
  group?: number | undefined;
  /** How many characters there are, and how many groups of five there should be. */
  found?: number | undefined;
  wanted?: number | undefined;
  /** How many shares it takes, and how many different ones there are. */
  needed?: number | undefined;
  given?: number | undefined;
}

/** A place in a message or key. */
export interface Place {
  /** The packet type ID (RFC 9580 §5), if a packet could be made out. */
  packet?: number | undefined;
  /** Where the packet starts: octets from the start (decoded, if it was armored), or of the content of the packet it lies in. */
  offset: number;
  /** In how many packets it lies: encrypted and compressed data hold packets. */
  depth: number;
}

/** @internal The error of a call whose signal fired. */
export function cancelled(signal?: AbortSignal): PgpError {
  return new PgpError("cancelled", "the call was cancelled", { cause: signal?.reason });
}

/** @internal Makes a `PgpError` of what the wasm module or a worker threw: anything with a known `code`. */
export function toPgpError(thrown: unknown): PgpError {
  if (thrown instanceof PgpError) return thrown;
  const { code, message, place, facts } = (typeof thrown === "object" && thrown !== null ? thrown : {}) as Thrown;
  if (typeof code === "string" && Object.hasOwn(ADVICE, code)) {
    return new PgpError(code as ErrorCode, typeof message === "string" ? message : code, { cause: thrown, place, facts });
  }
  return new PgpError("internal", `unexpected failure: ${typeof message === "string" ? message : String(thrown)}`, { cause: thrown });
}

/** @internal Whether what came out of the wasm module was a trap: what it reports carries a code. */
export function isTrap(thrown: unknown): boolean {
  return thrown instanceof Error && !("code" in thrown);
}

/** What the wasm module and a worker say, if it was one of them. */
interface Thrown {
  code?: unknown;
  message?: unknown;
  place?: Place;
  facts?: PaperFacts;
}
