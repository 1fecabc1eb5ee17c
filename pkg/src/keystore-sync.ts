/**
 * Several devices with the same keys: a sealed file that all of them read and write, merged in three ways.
 *
 * Each device remembers what the file held when it last wrote it. What changed since then here or there counts; what changed on both sides
 * is merged, so that of keys nothing is lost, and of other entries this device's counts. What is missing in the file was not
 * removed: only what is named as removed goes, and only if it has not changed since. The file is a backup (see
 * `keystore-backup.ts`) under a code that the devices share; it counts up, so that whoever keeps it cannot hand out an older one.
 *
 * Not here: where the file lies ({@link SyncStore}).
 */
import type { CallOptions, Key } from "./api.js";
import { text, utf8 } from "./data.js";
import { PgpError } from "./error.js";
import { type Copy, type Desk, travels } from "./keystore-backup.js";
import { broken, KEY, META, metadataEntry, parseKey, readMetadata, united } from "./keystore-contents.js";
import type { Entries } from "./keystore-entries.js";
import type { Synced, SyncOptions } from "./keystore.js";
import { base64url } from "./keystore-passkey.js";
import { inTurn, stored } from "./storage.js";

/** The entry with what this device remembers. */
export const SYNC = "sync";

/** What a device remembers: the file it last saw, and what it held. */
interface Memory {
  code: string;
  version?: string;
  generation: number;
  /** Digests by name. */
  base: Record<string, string>;
}

/** What is in the file beside the copy. */
interface Ledger {
  generation: number;
  /** The names of entries that some device removed. */
  removed: string[];
}

/** An entry: of a key with what is known about it, or of anything else. */
interface Item {
  key?: Key;
  data?: Uint8Array;
  digest: string;
}

type Items = Map<string, Item>;

/** How often somebody else may be faster. */
const TRIES = 5;
/** How many removals are remembered. */
const REMOVALS = 10_000;

export async function loadSync(entries: Entries): Promise<Memory | undefined> {
  const data = await entries.load(SYNC);
  return data && (JSON.parse(text(data)) as Memory);
}

export async function sync(desk: Desk, { store, code, ...control }: SyncOptions): Promise<Synced> {
  const { entries, whole } = desk;
  await desk.contents();
  const result: Synced = { received: [], removed: [], sent: false };
  for (let tries = 0; tries < TRIES; tries += 1) {
    const found = await stored(() => store.read());
    const outgoing = await inTurn(whole, () => merge(desk, found, code, control, result));
    if (!outgoing) return result;
    const version = await stored(() => store.write(outgoing.file, found?.version));
    if (version === undefined) {
      // Another device was first, and so its code counts.
      if (!found && code === undefined) await inTurn(whole, () => entries.forget(SYNC));
      continue;
    }
    const memory: Memory = { ...outgoing.memory, version };
    await inTurn(whole, () => entries.save([[SYNC, utf8(JSON.stringify(memory))]]));
    return { ...result, sent: true };
  }
  throw new PgpError("storage-failed", "other devices wrote the file again and again");
}

/** Puts in what is new in the file, and gives the file that is to take its place; `undefined` if it says all already. */
async function merge(
  desk: Desk,
  found: { file: Uint8Array; version: string } | undefined,
  code: string | undefined,
  control: CallOptions,
  result: Synced,
): Promise<{ file: Uint8Array; memory: Memory } | undefined> {
  const { entries } = desk;
  const known = await loadSync(entries);
  const memory = known && (code === undefined || code === known.code) ? known : undefined;
  const given = code ?? memory?.code;
  if (found && given === undefined) throw new PgpError("sync-code-required", "another device keeps a copy here: its code is needed");
  const { here, isWhole } = await itemsOf(desk);
  const base = new Map(Object.entries(memory?.base ?? {}));
  if (memory && found?.version === memory.version && isSame(here, base)) return undefined;

  const file = found && (await open(desk, found.file, given ?? "", control));
  if (file && file.ledger.generation < (memory?.generation ?? 0)) {
    throw new PgpError("sync-rolled-back", "the copy that the devices share is older than the one this device has seen");
  }
  const there: Items = file?.items ?? new Map<string, Item>();
  const removed = new Set(file?.ledger.removed);
  // An entry that cannot be read is not one that was removed.
  for (const name of isWhole ? base.keys() : []) if (!here.has(name)) removed.add(name);
  for (const name of new Set([...here.keys(), ...there.keys()])) {
    const [mine, theirs, before] = [here.get(name), there.get(name), base.get(name)];
    if (mine && theirs) {
      if (mine.digest !== theirs.digest && before !== theirs.digest) await take(desk, here, name, theirs, before === mine.digest, result);
    } else if (mine && removed.has(name) && before === mine.digest) await drop(desk, here, name, result);
    else if (theirs && !(removed.has(name) && before === theirs.digest)) await take(desk, here, name, theirs, true, result);
  }
  for (const name of here.keys()) removed.delete(name);

  const digests = Object.fromEntries([...here].map(([name, { digest }]) => [name, digest]));
  const ledger: Ledger = { generation: Math.max(file?.ledger.generation ?? 0, memory?.generation ?? 0), removed: [...removed].slice(-REMOVALS) };
  if (file && isSame(here, new Map([...there].map(([name, { digest }]) => [name, digest]))) && isEqual(ledger.removed, file.ledger.removed)) {
    // The file says all of it: nothing to write but what to remember.
    await entries.save([[SYNC, utf8(JSON.stringify({ code: file.code, version: found?.version, generation: ledger.generation, base: digests }))]]);
    return undefined;
  }
  ledger.generation += 1;
  const copy = copyOf(here, ledger, file?.unread ?? []);
  const args = { ...copy, recoveryCode: given === undefined ? undefined : utf8(given), at: Date.now() };
  const made = (await entries.call("keystoreBackup", args, control)) as { file: Uint8Array; recoveryCode: string };
  const next: Memory = { code: made.recoveryCode, generation: ledger.generation, base: digests };
  // Kept before the file is written, or nobody could open it if this device were interrupted.
  if (memory?.code !== made.recoveryCode) await entries.save([[SYNC, utf8(JSON.stringify({ ...next, generation: 0, base: {} }))]]);
  return { file: made.file, memory: next };
}

