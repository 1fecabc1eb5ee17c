/**
 * Mails with OpenPGP in them: PGP/MIME, protected header fields, Autocrypt. Options and results; re-exported by `api.ts`.
 */
import type {
  AttachmentInput, Certificate, Data, DatedOptions, Notation, Problem, SecretKey, Signature, UnlockableKey,
} from "./api.js";

/** Somebody in a header field. */
export interface Mailbox {
  name?: string | undefined;
  /** `local@domain`. */
  address: string;
}

/** What to write into an Autocrypt header. */
export interface AutocryptInput {
  /** Reduced to what others need. */
  key: Certificate | SecretKey;
  /** Must be the address of a valid user ID. */
  address: string;
  /** Wish for encryption by default (`mutual`). */
  preferEncrypt?: boolean | undefined;
}

export interface ComposeMailOptions extends DatedOptions {
  from: Mailbox;
  to?: Mailbox | Mailbox[] | undefined;
  cc?: Mailbox | Mailbox[] | undefined;
  replyTo?: Mailbox | Mailbox[] | undefined;
  subject: string;
  text: string;
  html?: string | undefined;
  attachments?: AttachmentInput[] | undefined;
  /** `<id@domain>`; made anew unless given. */
  messageId?: string | undefined;
  inReplyTo?: string | undefined;
  references?: string | string[] | undefined;
  /** At most 32. */
  signers?: UnlockableKey | UnlockableKey[] | undefined;
  /** Encrypts to these. Give the sender's own certificate as well, to read the sent copy. Blind copies: compose one mail for each. */
  recipients?: Certificate | SecretKey | (Certificate | SecretKey)[] | undefined;
  /** Any one of these opens the mail as well; at most 8. */
  passwords?: string | string[] | undefined;
  format?: "auto" | "seipd-v1" | "seipd-v2" | undefined;
  /** When encrypting, `[...]` stands for the subject outside (the default). */
  hideSubject?: boolean | undefined;
  hideRecipients?: boolean | undefined;
  notations?: Notation[] | undefined;
  /** The sender's certificate, sent along. */
  autocrypt?: AutocryptInput | undefined;
  /** The certificates of others in To and Cc, told inside of the encryption. */
  gossip?: AutocryptInput[] | undefined;
}

export interface ComposedMail {
  /** ASCII, lines end with CRLF: send it as it is, no octet of it may change. */
  mail: string;
  messageId: string;
}

/**
 * How something is protected. `signed…` means: by the author that is shown (`ReadMail.from`). There is a valid signature by a
 * certificate whose owner certifies that address, and none beside it is `invalid`. (One of a version or algorithm unknown here,
 * `unsupported-signature`, does not count as invalid.) Whatever else was signed, by whomever, stands in `signatures` only.
 */
export type Protection = "unprotected" | "signed" | "encrypted" | "signed-and-encrypted";

/** A header field as it should be shown. */
export interface MailField {
  name: string;
  value: string;
  /** `encrypted` means: not readable outside. */
  protection: Protection;
}

/**
 * A part with content. Never put parts of different `layer` together, not as alternatives, not by `cid:` links, not in one page:
 * that lets the writer of one read the other (EFAIL), or lends one the signature of the other.
 */
export interface MailPart {
  /** Such as `1.2`; `1#2` is the second piece of a text with OpenPGP in it. */
  path: string;
  /** The multipart within the same layer that it belongs to, such as `alternative`. */
  group?: { type: string; path: string };
  /** Parts with the same number came out of the same encryption or signature; 0 for none. */
  layer: number;
  /** `type/subtype`, lower case. */
  type: string;
  charset?: string;
  /** A stranger's words, without path. */
  name?: string;
  attachment: boolean;
  contentId?: string;
  protection: Protection;
  /** Over this part; one array for all parts of a layer. */
  signatures: Signature[];
  /** Without transfer encoding; empty if there is a `problem`. */
  data: Uint8Array;
  /** For text in a charset that this platform knows. HTML is not sanitised. */
  text?: string;
  /** Why there is nothing to show; codes as those of `decrypt` and `verify`. `too-large` stands also for what a mail has too much of. */
  problem?: Problem;
}

