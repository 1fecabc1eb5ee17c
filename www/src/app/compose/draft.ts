// The message being written, and what it will weigh. It lives in memory: nothing is stored but what `drafts` encrypts.
import { generatePassphrase } from "../../passphrase.ts";

/** How it reaches its recipients, where the server sends mail: encrypted to their keys, and by link to whoever has none; by link to all; not encrypted. */
export type Way = "key" | "link" | "clear";

/** What is being written. */
export interface Draft {
  /** Those in To. */
  recipients: string[];
  cc: string[];
  /** Of whom the others learn nothing. */
  bcc: string[];
  way: Way;
  /** Whether its writer sends the link, and not the server. */
  linkByHand: boolean;
  subject: string;
  text: string;
  files: File[];
  passwordKind: "generated" | "own";
  generated: string;
  own: string;
  hint: string;
  expiresInSeconds: number;
  /** Null for as often as wanted; undefined until chosen: once for each recipient. */
  maxOpenings: number | null | undefined;
  linkSecret: boolean;
  /** Fingerprint of the signing key; "" for no signature; undefined until chosen: the first key. */
  signWith: string | undefined;
  allowReply: boolean;
  /** Message-IDs of what it answers, and of what that answered, the last one last (RFC 5322 §3.6.4); none if it begins something. */
  thread: string[];
}

/** An empty one, with a fresh passphrase. */
export function emptyDraft(expiresInSeconds: number): Draft {
  return {
    recipients: [],
    cc: [],
    bcc: [],
    way: "key",
    linkByHand: false,
    subject: "",
    text: "",
    files: [],
    passwordKind: "generated",
    generated: generatePassphrase(),
    own: "",
    hint: "",
    expiresInSeconds,
    maxOpenings: undefined,
    linkSecret: true,
    signWith: undefined,
    allowReply: true,
    thread: [],
  };
}

/** Whoever gets it. */
export function everybody({ recipients, cc, bcc }: Pick<Draft, "recipients" | "cc" | "bcc">): string[] {
  return [...recipients, ...cc, ...bcc];
}

/** As it is at this moment, whatever its writer does next. */
export function copyOf(draft: Draft): Draft {
  const { recipients, cc, bcc, files } = draft;
  return { ...draft, recipients: [...recipients], cc: [...cc], bcc: [...bcc], files: [...files] };
}

/** Whether closing the tab would lose something. */
export function hasContent(draft: Draft): boolean {
  return draft.subject !== "" || draft.text !== "" || draft.files.length > 0 || everybody(draft).length > 0;
}

/** How often the link opens: as chosen, or once for each recipient as far as the server allows. */
export function openingsOf(draft: Draft, most: number): number | null {
  return draft.maxOpenings === undefined ? Math.min(Math.max(everybody(draft).length, 1), most) : draft.maxOpenings;
}

export function passwordOf(draft: Draft): string {
  return draft.passwordKind === "generated" ? draft.generated : draft.own;
}

/** Headers, certificate, signature and packet framing: an upper bound that hardly matters. */
const OVERHEAD = 12_000;

/** Bytes the sealed message will have, about: base64 for files, then Padmé padding. */
export function forecast(draft: Draft): number {
  const files = draft.files.reduce((sum, file) => sum + Math.ceil(file.size / 57) * 78 + 300, 0);
  return padme(files + new Blob([draft.subject, draft.text]).size + OVERHEAD);
}

/** Octets of the mail, about: an encrypted one is written in base64 twice. Headers and signature hardly matter. */
export function mailForecast(draft: Draft, isEncrypted: boolean): number {
  const files = draft.files.reduce((sum, file) => sum + Math.ceil(file.size / 57) * 78 + 300, 0);
  const plain = files + new Blob([draft.subject, draft.text]).size + OVERHEAD;
  return isEncrypted ? Math.ceil((plain * 66) / 48) : plain;
}

/** The next Padmé length: of its bits below the leading one, only log2(log2) may be set. */
export function padme(length: number): number {
  if (length < 2) return length;
  const exponent = Math.floor(Math.log2(length));
  const kept = Math.floor(Math.log2(exponent)) + 1;
  const step = 2 ** Math.max(exponent - kept, 0);
  return Math.ceil(length / step) * step;
}

/** The first address in a piece of text such as "Bob <bob@example.org>", lower case; undefined when there is none. */
export function readAddress(text: string): string | undefined {
  const address = (/<([^<>]+)>/.exec(text)?.[1] ?? text).trim().toLowerCase();
  return /^[^\s@<>,;]+@[^\s@<>,;]+$/.test(address) ? address : undefined;
}
