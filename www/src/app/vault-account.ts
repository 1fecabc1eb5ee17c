// One password: the keystore opens with the password of the account, here and on a device that is new. Its passphrase is then a random
// code, the one under which the devices sync; that code lies on the server sealed under what only the password gives in a browser.
// Not here: where it lies (`keystore-backup.ts`), the login (`account.ts`).
import { proven, type Confirm } from "./account.ts";
import { takeKey } from "./account-key.ts";
import { engine } from "./engine.ts";
import { forgetCode, readCode, rememberCode, rememberedCode, removeCode, writeCode, type SealedCode } from "./keystore-backup.ts";
import { problemText } from "./problem.ts";
import { app, update } from "./state.ts";
import { changeVaultPassphrase } from "./vault-care.ts";
import { lookForVault, openVault, vault } from "./vault.ts";
import { syncCode, syncNow } from "./vault-sync.ts";

/** Why the account's password did not open the keystore at sign-in; read by the door. */
export const onePassword = { problem: "" };

const account = (): string => app.session?.address ?? "";

/** Whether the account's password is meant to open the keystore of this browser. */
export function opensWithAccount(): boolean {
  return rememberedCode(vault.name, account()) !== undefined;
}

/** Whether it may be turned on: everybody knows the password of a demo account. */
export function offersOnePassword(): boolean {
  return !app.server.demo;
}

/** Right after signing in: opens the keystore that is here, or brings it, if the account has its code. */
export async function openAtSignIn(): Promise<void> {
  onePassword.problem = "";
  const exportKey = takeKey();
  await lookForVault();
  if (exportKey === undefined) return;
  const { signal } = new AbortController();
  try {
    const stored = await readCode(signal);
    if (stored === undefined || vault.state === "broken" || vault.state === "open") return;
    const code = await engine().openRecoveryCode({ exportKey, sealed: stored.sealed });
    await enter(code, stored, signal);
  } catch (error) {
    // A keystore with a passphrase of its own stays closed until it is typed.
    if (codeOf(error) !== "wrong-passphrase") onePassword.problem = problemText(error);
    update();
  } finally {
    exportKey.fill(0);
  }
}

/** Opens the locked keystore. */
export async function unlockWithAccount(password: string, signal: AbortSignal): Promise<void> {
  const { exportKey, confirm } = await proven(account(), password, signal).catch(wrongPassword);
  try {
    const remembered = rememberedCode(vault.name, account());
    let code = remembered && (await open(exportKey, remembered.sealed));
    let current = remembered;
    if (code === undefined) {
      // The password was changed on another device.
      current = await readCode(signal, confirm);
      if (current === undefined) throw { code: "wrong-account-key" };
      code = await engine().openRecoveryCode({ exportKey, sealed: current.sealed });
    }
    await enter(code, current as SealedCode, signal);
  } finally {
    exportKey.fill(0);
  }
}

/** Makes the keystore of this browser, or brings the one that the account has elsewhere. */
export async function createWithAccount(password: string, signal: AbortSignal): Promise<void> {
  const { code, sealed } = await stored(password, undefined, signal);
  await enter(code, sealed, signal);
}

/** Lets the account's password open the keystore, which is open. How many keys keep a passphrase of their own. */
export async function turnOn(password: string, signal: AbortSignal): Promise<number> {
  const known = await syncCode();
  // On the server first: from the moment the code is the passphrase, it must be there.
  const { code, sealed } = await stored(password, known, signal);
  const skipped = await changeVaultPassphrase(code, signal);
  rememberCode(vault.name, account(), sealed);
  update();
  if (known === undefined) await syncNow(signal, code);
  return skipped;
}

/** Takes the code off the server, and gives the open keystore a passphrase of its own. Until it has it, the account's password opens it here. */
export async function turnOff(password: string, newPassphrase: string, signal: AbortSignal): Promise<number> {
  const { exportKey, confirm } = await proven(account(), password, signal).catch(wrongPassword);
  exportKey.fill(0);
  await removeCode(signal, confirm);
  const skipped = await changeVaultPassphrase(newPassphrase, signal);
  forgetCode(vault.name);
  update();
  return skipped;
}

