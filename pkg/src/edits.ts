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
  userId: { name?: string | undefined; email?: string | undefined };
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
  trust?: { depth: number; amount: number } | undefined;
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
