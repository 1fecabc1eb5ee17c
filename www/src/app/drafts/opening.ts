// Opens a draft of the list and goes on writing it. One that may not be what its owner wrote is opened only after they were told.
import { announce } from "../announce.ts";
import { ask } from "../ask.ts";
import { loadDraft } from "../compose/page.ts";
import { problemText } from "../problem.ts";
import { afterDraw, app, update } from "../state.ts";
import { vault, whenLocked, whenOpened } from "../vault.ts";
import { decryptDraft, type DecryptedDraft } from "./encryption.ts";
import { isBeingWritten, keepAs } from "./keeping.ts";
import { refreshDrafts, remember, removeRecord } from "./records.ts";
import { readDraft, type DraftRecord } from "./store.ts";

interface Opening {
  id: string;
  problem: string;
  /** Waits for its owner's word. */
  doubtful: DecryptedDraft | undefined;
  revision: string;
}

/** What the page of a draft shows; changed only here. */
export let opening: Opening | undefined;
/** Why the last one that was to go is still there, until somebody does something else; changed only here. */
export let notDeleted = "";

addEventListener("hashchange", () => {
  notDeleted = "";
});

whenLocked(() => {
  opening = undefined;
});
whenOpened(() => {
  if (app.route.page === "draft") void open(app.route.id);
});

/** Opens it, and goes to where messages are written. */
export async function open(id: string): Promise<void> {
  if (isBeingWritten(id)) return toCompose();
  const current: Opening = { id, problem: "", doubtful: undefined, revision: "" };
  opening = current;
  update();
  if (vault.state !== "open") return;
  try {
    const stored = await readDraft(id);
    if (stored === undefined) throw { code: "draft-gone" };
    const opened = await decryptDraft(id, stored.ciphertext);
    remember(stored.revision, opened);
    current.revision = stored.revision;
    if (opening !== current) return;
    if (opened.doubt === undefined) return await take(opened, stored.revision);
    current.doubtful = opened;
  } catch (error) {
    current.problem = problemText(error);
  }
  update();
}

/** The owner has read why it is doubtful. What they did not write goes on as another draft: it is theirs from then on. */
export async function openAllTheSame({ doubtful, revision }: Opening): Promise<void> {
  if (doubtful !== undefined) await take(doubtful, doubtful.doubt === "older" ? revision : undefined);
}

async function take({ draft, facts }: DecryptedDraft, revision: string | undefined): Promise<void> {
  if (!(await loadDraft(draft))) return location.replace("#/drafts");
  keepAs(draft, facts, revision);
  opening = undefined;
  toCompose();
}

/** Without a trace in the history: Back would open it once more. */
function toCompose(): void {
  location.replace("#/compose");
  update();
}

/** Deletes a draft of the list, if its owner says so once more. */
export async function askToDelete(record: DraftRecord, title: string): Promise<void> {
  const { words } = app;
  if (!(await ask({ title: words.draftDeleteTitle(title), text: words.draftDeleteText, action: words.draftDeleteIt }))) return;
  notDeleted = "";
  try {
    if (!(await removeRecord(record))) notDeleted = words.draftNotDeleted;
    else {
      announce(words.draftDeleted);
      if (app.route.page === "draft") location.replace("#/drafts");
    }
  } catch (error) {
    await refreshDrafts();
    notDeleted = problemText(error);
  }
  // The button that had the focus is gone with its row.
  afterDraw(() => document.querySelector<HTMLElement>("h1[tabindex]")?.focus());
  update();
}
