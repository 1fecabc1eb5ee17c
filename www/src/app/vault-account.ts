// One password: the keystore opens with the password of the account, here and on a device that is new. Its passphrase is then a random
// code, the one under which the devices sync; that code lies on the server sealed under what only the password gives in a browser.
// Not here: where it lies (`keystore-backup.ts`), turning it on and off (`vault-password.ts`), the login (`account.ts`).
import { proven, type Confirm } from "./account.ts";
import { takeKey } from "./account-key.ts";
import { engine } from "./engine.ts";
import { doubtCode, forgetVersion, isDoubted, readCode, rememberCode, rememberedCode, removeCode, type RememberedCode, type SealedCode } from "./keystore-backup.ts";
import { keyringVersion } from "./keyring-store.ts";
import { problemText } from "./problem.ts";
import { app, update } from "./state.ts";
import { lockVault, lookForVault, openVault, removeVault, vault } from "./vault.ts";
import { syncNow } from "./vault-sync.ts";

/** Read by the door and the keystore's page. */
export const onePassword: {
  /** Why the account's password did not open the keystore at sign-in. */
  problem: string;
  /** The version of a copy of the keys on the server that nothing here opens: its owner says what shall become of it. */
  strangeCopy: string | undefined;
} = { problem: "", strangeCopy: undefined };

export const account = (): string => app.session?.address ?? "";

/** Whether the account's password is meant to open the keystore of this browser. */
export function opensWithAccount(): boolean {
  return rememberedCode(vault.name, account()) !== undefined;
}

/** Whether it would, had the account's password not been set anew. */
export function wasSetAnew(): boolean {
  return isDoubted(vault.name, account());
}

/** Whether it may be turned on: everybody knows the password of a demo account. */
export function offersOnePassword(): boolean {
  return !app.server.demo;
}

/** Right after signing in: opens the keystore that is here, or brings it, if the account has its code. */
export async function openAtSignIn(): Promise<void> {
  Object.assign(onePassword, { problem: "", strangeCopy: undefined });
  const exportKey = takeKey();
  await lookForVault();
  if (exportKey === undefined) return;
  const { signal } = new AbortController();
  try {
    const here = await openRemembered(exportKey);
    const stored = await readCode(signal);
    const there = stored && (await openCode(exportKey, stored.sealed));
    if (vault.state === "broken" || vault.state === "open") return;
    // The keystore that is here keeps its code, whatever another device has stored since.
    if (here !== undefined && here.code !== there) return await enter(here.code, { ...here.sealed, version: "" }, signal);
    if (stored !== undefined && there !== undefined) return await enter(there, { ...here?.sealed, ...stored }, signal);
    if (stored !== undefined || opensWithAccount()) await doubt(signal);
  } catch (error) {
    // A keystore with a passphrase of its own stays closed until it is typed.
    if (codeOf(error) === "wrong-passphrase") return;
    if (codeOf(error) !== "wrong-recovery-code") return told(error);
    await findStrangeCopy(signal);
    told({ code: "strange-copy" });
  } finally {
    exportKey.fill(0);
    update();
  }
}

function told(error: unknown): void {
  onePassword.problem = problemText(error);
}

/** The password is right, and opens nothing. */
async function doubt(signal: AbortSignal): Promise<never> {
  doubtCode(vault.name, account());
  if (vault.state === "none") await findStrangeCopy(signal);
  throw { code: "wrong-account-key" };
}

async function findStrangeCopy(signal: AbortSignal): Promise<void> {
  onePassword.strangeCopy = await keyringVersion(signal).catch(() => undefined);
}

/** Opens the locked keystore. */
export async function unlockWithAccount(password: string, signal: AbortSignal): Promise<void> {
  const { exportKey, confirm } = await proven(account(), password, signal).catch(wrongPassword);
  try {
    const here = await openRemembered(exportKey);
    if (here !== undefined) return await enter(here.code, here.sealed, signal);
    // The password was changed on another device.
    const stored = await readCode(signal, confirm);
    const there = stored && (await openCode(exportKey, stored.sealed));
    if (stored === undefined || there === undefined) return await doubt(signal);
    await enter(there, stored, signal);
  } finally {
    exportKey.fill(0);
  }
}

async function enter(code: string, sealed: RememberedCode, signal: AbortSignal): Promise<void> {
  if (vault.state === "none") return makeWithAccount(code, sealed, signal);
  await openVault(code);
  rememberCode(vault.name, account(), sealed);
  update();
}

