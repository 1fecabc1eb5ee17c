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
export type KeystoreOptions = CallOptions & KeystoreLocation &
  ({ passphrase: string; passkey?: false | undefined } | { passkey: true; passphrase?: undefined });

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
  names(options?: { storage?: Storage | undefined }): Promise<string[]>;
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
  verified?: Verification & { addresses: string[] };
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
  read(): Promise<{ file: Uint8Array; version: string } | undefined>;
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
  setMetadata(fingerprint: string, change: { labels?: string[] | undefined; origin?: string | undefined; verified?: Verification | null | undefined }): Promise<KeyMetadata>;
  /** Prefers this key for an address, be it one's own or a contact's; `undefined` forgets the preference. */
  setDefault(address: string, fingerprint: string | undefined): Promise<void>;
  /** The preferred key for an address; without a preference the newest usable secret key that has it. */
  defaultFor(address: string): Promise<Key | undefined>;
  /** Forgets a key; whether there was one. */
  remove(fingerprint: string): Promise<boolean>;
  /** A copy of a key to save elsewhere; a secret key is locked under `newPassphrase` if one is given. */
  export(options: CallOptions & { fingerprint: string; newPassphrase?: string | undefined }): Promise<Key>;
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
  backup(options?: DatedOptions): Promise<{ file: Uint8Array; recoveryCode: string }>;
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
  enrolPasskey(options: CallOptions & { userName: string; name?: string | undefined }): Promise<PasskeyInfo>;
  passkeys(): Promise<PasskeyInfo[]>;
  /** Forgets a passkey; whether there was one. It still opens older copies of the storage. */
  removePasskey(id: string): Promise<boolean>;
  /**
   * Puts the keystore, and every secret key locked under its passphrase, under a new one. `skipped` names the keys
   * that have a passphrase of their own and keep it. Passkeys go on opening it.
   */
  changePassphrase(options: CallOptions & { newPassphrase: string }): Promise<{ skipped: string[] }>;
  /** Locks the keystore when it was not used for so long, time asleep included; `false` never does. */
  autoLock(options: { minutes: number | false }): void;
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
  sealRecoveryCode(options: CallOptions & { exportKey: Uint8Array; recoveryCode?: string | undefined }): Promise<{ sealed: Uint8Array; recoveryCode: string }>;
  /** The code. `wrong-account-key`: the password has changed since. Overwrites `exportKey`. */
  openRecoveryCode(options: CallOptions & { exportKey: Uint8Array; sealed: Uint8Array }): Promise<string>;
}

/** Recovery codes on several sheets of paper. */
export interface PaperCalls {
  /** Splits the recovery code of a backup in 2 to 16 printed shares, of which any `threshold` (at least 2) join. */
  splitRecoveryCode(options: SplitOptions): Promise<string[]>;
  /** Joins shares as they were typed. The `facts` of `share-mistyped` name the typing error, those of `shares-missing` how many it takes. */
  joinRecoveryShares(shares: string[] | (CallOptions & { shares: string[] })): Promise<string>;
}
