// The job behind the one button: each kind of mail in turn, and whoever has got theirs is no recipient of the draft any more. What the server
// may have taken without its answer being heard is not handed over again unasked. Of what it has taken, a copy is kept.
import { withdrawEnvelope } from "../api.ts";
import { ask } from "../ask.ts";
import type { Sent } from "../drafts/content.ts";
import { snapshot } from "../drafts/keeping.ts";
import { begin, handOver, lookFor, Unheard } from "../outgoing/handing-over.ts";
import type { Handover } from "../outgoing/matching.ts";
import { noteSubject, sendsMail } from "../outgoing/records.ts";
import { keepCopy, noCopy, type NoCopy } from "../sent/keeping.ts";
import { app } from "../state.ts";
import type { Report } from "../work.ts";
import { copyOf, everybody, type Draft, type Way } from "./draft.ts";
import { letterOf, linkLetter, type Letter } from "./letter.ts";
import { sealDraft, type Sealed } from "./seal.ts";
import { planOf, type Plan } from "./way.ts";

/** How far a draft is. */
export interface Progress {
  /** Whose mail the server has. */
  handed: string[];
  /** Those of them whom all see: what is left to be sent names them as well. */
  seen: Pick<Draft, "recipients" | "cc">;
  /** What the last of them goes by. */
  last: string | undefined;
  sealed: Sealed | undefined;
  /** What becomes of the copies of it: true once there is one, or if there shall be none. */
  copies: Promise<boolean>[];
  /** Why there is none. */
  uncopied: NoCopy | undefined;
}

/** A mail on its way to the server, and how it reaches its recipients. */
interface Mail {
  handover: Handover;
  way: Way;
  sealed: Sealed | undefined;
}

/** What may have been handed over. */
interface Doubtful extends Mail {
  /** What it was made of. */
  written: Draft;
  text: string;
}
const doubtful = new WeakMap<Draft, Doubtful>();

/** One press of the button. */
interface Attempt {
  draft: Draft;
  /** As it was then. */
  written: Draft;
  /** How it was sent, as far as it was. */
  sent: Sent;
  /** Why no copy of it is kept, which its writer was told. */
  uncopied: NoCopy | undefined;
  progress: Progress;
  signal: AbortSignal;
  report: Report;
}

/** Sends what is still to be sent, and tells `progress` of it. */
export async function sendDraft(draft: Draft, progress: Progress, signal: AbortSignal, report: Report): Promise<void> {
  const written = copyOf(draft);
  const attempt = { draft, written, sent: unsent(), uncopied: noCopy(), progress, signal, report };
  try {
    await sendRest(attempt);
  } finally {
    await copy(attempt);
  }
}

async function sendRest(attempt: Attempt): Promise<void> {
  const { draft, written, sent, progress, signal, report } = attempt;
  const before = progress.handed.length;
  await settle(attempt);
  const { clear, encrypted } = planOf(draft);
  const seen = (field: "recipients" | "cc"): string[] => [...new Set([...progress.seen[field], ...written[field]])];
  const named = { ...written, recipients: seen("recipients"), cc: seen("cc") };
  if (clear.length > 0) await send(attempt, await letterOf(named, { recipients: clear, certificates: [], messageId: undefined }, signal, report), "clear");
  let messageId: string | undefined;
  for (const some of together(encrypted, written.bcc)) {
    const letter = await letterOf(named, { recipients: some, certificates: some.flatMap((address) => encrypted.get(address) ?? []), messageId }, signal, report);
    ({ messageId } = letter);
    await send(attempt, letter, "key");
  }
  // Those who got theirs are none of its recipients any more.
  if (everybody(draft).length === 0 && progress.handed.length > before) return;
  const sealed = await sealDraft(draft, signal, report);
  if (!sendsMail() || draft.linkByHand || sealed.recipients.length === 0) {
    progress.sealed = sealed;
    return note(sent, sealed.recipients, "link", sealed);
  }
  try {
    await send(attempt, await linkLetter(draft, sealed, signal), "link", { ...sealed, mailed: true });
  } catch (error) {
    // Nobody has its link then.
    if (!(error instanceof Unheard)) await withdrawEnvelope(sealed.id).catch(() => undefined);
    throw error;
  }
}

/** Who gets the same message: an encrypted one says for which keys it is, so whoever is in Bcc gets one alone. */
function together(encrypted: Plan["encrypted"], bcc: readonly string[]): string[][] {
  const addresses = [...encrypted.keys()];
  const seen = addresses.filter((address) => !bcc.includes(address));
  const alone = addresses.filter((address) => bcc.includes(address)).map((address) => [address]);
  return seen.length === 0 ? alone : [seen, ...alone];
}

/** What may have been handed over before is looked for, and handed over once more only if its writer wants that. */
async function settle(attempt: Attempt): Promise<void> {
  const { words } = app;
  const { draft, signal, report } = attempt;
  const before = doubtful.get(draft);
  if (before === undefined) return;
  report(words.awaitingServer);
  const isSame = before.text === snapshot(draft);
  const id = await lookFor(before.handover, [0]);
  if (id !== undefined && !isSame) {
    doubtful.delete(draft);
    const sent = unsent();
    note(sent, before.handover.recipients, before.way, before.sealed, id);
    await copy({ ...attempt, written: before.written, sent });
    throw { code: "sent-before-changes" };
  }
  if (id !== undefined) return took(attempt, before, id);
  if (!(await ask({ title: words.sendAgainTitle, text: words.sendAgainText, action: words.sendAgain }))) throw new Unheard(before.handover);
  if (!isSame) return void doubtful.delete(draft);
  took(attempt, before, await handOver(before.handover, signal, report));
}

async function send(attempt: Attempt, { mail, recipients }: Letter, way: Way, sealed?: Sealed): Promise<void> {
  const { draft, written, signal, report } = attempt;
  const handover = await begin(mail, recipients, signal);
  try {
    took(attempt, { handover, way, sealed }, await handOver(handover, signal, report));
  } catch (error) {
    if (error instanceof Unheard) doubtful.set(draft, { handover, way, sealed, written, text: snapshot(draft) });
    throw error;
  }
}

/** The server has it. */
function took({ draft, sent, progress }: Attempt, { handover: { recipients }, way, sealed }: Mail, id: string): void {
  doubtful.delete(draft);
  noteSubject(id, draft.subject);
  for (const field of ["recipients", "cc", "bcc"] as const) {
    if (field !== "bcc" && way !== "link") progress.seen[field].push(...draft[field].filter((address) => recipients.includes(address)));
    draft[field] = draft[field].filter((address) => !recipients.includes(address));
  }
  progress.handed.push(...recipients);
  progress.last = id;
  progress.sealed = sealed ?? progress.sealed;
  note(sent, recipients, way, sealed, id);
}

const unsent = (): Sent => ({ at: new Date().toISOString(), to: [], mails: [] });

function note(sent: Sent, recipients: readonly string[], way: Way, sealed: Sealed | undefined, id?: string): void {
  sent.to.push(...recipients.map((address) => ({ address, way })));
  if (id !== undefined) sent.mails.push(id);
  if (sealed !== undefined) sent.link = sealed.id;
}

/** Of what was sent, if anything was. */
async function copy({ written, sent, uncopied, progress, signal, report }: Attempt): Promise<void> {
  if (sent.mails.length === 0 && sent.link === undefined) return;
  if (uncopied !== undefined) progress.uncopied = uncopied;
  else progress.copies.push((await keepCopy(written, sent, signal, report)).settled);
}