/** All that travels of this device; `isWhole`: whether all could be read. */
async function itemsOf({ entries, contents }: Desk): Promise<{ here: Items; isWhole: boolean }> {
  const { contacts, problems } = await contents();
  const here: Items = new Map();
  const known = new Map<string, Uint8Array>();
  for await (const { entry } of entries.all()) {
    if (entry?.name.startsWith(META)) known.set(entry.name.slice(META.length), entry.data);
    else if (entry && travels(entry.name)) here.set(entry.name, { data: entry.data, digest: await digestOf(entry.data) });
  }
  for (const { key } of contacts) here.set(KEY + key.fingerprint, await itemOf(key, known.get(key.fingerprint)));
  return { here, isWhole: problems.length === 0 };
}

async function itemOf(key: Key, data: Uint8Array | undefined): Promise<Item> {
  // The public half: every device locks the secret parts in its own way.
  const { binary } = key.kind === "secret-key" ? key.certificate : key;
  const parts = [utf8(`${key.kind} ${binary.length} `), binary, data ?? new Uint8Array()];
  return { key, ...(data && { data }), digest: await digestOf(...parts) };
}

async function digestOf(...parts: Uint8Array[]): Promise<string> {
  const octets = new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", octets)));
}

async function open(
  { entries, remark }: Desk,
  file: Uint8Array,
  code: string,
  control: CallOptions,
): Promise<{ items: Items; ledger: Ledger; unread: Uint8Array[]; code: string }> {
  const opened = await entries.call("keystoreRestore", { file, recoveryCode: utf8(code) }, control);
  const { keys, records, recoveryCode } = opened as Copy & { recoveryCode: string };
  const items: Items = new Map();
  const unread: Uint8Array[] = [];
  const recordOf = (name: string) => records.find((record) => record.name === name)?.data;
  for (const octets of keys) {
    const key = await parseKey(entries, octets).catch(broken);
    if (key instanceof PgpError) {
      remark({ code: key.code, message: `a key of another device was passed on unread: ${key.message}` });
      unread.push(octets);
    } else items.set(KEY + key.fingerprint, await itemOf(key, recordOf(META + key.fingerprint)));
  }
  for (const { name, data } of records) if (travels(name) && !name.startsWith(META)) items.set(name, { data, digest: await digestOf(data) });
  return { items, ledger: readLedger(recordOf(SYNC)), unread, code: recoveryCode };
}

function readLedger(data: Uint8Array | undefined): Ledger {
  if (!data) throw new PgpError("backup-damaged", "a backup, and not what devices share");
  const { generation, removed } = JSON.parse(text(data)) as Partial<Ledger>;
  if (!Number.isSafeInteger(generation) || !Array.isArray(removed)) throw new PgpError("backup-damaged", "not what devices share");
  return { generation: generation as number, removed: removed.filter((name) => typeof name === "string") };
}

function copyOf(items: Items, ledger: Ledger, unread: Uint8Array[]): Copy {
  const copy: Copy = { keys: [...unread], records: [{ name: SYNC, data: utf8(JSON.stringify(ledger)) }] };
  for (const [name, { key, data }] of items) {
    if (key) copy.keys.push(key.binary);
    if (data) copy.records.push({ name: key ? META + key.fingerprint : name, data });
  }
  return copy;
}

/** Takes an entry of another device in. Keys are always merged; what is known of them, and all else, is theirs if only they changed it. */
async function take({ entries, keep, note }: Desk, here: Items, name: string, theirs: Item, onlyTheirs: boolean, result: Synced): Promise<void> {
  const mine = here.get(name);
  if (!theirs.key) {
    if (!theirs.data || (mine && !onlyTheirs)) return;
    await entries.save([[name, theirs.data]]);
    here.set(name, theirs);
    return;
  }
  const kept = await keep(theirs.key.binary, mine?.key);
  const before = mine && readMetadata(mine.key ?? kept, mine.data);
  const after = readMetadata(kept, theirs.data);
  const [known, data] = metadataEntry(kept.fingerprint, before && !onlyTheirs ? united(before, after) : after);
  await entries.save([[name, kept.binary], [known, data]]);
  here.set(name, await itemOf(kept, data));
  result.received.push(kept.fingerprint);
  if (kept.kind === "secret-key" && mine?.key?.kind !== "secret-key") await note("add", "sync", kept.fingerprint);
}

async function drop({ entries, note }: Desk, here: Items, name: string, result: Synced): Promise<void> {
  const fingerprint = here.get(name)?.key?.fingerprint;
  const wasSecret = here.get(name)?.key?.kind === "secret-key";
  here.delete(name);
  await entries.forget(name);
  if (fingerprint === undefined) return;
  await entries.forget(META + fingerprint);
  result.removed.push(fingerprint);
  if (wasSecret) await note("remove", "sync", fingerprint);
}

const isEqual = (a: readonly string[], b: readonly string[]) => a.length === b.length && a.every((one, at) => one === b[at]);

function isSame(items: Items, digests: Map<string, string>): boolean {
  return items.size === digests.size && [...items].every(([name, { digest }]) => digests.get(name) === digest);
}
