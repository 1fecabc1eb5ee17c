// index.d.ts
export type * from "./api.js";
export { type ErrorCode, errorCodes, type PaperFacts, PgpError, type Place } from "./error.js";
export { addressOf } from "./keystore-address.js";
/** An open keystore. */
export type Keystore = import("./keystore.js").Keystore;
export declare const init: (options?: import("./api.js").InitOptions) => Promise<void>, generateKey: (options: import("./api.js").GenerateKeyOptions) => Promise<import("./api.js").GeneratedKey>, readKeys: (input: string | Uint8Array | import("./api.js").ReadKeysOptions) => Promise<(import("./api.js").Certificate | import("./api.js").SecretKey | import("./api.js").UnsupportedKey)[]>, encrypt: {
    (options: import("./api.js").EncryptOptions & {
        data: ReadableStream<Uint8Array>;
    }): Promise<ReadableStream<Uint8Array>>;
    (options: import("./api.js").EncryptOptions & {
        armor: false;
    }): Promise<Uint8Array>;
    (options: import("./api.js").EncryptOptions & {
        armor?: true | undefined;
    }): Promise<string>;
    (options: import("./api.js").EncryptOptions): Promise<string | Uint8Array>;
}, decrypt: {
    (options: import("./api.js").DecryptOptions & {
        message: ReadableStream<Uint8Array>;
    }): Promise<import("./api.js").DecryptedStream>;
    (options: import("./api.js").DecryptOptions & {
        as: "binary";
    }): Promise<import("./api.js").Decrypted<Uint8Array>>;
    (options: import("./api.js").DecryptOptions & {
        as?: "text" | undefined;
    }): Promise<import("./api.js").Decrypted<string>>;
    (options: import("./api.js").DecryptOptions): Promise<import("./api.js").Decrypted<string | Uint8Array>>;
}, sign: {
    (options: import("./api.js").SignOptions & {
        data: ReadableStream<Uint8Array>;
        form: "inline";
    }): Promise<ReadableStream<Uint8Array>>;
    (options: import("./api.js").SignOptions & {
        form: "detached" | "inline";
        armor: false;
    }): Promise<Uint8Array>;
    (options: import("./api.js").SignOptions & {
        armor?: true | undefined;
    }): Promise<string>;
    (options: import("./api.js").SignOptions): Promise<string | Uint8Array>;
}, verify: {
    (options: import("./api.js").VerifyOptions & {
        message: ReadableStream<Uint8Array>;
    }): Promise<import("./api.js").Verified<ReadableStream<Uint8Array>>>;
    (options: import("./api.js").VerifyOptions & {
        as: "binary";
    }): Promise<import("./api.js").Verified<Uint8Array>>;
    (options: import("./api.js").VerifyOptions & {
        as?: "text" | undefined;
    }): Promise<import("./api.js").Verified<string>>;
    (options: import("./api.js").VerifyOptions): Promise<import("./api.js").Verified<string | Uint8Array>>;
}, sealEnvelope: (options: import("./envelopes.js").SealEnvelopeOptions) => Promise<import("./envelopes.js").SealedEnvelope>, sealReply: (options: import("./envelopes.js").SealReplyOptions) => Promise<{
    ciphertext: Uint8Array;
}>, openEnvelope: (options: import("./envelopes.js").OpenEnvelopeOptions) => Promise<import("./envelopes.js").OpenedEnvelope>, deriveAccess: (options: import("./envelopes.js").DeriveAccessOptions) => Promise<{
    token: string;
}>, verifyEnvelope: (options: import("./envelopes.js").VerifyEnvelopeOptions) => Promise<{
    signatures: import("./api.js").Signature[];
    senderCertificate?: import("./api.js").Certificate;
}>, lockKey: (options: import("./api.js").LockKeyOptions) => Promise<import("./api.js").SecretKey>, changePassphrase: (options: import("./api.js").LockKeyOptions) => Promise<import("./api.js").SecretKey>, unlockCheck: (options: import("./api.js").UnlockCheckOptions) => Promise<boolean>, addUserId: (options: import("./edits.js").AddUserIdOptions) => Promise<import("./api.js").SecretKey>, revokeUserId: (options: import("./edits.js").RevokeUserIdOptions) => Promise<import("./api.js").SecretKey>, setPrimaryUserId: (options: import("./edits.js").SetPrimaryUserIdOptions) => Promise<import("./api.js").SecretKey>, setExpiration: (options: import("./edits.js").SetExpirationOptions) => Promise<import("./api.js").SecretKey>, addSubkey: (options: import("./edits.js").AddSubkeyOptions) => Promise<import("./api.js").SecretKey>, revokeSubkey: (options: import("./edits.js").RevokeSubkeyOptions) => Promise<import("./api.js").SecretKey>, revokeKey: (options: import("./edits.js").RevokeKeyOptions) => Promise<import("./api.js").SecretKey>, generateRevocation: (options: import("./edits.js").RevokeKeyOptions) => Promise<string>, applyRevocation: <K extends import("./api.js").Certificate | import("./api.js").SecretKey>(options: import("./edits.js").ApplyRevocationOptions<K>) => Promise<K>, certifyKey: (options: import("./edits.js").CertifyKeyOptions) => Promise<import("./api.js").Certificate>, revokeCertification: (options: import("./edits.js").RevokeCertificationOptions) => Promise<import("./api.js").Certificate>, inspectKey: (options: import("./inspections.js").InspectKeyOptions) => Promise<import("./inspections.js").KeyInspection>, mergeKeys: {
    (options: import("./inspections.js").MergeKeysOptions & {
        key: import("./api.js").SecretKey;
    }): Promise<import("./api.js").SecretKey>;
    (options: import("./inspections.js").MergeKeysOptions): Promise<import("./api.js").Key>;
}, minimizeKey: (options: import("./inspections.js").MinimizeKeyOptions) => Promise<import("./api.js").Certificate>, previewImport: (options: import("./inspections.js").PreviewImportOptions) => Promise<import("./inspections.js").ImportPreview>, wkdUrls: (address: string | import("./lookups.js").WkdUrlsOptions) => Promise<import("./lookups.js").WkdUrls>, lookupKey: (options: import("./lookups.js").LookupKeyOptions) => Promise<import("./lookups.js").FoundKeys>, composeMail: (options: import("./mails.js").ComposeMailOptions) => Promise<import("./mails.js").ComposedMail>, readMail: (options: import("./mails.js").ReadMailOptions) => Promise<import("./mails.js").ReadMail>, autocryptHeader: (options: import("./mails.js").AutocryptHeaderOptions) => Promise<string>, readAutocryptHeader: (options: import("./mails.js").ReadAutocryptHeaderOptions) => Promise<import("./mails.js").AutocryptFound>, autocryptSetupMessage: (options: import("./mails.js").AutocryptSetupMessageOptions) => Promise<import("./mails.js").AutocryptSetupMessage>, readAutocryptSetupMessage: (options: import("./mails.js").ReadAutocryptSetupMessageOptions) => Promise<import("./mails.js").OpenedAutocryptSetupMessage>, generateSessionKey: (options?: import("./sessions.js").GenerateSessionKeyOptions) => Promise<import("./sessions.js").SessionKey>, encryptSessionKey: {
    (options: import("./sessions.js").EncryptSessionKeyOptions & {
        armor: true;
    }): Promise<string>;
    (options: import("./sessions.js").EncryptSessionKeyOptions): Promise<Uint8Array>;
}, decryptSessionKeys: (options: import("./sessions.js").DecryptSessionKeysOptions) => Promise<import("./sessions.js").SessionKey[]>, inspectMessage: (options: import("./sessions.js").InspectMessageOptions) => Promise<import("./sessions.js").Inspection>, armor: (options: import("./sessions.js").ArmorOptions) => Promise<string>, dearmor: (options: import("./sessions.js").DearmorOptions) => Promise<import("./sessions.js").Dearmored>, splitRecoveryCode: (options: import("./keystore.js").SplitOptions) => Promise<string[]>, joinRecoveryShares: (shares: string[] | (import("./api.js").CallOptions & {
    shares: string[];
})) => Promise<string>, sealRecoveryCode: (options: import("./api.js").CallOptions & {
    exportKey: Uint8Array;
    recoveryCode?: string | undefined;
}) => Promise<{
    sealed: Uint8Array;
    recoveryCode: string;
}>, openRecoveryCode: (options: import("./api.js").CallOptions & {
    exportKey: Uint8Array;
    sealed: Uint8Array;
}) => Promise<string>, Keystore: import("./keystore.js").KeystoreFactory;

// api.d.ts
/**
 * The public shapes: keys, options and results of every call, and the {@link Envelock} interface that the
 * main module, the inline build and the worker all implement.
 *
 * Everything here is plain data that survives `structuredClone`. Secret keys cross every border as they were read or made: locked, with the
 * passphrase given per call, unless they were generated without one. Not here: behaviour.
 */
