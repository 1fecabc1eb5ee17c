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
  trust?: { depth: number; amount: number };
  /** `unknown`: the issuer's certificate is not among `known`. */
  status: "valid" | "unknown" | "expired" | "revoked" | "invalid";
}

/** What in a user ID may deceive its reader. */
export type UserIdWarning =
  | "not-utf8" | "control-character" | "bidirectional" | "invisible-character" | "mixed-script" | "several-addresses" | "address-as-name";

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
  revocation?: { code: string; text: string; at: Date; hard: boolean };
  /** What it may do when it is valid. */
  can: { certify: boolean; sign: boolean; encrypt: boolean; authenticate: boolean };
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
  preferences: { ciphers: string[]; aead: string[]; seipdV2: boolean };
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
  mergeKeys(options: MergeKeysOptions & { key: SecretKey }): Promise<SecretKey>;
  mergeKeys(options: MergeKeysOptions): Promise<Key>;
  /** What others need of a certificate: without other people's certifications, local ones, and what was superseded. */
  minimizeKey(options: MinimizeKeyOptions): Promise<Certificate>;
  /** What importing keys would change. Rejects with `no-key` when there is none. */
  previewImport(options: PreviewImportOptions): Promise<ImportPreview>;
}
