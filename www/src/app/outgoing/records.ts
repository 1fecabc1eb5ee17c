// Mail that I sent, as the server last told, refreshed while somebody looks at it or some of it is on its way.
import { ApiError } from "../api.ts";
import { announce } from "../announce.ts";
import { takesMail } from "../inbox/records.ts";
import { problemText } from "../problem.ts";
import { app, update } from "../state.ts";
import { whenLocked } from "../vault.ts";
import { listOutgoing, type OutgoingRecord } from "./requests.ts";

const EVERY_MILLISECONDS = 10_000;

interface Sent {
  /** Undefined until first loaded; what was sent last first. */
  records: OutgoingRecord[] | undefined;
  problem: string;
  /** Whether the server sends mail for whoever is signed in, as far as it has said. */
  isOffered: boolean;
}

/** Read by the pages, changed only here. */
export const sent: Sent = { records: undefined, problem: "", isOffered: false };

let asked = 0;
/** By message, what only this page knows of it: the server keeps no message that has arrived. */
let subjects = new Map<string, string>();
whenLocked(() => {
  subjects = new Map();
});

/** Whether the server sends mail for whoever is signed in. */
export function sendsMail(): boolean {
  return sent.isOffered;
}

/** Asks the server again. What could not be sent meanwhile is announced. */
export async function refreshSent(): Promise<void> {
  // It sends for addresses of the same domains.
  if (!takesMail()) return;
  const turn = (asked += 1);
  const before = new Map(sent.records?.map((record) => [record.id, record]));
  try {
    const records = await listOutgoing();
    // One that was asked for later is here already.
    if (turn !== asked) return;
    take(records);
    const failed = (sent.records ?? []).flatMap((record) => record.recipients.filter(({ state }, index) => state === "failed" && (before.get(record.id)?.recipients[index]?.state ?? state) !== state));
    if (failed.length > 0) announce(app.words.sentFailedNow(app.words.formats.list(failed.map(({ address }) => address))));
  } catch (error) {
    if (error instanceof ApiError && error.code === "not-found") Object.assign(sent, { records: undefined, problem: "", isOffered: false });
    else sent.problem = problemText(error);
  }
  update();
}

/** A list that was asked for somewhere else. */
export function take(records: OutgoingRecord[]): void {
  asked += 1;
  Object.assign(sent, { records, problem: "", isOffered: true });
}

/** Its writer just handed it over. */
export function noteSubject(id: string, subject: string): void {
  subjects.set(id, subject);
}

export function subjectOf(id: string): string | undefined {
  return subjects.get(id);
}

export function isOnItsWay({ recipients }: OutgoingRecord): boolean {
  return recipients.some(({ state }) => state === "queued" || state === "delayed");
}

/** Keeps the list fresh while the page is visible and there may be news. */
export function keepSentFresh(): void {
  setInterval(() => {
    const looks = app.route.page === "sent" || app.route.page === "sent-mail";
    if (document.visibilityState === "visible" && app.session !== undefined && (looks || sent.records?.some(isOnItsWay) === true)) void refreshSent();
  }, EVERY_MILLISECONDS);
}

/** Everything of the last account goes when it signs out. */
export function forgetSent(): void {
  Object.assign(sent, { records: undefined, problem: "", isOffered: false });
  subjects = new Map();
}