/** Makes the keystore, with what the devices share (`replaces`: in the place of that); if that fails there is none. */
export async function makeWithAccount(code: string, sealed: SealedCode, signal: AbortSignal, replaces?: string): Promise<void> {
  await openVault(code);
  rememberCode(vault.name, account(), sealed);
  update();
  try {
    await syncNow(signal, code, { replaces });
  } catch (error) {
    const isEmpty = vault.state === "open" && vault.keys.length === 0;
    await lockVault();
    if (isEmpty) await removeVault();
    throw error;
  }
}

/** A code under the next password. */
export interface Resealed extends SealedCode {
  /** What opens the keystore here; of another code than the server's, if another device has stored one since. */
  here?: Uint8Array;
}

/**
 * The code under the next password, for the request that changes it; `undefined` if the account has none. Without a version if only this
 * browser has it: somebody took it off the server, and there it stays off.
 */
export async function resealed({ oldKey, newKey, confirm }: { oldKey: Uint8Array; newKey: Uint8Array; confirm: Confirm }, signal: AbortSignal): Promise<Resealed | undefined> {
  const seal = async (recoveryCode: string): Promise<Uint8Array> => (await engine().sealRecoveryCode({ exportKey: newKey.slice(), recoveryCode })).sealed;
  const remembered = await openRemembered(oldKey);
  const code = remembered?.code;
  const here = code === undefined ? undefined : await seal(code);
  if (here !== undefined && remembered !== undefined) {
    // Before the request: its answer may be lost.
    rememberCode(vault.name, account(), { ...remembered.sealed, next: here });
    if (remembered.sealed.version !== "") return { sealed: here, version: remembered.sealed.version, here };
  }
  const stored = await readCode(signal, confirm);
  const there = stored && (await openCode(oldKey, stored.sealed));
  // Of before the operator set a password: nothing opens it any more.
  if (stored !== undefined && there === undefined) await removeCode(signal, confirm, stored.version);
  if (stored === undefined || there === undefined) return here && { sealed: here, version: "", here };
  const sealed = there === code && here !== undefined ? here : await seal(there);
  return { sealed, version: stored.version, ...(here === undefined ? {} : { here }) };
}

/** After the password was changed: what opens the keystore here now, and which version of it the server has. */
export async function rememberResealed(sent: Resealed | undefined, signal: AbortSignal): Promise<void> {
  if (sent?.here === undefined) return;
  const renewing = rememberedCode(vault.name, account())?.renewing;
  rememberCode(vault.name, account(), { sealed: sent.here, version: "", renewing });
  if (sent.version === "" || sent.here !== sent.sealed) return;
  const stored = await readCode(signal).catch(() => undefined);
  if (stored !== undefined && isSame(stored.sealed, sent.sealed)) rememberCode(vault.name, account(), { ...stored, renewing });
}

/** Another device was faster: the next change asks what is stored. */
export function forgetStored(): void {
  forgetVersion(vault.name, account());
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, at) => octet === b[at]);
}

/** The code that is remembered, or that a change of the password would have left whose answer was lost. Leaves the key to its owner. */
export async function openRemembered(exportKey: Uint8Array): Promise<{ code: string; sealed: RememberedCode } | undefined> {
  const remembered = rememberedCode(vault.name, account());
  if (remembered === undefined) return undefined;
  const code = await openCode(exportKey, remembered.sealed);
  if (code !== undefined) return { code, sealed: remembered };
  const next = remembered.next && (await openCode(exportKey, remembered.next));
  if (remembered.next === undefined || next === undefined) return undefined;
  return { code: next, sealed: { sealed: remembered.next, version: "", renewing: remembered.renewing } };
}

/** The code; `undefined` if it was sealed under another password, or is none. Leaves the key to its owner. */
export async function openCode(exportKey: Uint8Array, sealed: Uint8Array): Promise<string | undefined> {
  return engine()
    .openRecoveryCode({ exportKey: exportKey.slice(), sealed })
    .catch((error: unknown) => {
      if (codeOf(error) !== "wrong-account-key" && codeOf(error) !== "malformed") throw error;
      return undefined;
    });
}

export function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | undefined)?.code;
}

/** Who is signed in has no wrong address. */
export function wrongPassword(error: unknown): never {
  throw codeOf(error) === "wrong-password" ? { code: "wrong-account-password" } : error;
}
