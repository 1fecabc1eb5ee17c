// Mail on its way out, as the server tells of it: how far each message got, and how one to a domain would be protected.
// Not here: handing a message over (`handing-over.ts`).
import { call, orLost } from "../api.ts";

/** How far a message got to one recipient. */
export type OutgoingState = "queued" | "delayed" | "sent" | "failed" | "withdrawn";

/** One recipient of a message. */
export interface OutgoingRecipient {
  address: string;
  state: OutgoingState;
  /** When that was found out. */
  changed: string;
  /** When it is tried again. */
  next?: string;
  /** Why it is late, or failed; a code. */
  reason?: string;
  /** The other server's words: a stranger's. */
  reply?: string;
}

/** One message of the list. */
export interface OutgoingRecord {
  id: string;
  created: string;
  /** Octets, with the server's signatures. */
  size: number;
  recipients: OutgoingRecipient[];
}

/** How mail to a domain travels, as far as that can be told before. */
export type Transport = "dane" | "mta-sts" | "tls" | "none" | "unknown";

/** The latest hundred, newest first. */
export async function listOutgoing(signal?: AbortSignal): Promise<OutgoingRecord[]> {
  return ((await (await call("GET", "outgoing", undefined, signal)).json()) as { messages: OutgoingRecord[] }).messages;
}

/** To whomever it was not sent yet it is not sent. */
export async function withdrawOutgoing(id: string): Promise<void> {
  await call("DELETE", `outgoing/${id}`).catch(orLost("answer-lost"));
}

/** The server is told the domain alone: to whom there somebody writes is not its matter before they send. */
export async function askTransport(domain: string): Promise<Transport> {
  const answer = await call("GET", `outgoing/protection?address=${encodeURIComponent(`postmaster@${domain}`)}`);
  return ((await answer.json()) as { transport: Transport }).transport;
}
