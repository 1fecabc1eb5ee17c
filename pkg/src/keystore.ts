/**
 * A keystore: keys and small records, sealed at rest under one passphrase.
 *
 * At rest every entry is one OpenPGP message (SEIPD v2, AES-256-GCM) under a random session key, and the header
 * is that session key under Argon2 of the passphrase (SKESK v6); names are hashed with a key. Secret keys inside
 * are locked once more. Sealing and unsealing happen in the wasm module, which keeps the session key; this file
 * moves sealed bytes between it and a {@link Storage}.
 */
import type { CallOptions, Certificate, Key, KeystoreFactory, Problem, SecretKey, UnsupportedKey } from "./api.js";
import { text, utf8 } from "./data.js";
import { type ErrorCode, PgpError } from "./error.js";
import { type RawKey, readKey } from "./keys.js";
import type { Backend } from "./module.js";
import { checkOptions } from "./options.js";
import { indexedDbStorage, type Storage, stored } from "./storage.js";

export type { Storage } from "./storage.js";

export interface KeystoreOptions extends CallOptions {
  /** IndexedDB unless given. */
  storage?: Storage | undefined;
  passphrase: string;
}

/** An open keystore. Every method rejects with `keystore-locked` after {@link Keystore.lock}. */
export interface Keystore {
  /** All keys that can be read, secret keys first; see {@link Keystore.problems} for the others. */
  list(): Promise<Key[]>;
  /** What is wrong with entries that cannot be read. One damaged entry never hides the others. */
  problems(): Promise<Problem[]>;
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
  /**
   * Puts the keystore, and every secret key locked under its passphrase, under a new one. `skipped` names the keys
   * that have a passphrase of their own and keep it.
   */
  changePassphrase(options: CallOptions & { newPassphrase: string }): Promise<{ skipped: string[] }>;
  /** Forgets the session key and passphrase; the stored entries stay. */
  lock(): Promise<void>;
}

const HEADER = "keystore";
const ENTRY = "entry.";
const KEY = "key:";
const RECORD = "record:";

interface Entry {
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
      return inTurn(storage, async () => {
        const there = await stored(() => storage.get(HEADER));
        if (there) return new SealedKeystore(backend, storage, (await call("keystoreOpen", there)).handle);
        const made = await call("keystoreCreate");
        const kept = await stored(async () => (storage.create ? storage.create(HEADER, made.header) : (await storage.put(HEADER, made.header), true)));
        if (kept) return new SealedKeystore(backend, storage, made.handle);
        // Somebody else made one at the same moment: theirs counts.
        await backend.call("keystoreClose", { handle: made.handle }, {}, []);
        const theirs = await stored(() => storage.get(HEADER));
        if (!theirs) throw new PgpError("storage-failed", "the storage neither creates nor has the keystore");
        return new SealedKeystore(backend, storage, (await call("keystoreOpen", theirs)).handle);
      });
    },
  };
}

const turns = new WeakMap<Storage, Promise<unknown>>();