import type { EditCalls } from "./edits.js";
import type { DeriveAccessOptions, OpenEnvelopeOptions, OpenedEnvelope, SealEnvelopeOptions, SealReplyOptions, SealedEnvelope, VerifyEnvelopeOptions } from "./envelopes.js";
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
    userIds: {
        name?: string | undefined;
        email?: string | undefined;
    }[];
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
    encrypt(options: EncryptOptions & {
        data: ReadableStream<Uint8Array>;
    }): Promise<ReadableStream<Uint8Array>>;
    encrypt(options: EncryptOptions & {
        armor: false;
    }): Promise<Uint8Array>;
    encrypt(options: EncryptOptions & {
        armor?: true | undefined;
    }): Promise<string>;
    encrypt(options: EncryptOptions): Promise<string | Uint8Array>;
    /**
     * Decrypts a message, armored or binary. Nothing is returned before its integrity is confirmed. A stream is decrypted while
     * it is read, in bounded memory and at any size, if it is SEIPD v2 and not compressed; anything else is held to its end.
     */
    decrypt(options: DecryptOptions & {
        message: ReadableStream<Uint8Array>;
    }): Promise<DecryptedStream>;
    decrypt(options: DecryptOptions & {
        as: "binary";
    }): Promise<Decrypted<Uint8Array>>;
    decrypt(options: DecryptOptions & {
        as?: "text" | undefined;
    }): Promise<Decrypted<string>>;
    decrypt(options: DecryptOptions): Promise<Decrypted<string | Uint8Array>>;
    /** Signs. `detached` gives the signature alone, `inline` an OpenPGP message, `cleartext` readable text. */
    sign(options: SignOptions & {
        data: ReadableStream<Uint8Array>;
        form: "inline";
    }): Promise<ReadableStream<Uint8Array>>;
    sign(options: SignOptions & {
        form: "detached" | "inline";
        armor: false;
    }): Promise<Uint8Array>;
    sign(options: SignOptions & {
        armor?: true | undefined;
    }): Promise<string>;
    sign(options: SignOptions): Promise<string | Uint8Array>;
    /** Gives a verdict per signature; never throws because a signature is bad. */
    verify(options: VerifyOptions & {
        message: ReadableStream<Uint8Array>;
    }): Promise<Verified<ReadableStream<Uint8Array>>>;
    verify(options: VerifyOptions & {
        as: "binary";
    }): Promise<Verified<Uint8Array>>;
    verify(options: VerifyOptions & {
        as?: "text" | undefined;
    }): Promise<Verified<string>>;
    verify(options: VerifyOptions): Promise<Verified<string | Uint8Array>>;
    /** Seals subject, text and attachments under a password, ready to be stored by a server. */
    sealEnvelope(options: SealEnvelopeOptions): Promise<SealedEnvelope>;
    /** Seals an answer to an envelope: its sender opens it by key, its writer with the envelope's password. */
    sealReply(options: SealReplyOptions): Promise<{
        ciphertext: Uint8Array;
    }>;
    /** Opens an envelope. A wrong password and damaged bytes alike are `decryption-failed`. */
    openEnvelope(options: OpenEnvelopeOptions): Promise<OpenedEnvelope>;
    /** Derives the token (base64url) that makes the server hand out an envelope; one Argon2 run. */
    deriveAccess(options: DeriveAccessOptions): Promise<{
        token: string;
    }>;
    /** Checks the signatures of an envelope that `envelock/reader` opened. */
    verifyEnvelope(options: VerifyEnvelopeOptions): Promise<{
        signatures: Signature[];
        senderCertificate?: Certificate;
    }>;
    /** Locks an unlocked key. */
    lockKey(options: LockKeyOptions): Promise<SecretKey>;
    /** Locks a key under another passphrase. */
    changePassphrase(options: LockKeyOptions): Promise<SecretKey>;
    /** Whether the passphrase unlocks the key; any does where there is no lock. Rejects with `secret-mismatch` if a secret part is not that of its public part. */
    unlockCheck(options: UnlockCheckOptions): Promise<boolean>;
    /** The keystore, working through this way in. */
    readonly Keystore: KeystoreFactory;
}

// envelopes.d.ts
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
    reply?: {
        name?: string | undefined;
        email?: string | undefined;
    } | false | undefined;
}
export interface SealedEnvelope {
    ciphertext: Uint8Array;
    /** What the server shows before the password; `salt` is base64url. */
    head: {
        profile: 1;
        salt: string;
        linkSecret: boolean;
    };
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
    replyTo?: {
        name?: string;
        email?: string;
        certificate?: Certificate;
    };
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

// edits.d.ts
/**
 * The shapes of edits: changes to a secret key, and certifications of other people's keys.
 *
 * Every edit gives a new key, locked as the given one was; that one stays as it is. What others have certified, other
 * user IDs and older signatures are kept to the byte. Not here: behaviour.
 */
import type { Certificate, Data, DatedOptions, SecretKey, UnlockableKey } from "./api.js";
/** Why a key or subkey is revoked. `no-reason` and `compromised` void everything it ever signed, the others only end it. */
export type RevocationReason = "no-reason" | "superseded" | "compromised" | "retired";
/** Curve25519, RSA or a NIST curve, in the encoding that fits the key's version. */
export type SubkeyAlgorithm = "curve25519" | "rsa-2048" | "rsa-3072" | "rsa-4096" | "p256" | "p384" | "p521";
export interface AddUserIdOptions extends DatedOptions {
    key: UnlockableKey;
    userId: {
        name?: string | undefined;
        email?: string | undefined;
    };
    /** Makes it the primary one. */
    primary?: boolean | undefined;
}
export interface RevokeUserIdOptions extends DatedOptions {
    key: UnlockableKey;
    /** As in the key's `userIds`, letter for letter. */
    userId: string;
    /** For people. */
    text?: string | undefined;
}
export interface SetPrimaryUserIdOptions extends DatedOptions {
    key: UnlockableKey;
    /** As in the key's `userIds`, letter for letter. */
    userId: string;
}
export interface SetExpirationOptions extends DatedOptions {
    key: UnlockableKey;
    /** Must lie ahead; `null` for never. */
    expires: Date | null;
    /** The fingerprint of a subkey, instead of the whole key. */
    subkey?: string | undefined;
}
export interface AddSubkeyOptions extends DatedOptions {
    key: UnlockableKey;
    use: "encrypt" | "sign";
    /** The primary key's unless given. */
    algorithm?: SubkeyAlgorithm | undefined;
    expires?: Date | undefined;
}
export interface RevokeKeyOptions extends DatedOptions {
    key: UnlockableKey;
    /** `no-reason` unless given. */
    reason?: RevocationReason | undefined;
    /** For people; everybody can read it. */
    text?: string | undefined;
}
export interface RevokeSubkeyOptions extends RevokeKeyOptions {
    /** The fingerprint of the subkey. */
    subkey: string;
}
export interface ApplyRevocationOptions<K extends Certificate | SecretKey> extends DatedOptions {
    key: K;
    /** A revocation certificate, armored or binary, by `generateKey`, `generateRevocation` or another program; or a revoked copy of the certificate. */
    revocation: Data;
}
export interface CertifyKeyOptions extends DatedOptions {
    certificate: Certificate | SecretKey;
    /** Some of the certificate's `userIds`, letter for letter. */
    userIds: string[];
    signer: UnlockableKey;
    expires?: Date | undefined;
    /** `false` keeps the certification to oneself: it is for the own keystore and not to be published. */
    exportable?: boolean | undefined;
    /** Lets the owner introduce others: depth 1 and more; amount 60 for partial, 120 for complete trust (RFC 9580 §5.2.3.21). */
    trust?: {
        depth: number;
        amount: number;
    } | undefined;
}
export interface RevokeCertificationOptions extends DatedOptions {
    certificate: Certificate | SecretKey;
    userIds: string[];
    signer: UnlockableKey;
    text?: string | undefined;
}
/** The edits. A revoked key is not edited (`key-not-usable`), an expired one is; without the primary secret: `secret-absent`. */
export interface EditCalls {
    /** Adds a user ID; one that was revoked is certified again. `user-id-exists` if it is valid already. */
    addUserId(options: AddUserIdOptions): Promise<SecretKey>;
    /** Revokes a user ID. The last valid one of a version 4 key stays (`last-user-id`). */
    revokeUserId(options: RevokeUserIdOptions): Promise<SecretKey>;
    /** Makes a user ID the primary one. */
    setPrimaryUserId(options: SetPrimaryUserIdOptions): Promise<SecretKey>;
    /** Sets when the key, or one of its subkeys, ends. Expired keys come back to life. */
    setExpiration(options: SetExpirationOptions): Promise<SecretKey>;
    /** Adds a subkey. Of several to encrypt to, senders take the newest; the older ones still decrypt. */
    addSubkey(options: AddSubkeyOptions): Promise<SecretKey>;
    /** Revokes a subkey. */
    revokeSubkey(options: RevokeSubkeyOptions): Promise<SecretKey>;
    /** Revokes the key; send the certificate to everyone who has it. */
    revokeKey(options: RevokeKeyOptions): Promise<SecretKey>;
    /** Makes an armored revocation certificate for later. The key does not change. */
    generateRevocation(options: RevokeKeyOptions): Promise<string>;
    /** Applies a revocation, after checking that the key's owner made it (`key-mismatch`). Needs no passphrase. */
    applyRevocation<K extends Certificate | SecretKey>(options: ApplyRevocationOptions<K>): Promise<K>;
    /** Certifies that user IDs belong to somebody else's key. Compare fingerprints first. */
    certifyKey(options: CertifyKeyOptions): Promise<Certificate>;
    /** Takes back own certifications of user IDs (`not-certified` if there is none). */
    revokeCertification(options: RevokeCertificationOptions): Promise<Certificate>;
}

// lookups.d.ts
/**
 * The public shapes of finding certificates. Not here: asking (`lookup-calls.ts`), choosing (the core).
 */
import type { CallOptions, Certificate, DatedOptions } from "./api.js";
/** Who gave a certificate: the Web Key Directory of the address's own domain, or a keyserver. */
export type CertificateOrigin = "wkd-advanced" | "wkd-direct" | "keyserver";
/** The Web Key Directory's two URLs for an address (draft-koch-openpgp-webkey-service). */
export interface WkdUrls {
    /** Asked first. */
    advanced: string;
    /** Asked only if the host of `advanced` does not exist. */
    direct: string;
}
export interface WkdUrlsOptions extends CallOptions {
    address: string;
}
export interface LookupKeyOptions extends DatedOptions {
    /** The mail address. Its domain may be in any script. */
    address: string;
    /**
     * The lookup of an Envelock server (`/api/v1/lookup`), which asks on behalf of pages; `false` asks the domain itself, which
     * few domains let pages do. Unless given: a page's own server, and elsewhere (Node) the domain itself.
     */
    endpoint?: string | URL | false | undefined;
    /** Asked when the domain publishes nothing, in this order: `https://HOST` (verifying) or `hkps://HOST`. Not with an endpoint: servers have their own. */
    keyservers?: string[] | undefined;
    /** In place of the global `fetch`. */
    fetch?: typeof globalThis.fetch | undefined;
}
/** Something that came and is not to be used. */
export interface RejectedKey {
    /** `other-address`, `secret-key`, `unsupported` or `unreadable`. */
    code: string;
    message: string;
    fingerprint?: string;
}
/** What was found. Nothing found is an empty list, not an error. */
export interface FoundKeys {
    /**
     * Certificates for this address, each with the user IDs that have it and no others. They may be expired or revoked: see `status`. That a
     * directory gave one says that whoever runs the domain stands for it, and no more; compare fingerprints.
     */
    certificates: Certificate[];
    /** Where they came from; absent if nothing came. */
    origin?: CertificateOrigin;
    /** The host that gave them. */
    host?: string;
    /** What came and was not kept, from wherever it came. */
    rejected: RejectedKey[];
}
/** The calls, the same on every way in. */
export interface LookupCalls {
    /** Where the certificate of an address may be published. */
    wkdUrls(address: string | WkdUrlsOptions): Promise<WkdUrls>;
    /**
     * Looks up the certificate of an address. Rejects with `lookup-failed` when nobody gave a usable answer, `lookup-refused` when the server
     * did not want to ask, `bad-address` when there is nothing to ask. In Node without an endpoint the request goes to whatever host the
     * address names: a server that does this for strangers must check where that leads, as `envelock-server` does.
     */
    lookupKey(options: LookupKeyOptions): Promise<FoundKeys>;
}

// inspections.d.ts
/**
 * The shapes of looking at keys closely, and of copies of one key: merged, reduced for others, previewed before import.
 * Not here: behaviour.
 */
import type { Certificate, Data, DatedOptions, Key, Problem, SecretKey, UnsupportedKey } from "./api.js";
/** What a key or user ID is worth; `reason` says what is missing when it is `invalid`. */
export type KeyStatus = "valid" | "expired" | "revoked" | "invalid";
/** What somebody else says about a user ID. Whether to trust the issuer is not decided here. */
export interface UserIdCertification {
    /** Fingerprint, or key ID where no more is known; proven only if the status is not `unknown`. */
    issuer?: string;
    created?: Date;
    expires?: Date;
    /** `false`: for the own keystore only. `minimizeKey` leaves it out. */
    exportable: boolean;
    /** The owner may introduce others (RFC 9580 §5.2.3.21). */
    trust?: {
        depth: number;
        amount: number;
    };
    /** `unknown`: the issuer's certificate is not among `known`. */
    status: "valid" | "unknown" | "expired" | "revoked" | "invalid";
}
/** What in a user ID may deceive its reader. */
export type UserIdWarning = "not-utf8" | "control-character" | "bidirectional" | "invisible-character" | "mixed-script" | "several-addresses" | "address-as-name";
export interface InspectedUserId {
    text: string;
    /** What stands before the address. */
    name: string;
    /** The address, if there is exactly one. */
    email?: string;
    status: KeyStatus;
    reason?: string;
    primary: boolean;
    /** When its owner certified it last. */
    certifiedAt?: Date;
    certifications: UserIdCertification[];
    warnings: UserIdWarning[];
}
export interface InspectedComponent {
    /** Upper-case hex. */
    fingerprint: string;
    keyId: string;
    /** Whether it is the primary key; the others are subkeys. */
    primary: boolean;
    algorithm: string;
    /** The size, where the algorithm leaves it open (RSA, DSA). */
    bits?: number;
    created: Date;
    expires?: Date;
    status: KeyStatus;
    reason?: string;
    /** `hard` revocations void everything the key ever signed. */
    revocation?: {
        code: string;
        text: string;
        at: Date;
        hard: boolean;
    };
    /** What it may do when it is valid. */
    can: {
        certify: boolean;
        sign: boolean;
        encrypt: boolean;
        authenticate: boolean;
    };
    /** The secret part, in secret keys; `absent` when it is kept elsewhere. */
    secret?: "locked" | "open" | "absent";
}
/** Something weak, though it may still be accepted. */
export interface Weakness {
    code: "weak-key" | "unsupported-key" | "short-rsa" | "sha1-self-signature";
    /** Fingerprint of the component. */
    component?: string;
    message: string;
    /** From when on it is not accepted any more. */
    since?: Date;
    /** Who says so. */
    source: string;
}
export interface KeyInspection {
    userIds: InspectedUserId[];
    /** Primary key first. */
    components: InspectedComponent[];
    /** What the owner prefers to be sent, best first; empty if not stated. */
    preferences: {
        ciphers: string[];
        aead: string[];
        seipdV2: boolean;
    };
    weaknesses: Weakness[];
}
export interface InspectKeyOptions extends DatedOptions {
    key: Key;
    /** Certificates that may have certified the user IDs. */
    known?: Key[] | undefined;
}
export interface MergeKeysOptions extends DatedOptions {
    key: Key;
    /** Another copy of the same key; else `key-mismatch`. */
    update: Key;
}
export interface MinimizeKeyOptions extends DatedOptions {
    key: Key;
    /** Only these of its `userIds`, letter for letter; all unless given. */
    userIds?: string[] | undefined;
}
export interface PreviewImportOptions extends DatedOptions {
    /** As people bring them: armored or binary, several, mixed. */
    keys: Data;
    /** The keys there are already. */
    known?: Key[] | undefined;
}
/** Something that was left out of an import, or kept unread. */
export interface SkippedPart extends Problem {
    /** The packet type ID (RFC 9580 §5). */
    tag?: number;
    /** Octets from the start of the input, or of the decoded block of armor. */
    offset: number;
}
export interface ImportEntry {
    key: Key | UnsupportedKey;
    change: "new" | "updated" | "unchanged" | "unsupported";
    /** What it brings to a known key. */
    changes: Problem[];
    weaknesses: Weakness[];
    /** The known key with what is new: what to keep. */
    merged?: Key;
}
export interface ImportPreview {
    entries: ImportEntry[];
    skipped: SkippedPart[];
}
/** Looking at keys. None of these needs a passphrase, and none keeps anything. */
export interface InspectionCalls {
    /** Everything about a key. */
    inspectKey(options: InspectKeyOptions): Promise<KeyInspection>;
    /** Both copies of a key as one: nothing is lost, and no secret part is replaced by another. */
    mergeKeys(options: MergeKeysOptions & {
        key: SecretKey;
    }): Promise<SecretKey>;
    mergeKeys(options: MergeKeysOptions): Promise<Key>;
    /** What others need of a certificate: without other people's certifications, local ones, and what was superseded. */
    minimizeKey(options: MinimizeKeyOptions): Promise<Certificate>;
    /** What importing keys would change. Rejects with `no-key` when there is none. */
    previewImport(options: PreviewImportOptions): Promise<ImportPreview>;
}

// mails.d.ts
/**
 * Mails with OpenPGP in them: PGP/MIME, protected header fields, Autocrypt. Options and results; re-exported by `api.ts`.
 */
import type { AttachmentInput, Certificate, Data, DatedOptions, Notation, Problem, SecretKey, Signature, UnlockableKey } from "./api.js";
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
    group?: {
        type: string;
        path: string;
    };
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
    from?: {
        name: string;
        address: string;
    };
    /** Of the whole mail. Parts further inside can be protected on their own. */
    protection: Protection;
    /** All signatures over the whole mail; `from` of each says how its signer compares with the author. */
    signatures: Signature[];
    /** Header fields that say one thing inside of the protection and another outside, or were added outside. */
    mismatches: {
        name: string;
        outer?: string;
        inner?: string;
    }[];
    parts: MailPart[];
    autocrypt: AutocryptFound;
    /** Certificates of others in To and Cc, told inside of the encryption. */
    gossip: AutocryptPeer[];
}
export interface AutocryptHeaderOptions extends DatedOptions, AutocryptInput {
}
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