/** A certificate told by a mail. Anybody could have sent it: it proves nothing. */
export interface AutocryptPeer {
  address: string;
  preferEncrypt: boolean;
  certificate: Certificate;
}

/** What a mail teaches about its sender, or why nothing. */
export interface AutocryptFound {
  peer?: AutocryptPeer;
  ignored?: "none" | "several" | "malformed" | "other-sender" | "report";
}

export interface ReadMailOptions extends DatedOptions {
  mail: Data;
  keys?: UnlockableKey | UnlockableKey[] | undefined;
  passwords?: string | string[] | undefined;
  verifyWith?: Certificate | SecretKey | (Certificate | SecretKey)[] | undefined;
  /** Names of critical notations that the caller understands. */
  knownNotations?: string[] | undefined;
}

export interface ReadMail {
  /** Header fields, protected ones first and instead of those outside. */
  fields: MailField[];
  /** The value of the subject field to show, or an empty string. */
  subject: string;
  /** The author to show; not there if the mail names none, or several. Show the address: the name is anything its writer wished. */
  from?: { name: string; address: string };
  /** Of the whole mail. Parts further inside can be protected on their own. */
  protection: Protection;
  /** All signatures over the whole mail; `from` of each says how its signer compares with the author. */
  signatures: Signature[];
  /** Header fields that say one thing inside of the protection and another outside, or were added outside. */
  mismatches: { name: string; outer?: string; inner?: string }[];
  parts: MailPart[];
  autocrypt: AutocryptFound;
  /** Certificates of others in To and Cc, told inside of the encryption. */
  gossip: AutocryptPeer[];
}

export interface AutocryptHeaderOptions extends DatedOptions, AutocryptInput {}

export interface ReadAutocryptHeaderOptions extends DatedOptions {
  mail: Data;
}

export interface AutocryptSetupMessageOptions extends DatedOptions {
  key: UnlockableKey;
  /** Sender and recipient of the mail. */
  address: string;
  preferEncrypt?: boolean | undefined;
}

export interface AutocryptSetupMessage {
  mail: string;
  /** Nine blocks of four digits: show it, never send or store it. */
  code: string;
}

export interface ReadAutocryptSetupMessageOptions extends DatedOptions {
  mail: Data;
  /** As typed; without it only `codeBegins` comes back. */
  code?: string | undefined;
  /** Locks the key, which is not locked inside. */
  newPassphrase?: string | undefined;
}

export interface OpenedAutocryptSetupMessage {
  /** What the message says its code begins with. */
  codeBegins?: string;
  key?: SecretKey;
  preferEncrypt: boolean;
}

/** The calls of this topic. */
export interface MailCalls {
  /** Writes a mail: plain, signed (PGP/MIME), or encrypted with its subject inside (RFC 3156, RFC 9788). */
  composeMail(options: ComposeMailOptions): Promise<ComposedMail>;
  /** Reads a mail and says how each part and header field is protected. Encryption that does not open is a `problem` of its part. */
  readMail(options: ReadMailOptions): Promise<ReadMail>;
  /** The value of an Autocrypt header, for mails written elsewhere. */
  autocryptHeader(options: AutocryptHeaderOptions): Promise<string>;
  /** The sender's certificate from a mail's Autocrypt header. */
  readAutocryptHeader(options: ReadAutocryptHeaderOptions): Promise<AutocryptFound>;
  /** Writes a mail to oneself that moves a secret key to another program. */
  autocryptSetupMessage(options: AutocryptSetupMessageOptions): Promise<AutocryptSetupMessage>;
  /** Opens such a mail. A wrong code is `decryption-failed`. */
  readAutocryptSetupMessage(options: ReadAutocryptSetupMessageOptions): Promise<OpenedAutocryptSetupMessage>;
}
