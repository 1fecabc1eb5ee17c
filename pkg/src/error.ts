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

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    const advice: Advice = ADVICE[code];
    this.name = "PgpError";
    this.code = code;
    this.recoverable = advice.recoverable;
    this.hint = advice.hint;
  }
}

/** @internal Makes a `PgpError` of what the wasm module or a worker threw: anything with a known `code`. */
export function toPgpError(thrown: unknown): PgpError {
  if (thrown instanceof PgpError) return thrown;
  const { code, message } = (typeof thrown === "object" && thrown !== null ? thrown : {}) as { code?: unknown; message?: unknown };
  if (typeof code === "string" && Object.hasOwn(ADVICE, code)) {
    return new PgpError(code as ErrorCode, typeof message === "string" ? message : code, { cause: thrown });
  }
  return new PgpError("internal", `unexpected failure: ${typeof message === "string" ? message : String(thrown)}`, { cause: thrown });
}
