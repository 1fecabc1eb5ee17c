// Who wrote a message, and about what: from the fields that the server lists of it, and from inside of its encryption once it is open.
import type { ReadMail } from "envelock";
import { fromBase64Url } from "../../base64url.ts";
import { plainLine } from "../../plain-line.ts";
import { engine } from "../engine.ts";
import { app } from "../state.ts";
import { whenLocked } from "../vault.ts";
import type { MailRecord } from "./requests.ts";

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
/** From messages that were opened with a key: gone when it is locked. */
const opened = new Map<string, Heading>();
whenLocked(() => opened.clear());

/** What is known of a message; undefined while it is being read. */
export function headingOf(id: string): Heading | null | undefined {
  return opened.get(id) ?? listed.get(id);
}

/** The subject as it is shown. */
export function subjectOf(heading: Heading | null | undefined): string {
  const { words } = app;
  if (heading == null) return heading === null ? words.mailUnreadable : words.loading;
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
  const unread = records.filter(({ id }) => !listed.has(id));
  await Promise.all(
    unread.map(async ({ id, summary }) => {
      try {
        const fields = fromBase64Url(summary) as Uint8Array<ArrayBuffer>;
        listed.set(id, of(await engine().readMail({ mail: new Blob([fields, "\r\n"]) })));
      } catch (error) {
        // Anything else is of the moment, as a module that could not be loaded, and tried again with the next list.
        if ((error as { code?: unknown }).code === "malformed") listed.set(id, null);
      }
    }),
  );
  return unread.length > 0;
}

const of = ({ from, subject }: ReadMail): Heading => ({ name: from?.name ?? "", address: from?.address, subject });
