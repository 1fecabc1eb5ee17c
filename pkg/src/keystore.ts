/**
 * A keystore: keys and small records, sealed at rest under one passphrase.
 *
 * At rest every entry is one OpenPGP message (SEIPD v2, AES-256-GCM) under a random session key, and the header
 * is that session key under Argon2 of the passphrase (SKESK v6); names are hashed with a key. Secret keys inside
 * are locked once more. Sealing and unsealing happen in the wasm module, which keeps the session key; this file
 * moves sealed bytes between it and a {@link Storage}.
 */
import type { CallOptions, Certificate, Key, KeystoreFactory, SecretKey, UnsupportedKey } from "./api.js";
import { PgpError } from "./error.js";
import { type RawKey, readKey } from "./keys.js";
import type { Backend } from "./module.js";
import { checkOptions } from "./options.js";
import { indexedDbStorage, type Storage, stored } from "./storage.js";
import { text, utf8 } from "./data.js";

export type { Storage } from "./storage.js";

export interface KeystoreOptions extends CallOptions {
  /** IndexedDB unless given. */
  storage?: Storage | undefined;
  passphrase: string;
}

/** An open keystore. Every method rejects with `keystore-locked` after {@link Keystore.lock}. */
export interface Keystore {
  /** All keys, secret keys first. */
  list(): Promise<Key[]>;
  /** The key with this fingerprint. */
  get(fingerprint: string): Promise<Key | undefined>;
  /**
   * Keeps a key and gives it back as it is kept. An unlocked secret key, or a locked one whose `passphrase` is
   * given, is locked under the keystore's passphrase; another locked one stays as it is. A certificate never
   * replaces the secret key of the same fingerprint.
   */
  add(key: Key, options?: CallOptions & { passphrase?: string | undefined }): Promise<Key>;
  /** Forgets a key; whether there was one. */
  remove(fingerprint: string): Promise<boolean>;
  /** A copy of a key to save elsewhere; a secret key is locked under `newPassphrase` if one is given. */
  export(options: CallOptions & { fingerprint: string; newPassphrase?: string | undefined }): Promise<Key>;
  /** Keeps any JSON value under a name. `undefined` forgets it. */
  setRecord(name: string, value: unknown): Promise<void>;
  getRecord(name: string): Promise<unknown>;
  /** The names of all records. */
  listRecords(): Promise<string[]>;
  /** Puts the keystore, and every secret key locked under its passphrase, under a new one. */
  changePassphrase(options: CallOptions & { newPassphrase: string }): Promise<void>;
  /** Forgets the session key and passphrase; the stored entries stay. */
  lock(): Promise<void>;
}

const HEADER = "keystore";
const ENTRY = "entry.";
const KEY = "key:";
const RECORD = "record:";

interface Entry {
  slot: string;
  name: string;
  data: Uint8Array;
}

/** The number by which the module knows an open keystore. */
interface Opened {
  handle: number;
  backend: Backend;
}
const opened = new WeakMap<object, Opened>();

/** The handle of `keystore` for a call on `backend`; `bad-option` if it lives elsewhere. */
export function keystoreHandle(keystore: Keystore, backend: Backend): number {
  const known = opened.get(keystore);
  if (known?.backend !== backend) throw new PgpError("bad-option", '"keystore" must be an open keystore of the same module or worker');
  return known.handle;
}

/** `Keystore` as a way in offers it. */
export function keystores(backend: Backend): KeystoreFactory {
  return {
    async exists(options = {}) {
      checkOptions("Keystore.exists", options);
      const storage = options.storage ?? indexedDbStorage();
      return (await stored(() => storage.get(HEADER))) !== undefined;
    },
    async open(options) {
      checkOptions("Keystore.open", options);
      const { passphrase, storage = indexedDbStorage(), ...control } = options;
      const call = (name: "keystoreOpen" | "keystoreCreate", header?: Uint8Array) =>
        backend.call(name, { passphrase: utf8(passphrase), header }, control, []) as Promise<{ handle: number; header: Uint8Array }>;
      let header = await stored(() => storage.get(HEADER));
      if (!header) {
        const made = await call("keystoreCreate");
        await stored(() => storage.put(HEADER, made.header));
        header = await stored(() => storage.get(HEADER));
        // Another tab may have made one at the same moment: whatever is stored counts.
        if (header && sameBytes(header, made.header)) return new SealedKeystore(backend, storage, made.handle);
        await backend.call("keystoreClose", { handle: made.handle }, {}, []);
        if (!header) throw new PgpError("storage-failed", "the storage does not keep what is put into it");
      }
      const { handle } = await call("keystoreOpen", header);
      return new SealedKeystore(backend, storage, handle);
    },
  };
}

class SealedKeystore implements Keystore {
  readonly #backend: Backend;
  readonly #storage: Storage;
  readonly #handle: number;

  constructor(backend: Backend, storage: Storage, handle: number) {
    this.#backend = backend;
    this.#storage = storage;
    this.#handle = handle;
    opened.set(this, { handle, backend });
  }

