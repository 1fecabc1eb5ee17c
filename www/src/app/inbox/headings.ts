// Who wrote a message, and about what: from the fields that the server lists of it, and from inside of its encryption once it is open.
import type { ReadMail } from "envelock";
import { fromBase64Url } from "../../base64url.ts";
import { plainLine } from "../../plain-line.ts";
import { engine } from "../engine.ts";
import { app } from "../state.ts";
import { vault, whenChanged, whenLocked } from "../vault.ts";
import type { MailRecord } from "./requests.ts";
import { isSealed, unsealed } from "./sealed.ts";

/** What a row says. */
export interface Heading {
  /** As its writer wished. */
  name: string;
  /** Undefined if the message names no author, or several. */
  address: string | undefined;
  subject: string;
}

/** What stands for a subject that is inside of the encryption (RFC 9788). */
const HIDDEN = /^\[?\.\.\.\]?$/;

/** From the list, by id; null for what cannot be read. */
const listed = new Map<string, Heading | null>();
/** What was opened with a key, of messages and of the list: gone when it is locked. Null for what none of the keys opens. */
let opened = new Map<string, Heading | null>();
/** Those of which the list says nothing without a key. */
const sealed = new Set<string>();
whenLocked(() => {
  opened = new Map();
});
whenChanged(() => {
  // With another key it may open.
  for (const [id, heading] of opened) if (heading === null) opened.delete(id);
});

/** What is known of a message: null if it cannot be read, undefined while it is being read. */
export type Known = Heading | "locked" | null | undefined;

export function headingOf(id: string): Known {
  const heading = opened.get(id) ?? listed.get(id);
  if (heading !== undefined) return heading;
  return sealed.has(id) && vault.state !== "open" ? "locked" : opened.get(id);
}

/** Whether it says who wrote it. */
export function isRead(heading: Known): heading is Heading {
  return heading != null && heading !== "locked";
}

/** The subject as it is shown. */
export function subjectOf(heading: Known): string {
  const { words } = app;
  if (!isRead(heading)) return heading === null ? words.mailUnreadable : heading === undefined ? words.loading : words.subjectSealed;
  return HIDDEN.test(heading.subject.trim()) ? words.subjectInside : plainLine(heading.subject).trim() || words.noSubject;
}

/** Who wrote it, with the address, as anybody can take any name. */
export function authorOf({ name, address }: Heading): string {
  if (address === undefined) return app.words.authorUnclear;
  const [shownName, shownAddress] = [plainLine(name).trim(), plainLine(address)];
  return shownName === "" ? shownAddress : `${shownName} <${shownAddress}>`;
}

/** What an opened message says itself. */
export function noteHeading(id: string, mail: ReadMail): void {
  opened.set(id, of(mail));
}

/** Reads what the list says; whether anything is new. */
export async function readHeadings(records: readonly MailRecord[]): Promise<boolean> {
  const isOpen = vault.state === "open";
  const unread = records.filter(({ id }) => !listed.has(id) && !opened.has(id) && (isOpen || !sealed.has(id)));
  // What is decrypted goes with the keystore, also if that is locked meanwhile.
  const found = opened;
  await Promise.all(
    unread.map(async ({ id, summary }) => {
      try {
        const fields = fromBase64Url(summary) as Uint8Array<ArrayBuffer>;
        if (isSealed(fields)) {
          sealed.add(id);
          if (isOpen) found.set(id, await read(await unsealed(fields)));
        } else {
          listed.set(id, await read(fields));
        }
      } catch (error) {
        // Anything else is of the moment, as a module that could not be loaded, and tried again with the next list.
        const { code } = error as { code?: unknown };
        if (code === "malformed" && !sealed.has(id)) listed.set(id, null);
        else if (code === "malformed" || code === "no-matching-key" || code === "decryption-failed") found.set(id, null);
      }
    }),
  );
  return unread.length > 0;
}

const read = async (fields: BlobPart): Promise<Heading> => of(await engine().readMail({ mail: new Blob([fields, "\r\n"]) }));

const of = ({ from, subject }: ReadMail): Heading => ({ name: from?.name ?? "", address: from?.address, subject });
