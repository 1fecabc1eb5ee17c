// A draft as a mail, which every mail program can read; what only Envelock knows of it stands in one header field. The mail is padded
// to a Padmé length, so that its ciphertext tells little about how much was written, whatever format the key asks for.
// A password is never part of it. Not here: encryption (`sealing.ts`), when drafts are kept (`keeping.ts`).
import type { MailPart } from "envelock";
import { emptyDraft, padme, type Draft } from "../compose/draft.ts";
import { engine } from "../engine.ts";
import { app } from "../state.ts";

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
}

/** A draft that was read. */
export interface WrittenDraft {
  draft: Draft;
  facts: Facts;
}

const FIELD = "Envelock-Draft";
const PADDING = "Envelock-Padding: ";
/** A header section may have 256 KiB (`crates/mime`), and text alone is never padded by more: a draft that cannot be read is lost. */
const MOST_PADDING = 200_000;
const LINE = 69;

/** What is kept beside the mail itself, and what a mail would change: addresses of any kind, names of files. */
type Kept = Facts & Pick<Draft, "recipients" | "hint" | "passwordKind" | "expiresInSeconds" | "maxOpenings" | "linkSecret" | "signWith" | "allowReply"> & { files: { name: string; type: string }[] };

/** The mail. */
export async function writeMail(draft: Draft, facts: Facts): Promise<string> {
  const { address, name } = app.session ?? { address: "", name: "" };
  const { recipients, hint, passwordKind, expiresInSeconds, maxOpenings, linkSecret, signWith, allowReply, files } = draft;
  const { mail } = await engine().composeMail({
    from: isWritable(address) ? { name, address } : { address: "unknown@invalid" },
    to: recipients.filter(isWritable).map((address) => ({ address })),
    subject: draft.subject,
    text: draft.text.replace(ARMOR, "- $&"),
    attachments: files.map((file) => ({ name: nameInMail(file.name), type: file.type || "application/octet-stream", data: file })),
  });
  const kept: Kept = { ...facts, recipients, hint, passwordKind, expiresInSeconds, maxOpenings, linkSecret, signWith, allowReply, files: files.map(({ name, type }) => ({ name, type })) };
  return padded(`${FIELD}: ${folded(encodeURIComponent(JSON.stringify(kept)))}\r\n${mail}`, files.length > 0);
}

/** Reads what `writeMail` wrote. Rejects with `not-a-draft` for every other mail. */
export async function readMail(mail: Uint8Array): Promise<WrittenDraft> {
  const { fields, subject, parts } = await engine().readMail({ mail });
  const kept = readKept(fields.filter(({ name }) => name.toLowerCase() === FIELD.toLowerCase()).map(({ value }) => value));
  const text = parts.find(({ attachment, type }) => !attachment && type === "text/plain")?.text ?? "";
  const attachments = parts.filter(({ attachment }) => attachment);
  return {
    draft: {
      ...emptyDraft(kept.expiresInSeconds),
      recipients: kept.recipients,
      subject,
      text: text.replaceAll("\r\n", "\n").replace(ESCAPED_ARMOR, ""),
      files: attachments.map((part, index) => fileOf(part, kept.files[index])),
      passwordKind: kept.passwordKind,
      hint: kept.hint,
      maxOpenings: kept.maxOpenings,
      linkSecret: kept.linkSecret,
      signWith: kept.signWith,
      allowReply: kept.allowReply,
    },
    facts: { id: kept.id, number: kept.number, write: kept.write, copy: kept.copy, omitted: kept.omitted },
  };
}

/** OpenPGP within a text would be opened, and replaced by what is in it, by whoever reads mails: it is dash-escaped (RFC 9580 §7.1). */
const ARMOR = /^(?:- )*-----BEGIN PGP /gm;
const ESCAPED_ARMOR = /^- (?=(?:- )*-----BEGIN PGP )/gm;

/** So would an attachment that is encrypted, by its name. */
const nameInMail = (name: string): string => (/\.(?:pgp|gpg|asc)$/i.test(name) ? `${name}.bin` : name);

/** Whether an address can stand in a header field; all of them are kept beside. */
const isWritable = (address: string): boolean => /^[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+$/.test(address);

function fileOf(part: MailPart, kept: { name: string; type: string } | undefined): File {
  return new File([part.data as Uint8Array<ArrayBuffer>], kept?.name ?? part.name ?? "", { type: kept?.type ?? part.type });
}

/** In lines of a header field (RFC 5322 §2.2.3). */
const folded = (value: string): string => (value.match(new RegExp(`.{1,${LINE}}`, "g")) ?? []).join("\r\n ");

/** Behind the last part of several (RFC 2046 §5.1.1: nobody shows that), else in a header field. */
function padded(mail: string, hasParts: boolean): string {
  const { length } = mail;
  const room = padme(length + PADDING.length + 2) - length;
  if (hasParts) return mail + filler(room);
  return `${PADDING}${filler(Math.min(room, MOST_PADDING) - PADDING.length - 2)}\r\n${mail}`;
}

/** So many octets that mean nothing, in lines that may stand in a header field. */
function filler(octets: number): string {
  const line = `${".".repeat(LINE)}\r\n `;
  const cut = line.repeat(Math.ceil(octets / line.length)).slice(0, octets);
  return cut.replace(/\r(?:\n ?)?$/, (end) => ".".repeat(end.length));
}

function readKept(values: string[]): Kept {
  const [value, more] = values;
  try {
    if (value === undefined || more !== undefined) throw new Error("no draft");
    const kept = JSON.parse(decodeURIComponent(value.replaceAll(" ", ""))) as Partial<Kept>;
    const strings = (list: unknown): string[] => (Array.isArray(list) ? list.filter((one) => typeof one === "string") : []);
    const number = kept.number;
    if (typeof kept.id !== "string" || typeof kept.write !== "string" || typeof number !== "number" || !Number.isSafeInteger(number)) throw new Error("no draft");
    const { expiresInSeconds, maxOpenings, signWith } = kept;
    return {
      id: kept.id,
      number,
      write: kept.write,
      copy: kept.copy === true,
      omitted: strings(kept.omitted),
      recipients: strings(kept.recipients),
      hint: typeof kept.hint === "string" ? kept.hint : "",
      passwordKind: kept.passwordKind === "own" ? "own" : "generated",
      expiresInSeconds: typeof expiresInSeconds === "number" ? expiresInSeconds : app.server.limits.defaultExpirySeconds,
      maxOpenings: maxOpenings === null || typeof maxOpenings === "number" ? maxOpenings : undefined,
      linkSecret: kept.linkSecret !== false,
      signWith: typeof signWith === "string" ? signWith : undefined,
      allowReply: kept.allowReply !== false,
      files: Array.isArray(kept.files) ? kept.files.map((file: { name?: unknown; type?: unknown } | null) => ({ name: String(file?.name ?? ""), type: String(file?.type ?? "") })) : [],
    };
  } catch {
    throw Object.assign(new Error("this is no draft"), { code: "not-a-draft" });
  }
}
