// Drafts under their owner's own key: encrypted to it, and signed with it, so that nobody who keeps the ciphertext can put another in
// its place unnoticed. What a draft says of itself is compared with where it was found and with what this browser has seen before.
import type { SecretKey } from "envelock";
import { engine } from "../engine.ts";
import { app } from "../state.ts";
import { ownKeyFor } from "../vault-contacts.ts";
import { secretKeys, unlockable, vault } from "../vault.ts";
import type { WrittenDraft } from "./content.ts";
import { readMail } from "./mail.ts";

/**
 * Why a draft may not be what its owner wrote: no key of theirs signed it; it is another draft, or an older revision than one
 * that this browser has seen.
 */
export type Doubt = "foreign" | "swapped" | "older";

/** A draft as it was decrypted. */
export interface DecryptedDraft extends WrittenDraft {
  doubt: Doubt | undefined;
}

/** The key that drafts are for: the one that stands for the account's address, else the first that can do both. */
export function draftKey(): SecretKey | undefined {
  if (vault.state !== "open") return undefined;
  const able = secretKeys().filter(({ canSign, canEncrypt, status }) => canSign && canEncrypt && status === "valid");
  return able.find(({ fingerprint }) => fingerprint === ownKeyFor(app.session?.address ?? "")?.fingerprint) ?? able[0];
}

/** The ciphertext of a mail that `writeMail` wrote. */
export async function encryptDraft(mail: string, key: SecretKey): Promise<Uint8Array> {
  return engine().encrypt({ data: mail, recipients: key, signers: unlockable(key), armor: false });
}

/** Decrypts the mail of a draft, or of a copy; whether an own key signed it. */
export async function decryptWritten(message: Uint8Array | Blob, signal?: AbortSignal): Promise<{ written: WrittenDraft; isOwn: boolean }> {
  const mine = secretKeys();
  const { data, signatures } = await engine().decrypt({ message, keys: mine.map(unlockable), verifyWith: mine.map(({ certificate }) => certificate), as: "binary", signal });
  const own = new Set(mine.map(({ fingerprint }) => fingerprint));
  return { written: await readMail(data as Uint8Array), isOwn: signatures.some(({ status, signer }) => status === "valid" && signer !== undefined && own.has(signer)) };
}

/** Decrypts what was found as draft `id`. */
export async function decryptDraft(id: string, message: Uint8Array): Promise<DecryptedDraft> {
  const { written, isOwn } = await decryptWritten(message);
  if (!isOwn) return { ...written, doubt: "foreign" };
  // A copy of what was sent is no draft.
  if (written.facts.id !== id || written.facts.sent !== undefined) return { ...written, doubt: "swapped" };
  if (written.facts.number < seenNumber(id)) return { ...written, doubt: "older" };
  rememberNumber(id, written.facts.number);
  return { ...written, doubt: undefined };
}

const SEEN = "envelock-drafts";
/** Drafts that are remembered, the latest. */
const MOST_SEEN = 500;

/** By draft, the number of the newest revision that this browser has written or opened; ids and counts only. */
function seen(): Record<string, number> {
  try {
    return JSON.parse(localStorage.getItem(SEEN) ?? "{}") as Record<string, number>;
  } catch {
    return {};
  }
}

/** 0: it was never seen here. */
export function seenNumber(id: string): number {
  const numbers = seen();
  return Object.hasOwn(numbers, id) ? Number(numbers[id]) : 0;
}

/** An older revision is told from now on. */
export function rememberNumber(id: string, number: number): void {
  const { [id]: before = 0, ...others } = seen();
  const numbers = [...Object.entries(others), [id, Math.max(before, number)] as const].slice(-MOST_SEEN);
  localStorage.setItem(SEEN, JSON.stringify(Object.fromEntries(numbers)));
}
