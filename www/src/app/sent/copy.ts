// A copy of what was sent, as its writer reads it again: the mail of a draft (`docs/drafts.md`) that says how it was sent, encrypted to
// their own key and signed with it, and a summary for the list, encrypted alone: nothing but a row is believed of it.
// Not here: when copies are kept (`keeping.ts`), what the server has (`records.ts`).
import type { SecretKey } from "envelock";
import type { Draft } from "../compose/draft.ts";
import type { Sent } from "../drafts/content.ts";
import { decryptWritten, encryptDraft, type Doubt } from "../drafts/encryption.ts";
import { writeMail } from "../drafts/mail.ts";
import { engine } from "../engine.ts";
import { unsealed } from "../inbox/sealed.ts";
import { randomName } from "../random-name.ts";
import { readSummary, writeSummary, type Summary } from "./summary.ts";

/** A copy as it is stored. */
export interface Copy {
  id: string;
  summary: Uint8Array;
  message: Uint8Array;
}

/** A copy as it was decrypted. */
export interface DecryptedCopy {
  draft: Draft;
  sent: Sent;
  /** Why it may not be what its owner sent. */
  doubt: Extract<Doubt, "foreign" | "swapped"> | undefined;
}

/** What the list shows of it. */
export function summaryOf({ subject }: Pick<Draft, "subject">, { at, to, mails, link }: Sent): Summary {
  return { subject, recipients: to.map(({ address }) => address), more: 0, at, mails, ...(link === undefined ? {} : { link }) };
}

/** The copy, under a name that nothing has. */
export async function encryptCopy(draft: Draft, sent: Sent, key: SecretKey): Promise<Copy> {
  const id = randomName();
  const reached = (addresses: readonly string[]): string[] => addresses.filter((one) => sent.to.some(({ address }) => address === one));
  const mail = await writeMail({ ...draft, recipients: reached(draft.recipients), cc: reached(draft.cc), bcc: reached(draft.bcc) }, { id, number: 1, write: randomName(), copy: false, omitted: [], sent });
  return {
    id,
    summary: await engine().encrypt({ data: writeSummary(summaryOf(draft, sent)), recipients: key, armor: false }),
    message: await encryptDraft(mail, key),
  };
}

/** Decrypts what was found as copy `id`. Rejects with `not-a-draft` for whatever is none. */
export async function decryptCopy(id: string, message: Blob, signal: AbortSignal): Promise<DecryptedCopy> {
  const { written, isOwn } = await decryptWritten(message, signal);
  const { draft, facts } = written;
  if (facts.sent === undefined) throw { code: "not-a-draft" };
  return { draft, sent: facts.sent, doubt: !isOwn ? "foreign" : facts.id !== id ? "swapped" : undefined };
}

/** Decrypts what the list has of a copy. */
export async function decryptSummary(message: Uint8Array): Promise<Summary> {
  return readSummary(new Uint8Array(await (await unsealed(message)).arrayBuffer()));
}
