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
}

const DATABASE = "envelock";
const STORE = "keystore";

/** The storage a browser offers; `storage-failed` where there is none. */
export function indexedDbStorage(): Storage {
  if (typeof indexedDB === "undefined") {
    throw new PgpError("storage-failed", "there is no IndexedDB here; give `storage: { get, put, delete, list }`");
  }
  return {
    get: async (name) => (await run("readonly", (store) => store.get(name))) as Uint8Array | undefined,
    put: async (name, bytes) => void (await run("readwrite", (store) => store.put(bytes, name))),
    delete: async (name) => void (await run("readwrite", (store) => store.delete(name))),
    list: async () => (await run("readonly", (store) => store.getAllKeys())).map(String),
  };
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

async function run<T>(mode: IDBTransactionMode, request: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open();
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(STORE, mode, { durability: "strict" });
      const asked = request(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(asked.result);
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
