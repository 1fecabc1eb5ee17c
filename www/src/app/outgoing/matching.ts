// Whether the server has a message whose handing over was not answered: it has no name yet, so it is known by what else the list tells.
import { addressKey } from "../../address-key.ts";
import type { OutgoingRecord } from "./requests.ts";

/** A message that is handed over, or was and may have been taken. */
export interface Handover {
  mail: Blob;
  recipients: string[];
  /** What the server had before. */
  before: ReadonlySet<string>;
}

/** What the server adds at most: its signatures. */
const SIGNATURES = 4_096;

/** The message among what the server has: new, of its size, for the same people. */
export function matching(records: readonly OutgoingRecord[], { mail, recipients, before }: Handover): string | undefined {
  const wanted = keysOf(recipients);
  return records.find(({ id, size, recipients }) => !before.has(id) && size >= mail.size && size <= mail.size + SIGNATURES && keysOf(recipients.map(({ address }) => address)) === wanted)?.id;
}

const keysOf = (addresses: readonly string[]): string => [...new Set(addresses.map(addressKey))].sort().join();
