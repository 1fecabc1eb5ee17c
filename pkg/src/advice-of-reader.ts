/**
 * The codes that `envelock/reader` can meet; the build puts this in place of `advice.ts` there, to keep it small.
 * The page that uses it has words of its own.
 */
import type { ADVICE as ALL, Advice } from "./advice.js";

const advice = (hint: string, recoverable = false): Advice => ({ recoverable, hint });

/** Advice by code. */
export const ADVICE: Partial<Record<keyof typeof ALL, Advice>> = {
  "decryption-failed": advice("Wrong password or damaged message: ask again.", true),
  "malformed": advice("This is no envelope, or it was cut."),
  "unsupported": advice("The browser lacks what this needs."),
  "profile-mismatch": advice("The server may have changed the envelope."),
  "too-expensive": advice("The envelope asks for too much memory."),
  "too-large": advice("The envelope is larger than the limit."),
  "out-of-memory": advice("Close other tabs and try again.", true),
  "cancelled": advice("The caller cancelled the work.", true),
  "bad-option": advice("Read the message."),
  "unknown-option": advice("Read the message."),
  "wasm-unsupported": advice("WebAssembly is switched off here, or too old."),
  "wasm-not-loaded": advice("Try again, or give `init({ wasm })`.", true),
  "internal": advice("A defect; the next call works.", true),
};
