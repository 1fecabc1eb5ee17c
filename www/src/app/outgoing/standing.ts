// How far a message got, in words and marks: for one recipient, and for all of them together.
import { marked, type Mark } from "../icons.ts";
import { app } from "../state.ts";
import type { TemplateResult } from "lit-html";
import type { OutgoingRecipient, OutgoingRecord, OutgoingState } from "./requests.ts";

const MARKS: Record<OutgoingState, Mark> = { failed: "bad", delayed: "careful", queued: "plain", withdrawn: "plain", sent: "good" };
/** What is worth a look comes first. */
const ORDER = Object.keys(MARKS) as OutgoingState[];

/** Of one recipient. */
export function stateMark({ state }: OutgoingRecipient): TemplateResult {
  return marked(MARKS[state] ?? "plain", stateText(state));
}

/** Of a message: what is worst, and of how many that holds. */
export function recordMark(record: Pick<OutgoingRecord, "recipients">): TemplateResult {
  return marked(MARKS[worstOf(record)], recordText(record));
}

export function recordText(record: Pick<OutgoingRecord, "recipients">): string {
  const { words } = app;
  const worst = worstOf(record);
  const count = record.recipients.filter(({ state }) => state === worst).length;
  return count === record.recipients.length ? stateText(worst) : words.stateOfSome(stateText(worst), count, record.recipients.length);
}

function worstOf({ recipients }: Pick<OutgoingRecord, "recipients">): OutgoingState {
  return ORDER.find((state) => recipients.some((one) => one.state === state)) ?? "queued";
}

function stateText(state: OutgoingState): string {
  const { sentStates } = app.words;
  return Object.hasOwn(sentStates, state) ? sentStates[state] : state;
}

/** Why it is late, or failed. */
export function reasonText({ address, reason }: OutgoingRecipient): string | undefined {
  const { words } = app;
  if (reason === undefined) return undefined;
  const domain = address.split("@").at(-1) ?? "";
  return Object.hasOwn(words.sentReasons, reason) ? words.sentReasons[reason as keyof typeof words.sentReasons](domain) : words.sentReasonUnknown;
}

/** Whether it is the way there that is not safe enough: another way may be. */
export function isUnsafeWay({ reason = "" }: OutgoingRecipient): boolean {
  return UNSAFE.has(reason);
}

const UNSAFE: ReadonlySet<string> = new Set(["dns-bogus", "against-policy", "no-tls", "tls-refused", "injected", "tls-failed", "certificate-expired", "certificate-name", "certificate-unknown", "not-by-dane"]);
