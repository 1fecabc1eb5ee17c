// The passphrase of one key, asked for only when it is needed: the keystore's own is tried first.
import type { SecretKey, UnlockableKey } from "envelock";
import { askPassphrase } from "../ask.ts";
import { app } from "../state.ts";
import { keepKey, unlockable } from "../vault.ts";
import { personOf } from "./standing.ts";

/**
 * Runs `job` with the key as the keystore unlocks it. If the key has a passphrase of its own, asks for it until it fits;
 * the key is then kept under the keystore's passphrase, so that nobody is asked twice. Giving up rejects with `cancelled`.
 */
export async function withUnlocked<T>(key: SecretKey, job: (key: UnlockableKey) => Promise<T>): Promise<T> {
  const { words } = app;
  try {
    return await job(unlockable(key));
  } catch (error) {
    if (!isLocked(error)) throw error;
  }
  let problem = "";
  for (;;) {
    const passphrase = await askPassphrase({ title: words.ownPassphraseTitle(personOf(key)), text: words.ownPassphraseText, problem });
    if (passphrase === undefined) throw { code: "cancelled" };
    try {
      const kept = await keepKey(key, { passphrase });
      return await job(unlockable(kept as SecretKey));
    } catch (error) {
      if (!isLocked(error)) throw error;
      problem = words.problems["wrong-passphrase"];
    }
  }
}

function isLocked(error: unknown): boolean {
  const code = (error as { code?: unknown } | undefined)?.code;
  return code === "wrong-passphrase" || code === "passphrase-required";
}
