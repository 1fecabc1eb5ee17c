// Turning one password on and off, and giving it a new code, for the keystore that is open or one that is made so; and what becomes of a copy on the server under a
// code that nobody here knows: it is never written over unasked.
// Not here: opening (`vault-account.ts`), the forms (`keys/one-password.ts`, `keys/strange-copy.ts`).
import { proven, type Confirm } from "./account.ts";
import { engine } from "./engine.ts";
import { beginRenewing, forgetCode, readCode, rememberCode, removeCode, writeCode, type SealedCode } from "./keystore-backup.ts";
import { keyringVersion } from "./keyring-store.ts";
import { update } from "./state.ts";
import { account, codeOf, makeWithAccount, onePassword, openCode, openRemembered, wrongPassword } from "./vault-account.ts";
import { changeVaultPassphrase } from "./vault-care.ts";
import { openVault, vault } from "./vault.ts";
import { syncCode, syncing, syncNow } from "./vault-sync.ts";

/** What shall become of a strange copy: its code is known, or this version of it makes way for what is here. */
export type Decision = { code: string } | { replaces: string };

/** What there is before anything changes. */
interface Found {
  stored: SealedCode | undefined;
  /** The code in it, if the password opens it. */
  there: string | undefined;
  /** The version of the copy on the server. */
  copy: string | undefined;
  /** Seals this code, or a new one. */
  seal: (code?: string) => Promise<{ sealed: Uint8Array; recoveryCode: string }>;
  confirm: Confirm;
}

/**
 * Lets the account's password open the keystore of this browser, which is open, or made by this; how many keys keep a passphrase of their own.
 * The code is the one that opens the copy on the server. If nothing here does, and nobody has decided, nothing is changed (`strange-copy`).
 */
export async function turnOn(password: string, decision: Decision | undefined, signal: AbortSignal): Promise<number> {
  const { exportKey, confirm } = await proven(account(), password, signal).catch(wrongPassword);
  try {
    const stored = await readCode(signal, confirm);
    const found: Found = {
      stored,
      there: stored && (await openCode(exportKey, stored.sealed)),
      copy: await keyringVersion(signal),
      seal: (code) => engine().sealRecoveryCode({ exportKey: exportKey.slice(), ...(code === undefined ? {} : { recoveryCode: code }) }),
      confirm,
    };
    const here = (await openRemembered(exportKey))?.code;
    const own = vault.state === "open" ? await syncCode() : undefined;
    const known = [own, found.there, here].filter((code) => code !== undefined);
    const skipped = await bring(found, known, decision, signal).catch(async (error: unknown) => {
      if (decision === undefined && codeOf(error) !== "wrong-recovery-code") throw error;
      // Who decides once more, decides about what is there now.
      onePassword.strangeCopy = await keyringVersion(signal).catch(() => onePassword.strangeCopy);
      // A copy that was not there, or another one, a moment ago.
      throw codeOf(error) === "wrong-recovery-code" ? { code: "keyring-changed" } : error;
    });
    Object.assign(onePassword, { problem: "", strangeCopy: undefined });
    update();
    return skipped;
  } finally {
    exportKey.fill(0);
  }
}

async function bring(found: Found, known: string[], decision: Decision | undefined, signal: AbortSignal): Promise<number> {
  const { stored, there, copy, seal } = found;
  const isNew = vault.state === "none";
  if (copy === undefined || (decision !== undefined && "replaces" in decision)) {
    const replaces = decision !== undefined && "replaces" in decision ? decision.replaces : undefined;
    if (replaces !== undefined && replaces !== copy) throw { code: "keyring-changed" };
    // On the server first: from the moment a code is the passphrase, it must be there.
    const { code, sealed } = await store(found, replaces === undefined ? (there ?? known[0]) : undefined, signal);
    if (isNew) {
      await makeWithAccount(code, sealed, signal, replaces);
      return 0;
    }
    const skipped = await adopt(code, sealed, signal);
    await syncNow(signal, code, { replaces });
    return skipped;
  }
  const opens = async (code: string): Promise<void> => {
    if (!isNew) return syncNow(signal, code);
    const sealed = stored !== undefined && code === there ? stored : { sealed: (await seal(code)).sealed, version: "" };
    await makeWithAccount(code, sealed, signal);
  };
  const given = await firstOf(decision === undefined ? known : [asPrinted(decision.code)], opens);
  // The copy may be under the code that was to take the place of this one.
  const code = given === undefined || isNew ? given : ((await syncCode()) ?? given);
  if (code === undefined) {
    onePassword.strangeCopy = copy;
    throw { code: decision === undefined ? "strange-copy" : "wrong-device-code" };
  }
  const { sealed } = await store(found, code, signal);
  if (!isNew) return adopt(code, sealed, signal);
  rememberCode(vault.name, account(), sealed);
  return 0;
}