// sessions.d.ts
/**
 * Session keys, armor, and messages looked at from outside: options and results. Re-exported by `api.ts`.
 */
import type { CallOptions, Certificate, Data, DatedOptions, SecretKey, UnlockableKey } from "./api.js";
/** The key one message is encrypted with. Whoever has it reads that message; nothing wipes it for you. */
export interface SessionKey {
    /** `aes256`, `aes192`, `aes128`; older names only when read. */
    algorithm: string;
    data: Uint8Array;
}
export interface GenerateSessionKeyOptions extends DatedOptions {
    /** Chooses the cipher that all of them read. */
    recipients?: Certificate | SecretKey | (Certificate | SecretKey)[] | undefined;
    format?: "auto" | "seipd-v1" | "seipd-v2" | undefined;
}
export interface EncryptSessionKeyOptions extends DatedOptions {
    sessionKey: SessionKey;
    recipients?: Certificate | SecretKey | (Certificate | SecretKey)[] | undefined;
    /** At most 8 for one message, together with those it has. */
    passwords?: string | string[] | undefined;
    /** The container of the message the packets are for. */
    format?: "auto" | "seipd-v1" | "seipd-v2" | undefined;
    /** Do not name the recipients' keys. */
    hideRecipients?: boolean | undefined;
    /** Armored text, or binary (the default): packets go in front of a binary message. */
    armor?: boolean | undefined;
}
export interface DecryptSessionKeysOptions extends CallOptions {
    /** A message, or session key packets alone. */
    message: Data;
    keys?: UnlockableKey | UnlockableKey[] | undefined;
    passwords?: string | string[] | undefined;
}
/** How a packet names a key. Nothing of it is proven; neither is there for a hidden recipient. */
export interface KeyName {
    fingerprint?: string;
    keyId?: string;
}
/** What a message looks like from outside. Claims, not findings. */
export interface Inspection {
    /** `unreadable` is encryption without integrity protection, or of an unknown version. */
    format: "seipd-v1" | "seipd-v2" | "gnupg-ocb" | "unreadable" | "session-keys" | "signed" | "cleartext" | "signature" | "plain";
    encrypted: boolean;
    /** The keys it is encrypted to; an entry without names is a hidden recipient. */
    recipients: KeyName[];
    /** How many passwords open it. */
    passwords: number;
    /** Keys that signatures name, when they say they were made, and what they are. Empty when encrypted. */
    signers: (KeyName & {
        created?: Date;
        type?: SignatureType;
    })[];
}
/** The types of RFC 9580 §5.2.1. A revocation of a key, kept or published alone, is a `key-revocation`. */
export type SignatureType = "binary" | "text" | "standalone" | "generic-certification" | "persona-certification" | "casual-certification" | "positive-certification" | "certification-revocation" | "subkey-binding" | "primary-key-binding" | "subkey-revocation" | "direct-key" | "key-revocation" | "timestamp" | "third-party-confirmation";
export interface InspectMessageOptions extends CallOptions {
    /** A message, a signature, session key packets, or a revocation of a key. */
    message: Data;
}
export type ArmorKind = "message" | "public-key" | "private-key" | "signature";
export interface ArmorOptions extends CallOptions {
    data: Data;
    /** Rejects with `bad-armor` if the data are OpenPGP packets of another kind. A key's revocation may go as `public-key`. */
    kind: ArmorKind;
    /** Such as `{ Comment: "…" }`; nobody can tell whether they were changed on the way. */
    headers?: Record<string, string> | undefined;
}
export interface DearmorOptions extends CallOptions {
    /** Text with one block of armor. */
    armored: Data;
}
export interface Dearmored {
    kind: ArmorKind;
    headers: Record<string, string>;
    data: Uint8Array;
}
/** The calls of this topic. */
export interface SessionCalls {
    /** Draws a session key, of the cipher `encrypt` would choose. */
    generateSessionKey(options?: GenerateSessionKeyOptions): Promise<SessionKey>;
    /** Writes the packets that give readers a session key, to go in front of a message encrypted with it. */
    encryptSessionKey(options: EncryptSessionKeyOptions & {
        armor: true;
    }): Promise<string>;
    encryptSessionKey(options: EncryptSessionKeyOptions): Promise<Uint8Array>;
    /** Finds the session key of a message; from packets alone every candidate. */
    decryptSessionKeys(options: DecryptSessionKeysOptions): Promise<SessionKey[]>;
    /** Says what a message is and for whom, without opening it. */
    inspectMessage(options: InspectMessageOptions): Promise<Inspection>;
    /** Puts bytes in ASCII armor (RFC 9580 §6). */
    armor(options: ArmorOptions): Promise<string>;
    /** Takes the bytes out of one block of armor. */
    dearmor(options: DearmorOptions): Promise<Dearmored>;
}

