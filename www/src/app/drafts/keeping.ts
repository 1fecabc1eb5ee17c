// Keeps what is being written: a pause after the last key, and whenever the page is left, it is encrypted and stored. Nothing goes
// anywhere while the keys are locked, or while there are none.
// When another device changed or deleted the draft meanwhile, this one goes on as a draft of its own, and says so: neither is lost.
// Not here: what is written (`compose`), the list (`records.ts`, `list.ts`), how it is shown (`keeping-line.ts`).
import { copyOf, forecast, hasContent, type Draft } from "../compose/draft.ts";
import { problemText } from "../problem.ts";
import { randomName } from "../random-name.ts";
import { retryAt } from "../retry.ts";
import { app, update } from "../state.ts";
import { secretKeys, vault, whenLocked } from "../vault.ts";
import { neverOpens, type Facts } from "./content.ts";
import { decryptDraft, draftKey, encryptDraft, rememberNumber, seenNumber, type DecryptedDraft } from "./encryption.ts";
import { writeMail } from "./mail.ts";
import { dropRecord, refreshDrafts, remember } from "./records.ts";
import { deleteDraft, readDraft, writeDraft } from "./store.ts";

/** After the last key … */
const PAUSE_MILLISECONDS = 2_000;
/** … and after the last time: each is a signature, an upload and a write to the server's disk. */
const APART_MILLISECONDS = 8_000;

/** Where what is being written is kept. */
interface Binding {
  draft: Draft;
  id: string;
  /** The revision that this text was made from; `undefined`: none is stored yet. */
  revision: string | undefined;
  number: number;
  copy: boolean;
  /** What is stored, as `snapshot` has it. */
  stored: string;
  /** Writes whose answer did not come, by their random names: they may have been done. */
  tried: Map<string, Write>;
}

/** What one write stores, as `snapshot` has it, and the names of the attachments that are left out. */
interface Write {
  text: string;
  omitted: string[];
}

/** The last write, if it failed. */
interface Failure {
  /** What was to be stored, as `snapshot` has it. */
  text: string;
  /** How many in a row. */
  tries: number;
  /** When it may be tried again; `undefined`: only when somebody writes on, or asks. */
  again: number | undefined;
}

/** How it stands; read by `keeping-line.ts`. */
export interface Keeping {
  state: "none" | "locked" | "no-key" | "unfit-key" | "stored" | "failed";
  /** What is on the page is not stored yet, and will be. */
  pending: boolean;
  problem: string;
  /** Whether it is tried again without anybody doing anything. */
  tryingAgain: boolean;
  /** Attachments on the page that are too large to be stored with it. */
  omitted: string[];
  /** What happened to the draft on another device, and which one that is now. */
  elsewhere: { what: "changed"; id: string } | { what: "deleted" } | undefined;
  /** Attachments that the draft came without. */
  missing: string[];
}

const AS_NEW: Keeping = { state: "none", pending: false, problem: "", tryingAgain: false, omitted: [], elsewhere: undefined, missing: [] };
export const keeping: Keeping = { ...AS_NEW };
let bound: Binding | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
/** What the timer was started for. */
let waitingFor = "";
let last = 0;
let failure: Failure | undefined;
let storing = false;
/** One write after the other. */
let running: Promise<void> = Promise.resolve();

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") void storeNow();
});
addEventListener("beforeunload", () => void storeNow());
addEventListener("online", () => void storeNow());
whenLocked(() => look());

/** Called with what is being written whenever it may have changed. */
export function keep(draft: Draft): void {
  if (bound?.draft !== draft) bind(draft, freshName());
  look();
}

/** What was opened goes on under its name; `revision` is `undefined` for one that shall be another draft. */
export function keepAs(draft: Draft, { id, number, copy, omitted }: Facts, revision: string | undefined): void {
  bind(draft, revision === undefined ? freshName() : { id, revision, number: Math.max(number, seenNumber(id)), copy });
  if (bound !== undefined && revision !== undefined) bound.stored = snapshot(draft);
  Object.assign(keeping, { missing: omitted, state: revision === undefined ? "none" : "stored" });
}

