// My drafts as the server last told, and what is in them as far as it was opened here.
import { everybody } from "../compose/draft.ts";
import { problemText } from "../problem.ts";
import { app, update } from "../state.ts";
import { secretKeys, vault, whenChanged, whenLocked, whenOpened } from "../vault.ts";
import { neverOpens } from "./content.ts";
import { decryptDraft, rememberNumber, seenNumber, type DecryptedDraft, type Doubt } from "./encryption.ts";
import { deleteDraft, listDrafts, readDraft, type DraftRecord } from "./store.ts";

/** Larger ones are opened when somebody wants them. */
const LOOKED_INTO = 512 * 1024;
const EVERY_MILLISECONDS = 15_000;

/** What the list shows of a draft. */
export interface Summary {
  subject: string;
  recipients: string[];
  copy: boolean;
  doubt: Doubt | undefined;
}

/** Read by the pages, changed only here. `records` is undefined until first loaded. */
export const drafts: { records: DraftRecord[] | undefined; problem: string } = { records: undefined, problem: "" };

/** By revision, which is another one with every write; `undefined` for one that does not open with these keys. */
let summaries = new Map<string, Summary | undefined>();
let looking = false;
let again = false;
/** How often the server was asked: answers may come in another order, and the last one counts. */
let asked = 0;

whenLocked(() => {
  summaries = new Map();
});
whenOpened(() => void lookInto());
whenChanged(() => {
  // With another key it may open.
  for (const [revision, summary] of summaries) if (summary === undefined) summaries.delete(revision);
  void lookInto();
});
setInterval(() => {
  if (document.visibilityState === "visible" && app.session !== undefined && app.route.page === "drafts") void refreshDrafts();
}, EVERY_MILLISECONDS);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && app.session !== undefined) void refreshDrafts();
});

/** Asks the server again. */
export async function refreshDrafts(): Promise<void> {
  asked += 1;
  const mine = asked;
  const answer = await listDrafts().catch(problemText);
  if (mine !== asked) return;
  if (typeof answer === "string") drafts.problem = answer;
  else Object.assign(drafts, { records: answer, problem: "" });
  update();
  await lookInto();
}

/** What is known about a draft without work; `undefined`: nothing yet; `null`: it does not open. */
export function summaryOf({ revision }: DraftRecord): Summary | null | undefined {
  return summaries.has(revision) ? (summaries.get(revision) ?? null) : undefined;
}

/** Remembers what was opened, or written, so that it needs no work in the list. */
export function remember(revision: string, { draft, facts, doubt }: DecryptedDraft): void {
  summaries.set(revision, { subject: draft.subject, recipients: everybody(draft), copy: facts.copy, doubt });
}

async function lookInto(): Promise<void> {
  again = looking;
  if (looking || vault.state !== "open" || secretKeys().length === 0) return;
  looking = true;
  try {
    for (const { id, revision, size } of drafts.records ?? []) {
      const found = summaries;
      if (size > LOOKED_INTO || found.has(revision)) continue;
      const stored = await readDraft(id);
      if (stored === undefined || found.has(stored.revision)) continue;
      const opened = await decryptDraft(id, stored.ciphertext).catch((error: unknown) => (neverOpens(error) ? undefined : "not now"));
      if (found !== summaries) break;
      // The next look tries again.
      if (opened === "not now") continue;
      if (opened === undefined) found.set(stored.revision, undefined);
      else remember(stored.revision, opened);
      update();
    }
  } catch {
    // The next refresh says what is wrong with the connection.
  } finally {
    looking = false;
    if (again) void lookInto();
  }
}

/** It is gone from the server, and no list that was asked for before counts. */
export function dropRecord(id: string): void {
  asked += 1;
  drafts.records = drafts.records?.filter((record) => record.id !== id);
  update();
}

/** Deletes the revision that was listed. Whether it is gone: not if another device changed it meanwhile. */
export async function removeRecord({ id, revision }: DraftRecord): Promise<boolean> {
  const done = await deleteDraft(id, revision);
  const gone = done?.present === undefined;
  // Should it come back, it is told.
  if (gone) rememberNumber(id, seenNumber(id) + 1);
  await refreshDrafts();
  return gone;
}

/** Everything of the last account goes when it signs out. */
export function forgetDrafts(): void {
  asked += 1;
  Object.assign(drafts, { records: undefined, problem: "" });
  summaries = new Map();
}