// error.d.ts
/**
 * The one error class of the package.
 *
 * Not here: the codes and what to do about them (`advice.ts`); what the core decides about a message or key.
 */
import { ADVICE } from "./advice.js";
/** Every code a {@link PgpError} can carry. */
export type ErrorCode = keyof typeof ADVICE;
/** The codes as a list, for catalogues and exhaustive tests. */
export declare const errorCodes: readonly ErrorCode[];
/** What every call rejects with. Compare `code`; `message` is for developers, `hint` says what to do. */
export declare class PgpError extends Error {
    /** Stable, kebab-case. */
    readonly code: ErrorCode;
    /** Whether the same call can succeed with another input, or simply later. */
    readonly recoverable: boolean;
    /** One sentence on what to do next. */
    readonly hint: string;
    /** Where in a message or key the fault is, for `malformed` with one place to blame. */
    readonly place?: Place;
    /** What is wrong with typed paper, for `recovery-code-mistyped`, `share-mistyped` and `shares-missing`. */
    readonly facts?: PaperFacts;
    constructor(code: ErrorCode, message: string, options?: {
        cause?: unknown;
        place?: Place | undefined;
        facts?: PaperFacts | undefined;
    });
}
/** What can be said of a typed recovery code or its shares. Counted from 1. */
export interface PaperFacts {
    /** Which of the given shares. */
    share?: number | undefined;
    /** Which group of five characters. Missing where the length is wrong. */
    group?: number | undefined;
    /** How many characters there are, and how many groups of five there should be. */
    found?: number | undefined;
    wanted?: number | undefined;
    /** How many shares it takes, and how many different ones there are. */
    needed?: number | undefined;
    given?: number | undefined;
}
/** A place in a message or key. */
export interface Place {
    /** The packet type ID (RFC 9580 §5), if a packet could be made out. */
    packet?: number | undefined;
    /** Where the packet starts: octets from the start (decoded, if it was armored), or of the content of the packet it lies in. */
    offset: number;
    /** In how many packets it lies: encrypted and compressed data hold packets. */
    depth: number;
}

// advice.d.ts
/**
 * The closed list of error codes, and what to do about each.
 *
 * Codes up to the marked line come from the wasm module (`errorCodes()` there; a test holds both lists
 * together); the rest belong to loading, options, workers, storage and the login. Reader and login are built with the smaller
 * `advice-of-reader.ts` and `advice-of-login.ts` instead.
 */
/** What a code means for the caller. */
export interface Advice {
    /** Whether the same call can succeed with another input, or simply later. */
    readonly recoverable: boolean;
    /** What to do next, one sentence. */
    readonly hint: string;
}
/** Advice by code. */
export declare const ADVICE: {
    readonly "decryption-failed": {
        readonly recoverable: true;
        readonly hint: "The password or key is wrong, or the message is damaged. Ask for the password again.";
    };
    readonly "no-matching-key": {
        readonly recoverable: true;
        readonly hint: "The message is not encrypted to any of the given keys or passwords. Offer other keys or ask for a password.";
    };
    readonly "wrong-passphrase": {
        readonly recoverable: true;
        readonly hint: "Ask for the passphrase of the key again.";
    };
    readonly "passphrase-required": {
        readonly recoverable: true;
        readonly hint: "The secret key is locked: give its passphrase.";
    };
    readonly "too-expensive": {
        readonly recoverable: false;
        readonly hint: "Deriving a key would cost more memory or time than allowed; it may be an attack.";
    };
    readonly "too-much-work": {
        readonly recoverable: false;
        readonly hint: "Trying the passwords would cost more time than allowed. Give one password; if it was one, the message was encrypted to too many.";
    };
    readonly "too-large": {
        readonly recoverable: false;
        readonly hint: "The input is larger than the limit, or holds more of something; the message says of what. Only a stream in SEIPD v2 may be of any size.";
    };
    readonly "out-of-memory": {
        readonly recoverable: true;
        readonly hint: "There is not enough memory left; close other tabs or send a smaller file.";
    };
    readonly malformed: {
        readonly recoverable: false;
        readonly hint: "The input is not what OpenPGP allows here, or it was truncated or changed on the way.";
    };
    readonly "bad-armor": {
        readonly recoverable: false;
        readonly hint: "The armored text is damaged; ask for it again, as an attachment if possible.";
    };
    readonly "bad-s2k": {
        readonly recoverable: false;
        readonly hint: "The key or message derives keys in a way that is not allowed.";
    };
    readonly unsupported: {
        readonly recoverable: false;
        readonly hint: "The input uses an algorithm or format this version does not handle.";
    };
    readonly "not-integrity-protected": {
        readonly recoverable: false;
        readonly hint: "The message has no integrity protection and is refused; ask the sender to send it again with a current program.";
    };
    readonly "not-encrypted": {
        readonly recoverable: false;
        readonly hint: "The message is not encrypted: use verify; for a detached signature, together with the data.";
    };
    readonly encrypted: {
        readonly recoverable: false;
        readonly hint: "The message is encrypted: use decrypt, which checks signatures as well.";
    };
    readonly "profile-mismatch": {
        readonly recoverable: false;
        readonly hint: "The envelope does not have the parameters of its profile; the server may have changed it.";
    };
    readonly "bad-content": {
        readonly recoverable: false;
        readonly hint: "The envelope was opened, but what is inside is not an envelope's content.";
    };
    readonly "password-not-text": {
        readonly recoverable: true;
        readonly hint: "Ask for a password that is text.";
    };
    readonly "entry-damaged": {
        readonly recoverable: false;
        readonly hint: "The entry was changed in its storage; the others can still be read.";
    };
    readonly "name-too-long": {
        readonly recoverable: false;
        readonly hint: "Give the record a shorter name (at most 255 bytes in all).";
    };
    readonly "unknown-passkey": {
        readonly recoverable: true;
        readonly hint: "This passkey is not one of the keystore's; offer the passphrase.";
    };
    readonly "wrong-account-key": {
        readonly recoverable: true;
        readonly hint: "The account's password is another one now; ask for the recovery code.";
    };
    readonly "wrong-passkey": {
        readonly recoverable: true;
        readonly hint: "The passkey does not open this keystore; offer the passphrase.";
    };
    readonly "too-many-passkeys": {
        readonly recoverable: false;
        readonly hint: "Remove a passkey before adding another one.";
    };
    readonly "recovery-code-mistyped": {
        readonly recoverable: true;
        readonly hint: "Ask for it again: `facts` name the group with the typing error, or the wrong length.";
    };
    readonly "share-mistyped": {
        readonly recoverable: true;
        readonly hint: "Ask for it again: `facts` name the share and its group with the typing error, or the wrong length.";
    };
    readonly "shares-missing": {
        readonly recoverable: true;
        readonly hint: "Ask for more shares; `facts` say how many it takes.";
    };
    readonly "shares-mixed": {
        readonly recoverable: true;
        readonly hint: "The shares were not made together; look at the first group, which all shares of a set have in common.";
    };
    readonly "bad-share-count": {
        readonly recoverable: false;
        readonly hint: "Make 2 to 16 shares, of which at least 2 and at most all are needed.";
    };
    readonly "wrong-recovery-code": {
        readonly recoverable: true;
        readonly hint: "The recovery code is that of another backup.";
    };
    readonly "backup-damaged": {
        readonly recoverable: false;
        readonly hint: "The file is no backup of a keystore, or it was cut or changed; look for another copy.";
    };
    readonly "sync-code-required": {
        readonly recoverable: true;
        readonly hint: "Ask for the code that `syncCode` gives on a device that syncs already, and give it as `code`.";
    };
    readonly "sync-rolled-back": {
        readonly recoverable: false;
        readonly hint: "Nothing was changed here. Whoever keeps the file gave an old one back: stopSync, and start anew with a new file if that was on purpose.";
    };
    readonly "no-key": {
        readonly recoverable: false;
        readonly hint: "There is no OpenPGP key in the input.";
    };
    readonly "several-keys": {
        readonly recoverable: false;
        readonly hint: "The input holds several keys where one is wanted; use readKeys and choose.";
    };
    readonly "not-a-secret-key": {
        readonly recoverable: false;
        readonly hint: "This is a certificate; a secret key is needed here.";
    };
    readonly "secret-absent": {
        readonly recoverable: false;
        readonly hint: "The secret part of this key is kept elsewhere, such as on a smart card.";
    };
    readonly "secret-mismatch": {
        readonly recoverable: false;
        readonly hint: "Secret and public part of the key do not belong together; do not use it.";
    };
    readonly "key-not-usable": {
        readonly recoverable: false;
        readonly hint: "The key is expired, revoked or invalid; see its `status` and `problems`.";
    };
    readonly "no-signing-key": {
        readonly recoverable: false;
        readonly hint: "The key has no component that may sign now.";
    };
    readonly "no-encryption-key": {
        readonly recoverable: false;
        readonly hint: "The certificate has no component that may be encrypted to now.";
    };
    readonly "no-certifying-key": {
        readonly recoverable: false;
        readonly hint: "The signer's primary key may not certify other keys; use another one.";
    };
    readonly "key-mismatch": {
        readonly recoverable: false;
        readonly hint: "This belongs to another key: compare the fingerprints.";
    };
    readonly "no-revocation": {
        readonly recoverable: false;
        readonly hint: "There is no revocation of a key in the input.";
    };
    readonly "unknown-user-id": {
        readonly recoverable: false;
        readonly hint: "Take a user ID from the certificate's `userIds`, letter for letter.";
    };
    readonly "user-id-exists": {
        readonly recoverable: false;
        readonly hint: "The key has this user ID already.";
    };
    readonly "last-user-id": {
        readonly recoverable: false;
        readonly hint: "Add another user ID first, or revoke the whole key.";
    };
    readonly "unknown-subkey": {
        readonly recoverable: false;
        readonly hint: "Take the fingerprint of a subkey of this key.";
    };
    readonly "not-certified": {
        readonly recoverable: false;
        readonly hint: "There is nothing to take back: this key has not certified the user ID.";
    };
    readonly "bad-options": {
        readonly recoverable: false;
        readonly hint: "The options ask for a key that cannot be made; read the message.";
    };
    readonly "no-signer": {
        readonly recoverable: false;
        readonly hint: "Give at least one signer.";
    };
    readonly "too-many-signers": {
        readonly recoverable: false;
        readonly hint: "Sign with fewer keys; the message says how many signatures are allowed.";
    };
    readonly "signing-failed": {
        readonly recoverable: false;
        readonly hint: "The key could not compute a signature; its algorithm may not be supported.";
    };
    readonly "no-recipient": {
        readonly recoverable: false;
        readonly hint: "Give at least one recipient or password.";
    };
    readonly "unusable-recipient": {
        readonly recoverable: false;
        readonly hint: "A recipient's certificate cannot be encrypted to now; ask for an updated one.";
    };
    readonly "too-many-passwords": {
        readonly recoverable: false;
        readonly hint: "Encrypt to fewer passwords; the message says how many are allowed.";
    };
    readonly "empty-password": {
        readonly recoverable: true;
        readonly hint: "Ask for a password that is not empty.";
    };
    readonly "bad-autocrypt": {
        readonly recoverable: false;
        readonly hint: "The Autocrypt header is for the address in From; gossip is for addresses in To and Cc of an encrypted mail.";
    };
    readonly "bad-header": {
        readonly recoverable: false;
        readonly hint: "Message-ID, In-Reply-To and References hold <id@domain>, References several between blanks.";
    };
    readonly "bad-notation": {
        readonly recoverable: false;
        readonly hint: "A notation needs a name without blanks and a value of at most 16 KiB.";
    };
    readonly "filename-too-long": {
        readonly recoverable: true;
        readonly hint: "Give a file name of at most 255 bytes.";
    };
    readonly "encryption-failed": {
        readonly recoverable: false;
        readonly hint: "A certificate could not be encrypted to.";
    };
    readonly "not-text": {
        readonly recoverable: true;
        readonly hint: "The data is not UTF-8 text. Read it with `as: \"binary\"`; sign it with another form than cleartext.";
    };
    readonly cancelled: {
        readonly recoverable: true;
        readonly hint: "The caller cancelled the work.";
    };
    readonly "bad-option": {
        readonly recoverable: false;
        readonly hint: "An option has the wrong type or value; read the message.";
    };
    readonly "bad-address": {
        readonly recoverable: true;
        readonly hint: "Check the address: it must be name@example.org, in ASCII before the @, without quotes or comments; to look it up, with a public domain.";
    };
    readonly "keystore-locked": {
        readonly recoverable: true;
        readonly hint: "Open the keystore again with its passphrase.";
    };
    readonly internal: {
        readonly recoverable: true;
        readonly hint: "This is a defect in Envelock; please report it. The next call works.";
    };
    readonly "lookup-failed": {
        readonly recoverable: true;
        readonly hint: "Nobody who was asked gave a usable answer. Try again later, or ask the person for the certificate.";
    };
    readonly "lookup-refused": {
        readonly recoverable: true;
        readonly hint: "The server did not look it up; read the message (not logged in, too often, or switched off).";
    };
    readonly "unknown-option": {
        readonly recoverable: false;
        readonly hint: "Check the spelling of the option; each call accepts only the options it documents.";
    };
    readonly "wasm-unsupported": {
        readonly recoverable: false;
        readonly hint: "WebAssembly is switched off here (a hardened browser mode or a CSP without 'wasm-unsafe-eval'), or older than 2023 (Safari 16.4, Chrome 91, Firefox 89).";
    };
    readonly "wasm-not-loaded": {
        readonly recoverable: true;
        readonly hint: "The wasm module could not be loaded. Serve `envelock/wasm` and `envelock/wasm-rest` as application/wasm, or say where they are with `init({ wasm, wasmRest })`; calling again tries again.";
    };
    readonly "worker-failed": {
        readonly recoverable: true;
        readonly hint: "The worker could not be started. Check the worker's URL and the `worker-src` of the CSP.";
    };
    readonly terminated: {
        readonly recoverable: false;
        readonly hint: "The worker was terminated; make a new one.";
    };
    readonly "source-failed": {
        readonly recoverable: true;
        readonly hint: "The stream or blob that was given failed while it was read; `cause` is its own error.";
    };
    readonly "storage-failed": {
        readonly recoverable: true;
        readonly hint: "The storage refused to read or write; it may be full or blocked by the browser.";
    };
    readonly "passkey-unavailable": {
        readonly recoverable: true;
        readonly hint: "This browser or this passkey cannot open a keystore; offer the passphrase.";
    };
    readonly "passkey-refused": {
        readonly recoverable: true;
        readonly hint: "The user gave no passkey, or took too long; offer to try again, and the passphrase.";
    };
    readonly "wrong-password": {
        readonly recoverable: true;
        readonly hint: "The address or the password is wrong, or the answer is not the server's: all look the same. Ask for the password again.";
    };
    readonly "password-too-short": {
        readonly recoverable: true;
        readonly hint: "Ask for a longer password; the message says how long.";
    };
    readonly "password-too-long": {
        readonly recoverable: true;
        readonly hint: "Ask for a shorter password; the message says how long.";
    };
};

