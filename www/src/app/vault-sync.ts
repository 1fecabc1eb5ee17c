// Other devices: the open keystore and theirs are brought to the same state, when it opens, after changes, and when this page
// is looked at again. Quietly: what went wrong stands on the keystore's page.
// Not here: how two keystores are merged (the package), where the file lies (`keyring-store.ts`).
import { announce } from "./announce.ts";
import { keyringStore, removeKeyring, replacedKeyring } from "./keyring-store.ts";
import { problemText } from "./problem.ts";
import { retryAt } from "./retry.ts";
import { app, update } from "./state.ts";
import { lockOtherTabs, opened, readAfterChange, vault, whenChanged, whenLocked, whenOpened } from "./vault.ts";

/** Changes come in groups: an import, then labels. */
const QUIET_MILLISECONDS = 3_000;
const STORED = "envelock-synced";

/** What this browser knows about the syncing of a keystore: for which account, and when it last was done. */
interface Mark {
  account: string;
  at: number;
}

/** Read by the page, changed only here. */
export const syncing: {
  on: boolean;
  busy: boolean;
  /** Whether the open keystore was compared as far as that goes: until then keys may come that are not here yet. */
  settled: boolean;
  at: Date | undefined;
  came: string;
  problem: string;
  underOtherCode: boolean;
} = { ...nothingDone(), busy: false, settled: false };
let running: Promise<void> | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
/** How often in a row it failed by itself. */
let failures = 0;
let abort: AbortController | undefined;
/** Something was changed here that no sync has taken along yet … */
let changed = false;
/** … or that the one under way takes along. */
let takenAlong = false;

whenOpened(() => void begin());
whenChanged((made) => {
  if (made === "elsewhere") return;
  changed = true;
  later();
});
whenLocked(() => {
  clearTimeout(timer);
  failures = 0;
  abort?.abort();
  changed = takenAlong = false;
  Object.assign(syncing, nothingDone(), { busy: false, settled: false });
});
addEventListener("online", later);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") later();
});

async function begin(): Promise<void> {
  syncing.settled = false;
  const code = await syncCode().catch(() => undefined);
  const mark = readMark();
  // Another account's server file is not this keystore's.
  syncing.on = code !== undefined && (mark === undefined || mark.account === app.session?.address);
  syncing.at = mark === undefined ? undefined : new Date(mark.at);
  syncing.settled = !syncing.on && !syncing.busy;
  update();
  if (syncing.on) await quietly();
}

function later(): void {
  if (syncing.on) syncAt(Date.now() + QUIET_MILLISECONDS);
}

function syncAt(moment: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => void quietly(), moment - Date.now());
}

async function quietly(): Promise<void> {
  const before = syncing.problem;
  try {
    await syncNow(new AbortController().signal);
    failures = 0;
  } catch (error) {
    if ((error as { code?: unknown }).code !== "offline" && syncing.problem !== "" && syncing.problem !== before) announce(app.words.syncFailed);
    failures += 1;
    const next = retryAt(error, failures);
    if (syncing.on && next !== undefined) syncAt(next);
  }
}

/** What other devices may lack: what was changed here, or something from before, as long as the first comparison is not done. */
export function unsynced(): "changed" | "comparing" | undefined {
  if (!syncing.on) return undefined;
  if (changed || takenAlong) return "changed";
  return syncing.settled ? undefined : "comparing";
}

/** Brings to the other devices now what was changed here a moment ago, if that succeeds. */
export async function syncChanges(): Promise<void> {
  if (unsynced() === undefined) return;
  await running?.catch(() => undefined);
  if (!changed) return;
  clearTimeout(timer);
  await quietly();
}

/** How the copy is written, where it is not merged under the code that both sides know. */
export interface Writing {
  /** Under a new code, which is the one of this device then. */
  renewCode?: boolean;
  /** In the place of this version, unread: what only it held is gone. */
  replaces?: string | undefined;
}

/** Syncs, after the sync that is under way if there is one; the first device makes the code, another is given it once. */
export async function syncNow(signal: AbortSignal, code?: string, writing: Writing = {}): Promise<void> {
  while (running !== undefined) await running.catch(() => undefined);
  running = sync(signal, code, writing).finally(() => {
    running = undefined;
  });
  await running;
}

async function sync(signal: AbortSignal, code: string | undefined, { renewCode = false, replaces }: Writing): Promise<void> {
  const stop = new AbortController();
  abort = stop;
  const either = AbortSignal.any([signal, stop.signal]);
  let cause: unknown;
  const store = replaces === undefined ? keyringStore(either) : replacedKeyring(replaces, either);
  // The package says of all that a store throws that it failed; people are told why.
  const told = async <T>(work: () => Promise<T>): Promise<T> => work().catch((error: unknown) => {
    cause = error;
    throw error;
  });
  Object.assign(syncing, { busy: true, problem: "", underOtherCode: false });
  update();
  [changed, takenAlong] = [false, changed];
  try {
    const done = await opened().sync({
      store: { read: () => told(() => store.read()), write: (file, version) => told(() => store.write(file, version)) },
      signal: either,
      ...(code === undefined ? {} : { code }),
      renewCode,
    });
    if (done.removed.length > 0) lockOtherTabs();
    if (done.received.length + done.removed.length > 0) {
      syncing.came = app.words.syncCame(new Set(done.received).size, new Set(done.removed).size);
      await readAfterChange("elsewhere");
    }
    Object.assign(syncing, { on: true, at: new Date() });
    writeMark({ account: app.session?.address ?? "", at: Date.now() });
  } catch (error) {
    const shown = cause ?? error;
    changed ||= takenAlong;
    if (!either.aborted) {
      syncing.underOtherCode = syncing.on && (shown as { code?: unknown }).code === "wrong-recovery-code";
      syncing.problem = syncing.underOtherCode ? app.words.syncOtherCode : problemText(shown);
    }
    throw shown;
  } finally {
    takenAlong = false;
    Object.assign(syncing, { busy: false, settled: true });
    update();
  }
}

/** The code for the next device: as it is after a sync that is under way, which may bring another one to its end. */
export async function syncCode(): Promise<string | undefined> {
  while (running !== undefined) await running.catch(() => undefined);
  return opened().syncCode();
}

/** This device forgets the code; the copy stays for the others. */
export async function stopSync(): Promise<void> {
  clearTimeout(timer);
  await opened().stopSync();
  const marks = readMarks();
  delete marks[vault.name];
  localStorage.setItem(STORED, JSON.stringify(marks));
  Object.assign(syncing, nothingDone());
  update();
}

/** The same, and the copy goes. */
export async function deleteCopy(signal: AbortSignal): Promise<void> {
  await removeKeyring(signal);
  await stopSync();
}

function readMarks(): Record<string, Mark> {
  try {
    return JSON.parse(localStorage.getItem(STORED) ?? "{}") as Record<string, Mark>;
  } catch {
    return {};
  }
}

function readMark(): Mark | undefined {
  const marks = readMarks();
  return Object.hasOwn(marks, vault.name) ? marks[vault.name] : undefined;
}

function writeMark(mark: Mark): void {
  localStorage.setItem(STORED, JSON.stringify({ ...readMarks(), [vault.name]: mark }));
}

function nothingDone(): { on: boolean; at: undefined; came: string; problem: string; underOtherCode: boolean } {
  return { on: false, at: undefined, came: "", problem: "", underOtherCode: false };
}
