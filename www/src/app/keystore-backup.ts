// The code of the keystore, sealed under what the account's password gives: where the server keeps it, and what this browser remembers
// of it, so that the keystore opens here without asking the server for it again.
// Not here: what is done with it (`vault-account.ts`, `vault-password.ts`).
import { fromBase64Url, toBase64Url } from "../base64url.ts";
import type { Confirm } from "./account.ts";
import { call, over, unlessRefused, versionOf } from "./api.ts";
import { confirmed } from "./factors/confirm.ts";

const PATH = "account/keystore-backup";
const STORED = "envelock-one-password";

/** The code, sealed. */
export interface SealedCode {
  sealed: Uint8Array;
  /** Of the write that stored it; empty if it is not known. */
  version: string;
}

/** The one of the signed-in account. Only soon after its owner proved who they are, or with `confirm`. */
export async function readCode(signal: AbortSignal, confirm?: Confirm): Promise<SealedCode | undefined> {
  const ask = (): Promise<Response | undefined> => call("GET", PATH, undefined, signal).catch(unlessRefused(404));
  const answer = await (confirm === undefined ? ask() : confirmed(ask, confirm));
  if (answer === undefined) return undefined;
  const { sealed } = (await answer.json()) as { sealed: string };
  return { sealed: fromBase64Url(sealed), version: versionOf(answer) };
}

/** Which one the server has, if any: enough to see that another device has changed it. */
export async function storedVersion(signal: AbortSignal): Promise<string | undefined> {
  const { version } = (await (await call("GET", `${PATH}/version`, undefined, signal)).json()) as { version: string | null };
  return version ?? undefined;
}

/** Stores it over this version (`undefined`: over none). Gives the new version; `undefined` if another device was faster. */
export async function writeCode(sealed: Uint8Array, version: string | undefined, signal: AbortSignal, confirm: Confirm): Promise<string | undefined> {
  const body = { sealed: toBase64Url(sealed) };
  const answer = await confirmed(() => call("PUT", PATH, body, signal, over(version)).catch(unlessRefused(412)), confirm);
  return answer && versionOf(answer);
}

/** Takes it away; with a version only that one. */
export async function removeCode(signal: AbortSignal, confirm: Confirm, version?: string): Promise<void> {
  const condition = version === undefined ? {} : over(version);
  await confirmed(() => call("DELETE", PATH, undefined, signal, condition).catch(unlessRefused(412)), confirm);
}

/** The code as this browser remembers it. */
export interface RememberedCode extends SealedCode {
  /**
   * The same code under the password of a change whose answer is not known yet. It stays until it opens, or something is remembered in its
   * place: also after a refusal, which may be the answer to a second try of the browser's own. Of a change that did not come about nothing
   * ever opens it.
   */
  next?: Uint8Array | undefined;
  /** Whether a new code was begun, and is not the one of this keystore yet. */
  renewing?: boolean | undefined;
}

interface Mark {
  account: string;
  sealed: string;
  version: string;
  next?: string | undefined;
  renewing?: boolean | undefined;
  /** Whether the account's password was right and did not open it: the password was set anew. */
  stale?: boolean;
}

/** What is remembered of a keystore of this browser that this account's password opens. */
export function rememberedCode(keystore: string, account: string): RememberedCode | undefined {
  const mark = markOf(keystore, account);
  if (mark === undefined) return undefined;
  const { sealed, version, next, renewing } = mark;
  return { sealed: fromBase64Url(sealed), version, next: next === undefined ? undefined : fromBase64Url(next), renewing };
}

/** Remembers it, and nothing else: what it does not say is settled. */
export function rememberCode(keystore: string, account: string, { sealed, version, next, renewing }: RememberedCode): void {
  writeMark(keystore, { account, sealed: toBase64Url(sealed), version, next: next && toBase64Url(next), renewing });
}

/** Before the copy on the server gets a new code: until the keystore here has it too, this browser brings nothing to a new device. */
export function beginRenewing(keystore: string, account: string): void {
  const mark = markOf(keystore, account);
  if (mark !== undefined) writeMark(keystore, { ...mark, renewing: true });
}

/** What the server has is not known any more. */
export function forgetVersion(keystore: string, account: string): void {
  const mark = markOf(keystore, account);
  if (mark !== undefined) writeMark(keystore, { ...mark, version: "" });
}

/** The account's password is another one now, and does not open what is remembered. */
export function doubtCode(keystore: string, account: string): void {
  const mark = markOf(keystore, account);
  if (mark !== undefined) writeMark(keystore, { ...mark, stale: true });
}

/** Whether that is so. */
export function isDoubted(keystore: string, account: string): boolean {
  return markOf(keystore, account)?.stale === true;
}

/** The keystore opens by something else from now on, or is gone. */
export function forgetCode(keystore: string): void {
  const { [keystore]: _, ...others } = readMarks();
  localStorage.setItem(STORED, JSON.stringify(others));
}

function markOf(keystore: string, account: string): Mark | undefined {
  const marks = readMarks();
  const mark = Object.hasOwn(marks, keystore) ? marks[keystore] : undefined;
  return mark?.account === account ? mark : undefined;
}

function writeMark(keystore: string, mark: Mark): void {
  localStorage.setItem(STORED, JSON.stringify({ ...readMarks(), [keystore]: mark }));
}

function readMarks(): Record<string, Mark> {
  try {
    return JSON.parse(localStorage.getItem(STORED) ?? "{}") as Record<string, Mark>;
  } catch {
    return {};
  }
}