// keystore.d.ts
/**
 * The face of the keystore: keys with what is known about them, and small records, sealed at rest.
 *
 * At rest every entry is one OpenPGP message (SEIPD v2, AES-256-GCM) under a random session key, and the header
 * is that session key under Argon2 of the passphrase (SKESK v6) and under every passkey; names are hashed with a
 * key. Secret keys inside are locked once more. What shows at rest: how many entries there are and their sizes,
 * the names of keystores, and the credential IDs of passkeys.
 *
 * Not here: how it is done (`keystore-sealed.ts` and its neighbours), and cryptography (the wasm module).
 */
import type { CallOptions, Certificate, Data, DatedOptions, Key, Problem } from "./api.js";
import type { Storage } from "./storage.js";
export type { Storage } from "./storage.js";
/** Which keystore: one storage holds several under different names. */
export interface KeystoreLocation {
    /** "default" unless given. The name is not secret. */
    name?: string | undefined;
    /** IndexedDB unless given. */
    storage?: Storage | undefined;
}
/** How a keystore is opened: by passphrase, or by one of its passkeys. */
export type KeystoreOptions = CallOptions & KeystoreLocation & ({
    passphrase: string;
    passkey?: false | undefined;
} | {
    passkey: true;
    passphrase?: undefined;
});
export interface RestoreOptions extends CallOptions, KeystoreLocation {
    /** What `backup` made; armored or binary. */
    file: Data;
    /** As printed; capitals and separators do not matter. */
    recoveryCode: string;
    /** The passphrase of the keystore to restore into; that of the new one, where there is none. */
    passphrase: string;
}
/** How keystores are found and opened. */
export interface KeystoreFactory {
    /** Whether this keystore was made: "unlock" or "create"? */
    exists(options?: KeystoreLocation): Promise<boolean>;
    /** The names of all keystores in a storage. */
    names(options?: {
        storage?: Storage | undefined;
    }): Promise<string[]>;
    /** The credential IDs (base64url) of the passkeys that open this keystore; none, if there is no keystore. */
    passkeys(options?: KeystoreLocation): Promise<string[]>;
    /**
     * Opens the keystore. With a passphrase it makes one where there is none; a wrong one is `wrong-passphrase`. With
     * `passkey: true` the browser asks for one of the passkeys of this keystore: `unknown-passkey` if it has none,
     * `passkey-refused` if the user declines, `passkey-unavailable` if the browser or the passkey cannot do it.
     */
    open(options: KeystoreOptions): Promise<Keystore>;
    /** Deletes a keystore and all it holds, without asking; whether there was one. */
    remove(options?: KeystoreLocation): Promise<boolean>;
    /**
     * Opens a backup and puts what it holds into a keystore: a new one, or the one that is there, where keys are
     * merged and nothing is replaced. `wrong-recovery-code`, `recovery-code-mistyped` and `backup-damaged` leave
     * everything as it was.
     */
    restore(options: RestoreOptions): Promise<Keystore>;
}
/** How a fingerprint was checked, in the words of the caller, such as "compared by phone". */
export interface Verification {
    at: Date;
    how: string;
}
/** What is known about a key beside what it says itself. */
export interface KeyMetadata {
    labels: string[];
    /** Where it came from, such as "file", "message", "wkd-direct" or "keyserver". */
    origin?: string;
    /** When and how somebody compared its fingerprint, and the addresses it had then: of later ones it says nothing. Missing: nobody did. */
    verified?: Verification & {
        addresses: string[];
    };
    firstSeen: Date;
    /** The addresses of its certified user IDs, now or at any time since `firstSeen`; as {@link Keystore.find} takes them. */
    addresses: KnownAddress[];
}
/** An address of a key. */
export interface KnownAddress {
    address: string;
    /** When the key first claimed it here: a copy that came later may claim more. */
    firstSeen: Date;
}
/**
 * How far a key is trusted for one of its addresses. `verified`: its fingerprint was compared when it had the address, or it is a secret
 * key. `changed`: other keys had the address before, and it was neither compared nor made the default since. `known`: neither.
 */
