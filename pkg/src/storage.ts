/**
 * Where a keystore lives: IndexedDB in browsers, or anything with the same four methods.
 *
 * A storage sees opaque names and sealed bytes only.
 */
import { PgpError } from "./error.js";

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
export const DEFAULT_NAME = "default";

/**
 * The part of a storage that belongs to the keystore of this name. The default one has no prefix, as before there were
 * names; the others have `name/`, with the name as in a URL.
 */
export function partOf(storage: Storage, name: string): Storage {
  const prefix = name === DEFAULT_NAME ? "" : `${encodeURIComponent(name)}/`;
  const mine = (stem: string) => stem.startsWith(prefix) && !stem.includes("/", prefix.length);
  const { create, putAll, all } = storage;
  return {
    get: (stem) => storage.get(prefix + stem),
    put: (stem, bytes) => storage.put(prefix + stem, bytes),
    delete: (stem) => storage.delete(prefix + stem),
    list: async () => (await storage.list()).filter(mine).map((stem) => stem.slice(prefix.length)),
    ...(all && {
      all: async () => (await all.call(storage)).filter(([stem]) => mine(stem)).map(([stem, bytes]): [string, Uint8Array] => [stem.slice(prefix.length), bytes]),
    }),
    ...(create && { create: (stem: string, bytes: Uint8Array) => create.call(storage, prefix + stem, bytes) }),
    ...(putAll && {
      putAll: (entries: [string, Uint8Array][]) => putAll.call(storage, entries.map(([stem, bytes]) => [prefix + stem, bytes])),
    }),
  };
}

/** The names of the keystores in a storage, given the stem of their headers. */
export async function namesIn(storage: Storage, header: string): Promise<string[]> {
  const names = (await stored(() => storage.list())).flatMap((stem) => {
    if (stem === header) return [DEFAULT_NAME];
    return stem.endsWith(`/${header}`) ? nameOf(stem.slice(0, -header.length - 1)) : [];
  });
  return names.sort();
}

/** The name in a prefix; none, if somebody else put this into the storage. */
function nameOf(prefix: string): string[] {
  try {
    const name = decodeURIComponent(prefix);
    return name !== "" && encodeURIComponent(name) === prefix ? [name] : [];
  } catch {
    return [];
  }
}

const turns = new Map<string, WeakMap<Storage, Promise<unknown>>>();

/**
 * One after the other on the same storage, so that a storage without `create` is safe within one script, and that two
 * changes of a header do not lose one another; in browsers across tabs as well. Work of another `name` does not wait.
 */
export function inTurn<T>(storage: Storage, work: () => Promise<T>, name = "envelock keystore"): Promise<T> {
  const { locks } = (globalThis.navigator ?? {}) as { locks?: { request(name: string, work: () => Promise<T>): Promise<T> } };
  const alone = () => (storage === shared && locks ? locks.request(name, work) : work());
  const mine = turns.get(name) ?? new WeakMap<Storage, Promise<unknown>>();
  const turn = (mine.get(storage) ?? Promise.resolve()).then(alone, alone);
  turns.set(name, mine.set(storage, turn.catch(() => undefined)));
  return turn;
}

const DATABASE = "envelock";
const STORE = "keystore";

let shared: Storage | undefined;

/** The storage a browser offers, always the same object; `storage-failed` where there is none. */
export function indexedDbStorage(): Storage {
  if (typeof indexedDB === "undefined") {
    throw new PgpError("storage-failed", "there is no IndexedDB here; give `storage: { get, put, delete, list }`");
  }
  shared ??= {
    get: (name) => run("readonly", (store) => store.get(name)) as Promise<Uint8Array | undefined>,
    put: async (name, bytes) => void (await run("readwrite", (store) => store.put(bytes, name))),
    delete: async (name) => void (await run("readwrite", (store) => store.delete(name))),
    list: async () => (await run("readonly", (store) => store.getAllKeys())).map(String),
    all: async () => {
      // Two requests of one transaction: both see the same moment. Names and values come in the same order.
      let names: IDBRequest<IDBValidKey[]> | undefined;
      const values = (await run("readonly", (store) => {
        names = store.getAllKeys();
        return store.getAll();
      })) as Uint8Array[];
      return values.map((bytes, at): [string, Uint8Array] => [String(names?.result[at]), bytes]);
    },
    create: (name, bytes) => run("readwrite", (store) => store.add(bytes, name)).then(() => true, isTaken),
    putAll: async (entries) => void (await run("readwrite", (store) => entries.map(([name, bytes]) => store.put(bytes, name)).at(-1))),
  };
  return shared;
}

/** `false` for "there is one already"; every other failure goes on. */
function isTaken(thrown: unknown): false {
  if (thrown instanceof DOMException && thrown.name === "ConstraintError") return false;
  throw thrown;
}

/** Wraps what a storage throws in `storage-failed`. */
export async function stored<T>(work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof PgpError) throw cause;
    throw new PgpError("storage-failed", `the storage failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

async function run<T>(mode: IDBTransactionMode, request: (store: IDBObjectStore) => IDBRequest<T> | undefined): Promise<T> {
  const database = await open();
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(STORE, mode, { durability: "strict" });
      let asked: IDBRequest<T> | undefined;
      transaction.oncomplete = () => resolve(asked?.result as T);
      transaction.onabort = () => reject(transaction.error);
      try {
        asked = request(transaction.objectStore(STORE));
      } catch (thrown) {
        // What was asked for before would be stored without the rest.
        transaction.abort();
        reject(thrown);
      }
    });
  } finally {
    database.close();
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}