/**
 * The code under the next password, for the request that changes it; `undefined` if the account has none. Without a version if only this
 * browser has it: somebody took it off the server, and there it stays off.
 */
export async function resealed({ oldKey, newKey, confirm }: { oldKey: Uint8Array; newKey: Uint8Array; confirm: Confirm }, signal: AbortSignal): Promise<SealedCode | undefined> {
  const remembered = rememberedCode(vault.name, account());
  let code = remembered && (await open(oldKey, remembered.sealed));
  let version = remembered?.version ?? "";
  if (code === undefined || version === "") {
    const stored = await readCode(signal, confirm);
    const opened = stored && (await open(oldKey, stored.sealed));
    // Of before the operator set a password: nothing opens it any more.
    if (stored !== undefined && opened === undefined) await removeCode(signal, confirm, stored.version);
    version = opened === undefined ? "" : (stored as SealedCode).version;
    code = opened ?? code;
    if (code === undefined) return undefined;
  }
  const { sealed } = await engine().sealRecoveryCode({ exportKey: newKey, recoveryCode: code });
  return { sealed, version };
}

/** After the password was changed, or was not because another device was faster: remembers what is stored now. */
export async function rememberStored(signal: AbortSignal, sent?: SealedCode): Promise<void> {
  const remembered = rememberedCode(vault.name, account());
  if (remembered === undefined) return;
  // What the server has is not known; if it has none, that is what somebody wanted, and this browser still opens with it.
  rememberCode(vault.name, account(), { sealed: (sent ?? remembered).sealed, version: "" });
  const current = await readCode(signal).catch(() => undefined);
  if (current !== undefined) rememberCode(vault.name, account(), current);
}

async function enter(code: string, sealed: SealedCode, signal: AbortSignal): Promise<void> {
  const isNew = vault.state === "none";
  await openVault(code);
  rememberCode(vault.name, account(), sealed);
  update();
  // What goes wrong from here on stands on the keystore's page, and the next time tries again.
  if (isNew || (await syncCode()) === undefined) await syncNow(signal, code).catch(() => undefined);
}

/** Seals a code, this one or a new one, and stores it; gives the one of another device that was first. */
async function stored(password: string, known: string | undefined, signal: AbortSignal): Promise<{ code: string; sealed: SealedCode }> {
  const { exportKey, confirm } = await proven(account(), password, signal).catch(wrongPassword);
  try {
    const made = await engine().sealRecoveryCode({ exportKey: exportKey.slice(), ...(known === undefined ? {} : { recoveryCode: known }) });
    const first = await writeCode(made.sealed, undefined, signal);
    if (first !== undefined) return { code: made.recoveryCode, sealed: { sealed: made.sealed, version: first } };
    const there = await readCode(signal, confirm);
    const code = there && (await open(exportKey, there.sealed));
    if (there !== undefined && code !== undefined) {
      if (known !== undefined && known !== code) throw { code: "other-code" };
      return { code, sealed: there };
    }
    // What is there is of before the operator set a password.
    const version = there && (await writeCode(made.sealed, there.version, signal));
    if (version === undefined) throw { code: "keyring-changed" };
    return { code: made.recoveryCode, sealed: { sealed: made.sealed, version } };
  } finally {
    exportKey.fill(0);
  }
}

/** The code; `undefined` if it was sealed under another password, or is none. Leaves the key to its owner. */
async function open(exportKey: Uint8Array, sealed: Uint8Array): Promise<string | undefined> {
  return engine()
    .openRecoveryCode({ exportKey: exportKey.slice(), sealed })
    .catch((error: unknown) => {
      if (codeOf(error) !== "wrong-account-key" && codeOf(error) !== "malformed") throw error;
      return undefined;
    });
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | undefined)?.code;
}

/** Who is signed in has no wrong address. */
function wrongPassword(error: unknown): never {
  throw codeOf(error) === "wrong-password" ? { code: "wrong-account-password" } : error;
}
