/**
 * The public shapes: keys, options and results of every call, and the {@link Envelock} interface that the
 * main module, the inline build and the worker all implement.
 *
 * Everything here is plain data that survives `structuredClone`. Secret keys cross every border as they were read or made: locked, with the
 * passphrase given per call, unless they were generated without one. Not here: behaviour.
 */
import type { EditCalls } from "./edits.js";
import type {
  DeriveAccessOptions, OpenEnvelopeOptions, OpenedEnvelope, SealEnvelopeOptions, SealReplyOptions, SealedEnvelope, VerifyEnvelopeOptions,
} from "./envelopes.js";
import type { InspectionCalls } from "./inspections.js";
import type { AccountCalls, Keystore, KeystoreFactory, PaperCalls } from "./keystore.js";
import type { LookupCalls } from "./lookups.js";
import type { MailCalls } from "./mails.js";
import type { SessionCalls, SessionKey } from "./sessions.js";

export type * from "./edits.js";
export type * from "./envelopes.js";
export type * from "./inspections.js";
export type * from "./keystore.js";
export type * from "./lookups.js";
export type * from "./mails.js";
export type * from "./sessions.js";

/**
 * Data that goes in. Strings are UTF-8. Blobs are read to their end before the work starts, and so are streams unless the call
 * is `encrypt` or `decrypt`. One that fails meanwhile fails the call, or the stream that came out of it, with code `source-failed`; its own error is
 * the `cause`.
 */
export type Data = string | Uint8Array | Blob | ReadableStream<Uint8Array>;

/** How far a call is; both numbers are bytes. */
export interface Progress {
  done: number;
  /** `Infinity` while the end of a stream is not known. */
  total: number;
}

/** What every call accepts beside its own options. */
export interface CallOptions {
  /** Cancels the call; it rejects with code `cancelled`. */
  signal?: AbortSignal | undefined;
  /**
   * Called while the work on large data goes on, in `sign` and `verify` as in `encrypt` and `decrypt`: at last with `done` equal to `total`, when the answer is about
   * to be handed over. Deriving keys from passwords and passphrases counts no bytes: a call that does nothing else that lasts, as `generateKey`, says nothing.
   */
  onProgress?: ((progress: Progress) => void) | undefined;
}

/** For calls whose outcome depends on the time. */
export interface DatedOptions extends CallOptions {
  /** The moment to judge or create at; now unless given. */
  date?: Date | undefined;
}

/** One thing that is wrong with a key, without making it unreadable. */
export interface Problem {
  code: string;
  message: string;
}

/** What is known about a certificate or secret key at the time it was read. */
export interface KeyInfo {
  /** Upper-case hex. */
  fingerprint: string;
  /** Upper-case hex, 16 digits. Not unique: compare fingerprints. */
  keyId: string;
  version: 4 | 6;
  /** The user IDs that the owner certifies: the only ones to compare names and addresses with. */
  userIds: string[];
  /** User IDs without a valid certification: anybody can have added them, or they were revoked or expired. */
  unverifiedUserIds: string[];
  primaryUserId?: string;
  created: Date;
  expires?: Date;
  /** For people, such as "Ed25519 + X25519". */
  algorithm: string;
  status: "valid" | "expired" | "revoked" | "invalid";
  canEncrypt: boolean;
  canSign: boolean;
  problems: Problem[];
}

/** A transferable public key (RFC 9580 §10.1). */
export interface Certificate extends KeyInfo {
  kind: "certificate";
  binary: Uint8Array;
  armored: string;
}

/** A transferable secret key (RFC 9580 §10.2), as locked as it was read or made. */
export interface SecretKey extends KeyInfo {
  kind: "secret-key";
  /** Whether a passphrase is needed to use it. */
  locked: boolean;
  binary: Uint8Array;
  armored: string;
  certificate: Certificate;
}

/** A key that was recognised and cannot be used, or damage in which keys were lost; the rest of the input was read. */
export interface UnsupportedKey {
  kind: "unsupported";
  reason: string;
  fingerprint?: string;
  problems: Problem[];
}

export type Key = Certificate | SecretKey;

/**
 * A secret key to work with, and what unlocks it: its passphrase, or the open keystore it lives in. A passphrase is given with each call and
 * forgotten after it: each call derives the unlocking key again (tens of milliseconds for version 4, hundreds for version 6). For a key that is
 * used often take an open keystore, which derives once, and remembers until it is locked.
 */
export interface UnlockableKey {
  key: SecretKey;
  passphrase?: string | undefined;
  keystore?: Keystore | undefined;
}

