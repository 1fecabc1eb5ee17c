// Copies as the server keeps them: octets that their writer's keys open. They are read and deleted as mail that arrived (`inbox/requests.ts`).
import { ApiError, call, upload } from "../api.ts";
import type { Copy } from "./copy.ts";

/** One copy of the list. */
export interface CopyRecord {
  id: string;
  /** When it was stored. */
  receivedAt: string;
  size: number;
  /** Encrypted, in base64url. */
  summary: string;
}

/** A page of the list, the latest first. */
export interface CopyPage {
  messages: CopyRecord[];
  /** Where the next page begins, if there is one. */
  next?: string;
}

export async function listCopies(limit: number, before?: string): Promise<CopyPage> {
  const after = before === undefined ? "" : `&before=${before}`;
  return (await (await call("GET", `mailbox?folder=sent&limit=${limit}${after}`)).json()) as CopyPage;
}

/** Stores it; once, however often. */
export async function putCopy({ id, summary, message }: Copy, signal: AbortSignal, onProgress: (done: number, total: number) => void): Promise<void> {
  const octets = new Blob([summary as Uint8Array<ArrayBuffer>, message as Uint8Array<ArrayBuffer>]);
  try {
    await upload("PUT", `mailbox/sent/${id}`, octets, { headers: { "envelock-summary": String(summary.length) }, onProgress: (done) => onProgress(done, octets.size), signal });
  } catch (error) {
    throw error instanceof ApiError ? new ApiError(REFUSALS[error.code] ?? error.code, error.status, error.wait) : error;
  }
}

/** What the server refuses for other reasons here than elsewhere. */
const REFUSALS: Readonly<Record<string, string>> = { "storage-full": "mailbox-full", "too-large": "copy-too-large" };
