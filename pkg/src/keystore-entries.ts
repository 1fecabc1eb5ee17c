/**
 * The entries of an open keystore: sealed and unsealed by the module, moved to and from a {@link Storage}.
 */
import type { CallOptions } from "./api.js";
import type { Backend, CallName } from "./module.js";
import { type Storage, stored } from "./storage.js";

/** The stem of the header; see the wasm module's `keystoreCreate`. */
export const HEADER = "keystore";
const ENTRY = "entry.";

export interface Entry {
  name: string;
  data: Uint8Array;
}

export class Entries {
  readonly backend: Backend;
  readonly storage: Storage;
  readonly handle: number;
  readonly #cache = new Map<string, { blob: Uint8Array; entry: Entry }>();

  constructor(backend: Backend, storage: Storage, handle: number) {
    this.backend = backend;
    this.storage = storage;
    this.handle = handle;
  }

  call(name: CallName, args: object, { signal, onProgress }: CallOptions = {}): Promise<unknown> {
    return this.backend.call(name, { handle: this.handle, ...args }, { signal, onProgress }, []);
  }

  async slot(name: string): Promise<string> {
    return (await this.call("keystoreSlot", { name })) as string;
  }

  async seal(name: string, data: Uint8Array): Promise<Uint8Array> {
    return ((await this.call("keystoreSeal", { name, data })) as { blob: Uint8Array }).blob;
  }

  async unseal(slot: string, blob: Uint8Array): Promise<Entry> {
    return (await this.call("keystoreUnseal", { slot, blob })) as Entry;
  }

  /** What to put in the storage for an entry. */
  async sealed(name: string, data: Uint8Array): Promise<[stem: string, blob: Uint8Array]> {
    const { slot, blob } = (await this.call("keystoreSeal", { name, data })) as { slot: string; blob: Uint8Array };
    return [ENTRY + slot, blob];
  }

  async load(name: string): Promise<Uint8Array | undefined> {
    const { stem, blob } = await this.#find(name);
    return blob && (await this.unseal(stem.slice(ENTRY.length), blob)).data;
  }

  /** Whether something is stored under this name, readable or not. */
  async has(name: string): Promise<boolean> {
    return (await this.#find(name)).blob !== undefined;
  }

  /** Stores entries, all or none where the storage can. */
  async save(entries: [name: string, data: Uint8Array][]): Promise<void> {
    const writes: [string, Uint8Array][] = [];
    for (const entry of entries) writes.push(await this.sealed(...entry));
    await this.write(writes);
  }

  async write(writes: [stem: string, blob: Uint8Array][]): Promise<void> {
    await stored(async () => {
      if (this.storage.putAll && writes.length > 1) return this.storage.putAll(writes);
      for (const [stem, blob] of writes) await this.storage.put(stem, blob);
    });
  }

  /** Deletes an entry; whether there was one. */
  async forget(name: string): Promise<boolean> {
    const { stem, blob } = await this.#find(name);
    if (blob) await stored(() => this.storage.delete(stem));
    return blob !== undefined;
  }

  /**
   * Every entry, or what is wrong with it; those that `keep` wants are the same object next time if nothing changed.
   * Rejects if the keystore is locked, even where there is nothing to unseal.
   */
  async *all(keep: (name: string) => boolean = () => false): AsyncGenerator<{ stem: string; entry?: Entry; thrown?: unknown }> {
    await this.slot(HEADER);
    for (const [stem, blob] of await this.#blobs()) {
      const known = this.#cache.get(stem);
      if (known && same(known.blob, blob)) {
        yield { stem, entry: known.entry };
        continue;
      }
      let result: { stem: string; entry?: Entry; thrown?: unknown };
      try {
        const entry = await this.unseal(stem.slice(ENTRY.length), blob);
        if (keep(entry.name)) this.#cache.set(stem, { blob: blob.slice(), entry });
        result = { stem, entry };
      } catch (thrown) {
        result = { stem, thrown };
      }
      yield result;
    }
  }

  /** Forgets what it remembers of the entries. */
  clear(): void {
    this.#cache.clear();
  }

  async #find(name: string): Promise<{ stem: string; blob: Uint8Array | undefined }> {
    const stem = ENTRY + (await this.slot(name));
    return { stem, blob: await stored(() => this.storage.get(stem)) };
  }

  /** The sealed entries, in one go where the storage can. */
  async #blobs(): Promise<[stem: string, blob: Uint8Array][]> {
    const { storage } = this;
    const mine = (stem: string) => stem.startsWith(ENTRY);
    if (storage.all) return (await stored(() => storage.all?.() ?? [])).filter(([stem]) => mine(stem));
    const blobs: [string, Uint8Array][] = [];
    for (const stem of (await stored(() => storage.list())).filter(mine)) {
      const blob = await stored(() => storage.get(stem));
      if (blob) blobs.push([stem, blob]);
    }
    return blobs;
  }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, at) => octet === b[at]);
}