/** Whether this draft is the one being written. */
export function isBeingWritten(id: string): boolean {
  return bound?.id === id && bound.revision !== undefined;
}

/** Whether something would be lost with the page. */
export function isUnstored(draft: Draft): boolean {
  return hasContent(draft) && (bound?.draft !== draft || bound.stored !== snapshot(draft) || keeping.omitted.length > 0);
}

/** Stores what is not stored yet; what was refused for good only if somebody asks. Never rejects: what went wrong is told on the page. */
export async function storeNow(asked = false): Promise<void> {
  stopWaiting();
  running = running.then(() => store(asked));
  await running;
}

/** What was written is sent, or not wanted: another is written from now on, and calling what this returns deletes the draft. Rejects if it could not be deleted; whether it is gone. */
export function letGo(): () => Promise<boolean> {
  const dropped = bound;
  forgetKept();
  return () => drop(dropped);
}

async function drop(dropped: Binding | undefined): Promise<boolean> {
  await running;
  if (dropped === undefined) return true;
  // A write whose answer was lost may have been done.
  const stored = dropped.tried.size > 0 ? await readDraft(dropped.id) : undefined;
  const isOwn = stored === undefined || (await tookTried(dropped, stored));
  if (dropped.revision === undefined) return isOwn;
  const done = await deleteDraft(dropped.id, dropped.revision);
  // Should it come back, it is told.
  rememberNumber(dropped.id, dropped.number + 1);
  const isGone = done?.present === undefined;
  if (isGone) dropRecord(dropped.id);
  void refreshDrafts();
  return isGone;
}

/** Another draft is written from now on, or none. */
export function forgetKept(): void {
  stopWaiting();
  bound = undefined;
  failure = undefined;
  Object.assign(keeping, AS_NEW);
}

function bind(draft: Draft, where: Pick<Binding, "id" | "revision" | "number" | "copy">): void {
  forgetKept();
  bound = { draft, ...where, stored: "", tried: new Map() };
}

function freshName(copy = false): Pick<Binding, "id" | "revision" | "number" | "copy"> {
  return { id: randomName(), revision: undefined, number: 0, copy };
}

function stopWaiting(): void {
  clearTimeout(timer);
  timer = undefined;
}

/** Says why nothing is stored, or sees to it that something is. Called with every draw: it asks for another only where there is news. */
function look(): void {
  // It looks again at its end.
  if (storing) return;
  const text = bound === undefined || (bound.revision === undefined && !hasContent(bound.draft)) ? undefined : snapshot(bound.draft);
  if (text === undefined || text === bound?.stored) {
    stopWaiting();
    return show({ pending: false, state: text === undefined ? "none" : "stored" });
  }
  if (draftKey() === undefined) {
    stopWaiting();
    return show({ pending: false, state: vault.state === "locked" || vault.state === "unknown" ? "locked" : secretKeys().length > 0 ? "unfit-key" : "no-key" });
  }
  if (timer !== undefined && waitingFor === text) return;
  stopWaiting();
  waitingFor = text;
  const at = momentFor(text);
  if (at === undefined) return;
  timer = setTimeout(() => void storeNow(), at - Date.now());
  if (failure === undefined) show({ pending: true });
}

/** When this is to be stored: soon, unless the same failed a moment ago. */
function momentFor(text: string): number | undefined {
  const soon = Math.max(Date.now() + PAUSE_MILLISECONDS, last + APART_MILLISECONDS);
  return failure?.text === text ? failure.again : soon;
}

function show(news: Pick<Keeping, "pending"> & Partial<Keeping>): void {
  const { pending, state } = keeping;
  Object.assign(keeping, news);
  if (keeping.pending !== pending || keeping.state !== state) update();
}

/** Everything of a draft that is stored. */
export function snapshot(draft: Draft): string {
  const { generated: _generated, own: _own, files, ...rest } = draft;
  return JSON.stringify({ ...rest, files: files.map(({ name, size, lastModified }) => [name, size, lastModified]) });
}