/** One after the other on the same storage object, so that a storage without `create` is safe within one script. */
function inTurn<T>(storage: Storage, work: () => Promise<T>): Promise<T> {
  const turn = (turns.get(storage) ?? Promise.resolve()).then(work, work);
  turns.set(storage, turn.catch(() => undefined));
  return turn;
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
    const order = (key: Key) => (key.kind === "secret-key" ? 0 : 1);
    return (await this.#contents()).keys.sort((a, b) => order(a) - order(b) || a.created.getTime() - b.created.getTime());
  }

  async problems(): Promise<Problem[]> {
    return (await this.#contents()).problems;
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
    } else {
      const item = { binary: key.binary, passphrase: passphrase === undefined ? undefined : utf8(passphrase) };
      kept = readKey((await this.#call("keystoreLockKey", { key: item, at: Date.now() }, control)) as RawKey) as SecretKey;
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
    return (await this.#contents()).records.sort();
  }

  async changePassphrase(options: CallOptions & { newPassphrase: string }): Promise<{ skipped: string[] }> {
    checkOptions("keystore.changePassphrase", options);
    const { newPassphrase, ...control } = options;
    const writes: [string, Uint8Array][] = [];
    const skipped: string[] = [];
    for (const key of (await this.list()).filter((key) => key.kind === "secret-key")) {
      const changed = await this.#relock(key, newPassphrase, control).catch(unless("wrong-passphrase"));
      if (changed) writes.push(await this.#seal(KEY + key.fingerprint, changed.binary));
      // An earlier change that was interrupted may have come as far as this key.
      else if (!(await this.#opens(key, newPassphrase, control))) skipped.push(key.fingerprint);
    }
    // The header last: until it is written, the old passphrase opens the keystore, and the change can be repeated.
    writes.push([HEADER, (await this.#call("keystoreRewrap", { newPassphrase: utf8(newPassphrase) }, control)) as Uint8Array]);
    await stored(async () => {
      if (this.#storage.putAll) return this.#storage.putAll(writes);
      for (const [name, bytes] of writes) await this.#storage.put(name, bytes);
    });
    await this.#call("keystoreAdopt", { newPassphrase: utf8(newPassphrase) });
    return { skipped };
  }

  async lock(): Promise<void> {
    await this.#call("keystoreClose", {});
  }

  #call(name: Parameters<Backend["call"]>[0], args: object, control: CallOptions = {}): Promise<unknown> {
    return this.#backend.call(name, { handle: this.#handle, ...args }, control, []);
  }

  async #relock(key: SecretKey, newPassphrase: string, control: CallOptions): Promise<SecretKey> {
    const args = { key: { binary: key.binary, keystore: this.#handle }, newPassphrase: utf8(newPassphrase), at: Date.now() };
    return readKey((await this.#backend.call("lockKey", args, control, [])) as RawKey) as SecretKey;
  }

  async #opens(key: SecretKey, passphrase: string, control: CallOptions): Promise<boolean> {
    const item = { binary: key.binary, passphrase: utf8(passphrase) };
    return (await this.#backend.call("unlockCheck", { key: item }, control, [])) as boolean;
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

  async #seal(name: string, data: Uint8Array): Promise<[name: string, blob: Uint8Array]> {
    const { slot, blob } = (await this.#call("keystoreSeal", { name, data })) as { slot: string; blob: Uint8Array };
    return [ENTRY + slot, blob];
  }

  async #save(name: string, data: Uint8Array): Promise<void> {
    const sealed = await this.#seal(name, data);
    await stored(() => this.#storage.put(...sealed));
  }

  async #forget(name: string): Promise<boolean> {
    const slot = (await this.#call("keystoreSlot", { name })) as string;
    const there = (await stored(() => this.#storage.get(ENTRY + slot))) !== undefined;
    if (there) await stored(() => this.#storage.delete(ENTRY + slot));
    return there;
  }

  /** Reads everything. What cannot be read is told in `problems`. */
  async #contents(): Promise<{ keys: Key[]; records: string[]; problems: Problem[] }> {
    const contents = { keys: [] as Key[], records: [] as string[], problems: [] as Problem[] };
    await this.#call("keystoreSlot", { name: HEADER }); // rejects if it is locked, even where there is nothing to unseal
    for (const stem of await stored(() => this.#storage.list())) {
      if (!stem.startsWith(ENTRY)) continue;
      const blob = await stored(() => this.#storage.get(stem));
      if (!blob) continue;
      try {
        const { name, data } = (await this.#call("keystoreUnseal", { slot: stem.slice(ENTRY.length), blob })) as Entry;
        if (name.startsWith(KEY)) contents.keys.push(await this.#read(data));
        if (name.startsWith(RECORD)) contents.records.push(name.slice(RECORD.length));
      } catch (thrown) {
        if (!(thrown instanceof PgpError) || !BROKEN.has(thrown.code)) throw thrown;
        contents.problems.push({ code: thrown.code, message: `${stem}: ${thrown.message}` });
      }
    }
    return contents;
  }
}

/** The codes that say that an entry is broken, and not that the keystore is locked or the storage fails. */
const BROKEN = new Set<string>(["entry-damaged", "unsupported", "malformed", "no-key", "too-large"] satisfies ErrorCode[]);

/** Turns one kind of failure into `undefined`. */
const unless = (code: ErrorCode) => (thrown: unknown): undefined => {
  if (!(thrown instanceof PgpError && thrown.code === code)) throw thrown;
};
