/**
 * The one error class of the package and the closed list of its codes.
 *
 * Codes up to the marked line come from the wasm module (`errorCodes()` there; a test holds both lists
 * together); the rest belong to loading, options, workers and storage.
 * Not here: what the core decides about a message or key.
 */

interface Advice {
  /** Whether the same call can succeed with another input, or simply later. */
  readonly recoverable: boolean;
  /** What to do next, one sentence. */
  readonly hint: string;
}

const ADVICE = {
  "decryption-failed": { recoverable: true, hint: "The password or key is wrong, or the message is damaged. Ask for the password again." },
  "no-matching-key": { recoverable: true, hint: "The message is not encrypted to any of the given keys or passwords. Offer other keys or ask for a password." },
  "wrong-passphrase": { recoverable: true, hint: "Ask for the passphrase of the key again." },
  "key-locked": { recoverable: true, hint: "The secret key is locked: give its passphrase." },
  "s2k-too-expensive": { recoverable: false, hint: "The message or key asks for more memory or time than allowed to derive a key; it may be an attack." },
  "too-large": { recoverable: false, hint: "The input is larger than the limit. Split it or send a smaller file." },
  "malformed": { recoverable: false, hint: "The input is not what OpenPGP allows here, or it was truncated or changed on the way." },
  "unsupported": { recoverable: false, hint: "The input uses an algorithm or format this version does not handle." },
  "not-integrity-protected": { recoverable: false, hint: "The message has no integrity protection and is refused; ask the sender to send it again with a current program." },
  "cancelled": { recoverable: true, hint: "The caller cancelled the work." },
  "invalid-key": { recoverable: false, hint: "The key is expired, revoked or not usable for this; see `status` and `problems` of the key." },
  "no-signing-key": { recoverable: false, hint: "The key has no component that may sign now." },
  "no-encryption-key": { recoverable: false, hint: "The certificate has no component that may be encrypted to now." },
  "invalid-options": { recoverable: false, hint: "The options contradict each other or lack something; read the message." },
  // Below: not from the wasm module.
  "unknown-option": { recoverable: false, hint: "Check the spelling of the option; each call accepts only the options it documents." },
  "bad-option": { recoverable: false, hint: "An option has the wrong type or value; read the message." },
  "not-text": { recoverable: true, hint: "The data is not UTF-8 text. Ask for it with `as: \"binary\"`." },
  "wasm-unsupported": { recoverable: false, hint: "WebAssembly is switched off here (a hardened browser mode or a CSP without 'wasm-unsafe-eval')." },
  "wasm-not-loaded": { recoverable: true, hint: "The wasm module could not be loaded. Serve `envelock/wasm` as application/wasm, or give `init({ wasm })`; calling again tries again." },
  "worker-failed": { recoverable: true, hint: "The worker could not be started. Check the worker's URL and the `worker-src` of the CSP." },
  "terminated": { recoverable: false, hint: "The worker was terminated; make a new one." },
  "keystore-locked": { recoverable: true, hint: "Open the keystore again with its passphrase." },
  "storage-failed": { recoverable: true, hint: "The storage refused to read or write; it may be full or blocked by the browser." },
  "internal": { recoverable: true, hint: "This is a defect in Envelock; please report it. The module was started again, so the next call works." },
} as const satisfies Record<string, Advice>;

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