/** The verdict on one signature. Only `valid` means valid. */
export interface Signature {
  status: "valid" | "unknown-signer" | "invalid" | "expired-key" | "revoked-key" | "expired" | "weak";
  /** Fingerprint of the certificate. */
  signer?: string;
  signerUserId?: string;
  /** Fingerprint or key ID of the component key that signed. */
  keyFingerprint?: string;
  created?: Date;
  /**
   * A code that says why it is not valid: `bad-signature`, `no-certificate`, `not-a-document-signature`,
   * `malformed-signature`, `unsupported-signature`, `no-creation-time`, `future-dated`, `signature-expired`, `unknown-critical`,
   * `weak-hash`, `weak-key`, `key-expired`, `key-not-yet-made`, `key-revoked`, `key-not-entitled`, `not-intended-recipient`,
   * `too-expensive`, `notarization`.
   */
  reason?: string;
  /**
   * Where the verifying certificate came from: `known` was given in `verifyWith`; `enclosed` came with the message,
   * so `valid` then says only that message and certificate belong together.
   */
  certificate: "known" | "enclosed";
  /** What the signer added to the signature; empty unless the signature really was made by `signer`. */
  notations: Notation[];
  /** Fingerprints of the certificates the signer says the message was encrypted to. As `notations`. */
  intendedRecipients: string[];
  /**
   * When `from` was given: `match` if the signer's certificate has a user ID with that address which its owner certifies,
   * `mismatch` if not, `unknown` if nobody is proven to have signed. Independent of `status`.
   */
  from?: "match" | "mismatch" | "unknown";
}

/** A name and value that a signature says beside the data (RFC 9580 §5.2.3.24). */
export interface Notation {
  /** `name@domain` of whoever defines it. */
  name: string;
  /** A string is meant for people, bytes are not. */
  value: string | Uint8Array;
  /** Readers who do not know the name must not take the signature for valid. */
  critical?: boolean | undefined;
}

/** Something worth telling about a message that was opened, such as a weak cipher. */
export interface Note {
  code: string;
  message: string;
}

/** What is given counts until the module is loaded, by the first call that needs it; later it changes nothing. */
export interface InitOptions {
  /** The wasm module, where the bundler cannot find it: its URL, a response, its bytes, or compiled. */
  wasm?: URL | string | Response | BufferSource | WebAssembly.Module | undefined;
  /**
   * Its second part, which is loaded by the first call that needs it. Unless it is given: beside `wasm`, if that is the URL of a file that
   * still has its name (`…_bg.wasm`, `…_rest_bg.wasm`), else where the bundler put it.
   */
  wasmRest?: URL | string | Response | BufferSource | WebAssembly.Module | undefined;
  /**
   * Has Argon2 work on several threads, which shortens the wait for a password: how many, more than 4 are of no use for what this package writes. In Node, and
   * on pages that are cross-origin isolated; elsewhere, and with `envelock/inline`, it is of no effect. None unless given.
   */
  threads?: number | ThreadOptions | undefined;
}

/** A script URL that a Trusted Types policy made. */
export interface TrustedScriptUrl {
  toString(): string;
}

export interface ThreadOptions {
  /** How many. */
  count: number;
  /** Where `envelock/threads-script` is, if the bundler cannot find it by itself. A string for `createWorker`, as it is handed on. */
  url?: string | URL | TrustedScriptUrl | undefined;
  /** Where Trusted Types are demanded and `url` is none yet: the name of a policy to be made for it, which the page has to allow. */
  policy?: string | undefined;
}

export interface GenerateKeyOptions extends DatedOptions {
  /** The first is the primary one. */
  userIds: { name?: string | undefined; email?: string | undefined }[];
  /**
   * `compat` (v4, Curve25519, read by everyone; the default), `rfc9580` (v6), `rsa` (v4), `nist` (v4, ECDSA and ECDH),
   * or, from `envelock/pqc` only, `pqc` (v6, ML-DSA-65+Ed25519 and ML-KEM-768+X25519; experimental).
   */
  profile?: "compat" | "rfc9580" | "rsa" | "nist" | "pqc" | undefined;
  /** With `rsa`: the size of each modulus, 2048 to 4096 in steps of 8; 3072 unless given. Larger ones take many seconds. */
  bits?: number | undefined;
  /** With `nist`: the curve; `p256` unless given. */
  curve?: "p256" | "p384" | "p521" | undefined;
  /** Locks the key. Without it or `keystore` the key is left unlocked and `locked` is false. */
  passphrase?: string | undefined;
  /** Locks the key under the passphrase of an open keystore, inside the module. `add` keeps it. */
  keystore?: Keystore | undefined;
  expires?: Date | undefined;
}

export interface GeneratedKey {
  key: SecretKey;
  /** Armored; publish it when the key is lost or compromised. */
  revocationCertificate: string;
}

