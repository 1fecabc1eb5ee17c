// My envelopes as the server last told, refreshed while a page shows them.
import { listEnvelopes, listReplies, type EnvelopeRecord, type ReplySummary } from "../api.ts";
import { problemText } from "../problem.ts";
import { app, update } from "../state.ts";
import { vault } from "../vault.ts";
import { readNotes } from "./note.ts";

const EVERY_MILLISECONDS = 15_000;

interface Links {
  /** Undefined until first loaded. */
  records: EnvelopeRecord[] | undefined;
  problem: string;
  replies: Map<string, ReplySummary[]>;
}

/** Read by the pages, changed only here. */
export const links: Links = { records: undefined, problem: "", replies: new Map() };

/** Asks the server again. */
export async function refreshLinks(): Promise<void> {
  try {
    links.records = await listEnvelopes();
    links.problem = "";
  } catch (error) {
    links.problem = problemText(error);
  }
  update();
  await showNotes();
}

/** Puts one changed record into the list. */
export function replaceRecord(record: EnvelopeRecord): void {
  links.records = links.records?.map((other) => (other.id === record.id ? record : other));
  update();
}

/** Decrypts what the keystore can read, once it is open. */
export async function showNotes(): Promise<void> {
  if (vault.state === "open" && links.records !== undefined && (await readNotes(links.records))) update();
}

/** Asks for the replies of one envelope. */
export async function refreshReplies(id: string): Promise<void> {
  try {
    links.replies.set(id, await listReplies(id));
    update();
  } catch (error) {
    links.problem = problemText(error);
    update();
  }
}

/** Keeps the list fresh while the page is visible and somebody is signed in. */
export function keepFresh(): void {
  setInterval(() => {
    if (document.visibilityState !== "visible" || app.session === undefined) return;
    const { route } = app;
    if (route.page === "links" || route.page === "link") void refreshLinks();
    if (route.page === "link") void refreshReplies(route.id);
  }, EVERY_MILLISECONDS);
}

/** Everything of the last account goes when it signs out. */
export function forgetLinks(): void {
  links.records = undefined;
  links.problem = "";
  links.replies.clear();
}
