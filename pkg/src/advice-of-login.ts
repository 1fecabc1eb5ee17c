/**
 * The codes that `envelock/login` can meet; the build puts this in place of `advice.ts` there, to keep it small.
 * The page that uses it has words of its own.
 */
import type { ADVICE as ALL, Advice } from "./advice.js";

const advice = (hint: string, recoverable = false): Advice => ({ recoverable, hint });

/** Advice by code. */
export const ADVICE: Partial<Record<keyof typeof ALL, Advice>> = {
  "wrong-password": advice("Wrong address or password, or not the server's answer: ask again.", true),
  "password-too-short": advice("Ask for a longer password.", true),
  "password-too-long": advice("Ask for a shorter password.", true),
  "malformed": advice("The server's answer is no message of a login."),
  "out-of-memory": advice("Close other tabs and try again.", true),
  "cancelled": advice("The caller cancelled the work.", true),
  "bad-option": advice("Read the message."),
  "unknown-option": advice("Read the message."),
  "wasm-unsupported": advice("WebAssembly is switched off here, or too old."),
  "wasm-not-loaded": advice("Try again, or give `createLogin({ wasm })`.", true),
  "worker-failed": advice("Check the worker's URL and the `worker-src` of the CSP.", true),
  "terminated": advice("This login is over: start a new one."),
  "internal": advice("A defect; the next login works.", true),
};
