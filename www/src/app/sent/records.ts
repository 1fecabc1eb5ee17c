// Copies of what I sent, as the server last told, and what is in their summaries once the keystore is open.
// Not here: those that are open (`reading.ts`), how far what was sent got (`outgoing`).
import { fromBase64Url, toBase64Url } from "../../base64url.ts";
import { neverOpens } from "../drafts/content.ts";
import { problemText } from "../problem.ts";
import { app, update } from "../state.ts";
import { vault, whenChanged, whenLocked, whenOpened } from "../vault.ts";
import { decryptSummary, type Copy } from "./copy.ts";
import { listCopies, type CopyRecord } from "./requests.ts";
import type { Summary } from "./summary.ts";

const PAGE = 200;
/** Most that the server lists at a time. */
const MOST = 500;

interface Copies {
  /** Undefined until first loaded; the latest first. */
  records: CopyRecord[] | undefined;
  /** Where the rest begins, if there is more. */
  next: string | undefined;
  problem: string;
}

/** Read by the pages, changed only here. */
export const copies: Copies = { records: undefined, next: undefined, problem: "" };

/** By copy: gone with the keystore; null for what none of the keys opens. */
let summaries = new Map<string, Summary | null>();
let reading = false;
let isLooking = false;
/** What was kept and deleted here. */
let changes = 0;
/** Those that failed for a reason of the moment: the next look tries again. */
const notNow = new Set<string>();
whenLocked(() => {
  summaries = new Map();
});
whenOpened(() => void readSummaries());
whenChanged(() => {
  // With another key it may open.
  for (const [id, summary] of summaries) if (summary === null) summaries.delete(id);
  void readSummaries();
});

/** What the list knows of a copy: null if it cannot be read, undefined while it is being read, or locked. */
export function knownOf(id: string): Summary | null | undefined {
  return summaries.get(id);
}

/** Asks the server again; once more where something was kept or deleted meanwhile, of which it may not have known. */
export async function refreshCopies(): Promise<void> {
  await load(async () => {
    let page, before;
    do {
      before = changes;
      page = await listCopies(Math.min(Math.max(copies.records?.length ?? 0, PAGE), MOST));
    } while (before !== changes);
    Object.assign(copies, { records: page.messages, next: page.next });
  });
}

/** Asks for those before. */
export async function showMoreCopies(limit = PAGE): Promise<void> {
  const { records, next } = copies;
  if (records === undefined || next === undefined) return;
  await load(async () => {
    const page = await listCopies(limit, next);
    // The list may have been refreshed meanwhile.
    if (copies.records === records) Object.assign(copies, { records: [...records, ...page.messages], next: page.next });
  });
}

/** Goes on until a copy is among them, as one whose address somebody kept. */
export async function lookForCopy(id: string): Promise<void> {
  if (isLooking) return;
  isLooking = true;
  while (copies.problem === "" && copies.next !== undefined && !isListed(id)) await showMoreCopies(MOST);
  isLooking = false;
}

export function isListed(id: string): boolean {
  return copies.records?.some((record) => record.id === id) === true;
}

/** It is stored since a moment ago, and its writer knows what is in it. */
export function noteKept({ id, summary, message }: Copy, known: Summary): void {
  if (vault.state === "open") summaries.set(id, known);
  const record: CopyRecord = { id, receivedAt: new Date().toISOString(), size: message.length, summary: toBase64Url(summary) };
  changes += 1;
  if (copies.records !== undefined) copies.records = [record, ...copies.records.filter((other) => other.id !== id)];
}

/** It is gone from the server. */
export function dropCopy(id: string): void {
  changes += 1;
  copies.records = copies.records?.filter((record) => record.id !== id);
  update();
}

/** Everything of the last account goes when it signs out. */
export function forgetCopies(): void {
  Object.assign(copies, { records: undefined, next: undefined, problem: "" });
  summaries = new Map();
}

async function load(job: () => Promise<void>): Promise<void> {
  try {
    await job();
    copies.problem = "";
  } catch (error) {
    copies.problem = problemText(error);
  }
  update();
  await readSummaries();
}

/** One after the other, and only where somebody looks at them: each is a decryption. */
async function readSummaries(): Promise<void> {
  const looks = (): boolean => app.route.page === "sent" || app.route.page === "sent-mail";
  if (reading) return;
  reading = true;
  try {
    for (;;) {
      const found = summaries;
      const next = (copies.records ?? []).find(({ id }) => !found.has(id) && !notNow.has(id));
      if (next === undefined || vault.state !== "open" || !looks()) return;
      try {
        found.set(next.id, await decryptSummary(fromBase64Url(next.summary)));
      } catch (error) {
        if (neverOpens(error)) found.set(next.id, null);
        else notNow.add(next.id);
      }
      update();
    }
  } finally {
    notNow.clear();
    reading = false;
  }
}
