// Mail that arrived, as the server keeps it: the list with how far each message can be relied on, and each as it was sent.
import { call } from "../api.ts";

/** How loudly to warn of a message: the server's word about domains, not about persons. */
export type Alarm = "red" | "amber" | "grey" | "none";

/** What SPF, DKIM and DMARC say, in the words of RFC 8601. */
export interface Evidence {
  authorDomain: string | null;
  spf: { result: string; domain: string; aligned: boolean };
  dkim: { result: string; domain: string; aligned: boolean; weaknesses: string[] }[];
  dmarc: { result: string; policy: string | null };
}

/** One message of the list. */
export interface MailRecord {
  id: string;
  receivedAt: string;
  size: number;
  seen: boolean;
  /** Some fields of its header section, in base64url. */
  summary: string;
  verdict: { alarm: Alarm; reasons: string[]; evidence: Evidence | null };
}

/** A page of the list, what arrived last first. */
export interface MailPage {
  messages: MailRecord[];
  /** Where the next page begins, if there is one. */
  next?: string;
}

export async function listMail(limit: number, before?: string): Promise<MailPage> {
  const after = before === undefined ? "" : `&before=${before}`;
  return (await (await call("GET", `mailbox?limit=${limit}${after}`)).json()) as MailPage;
}

export async function fetchMail(id: string, signal: AbortSignal): Promise<Blob> {
  return await (await call("GET", `mailbox/${id}`, undefined, signal)).blob();
}

export async function markSeen(id: string): Promise<void> {
  await call("PUT", `mailbox/${id}/seen`);
}

export async function deleteMail(id: string): Promise<void> {
  await call("DELETE", `mailbox/${id}`);
}