  async list(): Promise<Key[]> {
    const keys: Key[] = [];
    for (const { name, data } of await this.#entries()) {
      if (name.startsWith(KEY)) keys.push(await this.#read(data));
    }
    const order = (key: Key) => (key.kind === "secret-key" ? 0 : 1);
    return keys.sort((a, b) => order(a) - order(b) || a.created.getTime() - b.created.getTime());
  }

  async get(fingerprint: string): Promise<Key | undefined> {
    const data = await this.#load(KEY + fingerprint.toUpperCase());
    return data && this.#read(data);
  }

  async add(key: Key, options: CallOptions & { passphrase?: string | undefined } = {}): Promise<Key> {
    checkOptions("keystore.add", options);
    const { passphrase, ...control } = options;
    let kept = key;
    if (key.kind === "certificate") {
      const present = await this.get(key.fingerprint);
      if (present?.kind === "secret-key") return present;
    } else if (!key.locked || passphrase !== undefined) {
      const item = { binary: key.binary, passphrase: passphrase === undefined ? undefined : utf8(passphrase) };
      kept = readKey((await this.#call("keystoreLockKey", { key: item }, control)) as RawKey) as SecretKey;
    }
    await this.#save(KEY + kept.fingerprint, kept.binary);
    return kept;
  }

  async remove(fingerprint: string): Promise<boolean> {
    return this.#forget(KEY + fingerprint.toUpperCase());
  }

  async export(options: CallOptions & { fingerprint: string; newPassphrase?: string | undefined }): Promise<Key> {
    checkOptions("keystore.export", options);
    const { fingerprint, newPassphrase, ...control } = options;
    const key = await this.get(fingerprint);
    if (!key) throw new PgpError("bad-option", `there is no key ${fingerprint} in the keystore`);
    if (key.kind === "certificate" || newPassphrase === undefined) return key;
    return this.#relock(key, newPassphrase, control);
  }

  async setRecord(name: string, value: unknown): Promise<void> {
    if (value === undefined) await this.#forget(RECORD + name);
    else await this.#save(RECORD + name, utf8(JSON.stringify(value)));
  }

  async getRecord(name: string): Promise<unknown> {
    const data = await this.#load(RECORD + name);
    return data && (JSON.parse(text(data)) as unknown);
  }

  async listRecords(): Promise<string[]> {
    const names = (await this.#entries()).map(({ name }) => name);
    return names.filter((name) => name.startsWith(RECORD)).map((name) => name.slice(RECORD.length)).sort();
  }

  async changePassphrase(options: CallOptions & { newPassphrase: string }): Promise<void> {
    checkOptions("keystore.changePassphrase", options);
    const { newPassphrase, ...control } = options;
    const changed: SecretKey[] = [];
    for (const key of await this.list()) {
      if (key.kind !== "secret-key") continue;
      try {
        changed.push(await this.#relock(key, newPassphrase, control));
      } catch (thrown) {
        // Locked under a passphrase of its own: it stays so.
        if (!(thrown instanceof PgpError && thrown.code === "wrong-passphrase")) throw thrown;
      }
    }
    // Keys first: if this is interrupted, the old passphrase still opens the keystore.
    for (const key of changed) await this.#save(KEY + key.fingerprint, key.binary);
    const header = (await this.#call("keystoreRewrap", { newPassphrase: utf8(newPassphrase) }, control)) as Uint8Array;
    await stored(() => this.#storage.put(HEADER, header));
  }

  async lock(): Promise<void> {
    await this.#call("keystoreClose", {});
  }

  #call(name: Parameters<Backend["call"]>[0], args: object, control: CallOptions = {}): Promise<unknown> {
    return this.#backend.call(name, { handle: this.#handle, ...args }, control, []);
  }

  async #relock(key: SecretKey, newPassphrase: string, control: CallOptions): Promise<SecretKey> {
    const args = { key: { binary: key.binary, keystore: this.#handle }, newPassphrase: utf8(newPassphrase) };
    return readKey((await this.#backend.call("lockKey", args, control, [])) as RawKey) as SecretKey;
  }

  async #read(data: Uint8Array): Promise<Certificate | SecretKey> {
    const raw = (await this.#backend.call("readKeys", { keys: data, at: Date.now() }, {}, [])) as RawKey[];
    const [key] = raw.map(readKey) as (Key | UnsupportedKey)[];
    if (!key || key.kind === "unsupported") throw new PgpError("unsupported", "a key in the keystore cannot be read by this version");
    return key;
  }

  async #load(name: string): Promise<Uint8Array | undefined> {
    const slot = (await this.#call("keystoreSlot", { name })) as string;
    const blob = await stored(() => this.#storage.get(ENTRY + slot));
    return blob && ((await this.#call("keystoreUnseal", { slot, blob })) as Entry).data;
  }

  async #save(name: string, data: Uint8Array): Promise<void> {
    const { slot, blob } = (await this.#call("keystoreSeal", { name, data })) as { slot: string; blob: Uint8Array };
    await stored(() => this.#storage.put(ENTRY + slot, blob));
  }

  async #forget(name: string): Promise<boolean> {
    const slot = (await this.#call("keystoreSlot", { name })) as string;
    const there = (await stored(() => this.#storage.get(ENTRY + slot))) !== undefined;
    if (there) await stored(() => this.#storage.delete(ENTRY + slot));
    return there;
  }

  async #entries(): Promise<Entry[]> {
    const entries: Entry[] = [];
    for (const stem of await stored(() => this.#storage.list())) {
      if (!stem.startsWith(ENTRY)) continue;
      const blob = await stored(() => this.#storage.get(stem));
      const slot = stem.slice(ENTRY.length);
      if (blob) entries.push({ slot, ...((await this.#call("keystoreUnseal", { slot, blob })) as Omit<Entry, "slot">) });
    }
    return entries;
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