export interface ReadKeysOptions extends DatedOptions {
  keys: Data;
}

export interface EncryptOptions extends DatedOptions {
  data: Data;
  filename?: string | undefined;
  /** Any one of these opens the message; at most 8, since a reader tries no more. */
  passwords?: string | string[] | undefined;
  recipients?: Certificate | SecretKey | (Certificate | SecretKey)[] | undefined;
  /** One signature each; at most 32, since a reader checks no more. */
  signers?: UnlockableKey | UnlockableKey[] | undefined;
  /** Armored text (the default) or binary. */
  armor?: boolean | undefined;
  /**
   * `auto` takes what every recipient reads: SEIPD v2 where all announce it, and for passwords alone; v1 otherwise.
   * GnuPG 2.2 reads v1 only.
   */
  format?: "auto" | "seipd-v1" | "seipd-v2" | undefined;
  /** Hides the exact size (Padmé, at most 12 % more); on unless `false`, and only in SEIPD v2. */
  padding?: boolean | undefined;
  /** What the signatures say beside the data. */
  notations?: Notation[] | undefined;
  /** The sender's bare address: each signer's user ID with it is named in the signature. */
  from?: string | undefined;
  /** Name the recipients in the signatures (the default without passwords), so that nobody can pass the message on as if meant for others. Not with `hideRecipients`. */
  intendedRecipients?: boolean | undefined;
  /** Do not tell who the recipients are, neither outside nor, in the signatures, to each other. */
  hideRecipients?: boolean | undefined;
  /** Encrypt with this session key, for callers that keep it. Never use one twice. */
  sessionKey?: SessionKey | undefined;
}

export interface DecryptOptions extends DatedOptions {
  message: Data;
  passwords?: string | string[] | undefined;
  keys?: UnlockableKey | UnlockableKey[] | undefined;
  verifyWith?: Certificate | SecretKey | (Certificate | SecretKey)[] | undefined;
  /** Session keys to try first. */
  sessionKeys?: SessionKey | SessionKey[] | undefined;
  /** The bare address the message claims to come from; each signature then says how its signer compares. */
  from?: string | undefined;
  /** Names of critical notations that the caller understands. */
  knownNotations?: string[] | undefined;
  /** `text` (the default; rejects with `not-text` if it is not UTF-8) or `binary`. */
  as?: "text" | "binary" | undefined;
}

export interface Decrypted<D> {
  data: D;
  filename?: string;
  signatures: Signature[];
  notes: Note[];
}

/** A message that is decrypted while it is read. */
export interface DecryptedStream {
  /**
   * What of the message is authenticated so far. Fails if the rest is not, or is missing: what was read before is then not
   * to be trusted either.
   */
  data: ReadableStream<Uint8Array>;
  filename?: string;
  notes: Note[];
  /** The verdicts, when `data` was read to its end. Rejects with what `data` fails with. */
  signatures: Promise<Signature[]>;
}

export interface SignOptions extends DatedOptions {
  data: Data;
  /** One signature each; at most 32, since a reader checks no more. */
  signers: UnlockableKey | UnlockableKey[];
  form: "detached" | "inline" | "cleartext";
  /** Armored text (the default) or binary; cleartext is always text. */
  armor?: boolean | undefined;
  /** What the signatures say beside the data. */
  notations?: Notation[] | undefined;
  /** The sender's bare address: each signer's user ID with it is named in the signature. */
  from?: string | undefined;
  /** A detached signature over the same data: the new one is added to it. For `detached` only. */
  signature?: Data | undefined;
}

export interface VerifyOptions extends DatedOptions {
  /** The signed data, together with `signature`. */
  data?: Data | undefined;
  /** A detached signature, armored or binary. */
  signature?: Data | undefined;
  /** An inline-signed or cleartext-signed message, instead of `data` and `signature`. */
  message?: Data | undefined;
  verifyWith: Certificate | SecretKey | (Certificate | SecretKey)[];
  /** The bare address the data claims to come from; each signature then says how its signer compares. */
  from?: string | undefined;
  /** Names of critical notations that the caller understands. */
  knownNotations?: string[] | undefined;
  as?: "text" | "binary" | undefined;
}

export interface Verified<D> {
  /** What the message held, when one was given. */
  data?: D;
  signatures: Signature[];
}

export interface LockKeyOptions extends DatedOptions {
  key: SecretKey;
  /** The present passphrase, if the key is locked. */
  passphrase?: string | undefined;
  newPassphrase: string;
}

export interface UnlockCheckOptions extends CallOptions {
  key: SecretKey;
  passphrase: string;
}