export type Trust = "verified" | "known" | "changed";
/** An address of a key, and how far the key is trusted for it. */
export interface AddressTrust {
    address: string;
    trust: Trust;
    /** For `changed`: the fingerprints of the keys that had it before. */
    rivals: string[];
}
/** A key and what is known about it. */
export interface Contact {
    key: Key;
    metadata: KeyMetadata;
    /** For each of `metadata.addresses`. */
    trust: AddressTrust[];
}
/** What to encrypt with for an address. */
export interface Recipient {
    /** Missing: there is no key to use. */
    certificate?: Certificate;
    /** `changed` comes without a certificate: the only usable keys wait until somebody has looked at them. */
    trust?: Trust;
}
/** An address for which the keystore held other keys already. */
export interface AddressChange {
    address: string;
    /** Their fingerprints. */
    known: string[];
}
/** A key as it was kept. */
export type KeptKey = Key & {
    /**
     * Trust on first use: the addresses that this certificate claims now and that other keys in the keystore had
     * before. Not empty: warn, and let the user compare fingerprints. {@link Keystore.recipient} does not give the new
     * one for these addresses until it is verified or made the default.
     */
    changed: AddressChange[];
};
export interface AddOptions extends DatedOptions {
    /** Unlocks the key, so that it can be locked under the keystore's passphrase. */
    passphrase?: string | undefined;
    labels?: string[] | undefined;
    origin?: string | undefined;
    verified?: Verification | undefined;
}
/** One use of a secret key through the keystore. */
export interface LogEntry {
    /** Counts up; a number that is missing between two others was taken away. */
    number: number;
    date: Date;
    /** `add` is a secret key that was not here before; a newer copy of one is none. */
    what: "sign" | "decrypt" | "edit" | "export" | "add" | "remove";
    /** The call, such as "sealEnvelope" or "addUserId". */
    call: string;
    /** The key that was given; a message that was decrypted with several keys stands here once for each. */
    fingerprint: string;
}
/** Where devices meet: one file that only they can open. */
export interface SyncStore {
    /** The file and its version; `undefined` if there is none yet. */
    read(): Promise<{
        file: Uint8Array;
        version: string;
    } | undefined>;
    /**
     * Replaces the file if its version is still this one (`undefined`: if there is none), in one step. Gives the new version;
     * `undefined` if somebody was faster.
     */
    write(file: Uint8Array, version: string | undefined): Promise<string | undefined>;
}
export interface SyncOptions extends CallOptions {
    store: SyncStore;
    /** The code of the device that came first; each device is given it once. */
    code?: string | undefined;
    /**
     * Seals the file under a new code, which {@link Keystore.syncCode} gives afterwards. Whoever knows the one before alone, such as a lost device,
     * opens older files and nothing that is written from now on; the others are given the new one.
     */
    renewCode?: boolean | undefined;
}
/** What syncing did. */
export interface Synced {
    /** The fingerprints of the keys that came or changed here. */
    received: string[];
    /** The fingerprints of the keys that were removed here, since another device removed them. */
    removed: string[];
    /** Whether anything went out. */
    sent: boolean;
}
/** A passkey that opens the keystore. */
export interface PasskeyInfo {
    /** The credential ID, base64url. */
    id: string;
    name: string;
    created?: Date;
}
/** Why a keystore is locked: it was asked to, nobody used it, or its worker ended. */
export interface LockEvent {
    reason: "locked" | "idle" | "ended";
}
/** An open keystore. Every method rejects with `keystore-locked` once it is locked. */
export interface Keystore {
    readonly name: string;
    /** All keys that can be read, secret keys first; see {@link Keystore.problems} for the others. */
    list(): Promise<Key[]>;
    /** All keys that can be read with what is known about them, in the order of `list`. */
    contacts(): Promise<Contact[]>;
    /** What is wrong with entries that cannot be read. One damaged entry never hides the others. */
    problems(): Promise<Problem[]>;
    /** The key with this fingerprint. */
    get(fingerprint: string): Promise<Key | undefined>;
    /**
     * The keys for an address, best first: usable ones, the default for the address, verified ones, then those known
     * longest. Only certified user IDs count.
     */
    find(address: string): Promise<Contact[]>;
    /** The certificate to encrypt to for an address: the best usable one that is not `changed`. */
    recipient(address: string): Promise<Recipient>;
    /**
     * Keeps a key and gives it back as it is kept. An unlocked secret key, or a locked one whose `passphrase` is
     * given, is locked under the keystore's passphrase; another locked one stays as it is. A key that is there already
     * is merged with the new copy, and a certificate never replaces the secret key of the same fingerprint.
     */
    add(key: Key, options?: AddOptions): Promise<KeptKey>;
    /** What is known about a key. */
    metadata(fingerprint: string): Promise<KeyMetadata | undefined>;
    /** Changes what is given and leaves the rest; `verified: null` takes a verification back. */
    setMetadata(fingerprint: string, change: {
        labels?: string[] | undefined;
        origin?: string | undefined;
        verified?: Verification | null | undefined;
    }): Promise<KeyMetadata>;
    /** Prefers this key for an address, be it one's own or a contact's; `undefined` forgets the preference. */
    setDefault(address: string, fingerprint: string | undefined): Promise<void>;
    /** The preferred key for an address; without a preference the newest usable secret key that has it. */
    defaultFor(address: string): Promise<Key | undefined>;
    /** Forgets a key; whether there was one. */
    remove(fingerprint: string): Promise<boolean>;
    /** A copy of a key to save elsewhere; a secret key is locked under `newPassphrase` if one is given. */
    export(options: CallOptions & {
        fingerprint: string;
        newPassphrase?: string | undefined;
    }): Promise<Key>;
    /** Keeps any JSON value under a name. `undefined` forgets it. */
    setRecord(name: string, value: unknown): Promise<void>;
    getRecord(name: string): Promise<unknown>;
    /** The names of all records. */
    listRecords(): Promise<string[]>;
    /** The last thousand uses of secret keys with this keystore, oldest first. */
    log(): Promise<LogEntry[]>;
    /**
     * Everything in one file, except the log and the passkeys, and the new code that opens it. The file is an OpenPGP
     * message whose password is the code as printed; inside is text with all keys as armored blocks.
     */
    backup(options?: DatedOptions): Promise<{
        file: Uint8Array;
        recoveryCode: string;
    }>;
    /**
     * Brings this keystore and those of other devices to the same state, by a file that all of them read and write. Call it after opening and after
     * changes. The first device makes a code ({@link Keystore.syncCode}); another is given it once, as `code`:
     * `sync-code-required` says so, `wrong-recovery-code` and `recovery-code-mistyped` that it was not the one. Keys are merged; of other entries that
     * changed on both sides this device's count; what one device removed goes on the others unless it changed there. An older
     * file than this device has seen is `sync-rolled-back`. Whoever keeps the file learns its size and when it changes. Passkeys, the log
     * and the passphrase stay with the device; keys with a passphrase of their own keep it.
     */
    sync(options: SyncOptions): Promise<Synced>;
    /** The code for the next device; `undefined` if this one does not sync. It opens the file: as secret as a recovery code. */
    syncCode(): Promise<string | undefined>;
    /** Forgets the code; the keys stay, and so does the file. */
    stopSync(): Promise<void>;
    /**
     * Makes a passkey that opens this keystore; the browser asks its user, once or twice. The passphrase goes on
     * opening it. Codes as with `open`.
     */
    enrolPasskey(options: CallOptions & {
        userName: string;
        name?: string | undefined;
    }): Promise<PasskeyInfo>;
    passkeys(): Promise<PasskeyInfo[]>;
    /** Forgets a passkey; whether there was one. It still opens older copies of the storage. */
    removePasskey(id: string): Promise<boolean>;
    /**
     * Puts the keystore, and every secret key locked under its passphrase, under a new one. `skipped` names the keys
     * that have a passphrase of their own and keep it. Passkeys go on opening it.
     */
    changePassphrase(options: CallOptions & {
        newPassphrase: string;
    }): Promise<{
        skipped: string[];
    }>;
    /** Locks the keystore when it was not used for so long, time asleep included; `false` never does. */
    autoLock(options: {
        minutes: number | false;
    }): void;
    /** Called once when it locks. */
    onlock: ((event: LockEvent) => void) | undefined;
    /** Forgets the session key, the passphrase and what was derived from it; the stored entries stay. */
    lock(): Promise<void>;
}
export interface SplitOptions extends CallOptions {
    recoveryCode: string;
    /** How many shares to make. */
    shares: number;
    /** How many of them it takes. */
    threshold: number;
}
/** Recovery codes under the password of an account: its export key is what `envelock/login` gives, the same at every login. */
export interface AccountCalls {
    /**
     * Seals a recovery code, a new one unless it is given, so that whoever can log in has it again. `sealed` may be kept by the server that
     * one logs in to. Overwrites `exportKey`.
     */
    sealRecoveryCode(options: CallOptions & {
        exportKey: Uint8Array;
        recoveryCode?: string | undefined;
    }): Promise<{
        sealed: Uint8Array;
        recoveryCode: string;
    }>;
    /** The code. `wrong-account-key`: the password has changed since. Overwrites `exportKey`. */
    openRecoveryCode(options: CallOptions & {
        exportKey: Uint8Array;
        sealed: Uint8Array;
    }): Promise<string>;
}
/** Recovery codes on several sheets of paper. */
export interface PaperCalls {
    /** Splits the recovery code of a backup in 2 to 16 printed shares, of which any `threshold` (at least 2) join. */
    splitRecoveryCode(options: SplitOptions): Promise<string[]>;
    /** Joins shares as they were typed. The `facts` of `share-mistyped` name the typing error, those of `shares-missing` how many it takes. */
    joinRecoveryShares(shares: string[] | (CallOptions & {
        shares: string[];
    })): Promise<string>;
}

// storage.d.ts
/** A place for named bytes. Each method may be asynchronous; `put` replaces. */
export interface Storage {
    get(name: string): Promise<Uint8Array | undefined> | Uint8Array | undefined;
    put(name: string, bytes: Uint8Array): Promise<void> | void;
    delete(name: string): Promise<void> | void;
    list(): Promise<string[]> | string[];
    /**
     * Stores only if nothing has this name yet, in one step; whether it did. Without it, two tabs or processes that
     * make the same keystore at the same moment may lose what one of them keeps.
     */
    create?(name: string, bytes: Uint8Array): Promise<boolean> | boolean;
    /** Stores all or none. Without it, a change of passphrase that is interrupted may have to be repeated. */
    putAll?(entries: [name: string, bytes: Uint8Array][]): Promise<void> | void;
    /** Everything at once, where that is quicker than one `get` after the other. */
    all?(): Promise<[name: string, bytes: Uint8Array][]> | [name: string, bytes: Uint8Array][];
}
/** The name of the keystore that has none. */
export declare const DEFAULT_NAME = "default";
/**
 * The part of a storage that belongs to the keystore of this name. The default one has no prefix, as before there were
 * names; the others have `name/`, with the name as in a URL.
 */
export declare function partOf(storage: Storage, name: string): Storage;
/** The names of the keystores in a storage, given the stem of their headers. */
export declare function namesIn(storage: Storage, header: string): Promise<string[]>;
/**
 * One after the other on the same storage, so that a storage without `create` is safe within one script, and that two
 * changes of a header do not lose one another; in browsers across tabs as well. Work of another `name` does not wait.
 */
export declare function inTurn<T>(storage: Storage, work: () => Promise<T>, name?: string): Promise<T>;
/** The storage a browser offers, always the same object; `storage-failed` where there is none. */
export declare function indexedDbStorage(): Storage;
/** Wraps what a storage throws in `storage-failed`. */
export declare function stored<T>(work: () => Promise<T> | T): Promise<T>;

// worker.d.ts
/**
 * `envelock/worker`: the same API off the main thread.
 *
 * The page never blocks, not even for Argon2. Web workers in browsers, `worker_threads` in Node.
 */
import type { Envelock, InitOptions, TrustedScriptUrl } from "./api.js";
export type * from "./api.js";
export { type ErrorCode, errorCodes, type PaperFacts, PgpError, type Place } from "./error.js";
export { addressOf } from "./keystore-address.js";
export interface WorkerOptions extends InitOptions {
    /** Where `envelock/worker-script` is, if the bundler cannot find it by itself. Handed on untouched. */
    url?: string | URL | TrustedScriptUrl | undefined;
}
/** The API of a worker. */
export interface EnvelockWorker extends Envelock {
    /** Ends the worker at once. Calls under way and later ones reject with `terminated`. */
    terminate(): void;
}
/** Makes a worker; it starts with its first call. */
export declare function createWorker(options?: WorkerOptions): EnvelockWorker;

// reader.d.ts
/**
 * `envelock/reader`: the small module of the decrypt page. Derives the access token from a password and opens an
 * envelope; knows no keys. Signatures are checked afterwards by `verifyEnvelope` of the full module.
 *
 * The Argon2 run blocks its thread for a fraction of a second: use it inside a worker.
 */
