// The keystore in the module that knows post-quantum algorithms: opened again there with its passphrase, because a keystore
// lives in the memory of one module and nothing unlocked leaves it.
import type { Key } from "envelock";
import type { Keystore } from "envelock/worker";
import { engine, knowsPostQuantum, takePostQuantum } from "./engine.ts";

/** Whether a key is, or has, a part of RFC 9980. */
export function isPostQuantum({ algorithm }: Key): boolean {
  return /\b(?:ML-KEM|ML-DSA|SLH-DSA)-/.test(algorithm);
}

/** Whether some entries may be keys that only the larger module reads. */
export async function needsPostQuantum(open: Keystore): Promise<boolean> {
  return !knowsPostQuantum() && (await open.problems()).some(({ code }) => code === "unsupported");
}

/** Runs `opening` in the larger module, and ends the other one; if it fails, the other one goes on as if nothing had been. */
export async function inPostQuantumModule(opening: () => Promise<Keystore>): Promise<Keystore> {
  if (knowsPostQuantum()) return opening();
  const change = takePostQuantum();
  try {
    await engine().init();
    const open = await opening();
    change.end();
    return open;
  } catch (error) {
    change.back();
    throw error;
  }
}
