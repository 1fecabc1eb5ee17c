// Keeps a copy of what was sent, once the server has that. A copy that cannot be stored holds nothing up: it was sent all the same, nothing is
// sent again, and it is tried again as long as the page is open. The draft goes when its copy is there, and not before.
// Not here: what a copy is (`copy.ts`), when something was sent (`compose/sending.ts`), how this is shown (`notice.ts`).
import type { Draft } from "../compose/draft.ts";
import type { Sent } from "../drafts/content.ts";
import { draftKey } from "../drafts/encryption.ts";
import { problemText } from "../problem.ts";
import { retryAt } from "../retry.ts";
import { afterDraw, app, update } from "../state.ts";
import { secretKeys, vault, whenOpened } from "../vault.ts";
import type { Report } from "../work.ts";
import { encryptCopy, summaryOf, type Copy } from "./copy.ts";
import { noteKept } from "./records.ts";
import { putCopy } from "./requests.ts";
import type { Summary } from "./summary.ts";

/** Why none is kept: there is no key, none of them can, or they are locked. */
export type NoCopy = "no-key" | "unfit-key" | "locked";

/** One that is to be stored yet. */
interface Unkept {
  /** Gone once it is made: its text, too, is not kept here any longer than it has to be. */
  make: (() => Promise<Copy>) | undefined;
  summary: Summary;
  /** What was made, so that the same is stored however often that is tried. */
  copy: Copy | undefined;
  problem: string;
  tries: number;
  /** When it is tried again by itself; undefined after a problem: only when its writer asks. */
  again: number | undefined;
  timer: ReturnType<typeof setTimeout> | undefined;
  running: Promise<void> | undefined;
  settle: (isKept: boolean) => void;
}

/** Read by the pages, changed only here. */
export const unkept: Unkept[] = [];

whenOpened(() => void keepAll());
addEventListener("online", () => void keepAll());

/** Why no copy of what is sent now would be kept; undefined: one would. */
export function noCopy(): NoCopy | undefined {
  if (draftKey() !== undefined) return undefined;
  if (vault.state === "locked" || vault.state === "unknown") return "locked";
  return secretKeys().length > 0 ? "unfit-key" : "no-key";
}

/**
 * Keeps a copy of what was sent so, by whoever has a key for it. Never rejects, and does not wait for what has to be tried again: `settled` comes
 * true once it is stored, and false if its writer does without. Whoever cancelled what was not sent yet keeps a copy of what was.
 */
export async function keepCopy(draft: Draft, sent: Sent, signal: AbortSignal, report: Report): Promise<{ settled: Promise<boolean> }> {
  let settle: Unkept["settle"] = () => undefined;
  const settled = new Promise<boolean>((resolve) => (settle = resolve));
  const make = async (): Promise<Copy> => {
    const key = draftKey();
    if (key === undefined) throw { code: "keystore-locked" };
    return encryptCopy(draft, sent, key);
  };
  const entry: Unkept = { make, summary: summaryOf(draft, sent), copy: undefined, problem: "", tries: 0, again: undefined, timer: undefined, running: undefined, settle };
  unkept.push(entry);
  if (signal.aborted) {
    void keep(entry);
  } else {
    report(app.words.keepingCopy);
    await keep(entry, signal, (done, total) => report(app.words.keepingCopy, done, total));
  }
  return { settled };
}

/** Tries to store what is not stored yet, now; what would fail again only if its writer asks. */
export async function keepAll(isAsked = false): Promise<void> {
  await Promise.all(unkept.filter(({ problem, again }) => isAsked || problem === "" || again !== undefined).map((entry) => keep(entry)));
}

/** Whoever wrote them does without those that they were told of. */
export function doWithout(): void {
  drop(unkept.filter(({ problem, running }) => problem !== "" && running === undefined));
}

/** Everything of the last account goes when it signs out. */
export function forgetUnkept(): void {
  drop([...unkept]);
}

function drop(entries: readonly Unkept[]): void {
  for (const entry of entries) {
    unkept.splice(unkept.indexOf(entry), 1);
    clearTimeout(entry.timer);
    entry.settle(false);
  }
  update();
}

async function keep(entry: Unkept, signal = new AbortController().signal, onProgress: (done: number, total: number) => void = () => undefined): Promise<void> {
  entry.running ??= store(entry, signal, onProgress).finally(() => {
    entry.running = undefined;
    update();
  });
  await entry.running;
}

async function store(entry: Unkept, signal: AbortSignal, onProgress: (done: number, total: number) => void): Promise<void> {
  clearTimeout(entry.timer);
  try {
    const copy = (entry.copy ??= await entry.make?.());
    if (copy === undefined) return;
    entry.make = undefined;
    await putCopy(copy, signal, onProgress);
    if (!unkept.includes(entry)) return;
    unkept.splice(unkept.indexOf(entry), 1);
    noteKept(copy, entry.summary);
    entry.settle(true);
  } catch (error) {
    entry.tries += 1;
    const cause = signal.aborted ? { code: "copy-cancelled" } : error;
    entry.problem = problemText(cause);
    // Whoever just sent something is further down the page.
    if (entry.tries === 1) afterDraw(() => document.getElementById("copy-notice")?.scrollIntoView({ block: "nearest" }));
    entry.again = retryAt(cause, entry.tries);
    if (entry.again !== undefined && unkept.includes(entry)) entry.timer = setTimeout(() => void keep(entry), entry.again - Date.now());
  }
}
