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
}

const DATABASE = "envelock";
const STORE = "keystore";

/** The storage a browser offers; `storage-failed` where there is none. */
export function indexedDbStorage(): Storage {
  if (typeof indexedDB === "undefined") {
    throw new PgpError("storage-failed", "there is no IndexedDB here; give `storage: { get, put, delete, list }`");
  }
  return {
    get: (name) => run("readonly", (store) => store.get(name)) as Promise<Uint8Array | undefined>,
    put: async (name, bytes) => void (await run("readwrite", (store) => store.put(bytes, name))),
    delete: async (name) => void (await run("readwrite", (store) => store.delete(name))),
    list: async () => (await run("readonly", (store) => store.getAllKeys())).map(String),
    create: (name, bytes) => run("readwrite", (store) => store.add(bytes, name)).then(() => true, isTaken),
    putAll: async (entries) => void (await run("readwrite", (store) => entries.map(([name, bytes]) => store.put(bytes, name)).at(-1))),
  };
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
      const asked = request(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(asked?.result as T);
      transaction.onabort = () => reject(transaction.error);
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
