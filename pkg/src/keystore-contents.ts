/**
 * What the entries of a keystore mean: keys, what is known about them, preferences, records.
 */
import type { Certificate, Key, Problem, SecretKey, UnsupportedKey } from "./api.js";
import { addressesOf } from "./keystore-address.js";
import type { Contact, KeyMetadata, KnownAddress, Verification } from "./keystore.js";
import type { Entries, Entry } from "./keystore-entries.js";
import { text, utf8 } from "./data.js";
import { type ErrorCode, PgpError } from "./error.js";
import { type RawKey, readKey } from "./keys.js";
import { judged, type Kept, trustFor } from "./keystore-trust.js";

/** What the names of entries begin with. */
export const KEY = "key:";
export const META = "meta:";
export const RECORD = "record:";
/** Then an address, which has at most 254 octets (RFC 5321 §4.5.3.1.3): a name has room for one more. */
export const DEFAULT = "@";
/** The names that were given to passkeys. */
export const PASSKEYS = "passkeys";

/** Metadata as JSON has it; times in milliseconds. */
interface RawMetadata {
  labels?: string[];
  origin?: string;
  /** Without addresses: all that the key had. */
  verified?: { at: number; how: string; addresses?: string[] };
  firstSeen: number;
  addresses?: string[];
  /** When each address was first seen; without it when the key was. */
  seen?: Record<string, number>;
}

/** Everything that can be read, and what is wrong with the rest. */
export interface Contents {
  contacts: Contact[];
  /** Fingerprints by address. */
  defaults: Map<string, string>;
  records: string[];
  problems: Problem[];
}

/** The codes that say that an entry is broken, and not that the keystore is locked or the storage fails. */
const BROKEN = new Set<string>(["entry-damaged", "unsupported", "malformed", "no-key", "too-large"] satisfies ErrorCode[]);

/** Whether an entry is broken; rejects for every other failure. */
export function broken(thrown: unknown): PgpError {
  if (thrown instanceof PgpError && BROKEN.has(thrown.code)) return thrown;
  throw thrown;
}

/** Reads everything. What cannot be read is told in `problems`. */
export async function readContents(entries: Entries): Promise<Contents> {
  const keys: Key[] = [];
  const known = new Map<string, RawMetadata>();
  const contents: Contents = { contacts: [], defaults: new Map(), records: [], problems: [] };
  for await (const { stem, entry, thrown } of entries.all((name) => name.startsWith(KEY) || name.startsWith(META))) {
    try {
      if (!entry) throw thrown;
      const { name, data } = entry;
      if (name.startsWith(KEY)) keys.push(await keyOf(entries, entry));
      else if (name.startsWith(META)) known.set(name.slice(META.length), JSON.parse(text(data)) as RawMetadata);
      else if (name.startsWith(DEFAULT)) contents.defaults.set(name.slice(DEFAULT.length), text(data));
      else if (name.startsWith(RECORD)) contents.records.push(name.slice(RECORD.length));
    } catch (failure) {
      const { code, message } = broken(failure);
      contents.problems.push({ code, message: `${stem}: ${message}` });
    }
  }
  const kept = keys.map((key) => ({ key, metadata: metadata(key, known.get(key.fingerprint)) })).sort(byKindAndAge);
  contents.contacts = judged(kept, contents.defaults);
  return contents;
}

function byKindAndAge(a: Kept, b: Kept): number {
  const order = ({ key }: Kept) => (key.kind === "secret-key" ? 0 : 1);
  return order(a) - order(b) || a.key.created.getTime() - b.key.created.getTime();
}

/** How long what is said of a key is true: its status depends on the time. */
const FRESH = 60_000;
const parsed = new WeakMap<Entry, { at: number; key: Key }>();

async function keyOf(entries: Entries, entry: Entry): Promise<Key> {
  const known = parsed.get(entry);
  if (known && Math.abs(Date.now() - known.at) < FRESH) return known.key;
  const key = await parseKey(entries, entry.data);
  parsed.set(entry, { at: Date.now(), key });
  return key;
}

/** A key from its octets. */
export async function parseKey(entries: Entries, data: Uint8Array): Promise<Certificate | SecretKey> {
  const raw = (await entries.backend.call("readKeys", { keys: data, at: Date.now() }, {}, [])) as RawKey[];
  const [key] = raw.map(readKey) as (Key | UnsupportedKey)[];
  if (!key || key.kind === "unsupported") throw new PgpError("unsupported", "a key in the keystore cannot be read by this version");
  return key;
}

