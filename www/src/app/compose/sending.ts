// The job behind the one button where the server sends mail: each kind of mail in turn, and whoever has got theirs is no recipient of the
// draft any more. What the server may have taken without its answer being heard is not handed over again unasked.
import { withdrawEnvelope } from "../api.ts";
import { ask } from "../ask.ts";
import { snapshot } from "../drafts/keeping.ts";
import { begin, handOver, lookFor, Unheard } from "../outgoing/handing-over.ts";
import type { Handover } from "../outgoing/matching.ts";
import { noteSubject, sendsMail } from "../outgoing/records.ts";
import { app } from "../state.ts";
import type { Report } from "../work.ts";
import type { Draft } from "./draft.ts";
import { letterOf, linkLetter, type Letter } from "./letter.ts";
import { sealDraft, type Sealed } from "./seal.ts";
import { planOf } from "./way.ts";

/** How far a draft is. */
export interface Progress {
  /** Whose mail the server has. */
  handed: string[];
  /** What the last of them goes by. */
  last: string | undefined;
  sealed: Sealed | undefined;
}

/** What may have been handed over. */
interface Doubtful {
  handover: Handover;
  /** What it was made of. */
  text: string;
  sealed: Sealed | undefined;
}
const doubtful = new WeakMap<Draft, Doubtful>();

/** Sends what is still to be sent, and tells `progress` of it. */
export async function sendDraft(draft: Draft, progress: Progress, signal: AbortSignal, report: Report): Promise<void> {
  const before = progress.handed.length;
  await settle(draft, progress, signal, report);
  const { clear, encrypted } = planOf(draft);
  if (clear.length > 0) await send(draft, await letterOf(draft, clear, [], signal, report), progress, signal, report);
  if (encrypted.size > 0) await send(draft, await letterOf(draft, [...encrypted.keys()], [...encrypted.values()], signal, report), progress, signal, report);
  // Those who got theirs are none of its recipients any more.
  if (draft.recipients.length === 0 && progress.handed.length > before) return;
  const sealed = await sealDraft(draft, signal, report);
  if (!sendsMail() || draft.linkByHand || sealed.recipients.length === 0) {
    progress.sealed = sealed;
    return;
  }
  try {
    await send(draft, await linkLetter(draft, sealed, signal), progress, signal, report, { ...sealed, mailed: true });
  } catch (error) {
    // Nobody has its link then.
    if (!(error instanceof Unheard)) await withdrawEnvelope(sealed.id).catch(() => undefined);
    throw error;
  }
}

/** What may have been handed over before is looked for, and handed over once more only if its writer wants that. */
async function settle(draft: Draft, progress: Progress, signal: AbortSignal, report: Report): Promise<void> {
  const { words } = app;
  const before = doubtful.get(draft);
  if (before === undefined) return;
  report(words.awaitingServer);
  const isSame = before.text === snapshot(draft);
  const id = await lookFor(before.handover, [0]);
  if (id !== undefined && !isSame) {
    doubtful.delete(draft);
    throw { code: "sent-before-changes" };
  }
  if (id !== undefined) return took(draft, before.handover, id, progress, before.sealed);
  if (!(await ask({ title: words.sendAgainTitle, text: words.sendAgainText, action: words.sendAgain }))) throw new Unheard(before.handover);
  if (!isSame) return void doubtful.delete(draft);
  took(draft, before.handover, await handOver(before.handover, signal, report), progress, before.sealed);
}

async function send(draft: Draft, { mail, recipients }: Letter, progress: Progress, signal: AbortSignal, report: Report, sealed?: Sealed): Promise<void> {
  const handover = await begin(mail, recipients, signal);
  try {
    took(draft, handover, await handOver(handover, signal, report), progress, sealed);
  } catch (error) {
    if (error instanceof Unheard) doubtful.set(draft, { handover, text: snapshot(draft), sealed });
    throw error;
  }
}

/** The server has it. */
function took(draft: Draft, { recipients }: Handover, id: string, progress: Progress, sealed: Sealed | undefined): void {
  doubtful.delete(draft);
  noteSubject(id, draft.subject);
  draft.recipients = draft.recipients.filter((address) => !recipients.includes(address));
  progress.handed.push(...recipients);
  progress.last = id;
  progress.sealed = sealed ?? progress.sealed;
}
