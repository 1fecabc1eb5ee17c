// One message at a time that is open: fetched, taken apart, decrypted and its signatures checked with the keys that are there.
// Not here: how it is shown (`message.ts`).
import type { ReadMail } from "envelock";
import { engine } from "../engine.ts";
import { announce } from "../announce.ts";
import { app } from "../state.ts";
import { certificates, secretKeys, unlockable, vault, whenLocked } from "../vault.ts";
import { Work } from "../work.ts";
import { noteHeading } from "./headings.ts";
import { noteSeen, recordOf } from "./records.ts";
import { fetchMail, markSeen } from "./requests.ts";
import { isSealedMail, unsealed } from "./sealed.ts";

/** With its own work: a slow one does not hold up the next. */
export interface Opened {
  id: string;
  work: Work;
  /** As the server keeps it. */
  kept?: Blob;
  /** As it arrived. */
  original?: Blob;
  /** Whether the server keeps it encrypted to its owner, and there was no key to open it. */
  isLocked: boolean;
  mail?: ReadMail;
  /** Whether the keystore was open when it was read. */
  withKeys: boolean;
}

let opened: Opened | undefined;
// What was decrypted with it goes with the keystore, and what was not is read again.
whenLocked(forgetMail);

/** The message, which is being read from now on unless it was. */
export function openedMail(id: string): Opened {
  const isOpen = vault.state === "open";
  if (opened?.id !== id) {
    opened = { id, work: new Work(), withKeys: isOpen, isLocked: false };
    void read(opened);
  } else if (isOpen && !opened.withKeys && !opened.work.busy) {
    opened.withKeys = true;
    void read(opened);
  }
  return opened;
}

/** Once more, after something went wrong. */
export function readAgain(entry: Opened): void {
  entry.withKeys = vault.state === "open";
  void read(entry);
}

/** As when signing out. */
export function forgetMail(): void {
  opened = undefined;
}

/** Elsewhere the code says that something is too large to be sent. */
function ofReading(error: unknown): never {
  throw (error as { code?: unknown } | undefined)?.code === "too-large" ? { code: "mail-too-large" } : error;
}

async function read(entry: Opened): Promise<void> {
  // Not while a page is being drawn.
  await Promise.resolve();
  const { id, withKeys } = entry;
  const done = await entry.work.run(app.words.openingMail, async (signal) => {
    entry.kept ??= await fetchMail(id, signal);
    const isSealed = await isSealedMail(entry.kept);
    entry.isLocked = isSealed && !withKeys;
    if (entry.isLocked) return;
    entry.original ??= isSealed ? await unsealed(entry.kept, signal) : entry.kept;
    if (recordOf(id)?.seen === false) void markSeen(id).then(() => noteSeen(id), () => undefined);
    const [keys, verifyWith] = withKeys ? [secretKeys().map(unlockable), certificates()] : [[], []];
    entry.mail = await engine().readMail({ mail: entry.original, keys, verifyWith, signal }).catch(ofReading);
  });
  if (opened !== entry) return;
  if (done && entry.mail !== undefined) {
    noteHeading(id, entry.mail);
    announce(app.words.mailOpened);
  }
}
