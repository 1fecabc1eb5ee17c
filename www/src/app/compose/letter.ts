// The mails that a draft becomes, made in the page: encrypted to keys, not encrypted, or one that brings a link. The server hands them on
// as they are.
import type { Certificate, ComposeMailOptions, Mailbox, SecretKey } from "envelock";
import { addressOf } from "envelock/worker";
import { engine } from "../engine.ts";
import { app } from "../state.ts";
import { unlockable } from "../vault.ts";
import type { Report } from "../work.ts";
import type { Draft } from "./draft.ts";
import { ownKey, signingKey, type Sealed } from "./seal.ts";

/** A mail, and for whom it is. */
export interface Letter {
  mail: Blob;
  recipients: string[];
  messageId: string;
}

/** Who gets a mail. */
export interface Readers {
  recipients: string[];
  /** It is encrypted to these, and to the writer's own; to none: not encrypted. */
  certificates: readonly Certificate[];
  /** What a mail with the same words to others goes by; made anew unless given. */
  messageId: string | undefined;
}

/** What was written, signed if the draft is to be. It names all in To and Cc, whoever of them gets this one, and nobody in Bcc. */
export async function letterOf(draft: Draft, { recipients, certificates, messageId }: Readers, signal: AbortSignal, report: Report): Promise<Letter> {
  const { words } = app;
  const key = signingKey(draft);
  const own = ownKey(key);
  const from = author();
  const readers = certificates.length === 0 || own === undefined ? certificates : [...certificates, own.certificate];
  const text = certificates.length === 0 ? words.preparingMail : words.encrypting;
  report(text, 0, 1);
  const composed = await engine().composeMail({
    from,
    ...named(draft),
    subject: draft.subject,
    text: draft.text,
    ...threaded(draft),
    ...(messageId === undefined ? {} : { messageId }),
    attachments: draft.files.map((file) => ({ name: file.name, type: file.type || "application/octet-stream", data: file })),
    ...(key === undefined ? {} : { signers: unlockable(key) }),
    ...(readers.length === 0 ? {} : { recipients: distinct(readers) }),
    ...(key !== undefined && draft.allowReply && standsFor(key, from.address) ? { autocrypt: { key, address: from.address } } : {}),
    signal,
    onProgress: ({ done, total }) => report(text, done, total),
  });
  return { mail: new Blob([composed.mail]), recipients, messageId: composed.messageId };
}

/** Brings the link to a sealed message, and nothing else of it but what it answers. The draft is for nobody else any more. */
export async function linkLetter(draft: Draft, { link, recipients, expires }: Sealed, signal: AbortSignal): Promise<Letter> {
  const { words } = app;
  const from = author();
  const { mail, messageId } = await engine().composeMail({
    from,
    ...named(draft),
    subject: words.linkMailSubject(from.name),
    text: words.linkMailText(from.name, from.address, link, words.formats.moment(expires)),
    ...threaded(draft),
    signal,
  });
  return { mail: new Blob([mail]), recipients, messageId };
}

/** Whom everybody sees. */
function named({ recipients, cc }: Draft): Pick<ComposeMailOptions, "to" | "cc"> {
  const mailboxes = (addresses: readonly string[]): Mailbox[] => addresses.map((address) => ({ address }));
  return { to: mailboxes(recipients), cc: mailboxes(cc) };
}

/** So that mail programs show it with what it answers. */
function threaded({ thread }: Draft): { inReplyTo?: string; references?: string[] } {
  const inReplyTo = thread.at(-1);
  return inReplyTo === undefined ? {} : { inReplyTo, references: thread };
}

function author(): { name: string; address: string } {
  const { name, address } = app.session ?? { name: "", address: "" };
  return { name, address };
}

/** Whether an address is among those that the key's owner certifies: mail programs would pass it over else. */
const standsFor = (key: SecretKey, address: string): boolean => key.userIds.some((userId) => addressOf(userId) === addressOf(address));

const distinct = (certificates: readonly Certificate[]): Certificate[] => [...new Map(certificates.map((certificate) => [certificate.fingerprint, certificate])).values()];
