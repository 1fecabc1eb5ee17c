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
import { base64url } from "./base64url.js";
import { text, utf8 } from "./data.js";
import { PgpError } from "./error.js";
import { type Copy, type Desk, travels } from "./keystore-backup.js";
import { broken, KEY, META, metadataEntry, parseKey, readMetadata, united } from "./keystore-contents.js";
import type { Entries } from "./keystore-entries.js";
import type { KeyMetadata, Synced, SyncOptions } from "./keystore.js";
import { inTurn, stored } from "./storage.js";

/** The entry with what this device remembers. */
export const SYNC = "sync";

/** What a device remembers: the file it last saw, and what it held. */
interface Memory {
  code: string;
  /** The one that is to take its place: whether the file under it was stored was never heard. */
  nextCode?: string | undefined;
  version?: string;
  generation: number;
  /** The digest of the file. */
  file?: string;
  /** Digests by name. */
  base: Record<string, string>;
  /** The keys that were verified. */
  verified: string[];
  removed: string[];
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

/** A file, opened. */
interface Shared {
  items: Items;
  ledger: Ledger;
  /** What this device cannot read whole, and passes on as it is. */
  unread: Copy;
  code: string;
  digest: string;
}

interface Outgoing {
  file: Uint8Array;
  memory: Memory;
  /** Whether this device shared nothing before, and made the code. */
  isFirst: boolean;
}

/** Which side changed an entry since they last were the same. */
type Side = "here" | "there" | "both";

/** How often somebody else may be faster. */
const TRIES = 5;
/** How many removals are remembered. */
const REMOVALS = 10_000;
/** One sync at a time: between reading the file and remembering it, no other may write either. */
const TURN = "envelock keystore sync";

export async function loadSync(entries: Entries): Promise<Memory | undefined> {
  const data = await entries.load(SYNC);
  return data && (JSON.parse(text(data)) as Memory);
}

const saveSync = (entries: Entries, memory: Memory): Promise<void> => entries.save([[SYNC, utf8(JSON.stringify(memory))]]);

export async function stopSync({ entries, whole }: Desk): Promise<void> {
  await inTurn(whole, () => entries.forget(SYNC), TURN);
}

export async function sync(desk: Desk, options: SyncOptions): Promise<Synced> {
  await desk.contents();
  return inTurn(desk.whole, () => syncNow(desk, options), TURN);
}

async function syncNow(desk: Desk, { store, code, renewCode = false, ...control }: SyncOptions): Promise<Synced> {
  const { entries, whole } = desk;
  const result: Synced = { received: [], removed: [], sent: false };
  for (let tries = 0; tries < TRIES; tries += 1) {
    const found = await stored(() => store.read());
    const outgoing = await inTurn(whole, () => merge(desk, found, { code, renewCode }, control, result));
    if (!outgoing) return result;
    const version = await stored(() => store.write(outgoing.file, found?.version));
    if (version !== undefined) {
      await saveSync(entries, { ...outgoing.memory, version });
      return { ...result, sent: true };
    }
    // Another device was first, and so its code counts.
    if (outgoing.isFirst) await entries.forget(SYNC);
  }
  throw new PgpError("storage-failed", "other devices wrote the file again and again");
}

/** Puts in what is new in the file, and gives the file that is to take its place; `undefined` if it says all already. */
async function merge(
  desk: Desk,
  found: { file: Uint8Array; version: string } | undefined,
  { code, renewCode }: { code: string | undefined; renewCode: boolean },
  control: CallOptions,
  result: Synced,
): Promise<Outgoing | undefined> {
  const { entries } = desk;
  const known = await loadSync(entries);
  const memory = known && (code === undefined || plain(code) === plain(known.code)) ? known : undefined;
  const given = code ?? memory?.code;
  if (found && given === undefined) throw new PgpError("sync-code-required", "another device keeps a copy here: its code is needed");
  const here = await itemsOf(desk);
  if (memory && !renewCode && found?.version === memory.version && isSame(here, memory.base)) return undefined;

  const file = found && (await openUnderEither(desk, found.file, [given ?? "", memory?.nextCode], control));
  if (file && memory) checkIsNewer(file, memory);
  const removed = await bring(desk, here, file, memory, result);
  const ledger: Ledger = { generation: Math.max(file?.ledger.generation ?? 0, memory?.generation ?? 0), removed };
  const remembered = { base: digestsOf(here), verified: verifiedOf(here), removed };
  if (file && !renewCode && isSame(here, digestsOf(file.items)) && isEqual(removed, file.ledger.removed)) {
    // The file says all of it: nothing to write but what to remember.
    const { generation } = ledger;
    await saveSync(entries, { code: file.code, ...(found && { version: found.version }), generation, file: file.digest, ...remembered });
    return undefined;
  }
  ledger.generation += 1;
  const copy = copyOf(here, ledger, file?.unread);
  const current = file?.code ?? given;
  const recoveryCode = current === undefined || renewCode ? undefined : utf8(current);
  const made = (await entries.call("keystoreBackup", { ...copy, recoveryCode, at: Date.now() }, control)) as { file: Uint8Array; recoveryCode: string };
  const next: Memory = { code: made.recoveryCode, generation: ledger.generation, file: await digestOf(made.file), ...remembered };
  // Kept before the file is written, or nobody could open it if this device were interrupted.
  if (memory?.code !== made.recoveryCode) {
    const before: Memory = { generation: 0, base: {}, verified: [], removed: [], ...memory, code: current ?? made.recoveryCode };
    await saveSync(entries, renewCode ? { ...before, nextCode: made.recoveryCode } : { ...before, code: made.recoveryCode, nextCode: undefined });
  }
  return { file: made.file, memory: next, isFirst: given === undefined };
}

/** Refuses an older file, and another one of the same number: honest devices never write two. */
function checkIsNewer({ ledger, digest }: Shared, memory: Memory): void {
  const isOther = ledger.generation === memory.generation && memory.file !== undefined && memory.file !== digest;
  if (ledger.generation < memory.generation || isOther) {
    throw new PgpError("sync-rolled-back", "the copy that the devices share is not the one this device has seen, nor a newer one");
  }
}

/** Brings `here` and the keystore to what both sides say together; gives the names of what is removed. */
async function bring(desk: Desk, here: Items, file: Shared | undefined, memory: Memory | undefined, result: Synced): Promise<string[]> {
  const there: Items = file?.items ?? new Map<string, Item>();
  const base = memory?.base ?? {};
  const verified = new Set(memory?.verified);
  const removed = new Set([...(file?.ledger.removed ?? []), ...(memory?.removed ?? [])]);
  // An entry that cannot be read is not one that was removed.
  for (const name of Object.keys(base)) if (!here.has(name) && !(await desk.entries.has(name))) removed.add(name);
  for (const name of new Set([...here.keys(), ...there.keys()])) {
    const [mine, theirs, before] = [here.get(name), there.get(name), base[name]];
    if (mine && theirs) {
      if (mine.digest === theirs.digest) continue;
      // Without what is known about it a key was damaged here, not changed.
      const isDamaged = mine.key && !mine.data;
      const side = before === mine.digest || isDamaged ? "there" : before === theirs.digest ? "here" : "both";
      await take(desk, here, name, theirs, side, verified.has(name), result);
    } else if (mine && removed.has(name) && before === mine.digest) await drop(desk, here, name, result);
    else if (theirs && !(removed.has(name) && before === theirs.digest)) await take(desk, here, name, theirs, "there", false, result);
  }
  for (const name of here.keys()) removed.delete(name);
  return [...removed].slice(-REMOVALS);
}

/** All that travels of this device. */
async function itemsOf({ entries, contents }: Desk): Promise<Items> {
  const { contacts } = await contents();
  const here: Items = new Map();
  const known = new Map<string, Uint8Array>();
  for await (const { entry } of entries.all()) {
    if (entry?.name.startsWith(META)) known.set(entry.name.slice(META.length), entry.data);
    else if (entry && travels(entry.name)) here.set(entry.name, { data: entry.data, digest: await digestOf(entry.data) });
  }
  for (const { key } of contacts) if (isWhole(key)) here.set(KEY + key.fingerprint, await itemOf(key, known.get(key.fingerprint)));
  return here;
}

/** Whether all of a key was read: a module without post-quantum algorithms leaves such a secret out. */
const isWhole = (key: Key) => !key.problems.some(({ code }) => code === "unusable-secret");

async function itemOf(key: Key, data: Uint8Array | undefined): Promise<Item> {
  // The public half, and how much of the secret is here: every device locks the secret parts in its own way.
  const { binary } = key.kind === "secret-key" ? key.certificate : key;
  const absent = key.problems.filter(({ code }) => code === "secret-absent").length;
  return { key, ...(data && { data }), digest: await digestOf(utf8(`${key.kind} ${absent} ${binary.length} `), binary, data ?? new Uint8Array()) };
}

async function digestOf(...parts: Uint8Array[]): Promise<string> {
  const octets = new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", octets)));
}

async function open({ entries, remark }: Desk, file: Uint8Array, code: string, control: CallOptions): Promise<Shared> {
  const opened = await entries.call("keystoreRestore", { file, recoveryCode: utf8(code) }, control);
  const { keys, records, recoveryCode } = opened as Copy & { recoveryCode: string };
  const items: Items = new Map();
  const unread: Copy = { keys: [], records: [] };
  const recordOf = (name: string) => records.find((record) => record.name === name)?.data;
  for (const octets of keys) {
    const key = await parseKey(entries, octets).catch(broken);
    if (!(key instanceof PgpError) && isWhole(key)) {
      items.set(KEY + key.fingerprint, await itemOf(key, recordOf(META + key.fingerprint)));
      continue;
    }
    const [problem, message] = key instanceof PgpError ? [key.code, key.message] : ["unsupported", key.fingerprint];
    remark({ code: problem, message: `a key of another device was passed on as it is: ${message}` });
    unread.keys.push(octets);
  }
  for (const record of records.filter(({ name }) => travels(name))) {
    const { name, data } = record;
    if (!name.startsWith(META)) items.set(name, { data, digest: await digestOf(data) });
    else if (!items.has(KEY + name.slice(META.length))) unread.records.push(record);
  }
  return { items, ledger: readLedger(recordOf(SYNC)), unread, code: recoveryCode, digest: await digestOf(file) };
}

/** Opens the file, under the code that was to come if it is not the one that was: then its writer is this device, which never heard that it was stored. */
async function openUnderEither(desk: Desk, file: Uint8Array, [code, next]: [string, string | undefined], control: CallOptions): Promise<Shared> {
  try {
    return await open(desk, file, code, control);
  } catch (thrown) {
    if (next === undefined || !(thrown instanceof PgpError && thrown.code === "wrong-recovery-code")) throw thrown;
    return open(desk, file, next, control);
  }
}

function readLedger(data: Uint8Array | undefined): Ledger {
  if (!data) throw new PgpError("backup-damaged", "a backup, and not what devices share");
  const { generation, removed } = JSON.parse(text(data)) as Partial<Ledger>;
  if (!Number.isSafeInteger(generation) || !Array.isArray(removed)) throw new PgpError("backup-damaged", "not what devices share");
  return { generation: generation as number, removed: removed.filter((name) => typeof name === "string") };
}

function copyOf(items: Items, ledger: Ledger, unread: Copy = { keys: [], records: [] }): Copy {
  const copy: Copy = { keys: [...unread.keys], records: [{ name: SYNC, data: utf8(JSON.stringify(ledger)) }, ...unread.records] };
  for (const [name, { key, data }] of items) {
    if (key) copy.keys.push(key.binary);
    if (data) copy.records.push({ name: key ? META + key.fingerprint : name, data });
  }
  return copy;
}

/** Takes in what another device says of an entry. Keys are merged, whoever changed them; what is known of them, and all else, is that of the side that changed it. */
async function take(desk: Desk, here: Items, name: string, theirs: Item, side: Side, wasVerified: boolean, result: Synced): Promise<void> {
  const { entries, keep, note, remark } = desk;
  const mine = here.get(name);
  if (!theirs.key) {
    if (!theirs.data || (mine && side !== "there")) return;
    await entries.save([[name, theirs.data]]);
    here.set(name, theirs);
    return;
  }
  // Into the copy that changed, so that its order stays and devices come to the same octets.
  const [added, present] = side === "there" ? [mine?.key ?? theirs.key, theirs.key] : [theirs.key, mine?.key];
  const kept = await keep(added.binary, present).catch(broken);
  if (kept instanceof PgpError) {
    remark({ code: kept.code, message: `a key of another device could not be merged: ${kept.message}` });
    here.set(name, theirs);
    return;
  }
  const [known, data] = metadataEntry(kept.fingerprint, knownOf(kept, mine, theirs, side, wasVerified));
  await entries.save([[name, kept.binary], [known, data]]);
  const item = await itemOf(kept, data);
  here.set(name, item);
  if (item.digest !== mine?.digest && !result.received.includes(kept.fingerprint)) result.received.push(kept.fingerprint);
  if (kept.kind === "secret-key" && mine?.key?.kind !== "secret-key") await note("add", "sync", kept.fingerprint);
}

function knownOf(key: Key, mine: Item | undefined, theirs: Item, side: Side, wasVerified: boolean): KeyMetadata {
  const [ours, others] = [mine?.data && readMetadata(key, mine.data), theirs.data && readMetadata(key, theirs.data)];
  if (!ours || !others) return others ?? ours ?? readMetadata(key);
  if (side !== "both") return side === "there" ? others : ours;
  const { verified, ...both } = united(ours, others);
  // Taken back by one of them.
  const isTakenBack = wasVerified && !(ours.verified && others.verified);
  return { ...both, ...(verified && !isTakenBack && { verified }) };
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

const digestsOf = (items: Items): Memory["base"] => Object.fromEntries([...items].map(([name, { digest }]) => [name, digest]));

const verifiedOf = (items: Items) =>
  [...items].filter(([, { key, data }]) => key && data && readMetadata(key, data).verified).map(([name]) => name);

const isEqual = (a: readonly string[], b: readonly string[]) => a.length === b.length && a.every((one, at) => one === b[at]);

function isSame(items: Items, digests: Memory["base"]): boolean {
  return items.size === Object.keys(digests).length && [...items].every(([name, { digest }]) => digests[name] === digest);
}

/** A code whichever way it is typed (docs/keystore.md). */
const plain = (code: string) => code.toUpperCase().replace(/[^0-9A-Z]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");