/** The calls, the same on every way in: main thread, inline build, worker. */
export interface Envelock extends AccountCalls, EditCalls, InspectionCalls, LookupCalls, MailCalls, PaperCalls, SessionCalls {
  /** Loads the wasm module. Optional: every call waits for it. Calling again after a failure tries again. */
  init(options?: InitOptions): Promise<void>;
  /** Makes a key pair with its revocation certificate. */
  generateKey(options: GenerateKeyOptions): Promise<GeneratedKey>;
  /** Reads every key in armored or binary input, with what is wrong with each. */
  readKeys(input: string | Uint8Array | ReadKeysOptions): Promise<(Certificate | SecretKey | UnsupportedKey)[]>;
  /**
   * Encrypts to passwords, certificates or both, and signs if `signers` are given. A stream is encrypted while it is read, in
   * bounded memory and at any size. To a certificate that does not announce SEIPD v2, such as one of the profile `compat`, it becomes
   * SEIPD v1, of which readers release nothing before its end was checked: `decrypt` holds up to 256 MiB of it, and refuses more.
   */
  encrypt(options: EncryptOptions & { data: ReadableStream<Uint8Array> }): Promise<ReadableStream<Uint8Array>>;
  encrypt(options: EncryptOptions & { armor: false }): Promise<Uint8Array>;
  encrypt(options: EncryptOptions & { armor?: true | undefined }): Promise<string>;
  encrypt(options: EncryptOptions): Promise<string | Uint8Array>;
  /**
   * Decrypts a message, armored or binary. Nothing is returned before its integrity is confirmed. A stream is decrypted while
   * it is read, in bounded memory and at any size, if it is SEIPD v2 and not compressed; anything else is held to its end.
   */
  decrypt(options: DecryptOptions & { message: ReadableStream<Uint8Array> }): Promise<DecryptedStream>;
  decrypt(options: DecryptOptions & { as: "binary" }): Promise<Decrypted<Uint8Array>>;
  decrypt(options: DecryptOptions & { as?: "text" | undefined }): Promise<Decrypted<string>>;
  decrypt(options: DecryptOptions): Promise<Decrypted<string | Uint8Array>>;
  /** Signs. `detached` gives the signature alone, `inline` an OpenPGP message, `cleartext` readable text. */
  sign(options: SignOptions & { data: ReadableStream<Uint8Array>; form: "inline" }): Promise<ReadableStream<Uint8Array>>;
  sign(options: SignOptions & { form: "detached" | "inline"; armor: false }): Promise<Uint8Array>;
  sign(options: SignOptions & { armor?: true | undefined }): Promise<string>;
  sign(options: SignOptions): Promise<string | Uint8Array>;
  /** Gives a verdict per signature; never throws because a signature is bad. */
  verify(options: VerifyOptions & { message: ReadableStream<Uint8Array> }): Promise<Verified<ReadableStream<Uint8Array>>>;
  verify(options: VerifyOptions & { as: "binary" }): Promise<Verified<Uint8Array>>;
  verify(options: VerifyOptions & { as?: "text" | undefined }): Promise<Verified<string>>;
  verify(options: VerifyOptions): Promise<Verified<string | Uint8Array>>;
  /** Seals subject, text and attachments under a password, ready to be stored by a server. */
  sealEnvelope(options: SealEnvelopeOptions): Promise<SealedEnvelope>;
  /** Seals an answer to an envelope: its sender opens it by key, its writer with the envelope's password. */
  sealReply(options: SealReplyOptions): Promise<{ ciphertext: Uint8Array }>;
  /** Opens an envelope. A wrong password and damaged bytes alike are `decryption-failed`. */
  openEnvelope(options: OpenEnvelopeOptions): Promise<OpenedEnvelope>;
  /** Derives the token (base64url) that makes the server hand out an envelope; one Argon2 run. */
  deriveAccess(options: DeriveAccessOptions): Promise<{ token: string }>;
  /** Checks the signatures of an envelope that `envelock/reader` opened. */
  verifyEnvelope(options: VerifyEnvelopeOptions): Promise<{ signatures: Signature[]; senderCertificate?: Certificate }>;
  /** Locks an unlocked key. */
  lockKey(options: LockKeyOptions): Promise<SecretKey>;
  /** Locks a key under another passphrase. */
  changePassphrase(options: LockKeyOptions): Promise<SecretKey>;
  /** Whether the passphrase unlocks the key; any does where there is no lock. Rejects with `secret-mismatch` if a secret part is not that of its public part. */
  unlockCheck(options: UnlockCheckOptions): Promise<boolean>;
  /** The keystore, working through this way in. */
  readonly Keystore: KeystoreFactory;
}