/** Sees to it that the server has this code, or a new one. */
async function store({ stored, there, seal, confirm }: Found, code: string | undefined, signal: AbortSignal): Promise<{ code: string; sealed: SealedCode }> {
  if (stored !== undefined && there !== undefined && code === there) return { code, sealed: stored };
  const made = await seal(code);
  const version = await writeCode(made.sealed, stored?.version, signal, confirm);
  if (version === undefined) throw { code: "keyring-changed" };
  return { code: made.recoveryCode, sealed: { sealed: made.sealed, version } };
}

/** The code is the passphrase of the open keystore from now on. */
async function adopt(code: string, sealed: SealedCode, signal: AbortSignal): Promise<number> {
  const skipped = await changeVaultPassphrase(code, signal);
  rememberCode(vault.name, account(), sealed);
  update();
  return skipped;
}

/** The first of these codes that opens the copy on the server. */
async function firstOf(codes: readonly string[], opens: (code: string) => Promise<void>): Promise<string | undefined> {
  for (const code of new Set(codes)) {
    try {
      await opens(code);
      return code;
    } catch (error) {
      if (codeOf(error) !== "wrong-recovery-code" && codeOf(error) !== "recovery-code-mistyped") throw error;
    }
  }
  return undefined;
}

/** A code of the devices as it is printed, which is how it is a passphrase; anything else as it was typed. */
export function asPrinted(text: string): string {
  const symbols = text.toUpperCase().replace(/[\s-]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");
  return /^[0-9A-Z]{35}$/.test(symbols) ? (symbols.match(/.{5}/g) ?? []).join("-") : text;
}

/** Makes the keystore with a passphrase of its own. */
export async function makeWithPassphrase(passphrase: string): Promise<void> {
  await openVault(passphrase);
  forgetCode(vault.name);
}

/** What became of the copy on the server: it is under a new code, still under the one of before, or is none of ours. */
export type Copy = "renewed" | "left" | "none";

/**
 * Takes the code off the server, puts the copy there under a new one, and gives the open keystore a passphrase of its own. Until it has it,
 * the account's password opens it here.
 */
export async function turnOff(password: string, newPassphrase: string, signal: AbortSignal): Promise<{ skipped: number; copy: Copy }> {
  const { exportKey, confirm } = await proven(account(), password, signal).catch(wrongPassword);
  exportKey.fill(0);
  await removeCode(signal, confirm);
  const copy = await renewCopy(signal);
  const skipped = await changeVaultPassphrase(newPassphrase, signal);
  forgetCode(vault.name);
  update();
  return { skipped, copy };
}

/**
 * A new code for the keystore, the copy on the server and the devices; how many keys keep a passphrase of their own. Only where the account's
 * password brings the keys to a new device. What breaks off is mended by turning it on again: the copy's code is known here from the
 * moment it has one.
 */
export async function renewCode(password: string, signal: AbortSignal): Promise<number> {
  const { exportKey, confirm } = await proven(account(), password, signal).catch(wrongPassword);
  try {
    const stored = await readCode(signal, confirm);
    const there = stored && (await openCode(exportKey, stored.sealed));
    if (stored === undefined || there === undefined || there !== (await syncCode())) throw { code: "keyring-changed" };
    beginRenewing(vault.name, account());
    await syncNow(signal, undefined, { renewCode: true });
    const recoveryCode = await syncCode();
    if (recoveryCode === undefined || recoveryCode === there) throw { code: "keyring-changed" };
    const { sealed } = await engine().sealRecoveryCode({ exportKey: exportKey.slice(), recoveryCode });
    const version = await writeCode(sealed, stored.version, signal, confirm);
    if (version === undefined) throw { code: "keyring-changed" };
    return await adopt(recoveryCode, { sealed, version }, signal);
  } finally {
    exportKey.fill(0);
  }
}

/** Whoever got at the server's disk and knows the password has the code of before: it shall open nothing that is written from now on. */
async function renewCopy(signal: AbortSignal): Promise<Copy> {
  if (!syncing.on) return (await keyringVersion(signal)) === undefined ? "none" : "left";
  try {
    await syncNow(signal, undefined, { renewCode: true });
    return "renewed";
  } catch (error) {
    // Another device has put it under another code already.
    if (codeOf(error) !== "wrong-recovery-code") throw error;
    return "none";
  }
}
