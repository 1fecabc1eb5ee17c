/**
 * The shapes of envelopes: messages sealed under a password. Not here: behaviour.
 */
import type { CallOptions, Certificate, Data, DatedOptions, SecretKey, Signature, UnlockableKey } from "./api.js";

/** An attachment as it goes in. */
export interface AttachmentInput {
  name: string;
  /** MIME type; `application/octet-stream` unless given. */
  type?: string | undefined;
  data: Uint8Array | Blob;
}

/** An attachment as it comes out. */
export interface Attachment {
  name: string;
  type: string;
  data: Uint8Array;
}

export interface SealEnvelopeOptions extends DatedOptions {
  subject: string;
  /** Lines may end with LF or CRLF; whoever opens it gets LF. */
  text: string;
  html?: string | undefined;
  /** At most 998: a message has up to 1000 parts. */
  attachments?: AttachmentInput[] | undefined;
  password: string;
  /** Adds a random link secret to the password (the default). Without it the link is short and weaker. */
  linkSecret?: boolean | undefined;
  /** Sign the content; the first signer's certificate is enclosed. */
  signers?: UnlockableKey | UnlockableKey[] | undefined;
  /** People with keys who shall be able to read it too. */
  recipients?: Certificate | SecretKey | (Certificate | SecretKey)[] | undefined;
  /** Whom a reply goes to; `false` forbids replies. */
  reply?: { name?: string | undefined; email?: string | undefined } | false | undefined;
}

export interface SealedEnvelope {
  ciphertext: Uint8Array;
  /** What the server shows before the password; `salt` is base64url. */
  head: { profile: 1; salt: string; linkSecret: boolean };
  /** SHA-256 of the access token, base64url. */
  tokenHash: string;
  /** base64url; goes into the link's fragment and never to a server. */
  linkSecret?: string;
}

export interface SealReplyOptions extends DatedOptions {
  subject: string;
  text: string;
  html?: string | undefined;
  attachments?: AttachmentInput[] | undefined;
  /** The certificate that was enclosed in the envelope; the answer is encrypted to it. */
  senderCertificate: Certificate;
  /** The password, link secret and salt the envelope was opened with: they open the answer as well. */
  password: string;
  linkSecret?: string | undefined;
  salt: string;
  signers?: UnlockableKey | UnlockableKey[] | undefined;
}

export interface OpenEnvelopeOptions extends DatedOptions {
  ciphertext: Data;
  /** Either this or `keys`. */
  password?: string | undefined;
  /** The fragment of the link. */
  linkSecret?: string | undefined;
  /** Opens with a secret key instead of the password. */
  keys?: UnlockableKey | UnlockableKey[] | undefined;
  /** The head's salt, base64url; an envelope with another one is refused. */
  salt?: string | undefined;
  verifyWith?: Certificate | SecretKey | (Certificate | SecretKey)[] | undefined;
}

export interface OpenedEnvelope {
  subject: string;
  text: string;
  html?: string;
  /** When it was sealed, as its sender says. */
  date?: Date;
  attachments: Attachment[];
  signatures: Signature[];
  /** The certificate the sender enclosed, merged with the copy in `verifyWith` if there is one. It proves nothing by itself: compare its fingerprint. */
  senderCertificate?: Certificate;
  /** Missing when the sender forbids replies. */
  replyTo?: { name?: string; email?: string; certificate?: Certificate };
}

export interface DeriveAccessOptions extends CallOptions {
  /** base64url, from the head. */
  salt: string;
  password: string;
  linkSecret?: string | undefined;
}

export interface VerifyEnvelopeOptions extends DatedOptions {
  /** What `openEnvelope` of `envelock/reader` returned under this name. */
  signedMessage: Data;
  verifyWith?: Certificate | SecretKey | (Certificate | SecretKey)[] | undefined;
}