async function store(asked: boolean): Promise<void> {
  const binding = bound;
  const key = draftKey();
  if (binding === undefined || key === undefined || (binding.revision === undefined && !hasContent(binding.draft))) return;
  const draft = copyOf(binding.draft);
  const text = snapshot(draft);
  if (text === binding.stored || (!asked && failure?.text === text && failure.again === undefined)) return;
  storing = true;
  show({ pending: true });
  try {
    const limit = app.server.limits.draftBytes;
    const files = thatFit(draft, limit);
    const facts: Facts = { id: binding.id, number: binding.number + 1, write: randomName(), copy: binding.copy, omitted: [] };
    const encrypt = async (): Promise<Uint8Array> => {
      facts.omitted = [...stillMissing(draft), ...without(draft, files)];
      return encryptDraft(await writeMail({ ...draft, files }, facts), key);
    };
    let ciphertext = await encrypt();
    // The forecast is none of this mail.
    while (ciphertext.length > limit && files.pop() !== undefined) ciphertext = await encrypt();
    if (ciphertext.length > limit) throw { code: "draft-too-large" };
    const write: Write = { text, omitted: without(draft, files) };
    binding.tried.set(facts.write, write);
    const done = await writeDraft(binding.id, binding.revision, ciphertext);
    if ("present" in done) return await faster(binding, done.present);
    took(binding, { draft, facts, doubt: undefined }, done.revision, write);
  } catch (error) {
    last = Date.now();
    if (bound === binding) {
      const tries = (failure?.tries ?? 0) + 1;
      failure = { text, tries, again: retryAt(error, tries) };
      Object.assign(keeping, { state: "failed", problem: problemText(error), tryingAgain: failure.again !== undefined });
    }
  } finally {
    storing = keeping.pending = false;
    look();
    update();
  }
}

/** The attachments that a draft has room for, the first ones before those that were added to them. */
function thatFit(draft: Draft, limit: number): File[] {
  const files: File[] = [];
  for (const file of draft.files) if (forecast({ ...draft, files: [...files, file] }) <= limit) files.push(file);
  return files;
}

const without = (draft: Draft, files: readonly File[]): string[] => draft.files.filter((file) => !files.includes(file)).map(({ name }) => name);

/** What the draft came without, and nobody has attached again. */
const stillMissing = (draft: Draft): string[] => keeping.missing.filter((missed) => !draft.files.some(({ name }) => name === missed));

/** A revision of this browser's is stored. */
function took(binding: Binding, written: DecryptedDraft, revision: string, { text, omitted }: Write): void {
  const { id, number } = written.facts;
  Object.assign(binding, { revision, number, stored: text });
  last = Date.now();
  binding.tried.clear();
  rememberNumber(id, number);
  remember(revision, written);
  if (bound === binding) {
    failure = undefined;
    Object.assign(keeping, { state: "stored", problem: "", omitted, missing: stillMissing(binding.draft) });
  }
  void refreshDrafts();
}

/** Whether what is stored is what this browser wrote and heard no answer to: that is heard now. */
async function tookTried(binding: Binding, { ciphertext, revision }: { ciphertext: Uint8Array; revision: string }): Promise<boolean> {
  const opened = await decryptDraft(binding.id, ciphertext).catch((error: unknown) => {
    // Perhaps it is what this browser wrote: that can be told later.
    if (!neverOpens(error)) throw error;
    return undefined;
  });
  const write = opened?.doubt === undefined ? binding.tried.get(opened?.facts.write ?? "") : undefined;
  if (opened === undefined || write === undefined) return false;
  took(binding, opened, revision, write);
  return true;
}

/** Something else is stored than what this text was made from: what this browser wrote and heard no answer to, or what another device did. */
async function faster(binding: Binding, present: string | undefined): Promise<void> {
  const stored = present === undefined ? undefined : await readDraft(binding.id);
  if (stored !== undefined && (await tookTried(binding, stored))) return;
  const other = binding.id;
  Object.assign(binding, freshName(stored !== undefined), { stored: "" });
  binding.tried.clear();
  last = 0;
  if (bound !== binding) return;
  failure = undefined;
  keeping.elsewhere = stored === undefined ? { what: "deleted" } : { what: "changed", id: other };
  void refreshDrafts();
}