/** The metadata of a key; of one that was kept before there was any, what can be said. */
export async function loadMetadata(entries: Entries, key: Key): Promise<KeyMetadata> {
  return readMetadata(key, await entries.load(META + key.fingerprint));
}

/** What an entry says about a key. */
export function readMetadata(key: Key, data?: Uint8Array): KeyMetadata {
  return metadata(key, data && (JSON.parse(text(data)) as RawMetadata));
}

function metadata(key: Key, raw?: RawMetadata): KeyMetadata {
  const { labels = [], origin, verified, firstSeen = key.created.getTime(), addresses, seen = {} } = raw ?? {};
  // A key that expired certifies nothing any more, but whose it was stays known.
  const all = [...new Set([...(addresses ?? []), ...addressesOf(key.userIds)])];
  // One that is not recorded though others are came with a copy that was merged just now.
  const since = (address: string) => seen[address] ?? (addresses?.includes(address) === false ? Date.now() : firstSeen);
  return {
    labels,
    ...(origin !== undefined && { origin }),
    ...(verified && { verified: { at: new Date(verified.at), how: verified.how, addresses: verified.addresses ?? addresses ?? all } }),
    firstSeen: new Date(firstSeen),
    addresses: all.map((address) => ({ address, firstSeen: new Date(since(address)) })),
  };
}

/** The entry that keeps metadata. */
export function metadataEntry(fingerprint: string, { firstSeen, verified, addresses, ...rest }: KeyMetadata): [name: string, data: Uint8Array] {
  const raw: RawMetadata = {
    ...rest,
    firstSeen: firstSeen.getTime(),
    addresses: addresses.map(({ address }) => address),
    seen: Object.fromEntries(addresses.map(({ address, firstSeen: since }) => [address, since.getTime()])),
    ...(verified && { verified: { ...verified, at: verified.at.getTime() } }),
  };
  return [META + fingerprint, utf8(JSON.stringify(raw))];
}

/** Metadata with what was given in place of what was there; `null` takes a verification away. */
export function changed(
  before: KeyMetadata,
  change: { labels?: string[] | undefined; origin?: string | undefined; verified?: Verification | null | undefined },
): KeyMetadata {
  const { verified, ...rest } = before;
  const after = change.verified ? { ...change.verified, addresses: before.addresses.map(({ address }) => address) } : change.verified === null ? undefined : verified;
  return {
    ...rest,
    ...(change.labels && { labels: [...new Set(change.labels)] }),
    ...(change.origin !== undefined && { origin: change.origin }),
    ...(after && { verified: after }),
  };
}

/** Two sets of what is known about the same key: nothing is lost, and what `before` says counts. */
export function united(before: KeyMetadata, more: KeyMetadata): KeyMetadata {
  const both = (a: string[], b: string[]) => [...new Set([...a, ...b])];
  return {
    ...more,
    ...before,
    labels: both(before.labels, more.labels),
    firstSeen: before.firstSeen < more.firstSeen ? before.firstSeen : more.firstSeen,
    addresses: unitedAddresses([...before.addresses, ...more.addresses]),
  };
}

/** Each address once, since it was first seen. */
function unitedAddresses(all: readonly KnownAddress[]): KnownAddress[] {
  const united = new Map<string, KnownAddress>();
  for (const one of all) {
    const there = united.get(one.address);
    if (there === undefined || one.firstSeen < there.firstSeen) united.set(one.address, one);
  }
  return [...united.values()];
}

/** The contacts of an address, best first. */
export function ranked({ contacts, defaults }: Contents, address: string): Contact[] {
  const preferred = defaults.get(address);
  const rank = (contact: Contact) => [
    contact.key.status === "valid" && contact.key.canEncrypt ? 0 : 1,
    contact.key.fingerprint === preferred ? 0 : 1,
    trustFor(contact, address).trust === "verified" ? 0 : 1,
    contact.metadata.addresses.find((one) => one.address === address)?.firstSeen.getTime() ?? 0,
  ];
  const compare = (a: Contact, b: Contact) => {
    const others = rank(b);
    return rank(a).map((value, at) => value - (others[at] ?? 0)).find((difference) => difference !== 0) ?? 0;
  };
  return contacts.filter(({ metadata }) => metadata.addresses.some((one) => one.address === address)).sort(compare);
}
