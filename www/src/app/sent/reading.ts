// One copy at a time that is open: fetched, decrypted, and whether it is what its owner sent. Not here: how it is shown (`outgoing/message.ts`).
import { announce } from "../announce.ts";
import { fetchMail } from "../inbox/requests.ts";
import { app } from "../state.ts";
import { vault, whenLocked } from "../vault.ts";
import { Work } from "../work.ts";
import { decryptCopy, type DecryptedCopy } from "./copy.ts";

/** With its own work: a slow one does not hold up the next. */
export interface OpenedCopy {
  id: string;
  work: Work;
  copy?: DecryptedCopy;
  /** Its owner has read why it is doubtful. */
  shown: boolean;
}

let opened: OpenedCopy | undefined;
whenLocked(forgetCopy);

/** The copy, which is being read from now on unless it was; undefined while there is no key. */
export function openedCopy(id: string): OpenedCopy | undefined {
  if (vault.state !== "open") return undefined;
  if (opened?.id !== id) {
    opened = { id, work: new Work(), shown: false };
    void readCopy(opened);
  }
  return opened;
}

/** Again, after something went wrong. */
export async function readCopy(entry: OpenedCopy): Promise<void> {
  // Not while a page is being drawn.
  await Promise.resolve();
  const done = await entry.work.run(app.words.openingMail, async (signal) => {
    entry.copy = await decryptCopy(entry.id, await fetchMail(entry.id, signal), signal);
  });
  if (done && opened === entry) announce(app.words.mailOpened);
}

/** As when signing out. */
export function forgetCopy(): void {
  opened = undefined;
}
