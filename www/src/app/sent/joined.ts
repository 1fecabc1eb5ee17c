// What was sent, as one list: copies that only their writer reads, each with how far it got as far as the server still knows, and what there is
// no copy of.
import type { OutgoingRecord } from "../outgoing/requests.ts";
import type { CopyRecord } from "./requests.ts";
import type { Summary } from "./summary.ts";

/** One row: a copy, mails on their way or both. */
export interface SentEntry {
  /** The copy's name, or else the mail's. */
  id: string;
  at: string;
  size: number;
  copy: CopyRecord | undefined;
  summary: Summary | null | undefined;
  mails: OutgoingRecord[];
}

/** The rows, the latest first. `known` says what is known of a copy. */
export function joined(copies: readonly CopyRecord[], mails: readonly OutgoingRecord[], known: (id: string) => Summary | null | undefined): SentEntry[] {
  const copied = new Set<string>();
  const entries: SentEntry[] = copies.map((copy) => {
    const summary = known(copy.id);
    const own = mails.filter(({ id }) => summary?.mails.includes(id) === true);
    for (const { id } of own) copied.add(id);
    return { id: copy.id, at: copy.receivedAt, size: copy.size, copy, summary, mails: own };
  });
  for (const mail of mails) if (!copied.has(mail.id)) entries.push({ id: mail.id, at: mail.created, size: mail.size, copy: undefined, summary: undefined, mails: [mail] });
  return entries.sort((one, other) => Date.parse(other.at) - Date.parse(one.at));
}

/** The row of a copy, or of a mail that it became. */
export function entryOf(entries: readonly SentEntry[], id: string): SentEntry | undefined {
  return entries.find((entry) => entry.id === id) ?? entries.find(({ mails }) => mails.some((mail) => mail.id === id));
}
