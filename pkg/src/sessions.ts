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
  signers: (KeyName & { created?: Date; type?: SignatureType })[];
}

/** The types of RFC 9580 §5.2.1. A revocation of a key, kept or published alone, is a `key-revocation`. */
export type SignatureType =
  | "binary" | "text" | "standalone"
  | "generic-certification" | "persona-certification" | "casual-certification" | "positive-certification" | "certification-revocation"
  | "subkey-binding" | "primary-key-binding" | "subkey-revocation" | "direct-key" | "key-revocation"
  | "timestamp" | "third-party-confirmation";

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
  encryptSessionKey(options: EncryptSessionKeyOptions & { armor: true }): Promise<string>;
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
