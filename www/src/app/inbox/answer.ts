// Answering a message, and handing it on: a new message in the composer, with what may be quoted of it.
import type { ReadMail } from "envelock";
import { addressKey } from "../../address-key.ts";
import { htmlAsText } from "../../decrypt/html-as-text.ts";
import { plainLine } from "../../plain-line.ts";
import { safeFileName } from "../../save-file.ts";
import { readAddress, type Draft } from "../compose/draft.ts";
import { arrange } from "./arrangement.ts";

/** What begins the new message. */
export type Begun = Pick<Draft, "recipients" | "subject" | "text" | "files" | "thread"> & Partial<Pick<Draft, "cc">>;

/** As every mail program can have it back: neither blanks nor brackets within. */
const MESSAGE_ID = /<[!-;=?-~]{1,250}>/g;
/** Of a long thread the first one and the last ones are named. */
const MOST_NAMED = 20;

/** An answer to whom the message asks to be answered; `intro` stands above what is quoted. */
export function replyTo(mail: ReadMail, intro: string): Begun {
  const quoted = quotable(mail);
  return {
    recipients: askedFor(mail),
    subject: prefixed("Re:", mail.subject),
    text: quoted === undefined ? "" : `\n\n${intro}\n${quoted.replace(/^/gm, "> ")}`,
    files: [],
    thread: threadOf(mail),
  };
}

/** Whom an answer goes to. */
export function askedFor(mail: ReadMail): string[] {
  const asked = addressesIn(mail, "reply-to");
  return asked.length > 0 || mail.from === undefined ? asked : [readAddress(mail.from.address) ?? mail.from.address];
}

/** Whom one to everybody goes to: whom else the message names as well; each once, and none to oneself. */
export function everybodyOf(mail: ReadMail, own: string): Pick<Draft, "recipients" | "cc"> {
  const known = new Set([addressKey(own)]);
  const unknown = (addresses: readonly string[]): string[] => addresses.filter((address) => !known.has(addressKey(address)) && known.add(addressKey(address)));
  return { recipients: unknown([...askedFor(mail), ...addressesIn(mail, "to")]), cc: unknown(addressesIn(mail, "cc")) };
}

/** Addresses in the fields of a name (RFC 5322 §3.4). What stands in quotation marks or is a comment may hold commas, and so may a name that was encoded. */
function addressesIn({ fields }: ReadMail, wanted: string): string[] {
  const values = fields.filter(({ name }) => name.toLowerCase() === wanted).map(({ value }) => value.replace(/"(?:[^"\\]|\\.)*"|\((?:[^()\\]|\\.)*\)/g, " "));
  // A group begins with its name.
  const pieces = values.flatMap((value) => value.split(/[,;]/)).map((piece) => piece.replace(/^[^@<]*:/, ""));
  return pieces.map(readAddress).filter((address) => address !== undefined);
}

/** What an answer belongs to. */
function threadOf({ fields }: ReadMail): string[] {
  const ids = (wanted: string): string[] => fields.find(({ name }) => name.toLowerCase() === wanted)?.value.match(MESSAGE_ID) ?? [];
  const [own] = ids("message-id");
  if (own === undefined) return [];
  const [references, answered] = [ids("references"), ids("in-reply-to")];
  const [first, ...rest] = [...new Set([...(references.length > 0 || answered.length > 1 ? references : answered), own])];
  return first === undefined ? [] : [first, ...rest.slice(1 - MOST_NAMED)];
}

/** The message for somebody else: its text and files, or, if they are not one thing, itself as a file. */
export function handedOn(mail: ReadMail, original: Blob, intro: string): Begun {
  const [section, ...more] = arrange(mail.parts);
  const isOne = section !== undefined && more.length === 0 && mail.parts.every(({ problem }) => problem === undefined);
  const files = isOne
    ? section.files.map(({ name, data, type }) => new File([data as Uint8Array<ArrayBuffer>], safeFileName(name ?? ""), { type }))
    : [new File([original], "message.eml", { type: "application/octet-stream" })];
  return { recipients: [], subject: prefixed("Fwd:", mail.subject), text: `\n\n${intro}\n${isOne ? textOf(mail) : ""}`, files, thread: [] };
}

/**
 * The text, if all of it is one piece that its author could read. Whoever puts somebody else's ciphertext into a message of their own
 * would get its plaintext with the answer.
 */
function quotable(mail: ReadMail): string | undefined {
  const isOne = new Set(mail.parts.map(({ layer }) => layer)).size === 1;
  const isAuthors = !mail.protection.endsWith("encrypted") || mail.protection === "signed-and-encrypted";
  const isHidden = mail.parts.some(({ protection }) => protection !== mail.protection);
  return isOne && isAuthors && !isHidden ? textOf(mail) : undefined;
}

function textOf({ parts }: ReadMail): string {
  const texts = arrange(parts).flatMap(({ blocks }) => blocks.map(({ kind, part }) => (kind === "html" ? htmlAsText(part.text ?? "") : kind === "text" ? (part.text ?? "") : "")));
  return texts.join("\n").replaceAll("\r\n", "\n").trimEnd();
}

function prefixed(prefix: string, subject: string): string {
  const plain = plainLine(subject).trim();
  return plain.toLowerCase().startsWith(prefix.toLowerCase()) ? plain : `${prefix} ${plain}`;
}
