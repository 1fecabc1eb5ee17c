// Looking after the keystore: backup and restore, passkeys, another passphrase, the log of uses.
import type { LogEntry } from "envelock";
import { engine } from "./engine.ts";
import { forgetCode } from "./keystore-backup.ts";
import { app } from "./state.ts";
import { needsPostQuantum } from "./vault-module.ts";
import { entered, enteredInPostQuantumModule, lockOtherTabs, opened, readAfterChange, secretKeys, stayWith, vault } from "./vault.ts";

/** Everything in one sealed file, and the code that opens it. */
export async function makeBackup(signal: AbortSignal): Promise<{ file: Uint8Array; recoveryCode: string }> {
  return opened().backup({ signal });
}

/** A key as armored text, as locked as it is kept. */
export async function exportKey(fingerprint: string, signal: AbortSignal): Promise<string> {
  return (await opened().export({ fingerprint, signal })).armored;
}

/** Remembers which keys are in a backup that was put away: those of the moment it was made. */
export async function rememberBackup(fingerprints: readonly string[]): Promise<void> {
  await opened().setRecord("backup", [...fingerprints]);
  await readAfterChange();
}

/** Puts a backup into the keystore of this browser: a new one under `passphrase`, or the one there that it opens. */
export async function restoreVault(backup: { file: Uint8Array; recoveryCode: string; passphrase: string; signal: AbortSignal }): Promise<void> {
  const fresh = vault.state === "none";
  const before = vault.preferred;
  const restore = () => engine().Keystore.restore({ ...backup, file: backup.file.slice(), name: vault.name });
  const restored = await restore();
  // A key of the backup that this module left out may be one that the other reads; what is here already is only merged.
  if (await needsPostQuantum(restored)) {
    await restored.lock();
    await enteredInPostQuantumModule(restore);
  } else {
    await entered(restored);
  }
  await stayWith(before);
  if (!fresh) return readAfterChange();
  forgetCode(vault.name);
  await rememberBackup(secretKeys().map(({ fingerprint }) => fingerprint));
}

/** Whether this, too, opens the keystore, which stays as it is; rejects as opening it does. */
export async function opensAgain(by: { passphrase: string } | { passkey: true; signal: AbortSignal }): Promise<void> {
  const again = await engine().Keystore.open({ name: vault.name, ...by });
  await again.lock();
}

export async function enrolPasskey(name: string, signal: AbortSignal): Promise<void> {
  await opened().enrolPasskey({ userName: app.session?.address ?? vault.name, name, signal });
  await readAfterChange();
}

export async function removePasskey(id: string): Promise<void> {
  await opened().removePasskey(id);
  await readAfterChange();
}

/** How many keys kept a passphrase of their own. */
export async function changeVaultPassphrase(newPassphrase: string, signal: AbortSignal): Promise<number> {
  const { skipped } = await opened().changePassphrase({ newPassphrase, signal });
  lockOtherTabs();
  await readAfterChange();
  return skipped.length;
}

/** The uses of my secret keys, newest first. */
export async function readLog(): Promise<LogEntry[]> {
  return (await opened().log()).reverse();
}
