// My mail as the server last told, refreshed while somebody is signed in.
// Not here: what a summary says (`headings.ts`), messages that are open (`reading.ts`).
import { addressOf } from "envelock/worker";
import { announce } from "../announce.ts";
import { problemText } from "../problem.ts";
import { app, update } from "../state.ts";
import { whenOpened } from "../vault.ts";
import { readHeadings } from "./headings.ts";
import { listMail, type MailRecord } from "./requests.ts";

const EVERY_MILLISECONDS = 15_000;
const PAGE = 50;
/** Most that the server lists at a time. */
const MOST = 500;

interface Inbox {
  /** Undefined until first loaded; what arrived last first. */
  records: MailRecord[] | undefined;
  /** Where the rest begins, if there is more. */
  next: string | undefined;
  problem: string;
}

whenOpened(() => void showHeadings());

/** Read by the pages, changed only here. */
export const inbox: Inbox = { records: undefined, next: undefined, problem: "" };

/** Whether the server takes mail for whoever is signed in. */
export function takesMail(): boolean {
  const domainOf = (address: string): string | undefined => addressOf(address)?.split("@")[1];
  const mine = domainOf(app.session?.address ?? "");
  return mine !== undefined && (app.server.mailDomains ?? []).some((domain) => domainOf(`any@${domain}`) === mine);
}

/** How many there are that nobody has opened, as far as the list is known. */
export function unseen(): number {
  return (inbox.records ?? []).filter(({ seen }) => !seen).length;
}

/** Asks the server again. What is new meanwhile is announced. */
export async function refreshInbox(): Promise<void> {
  if (!takesMail()) return;
  const before = inbox.records;
  await load(async () => {
    const page = await listMail(Math.min(Math.max(before?.length ?? 0, PAGE), MOST));
    inbox.records = page.messages;
    inbox.next = page.next;
    const known = new Set(before?.map(({ id }) => id));
    // One that is older than all of these came up since others were deleted.
    const latest = before?.[0]?.receivedAt ?? "";
    const arrived = page.messages.filter(({ id, receivedAt }) => !known.has(id) && receivedAt >= latest).length;
    if (before !== undefined && arrived > 0) announce(app.words.mailArrived(arrived));
  });
}

/** Asks for what arrived before. */
export async function showMore(limit = PAGE): Promise<void> {
  const { records, next } = inbox;
  if (records === undefined || next === undefined) return;
  await load(async () => {
    const page = await listMail(limit, next);
    // The list may have been refreshed meanwhile.
    if (inbox.records !== records) return;
    inbox.records = [...records, ...page.messages];
    inbox.next = page.next;
  });
}

/** Goes on until a message is among them, as one whose address somebody kept. */
export async function lookFor(id: string): Promise<void> {
  while (inbox.problem === "" && inbox.next !== undefined && recordOf(id) === undefined) await showMore(MOST);
}

export function recordOf(id: string): MailRecord | undefined {
  return inbox.records?.find((record) => record.id === id);
}

/** Its owner has opened it. */
export function noteSeen(id: string): void {
  inbox.records = inbox.records?.map((record) => (record.id === id ? { ...record, seen: true } : record));
  update();
}

/** It is gone from the server. */
export function dropRecord(id: string): void {
  inbox.records = inbox.records?.filter((record) => record.id !== id);
  update();
}

/** Keeps the list fresh while the page is visible and somebody is signed in. */
export function keepInboxFresh(): void {
  setInterval(() => {
    if (document.visibilityState === "visible" && app.session !== undefined) void refreshInbox();
  }, EVERY_MILLISECONDS);
}

/** Everything of the last account goes when it signs out. */
export function forgetInbox(): void {
  Object.assign(inbox, { records: undefined, next: undefined, problem: "" });
}

async function load(job: () => Promise<void>): Promise<void> {
  try {
    await job();
    inbox.problem = "";
  } catch (error) {
    inbox.problem = problemText(error);
  }
  update();
  await showHeadings();
}

async function showHeadings(): Promise<void> {
  if (await readHeadings(inbox.records ?? [])) update();
}