import type { Attachment, CallOptions, InitOptions } from "./api.js";
export type { Attachment, CallOptions, InitOptions, Progress } from "./api.js";
export { type ErrorCode, PgpError, type Place } from "./error.js";
/** What a password gives access to. Holds the key in the module's memory: call `free` when done. */
export interface Access {
    /** base64url; makes the server hand out the ciphertext. */
    readonly token: string;
    /** Wipes the key. */
    free(): void;
}
/** An envelope as the reader sees it; `signedMessage` is for `verifyEnvelope`. */
export interface ReadEnvelope {
    subject: string;
    text: string;
    html?: string;
    /** When it was sealed, as its sender says. */
    date?: Date;
    attachments: Attachment[];
    /** Binary, as enclosed; unchecked. */
    senderCertificate?: Uint8Array;
    /** Missing when the sender forbids replies. */
    replyTo?: {
        name?: string;
        email?: string;
    };
    /** Whether there are signatures; `verifyEnvelope` says what they are worth. */
    signed: boolean;
    /** The packets inside, signatures included. */
    signedMessage: Uint8Array;
}
export interface AccessOptions {
    /** base64url, from the head; 16 bytes. */
    salt: string;
    password: string;
    /** The fragment of the link. */
    linkSecret?: string | undefined;
}
export interface ReadOptions extends CallOptions {
    ciphertext: Uint8Array;
    access: Access;
}
/** Loads the module. Optional: every call waits for it; calling again after a failure tries again. */
export declare function init({ wasm }?: Pick<InitOptions, "wasm">): Promise<void>;
/** One Argon2 run (64 MiB): the token for the server and the key for {@link openEnvelope}. */
export declare function deriveAccess(options: AccessOptions): Promise<Access>;
/**
 * Opens an envelope. A wrong password and damaged bytes alike are `decryption-failed`. The signal is heard all the time, between steps of some
 * milliseconds.
 */
export declare function openEnvelope(options: ReadOptions): Promise<ReadEnvelope>;

// login.d.ts
import type { TrustedScriptUrl } from "./worker.js";
export { type ErrorCode, PgpError, type Place } from "./error.js";
export type { TrustedScriptUrl } from "./worker.js";
/** Where the parts are, if the bundler cannot find them by itself. */
export interface LoginWorkerOptions {
    /** `envelock/login-worker-script`. Handed on untouched. */
    url?: string | URL | TrustedScriptUrl | undefined;
    /** `envelock/login-wasm`: its URL, its bytes, or compiled. */
    wasm?: string | URL | BufferSource | WebAssembly.Module | undefined;
}
export interface PasswordOptions {
    /** Brought to NFC, so that it fits however it is typed. */
    password: string;
    /** Ends the worker, whatever it does: what was started, and its `finish`, reject with `cancelled`. */
    signal?: AbortSignal | undefined;
}
/** A login or registration that waits for the server's answer. Its worker has the password meanwhile. */
export interface Started<Finished> {
    /** The first message, for the server; base64url without padding. */
    readonly request: string;
    /**
     * Takes the server's answer, base64url, and ends the worker. One Argon2id run: 0.2 to 0.5 s and 64 MiB.
     * `malformed`: this is no such answer. A second call rejects with `terminated`.
     */
    finish(response: string): Promise<Finished>;
    /** Ends the worker without an answer. Does nothing once it is finished. */
    cancel(): void;
}
export interface FinishedLogin {
    /** The last message: it proves to the server that the password is right. */
    finalization: string;
    /**
     * 64 octets that only the password gives, the same with every login until the next registration. The server never
     * has them. Derive from them what you need, and overwrite them.
     */
    exportKey: Uint8Array;
}
export interface FinishedRegistration {
    /** What the server keeps: no password, and nothing to try passwords on without the server's own secret. */
    record: string;
    /** As {@link FinishedLogin.exportKey}. */
    exportKey: Uint8Array;
}
/** What a page does with an account's password. */
export interface LoginClient {
    /** Starts the worker of the next call ahead of it, say when somebody enters the field. Optional. */
    ready(): Promise<void>;
    /**
     * Begins a login: 96 octets for the server, which answers with 320 whether or not there is such an account. `finish` rejects with
     * `wrong-password` for a wrong password, an unknown account and an answer that was changed alike; the server knows nothing of it.
     */
    startLogin(options: PasswordOptions): Promise<Started<FinishedLogin>>;
    /** Begins to choose a password: 32 octets for the server, which answers with 64. `password-too-short` below 12 characters. */
    startRegistration(options: PasswordOptions): Promise<Started<FinishedRegistration>>;
    /** Ends every worker. Calls under way and later ones reject with `terminated`. */
    terminate(): void;
}
/** A client; it costs nothing until its first call. */
export declare function createLogin(options?: LoginWorkerOptions): LoginClient;

// inline.d.ts
export type * from "./api.js";
export { type ErrorCode, errorCodes, type PaperFacts, PgpError, type Place } from "./error.js";
export { addressOf } from "./keystore-address.js";
/** An open keystore. */
export type Keystore = import("./keystore.js").Keystore;
export declare const init: (options?: import("./api.js").InitOptions) => Promise<void>, generateKey: (options: import("./api.js").GenerateKeyOptions) => Promise<import("./api.js").GeneratedKey>, readKeys: (input: string | Uint8Array | import("./api.js").ReadKeysOptions) => Promise<(import("./api.js").Certificate | import("./api.js").SecretKey | import("./api.js").UnsupportedKey)[]>, encrypt: {
    (options: import("./api.js").EncryptOptions & {
        data: ReadableStream<Uint8Array>;
    }): Promise<ReadableStream<Uint8Array>>;
    (options: import("./api.js").EncryptOptions & {
        armor: false;
    }): Promise<Uint8Array>;
    (options: import("./api.js").EncryptOptions & {
        armor?: true | undefined;
    }): Promise<string>;
    (options: import("./api.js").EncryptOptions): Promise<string | Uint8Array>;
}, decrypt: {
    (options: import("./api.js").DecryptOptions & {
        message: ReadableStream<Uint8Array>;
    }): Promise<import("./api.js").DecryptedStream>;
    (options: import("./api.js").DecryptOptions & {
        as: "binary";
    }): Promise<import("./api.js").Decrypted<Uint8Array>>;
    (options: import("./api.js").DecryptOptions & {
        as?: "text" | undefined;
    }): Promise<import("./api.js").Decrypted<string>>;
    (options: import("./api.js").DecryptOptions): Promise<import("./api.js").Decrypted<string | Uint8Array>>;
}, sign: {
    (options: import("./api.js").SignOptions & {
        data: ReadableStream<Uint8Array>;
        form: "inline";
    }): Promise<ReadableStream<Uint8Array>>;
    (options: import("./api.js").SignOptions & {
        form: "detached" | "inline";
        armor: false;
    }): Promise<Uint8Array>;
    (options: import("./api.js").SignOptions & {
        armor?: true | undefined;
    }): Promise<string>;
    (options: import("./api.js").SignOptions): Promise<string | Uint8Array>;
}, verify: {
    (options: import("./api.js").VerifyOptions & {
        message: ReadableStream<Uint8Array>;
    }): Promise<import("./api.js").Verified<ReadableStream<Uint8Array>>>;
    (options: import("./api.js").VerifyOptions & {
        as: "binary";
    }): Promise<import("./api.js").Verified<Uint8Array>>;
    (options: import("./api.js").VerifyOptions & {
        as?: "text" | undefined;
    }): Promise<import("./api.js").Verified<string>>;
    (options: import("./api.js").VerifyOptions): Promise<import("./api.js").Verified<string | Uint8Array>>;
}, sealEnvelope: (options: import("./envelopes.js").SealEnvelopeOptions) => Promise<import("./envelopes.js").SealedEnvelope>, sealReply: (options: import("./envelopes.js").SealReplyOptions) => Promise<{
    ciphertext: Uint8Array;
}>, openEnvelope: (options: import("./envelopes.js").OpenEnvelopeOptions) => Promise<import("./envelopes.js").OpenedEnvelope>, deriveAccess: (options: import("./envelopes.js").DeriveAccessOptions) => Promise<{
    token: string;
}>, verifyEnvelope: (options: import("./envelopes.js").VerifyEnvelopeOptions) => Promise<{
    signatures: import("./api.js").Signature[];
    senderCertificate?: import("./api.js").Certificate;
}>, lockKey: (options: import("./api.js").LockKeyOptions) => Promise<import("./api.js").SecretKey>, changePassphrase: (options: import("./api.js").LockKeyOptions) => Promise<import("./api.js").SecretKey>, unlockCheck: (options: import("./api.js").UnlockCheckOptions) => Promise<boolean>, addUserId: (options: import("./edits.js").AddUserIdOptions) => Promise<import("./api.js").SecretKey>, revokeUserId: (options: import("./edits.js").RevokeUserIdOptions) => Promise<import("./api.js").SecretKey>, setPrimaryUserId: (options: import("./edits.js").SetPrimaryUserIdOptions) => Promise<import("./api.js").SecretKey>, setExpiration: (options: import("./edits.js").SetExpirationOptions) => Promise<import("./api.js").SecretKey>, addSubkey: (options: import("./edits.js").AddSubkeyOptions) => Promise<import("./api.js").SecretKey>, revokeSubkey: (options: import("./edits.js").RevokeSubkeyOptions) => Promise<import("./api.js").SecretKey>, revokeKey: (options: import("./edits.js").RevokeKeyOptions) => Promise<import("./api.js").SecretKey>, generateRevocation: (options: import("./edits.js").RevokeKeyOptions) => Promise<string>, applyRevocation: <K extends import("./api.js").Certificate | import("./api.js").SecretKey>(options: import("./edits.js").ApplyRevocationOptions<K>) => Promise<K>, certifyKey: (options: import("./edits.js").CertifyKeyOptions) => Promise<import("./api.js").Certificate>, revokeCertification: (options: import("./edits.js").RevokeCertificationOptions) => Promise<import("./api.js").Certificate>, inspectKey: (options: import("./inspections.js").InspectKeyOptions) => Promise<import("./inspections.js").KeyInspection>, mergeKeys: {
    (options: import("./inspections.js").MergeKeysOptions & {
        key: import("./api.js").SecretKey;
    }): Promise<import("./api.js").SecretKey>;
    (options: import("./inspections.js").MergeKeysOptions): Promise<import("./api.js").Key>;
}, minimizeKey: (options: import("./inspections.js").MinimizeKeyOptions) => Promise<import("./api.js").Certificate>, previewImport: (options: import("./inspections.js").PreviewImportOptions) => Promise<import("./inspections.js").ImportPreview>, wkdUrls: (address: string | import("./lookups.js").WkdUrlsOptions) => Promise<import("./lookups.js").WkdUrls>, lookupKey: (options: import("./lookups.js").LookupKeyOptions) => Promise<import("./lookups.js").FoundKeys>, composeMail: (options: import("./mails.js").ComposeMailOptions) => Promise<import("./mails.js").ComposedMail>, readMail: (options: import("./mails.js").ReadMailOptions) => Promise<import("./mails.js").ReadMail>, autocryptHeader: (options: import("./mails.js").AutocryptHeaderOptions) => Promise<string>, readAutocryptHeader: (options: import("./mails.js").ReadAutocryptHeaderOptions) => Promise<import("./mails.js").AutocryptFound>, autocryptSetupMessage: (options: import("./mails.js").AutocryptSetupMessageOptions) => Promise<import("./mails.js").AutocryptSetupMessage>, readAutocryptSetupMessage: (options: import("./mails.js").ReadAutocryptSetupMessageOptions) => Promise<import("./mails.js").OpenedAutocryptSetupMessage>, generateSessionKey: (options?: import("./sessions.js").GenerateSessionKeyOptions) => Promise<import("./sessions.js").SessionKey>, encryptSessionKey: {
    (options: import("./sessions.js").EncryptSessionKeyOptions & {
        armor: true;
    }): Promise<string>;
    (options: import("./sessions.js").EncryptSessionKeyOptions): Promise<Uint8Array>;
}, decryptSessionKeys: (options: import("./sessions.js").DecryptSessionKeysOptions) => Promise<import("./sessions.js").SessionKey[]>, inspectMessage: (options: import("./sessions.js").InspectMessageOptions) => Promise<import("./sessions.js").Inspection>, armor: (options: import("./sessions.js").ArmorOptions) => Promise<string>, dearmor: (options: import("./sessions.js").DearmorOptions) => Promise<import("./sessions.js").Dearmored>, splitRecoveryCode: (options: import("./keystore.js").SplitOptions) => Promise<string[]>, joinRecoveryShares: (shares: string[] | (import("./api.js").CallOptions & {
    shares: string[];
})) => Promise<string>, sealRecoveryCode: (options: import("./api.js").CallOptions & {
    exportKey: Uint8Array;
    recoveryCode?: string | undefined;
}) => Promise<{
    sealed: Uint8Array;
    recoveryCode: string;
}>, openRecoveryCode: (options: import("./api.js").CallOptions & {
    exportKey: Uint8Array;
    sealed: Uint8Array;
}) => Promise<string>, Keystore: import("./keystore.js").KeystoreFactory;

