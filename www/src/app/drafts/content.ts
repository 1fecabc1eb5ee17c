// What is in the mail of a draft: the message as somebody wrote it, and what only Envelock knows of it, from one header field
// (`docs/drafts.md`). Whoever reads drafts of today must be able to read those of before.
// Not here: reading and writing the mail (`mail.ts`), its encryption (`encryption.ts`).
import type { MailPart, ReadMail } from "envelock";
import { emptyDraft, type Draft, type Way } from "../compose/draft.ts";

/** What a draft says about itself. */
export interface Facts {
  /** Its name on the server: another one's place is not its own. */
  id: string;
  /** Counts its revisions: an older one is noticed by whoever knows a newer one. */
  number: number;
  /** Random, of this one write: who wrote it knows it again. */
  write: string;
  /** Whether it was kept beside another one, since two devices changed the same draft. */
  copy: boolean;
  /** Names of attachments that were too large for a draft. */
  omitted: string[];
  /** Of a copy of what was sent, and of no draft. */
  sent?: Sent;
}

/** How a message was sent, of which this is the copy. */
export interface Sent {
  /** When, as this browser's clock has it (ISO 8601). */
  at: string;
  /** Whoever it was for, and how they got it. */
  to: { address: string; way: Way }[];
  /** What the server calls the mails that it became. */
  mails: string[];
  /** The name of the sealed message, if there is a link. */
  link?: string;
}

/** A draft that was read. */
export interface WrittenDraft {
  draft: Draft;
  facts: Facts;
}

/** The header field with `Kept`. */
export const FIELD = "Envelock-Draft";

/** What is kept beside the mail itself, and what a mail would change: addresses of any kind, names of files. */
export type Kept = Facts & Pick<Draft, "recipients" | "cc" | "bcc" | "way" | "linkByHand" | "hint" | "passwordKind" | "expiresInSeconds" | "maxOpenings" | "linkSecret" | "signWith" | "allowReply" | "thread"> & { files: { name: string; type: string }[] };

/** OpenPGP within a text would be opened, and replaced by what is in it, by whoever reads mails: it is dash-escaped (RFC 9580 §7.1). */
const ARMOR = /^(?:- )*-----BEGIN PGP /gm;
const ESCAPED_ARMOR = /^- (?=(?:- )*-----BEGIN PGP )/gm;

export const escaped = (text: string): string => text.replace(ARMOR, "- $&");

/** The draft in a mail that was read; throws `not-a-draft` for every other mail. `usualSeconds`: until it expires, if the draft says nothing of that. */
export function draftOf({ fields, subject, parts }: Pick<ReadMail, "fields" | "subject" | "parts">, usualSeconds: number): WrittenDraft {
  const kept = readKept(fields.filter(({ name }) => name.toLowerCase() === FIELD.toLowerCase()).map(({ value }) => value), usualSeconds);
  const text = parts.find(({ attachment, type }) => !attachment && type === "text/plain")?.text ?? "";
  const attachments = parts.filter(({ attachment }) => attachment);
  return {
    draft: {
      ...emptyDraft(kept.expiresInSeconds),
      recipients: kept.recipients,
      cc: kept.cc,
      bcc: kept.bcc,
      way: kept.way,
      linkByHand: kept.linkByHand,
      subject,
      text: text.replaceAll("\r\n", "\n").replace(ESCAPED_ARMOR, ""),
      files: attachments.map((part, index) => fileOf(part, kept.files[index])),
      passwordKind: kept.passwordKind,
      hint: kept.hint,
      maxOpenings: kept.maxOpenings,
      linkSecret: kept.linkSecret,
      signWith: kept.signWith,
      allowReply: kept.allowReply,
      thread: kept.thread,
    },
    facts: { id: kept.id, number: kept.number, write: kept.write, copy: kept.copy, omitted: kept.omitted, ...(kept.sent === undefined ? {} : { sent: kept.sent }) },
  };
}

/** What a ciphertext does not open for, whoever tries with these keys. */
const NEVER_OPENS: ReadonlySet<unknown> = new Set([
  "decryption-failed", "no-matching-key", "malformed", "bad-armor", "bad-s2k", "unsupported", "not-integrity-protected", "not-encrypted",
  "too-expensive", "too-much-work", "too-large", "not-a-draft",
]);

/** Whether it is no draft of these keys that failed to open so. Anything else is of the moment: memory, a connection, keys that were locked. */
export function neverOpens(error: unknown): boolean {
  return NEVER_OPENS.has((error as { code?: unknown } | undefined)?.code);
}

function fileOf(part: MailPart, kept: { name: string; type: string } | undefined): File {
  return new File([part.data as Uint8Array<ArrayBuffer>], kept?.name ?? part.name ?? "", { type: kept?.type ?? part.type });
}

function readKept(values: string[], usualSeconds: number): Kept {
  const [value, more] = values;
  try {
    if (value === undefined || more !== undefined) throw new Error("no draft");
    const kept = JSON.parse(decodeURIComponent(value.replaceAll(" ", ""))) as Partial<Kept>;
    const strings = (list: unknown): string[] => (Array.isArray(list) ? list.filter((one) => typeof one === "string") : []);
    const number = kept.number;
    if (typeof kept.id !== "string" || typeof kept.write !== "string" || typeof number !== "number" || !Number.isSafeInteger(number)) throw new Error("no draft");
    const { expiresInSeconds, maxOpenings, signWith } = kept;
    const sent = readSent(kept.sent, strings);
    return {
      id: kept.id,
      number,
      write: kept.write,
      copy: kept.copy === true,
      omitted: strings(kept.omitted),
      ...(sent === undefined ? {} : { sent }),
      recipients: strings(kept.recipients),
      cc: strings(kept.cc),
      bcc: strings(kept.bcc),
      way: kept.way === "link" || kept.way === "clear" ? kept.way : "key",
      linkByHand: kept.linkByHand === true,
      hint: typeof kept.hint === "string" ? kept.hint : "",
      passwordKind: kept.passwordKind === "own" ? "own" : "generated",
      expiresInSeconds: typeof expiresInSeconds === "number" ? expiresInSeconds : usualSeconds,
      maxOpenings: maxOpenings === null || typeof maxOpenings === "number" ? maxOpenings : undefined,
      linkSecret: kept.linkSecret !== false,
      signWith: typeof signWith === "string" ? signWith : undefined,
      allowReply: kept.allowReply !== false,
      thread: strings(kept.thread),
      files: Array.isArray(kept.files) ? kept.files.map((file: { name?: unknown; type?: unknown } | null) => ({ name: String(file?.name ?? ""), type: String(file?.type ?? "") })) : [],
    };
  } catch {
    throw Object.assign(new Error("this is no draft"), { code: "not-a-draft" });
  }
}

const WAYS: readonly unknown[] = ["key", "link", "clear"] satisfies Way[];

function readSent(kept: Partial<Sent> | null | undefined, strings: (list: unknown) => string[]): Sent | undefined {
  if (kept == null || typeof kept.at !== "string" || Number.isNaN(Date.parse(kept.at))) return undefined;
  const to = Array.isArray(kept.to) ? kept.to.filter((one: Partial<Sent["to"][number]> | null) => typeof one?.address === "string" && WAYS.includes(one.way)) : [];
  return { at: kept.at, to: to.map(({ address, way }) => ({ address, way })), mails: strings(kept.mails), ...(typeof kept.link === "string" ? { link: kept.link } : {}) };
}
