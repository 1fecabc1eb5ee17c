// The mails that a draft becomes, made in the page: encrypted to keys, not encrypted, or one that brings a link. The server hands them on
// as they are.
import type { Certificate, SecretKey } from "envelock";
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
}

/** What was written, encrypted to these certificates and the writer's own; to none: not encrypted. Signed if the draft is to be. */
export async function letterOf(draft: Draft, recipients: string[], certificates: readonly Certificate[], signal: AbortSignal, report: Report): Promise<Letter> {
  const { words } = app;
  const key = signingKey(draft);
  const own = ownKey(key);
  const from = author();
  const readers = certificates.length === 0 || own === undefined ? certificates : [...certificates, own.certificate];
  const text = certificates.length === 0 ? words.preparingMail : words.encrypting;
  report(text, 0, 1);
  const { mail } = await engine().composeMail({
    from,
    to: recipients.map((address) => ({ address })),
    subject: draft.subject,
    text: draft.text,
    ...threaded(draft),
    attachments: draft.files.map((file) => ({ name: file.name, type: file.type || "application/octet-stream", data: file })),
    ...(key === undefined ? {} : { signers: unlockable(key) }),
    ...(readers.length === 0 ? {} : { recipients: distinct(readers) }),
    ...(key !== undefined && draft.allowReply && standsFor(key, from.address) ? { autocrypt: { key, address: from.address } } : {}),
    signal,
    onProgress: ({ done, total }) => report(text, done, total),
  });
  return { mail: new Blob([mail]), recipients };
}

/** Brings the link to a sealed message, and nothing else of it but what it answers. */
export async function linkLetter(draft: Draft, { link, recipients, expires }: Sealed, signal: AbortSignal): Promise<Letter> {
  const { words } = app;
  const from = author();
  const { mail } = await engine().composeMail({
    from,
    to: recipients.map((address) => ({ address })),
    subject: words.linkMailSubject(from.name),
    text: words.linkMailText(from.name, from.address, link, words.formats.moment(expires)),
    ...threaded(draft),
    signal,
  });
  return { mail: new Blob([mail]), recipients };
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