// pqc.d.ts
export type * from "./api.js";
export { type ErrorCode, errorCodes, type PaperFacts, PgpError, type Place } from "./error.js";
export { addressOf } from "./keystore-address.js";
/** An open keystore. */
export type Keystore = import("./keystore.js").Keystore;
export declare const init: (options?: import("./api.js").InitOptions) => Promise<void>, generateKey: (options: import("./api.js").GenerateKeyOptions) => Promise<import("./api.js").GeneratedKey>, readKeys: (input: string | Uint8Array | import("./api.js").ReadKeysOptions) => Promise<(import("./api.js").Certificate | import("./api.js").SecretKey | import("./api.js").UnsupportedKey)[]>, encrypt: {
    (options: import("./api.js").EncryptOptions & {
        data: ReadableStream<Uint8Array>;
    }): Promise<ReadableStream<Uint8Array>>;
    (options: import("./api.js").EncryptOptions & {
        armor: false;
    }): Promise<Uint8Array>;
    (options: import("./api.js").EncryptOptions & {
        armor?: true | undefined;
    }): Promise<string>;
    (options: import("./api.js").EncryptOptions): Promise<string | Uint8Array>;
}, decrypt: {
    (options: import("./api.js").DecryptOptions & {
        message: ReadableStream<Uint8Array>;
    }): Promise<import("./api.js").DecryptedStream>;
    (options: import("./api.js").DecryptOptions & {
        as: "binary";
    }): Promise<import("./api.js").Decrypted<Uint8Array>>;
    (options: import("./api.js").DecryptOptions & {
        as?: "text" | undefined;
    }): Promise<import("./api.js").Decrypted<string>>;
    (options: import("./api.js").DecryptOptions): Promise<import("./api.js").Decrypted<string | Uint8Array>>;
}, sign: {
    (options: import("./api.js").SignOptions & {
        data: ReadableStream<Uint8Array>;
        form: "inline";
    }): Promise<ReadableStream<Uint8Array>>;
    (options: import("./api.js").SignOptions & {
        form: "detached" | "inline";
        armor: false;
    }): Promise<Uint8Array>;
    (options: import("./api.js").SignOptions & {
        armor?: true | undefined;
    }): Promise<string>;
    (options: import("./api.js").SignOptions): Promise<string | Uint8Array>;
}, verify: {
    (options: import("./api.js").VerifyOptions & {
        message: ReadableStream<Uint8Array>;
    }): Promise<import("./api.js").Verified<ReadableStream<Uint8Array>>>;
    (options: import("./api.js").VerifyOptions & {
        as: "binary";
    }): Promise<import("./api.js").Verified<Uint8Array>>;
    (options: import("./api.js").VerifyOptions & {
        as?: "text" | undefined;
    }): Promise<import("./api.js").Verified<string>>;
    (options: import("./api.js").VerifyOptions): Promise<import("./api.js").Verified<string | Uint8Array>>;
}, sealEnvelope: (options: import("./envelopes.js").SealEnvelopeOptions) => Promise<import("./envelopes.js").SealedEnvelope>, sealReply: (options: import("./envelopes.js").SealReplyOptions) => Promise<{
    ciphertext: Uint8Array;
}>, openEnvelope: (options: import("./envelopes.js").OpenEnvelopeOptions) => Promise<import("./envelopes.js").OpenedEnvelope>, deriveAccess: (options: import("./envelopes.js").DeriveAccessOptions) => Promise<{
    token: string;
}>, verifyEnvelope: (options: import("./envelopes.js").VerifyEnvelopeOptions) => Promise<{
    signatures: import("./api.js").Signature[];
    senderCertificate?: import("./api.js").Certificate;
}>, lockKey: (options: import("./api.js").LockKeyOptions) => Promise<import("./api.js").SecretKey>, changePassphrase: (options: import("./api.js").LockKeyOptions) => Promise<import("./api.js").SecretKey>, unlockCheck: (options: import("./api.js").UnlockCheckOptions) => Promise<boolean>, addUserId: (options: import("./edits.js").AddUserIdOptions) => Promise<import("./api.js").SecretKey>, revokeUserId: (options: import("./edits.js").RevokeUserIdOptions) => Promise<import("./api.js").SecretKey>, setPrimaryUserId: (options: import("./edits.js").SetPrimaryUserIdOptions) => Promise<import("./api.js").SecretKey>, setExpiration: (options: import("./edits.js").SetExpirationOptions) => Promise<import("./api.js").SecretKey>, addSubkey: (options: import("./edits.js").AddSubkeyOptions) => Promise<import("./api.js").SecretKey>, revokeSubkey: (options: import("./edits.js").RevokeSubkeyOptions) => Promise<import("./api.js").SecretKey>, revokeKey: (options: import("./edits.js").RevokeKeyOptions) => Promise<import("./api.js").SecretKey>, generateRevocation: (options: import("./edits.js").RevokeKeyOptions) => Promise<string>, applyRevocation: <K extends import("./api.js").Certificate | import("./api.js").SecretKey>(options: import("./edits.js").ApplyRevocationOptions<K>) => Promise<K>, certifyKey: (options: import("./edits.js").CertifyKeyOptions) => Promise<import("./api.js").Certificate>, revokeCertification: (options: import("./edits.js").RevokeCertificationOptions) => Promise<import("./api.js").Certificate>, inspectKey: (options: import("./inspections.js").InspectKeyOptions) => Promise<import("./inspections.js").KeyInspection>, mergeKeys: {
    (options: import("./inspections.js").MergeKeysOptions & {
        key: import("./api.js").SecretKey;
    }): Promise<import("./api.js").SecretKey>;
    (options: import("./inspections.js").MergeKeysOptions): Promise<import("./api.js").Key>;
}, minimizeKey: (options: import("./inspections.js").MinimizeKeyOptions) => Promise<import("./api.js").Certificate>, previewImport: (options: import("./inspections.js").PreviewImportOptions) => Promise<import("./inspections.js").ImportPreview>, wkdUrls: (address: string | import("./lookups.js").WkdUrlsOptions) => Promise<import("./lookups.js").WkdUrls>, lookupKey: (options: import("./lookups.js").LookupKeyOptions) => Promise<import("./lookups.js").FoundKeys>, composeMail: (options: import("./mails.js").ComposeMailOptions) => Promise<import("./mails.js").ComposedMail>, readMail: (options: import("./mails.js").ReadMailOptions) => Promise<import("./mails.js").ReadMail>, autocryptHeader: (options: import("./mails.js").AutocryptHeaderOptions) => Promise<string>, readAutocryptHeader: (options: import("./mails.js").ReadAutocryptHeaderOptions) => Promise<import("./mails.js").AutocryptFound>, autocryptSetupMessage: (options: import("./mails.js").AutocryptSetupMessageOptions) => Promise<import("./mails.js").AutocryptSetupMessage>, readAutocryptSetupMessage: (options: import("./mails.js").ReadAutocryptSetupMessageOptions) => Promise<import("./mails.js").OpenedAutocryptSetupMessage>, generateSessionKey: (options?: import("./sessions.js").GenerateSessionKeyOptions) => Promise<import("./sessions.js").SessionKey>, encryptSessionKey: {
    (options: import("./sessions.js").EncryptSessionKeyOptions & {
        armor: true;
    }): Promise<string>;
    (options: import("./sessions.js").EncryptSessionKeyOptions): Promise<Uint8Array>;
}, decryptSessionKeys: (options: import("./sessions.js").DecryptSessionKeysOptions) => Promise<import("./sessions.js").SessionKey[]>, inspectMessage: (options: import("./sessions.js").InspectMessageOptions) => Promise<import("./sessions.js").Inspection>, armor: (options: import("./sessions.js").ArmorOptions) => Promise<string>, dearmor: (options: import("./sessions.js").DearmorOptions) => Promise<import("./sessions.js").Dearmored>, splitRecoveryCode: (options: import("./keystore.js").SplitOptions) => Promise<string[]>, joinRecoveryShares: (shares: string[] | (import("./api.js").CallOptions & {
    shares: string[];
})) => Promise<string>, sealRecoveryCode: (options: import("./api.js").CallOptions & {
    exportKey: Uint8Array;
    recoveryCode?: string | undefined;
}) => Promise<{
    sealed: Uint8Array;
    recoveryCode: string;
}>, openRecoveryCode: (options: import("./api.js").CallOptions & {
    exportKey: Uint8Array;
    sealed: Uint8Array;
}) => Promise<string>, Keystore: import("./keystore.js").KeystoreFactory;
