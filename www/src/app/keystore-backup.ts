// The code of the keystore, sealed under what the account's password gives: where the server keeps it, and what this browser remembers
// of it, so that the keystore opens here without asking the server for it again.
// Not here: what is done with it (`vault-account.ts`).
import type { Confirm } from "./account.ts";
import { ApiError, refusal } from "./api.ts";
import { askWhoIsThere } from "./factors/confirm.ts";

const PATH = "/api/v1/account/keystore-backup";
const STORED = "envelock-one-password";

/** The code, sealed. */
export interface SealedCode {
  sealed: Uint8Array;
  /** Of the write that stored it; empty if it is not known. */
  version: string;
}

async function call(method: string, headers: Record<string, string>, signal: AbortSignal, body?: object): Promise<Response> {
  const init: RequestInit = { method, headers, signal, cache: "no-store", redirect: "error" };
  if (body !== undefined) {
    headers["content-type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  try {
    return await fetch(PATH, init);
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ApiError("offline", 0);
  }
}

/** Asks once more, where the server wants to hear first that it is the owner who asks. */
async function onceMore(ask: () => Promise<Response>, confirm: Confirm | undefined): Promise<Response> {
  const answer = await ask();
  if (answer.status !== 403 || confirm === undefined) return answer;
  const { code } = (await answer.clone().json()) as { code?: unknown };
  if (code !== "confirmation-required") return answer;
  try {
    await confirm();
  } catch (error) {
    // The password alone does not do, where there is a second step.
    if (!(error instanceof ApiError && error.code === "wrong-code")) throw error;
    await askWhoIsThere();
  }
  return ask();
}

/** The one of the signed-in account. Only soon after its owner proved who they are, or with `confirm`. */
export async function readCode(signal: AbortSignal, confirm?: Confirm): Promise<SealedCode | undefined> {
  const answer = await onceMore(() => call("GET", {}, signal), confirm);
  if (answer.status === 404) return undefined;
  if (!answer.ok) throw await refusal(answer);
  const { sealed } = (await answer.json()) as { sealed: string };
  return { sealed: fromBase64Url(sealed), version: versionOf(answer) };
}

/** Stores it over this version (`undefined`: over none). Gives the new version; `undefined` if another device was faster. */
export async function writeCode(sealed: Uint8Array, version: string | undefined, signal: AbortSignal): Promise<string | undefined> {
  const condition: Record<string, string> = version === undefined ? { "if-none-match": "*" } : { "if-match": `"${version}"` };
  const answer = await call("PUT", condition, signal, { sealed: toBase64Url(sealed) });
  if (answer.status === 412) return undefined;
  if (!answer.ok) throw await refusal(answer);
  return versionOf(answer);
}

/** Takes it away; with a version only that one. */
export async function removeCode(signal: AbortSignal, confirm: Confirm, version?: string): Promise<void> {
  const answer = await onceMore(() => call("DELETE", version === undefined ? {} : { "if-match": `"${version}"` }, signal), confirm);
  if (!answer.ok && answer.status !== 412) throw await refusal(answer);
}

function versionOf(answer: Response): string {
  return (answer.headers.get("etag") ?? "").replaceAll('"', "");
}

interface Mark {
  account: string;
  sealed: string;
  version: string;
}

/** What is remembered of a keystore of this browser that this account's password opens. */
export function rememberedCode(keystore: string, account: string): SealedCode | undefined {
  const marks = readMarks();
  const mark = Object.hasOwn(marks, keystore) ? marks[keystore] : undefined;
  return mark?.account === account ? { sealed: fromBase64Url(mark.sealed), version: mark.version } : undefined;
}

/** Remembers it. */
export function rememberCode(keystore: string, account: string, code: SealedCode): void {
  localStorage.setItem(STORED, JSON.stringify({ ...readMarks(), [keystore]: { account, sealed: toBase64Url(code.sealed), version: code.version } }));
}

/** The keystore opens by something else from now on, or is gone. */
export function forgetCode(keystore: string): void {
  const { [keystore]: _, ...others } = readMarks();
  localStorage.setItem(STORED, JSON.stringify(others));
}

function readMarks(): Record<string, Mark> {
  try {
    return JSON.parse(localStorage.getItem(STORED) ?? "{}") as Record<string, Mark>;
  } catch {
    return {};
  }
}

export function toBase64Url(octets: Uint8Array): string {
  return btoa(String.fromCharCode(...octets)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64Url(text: string): Uint8Array {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
}
