/**
 * What the entries of a keystore mean: keys, what is known about them, preferences, records.
 */
import type { Certificate, Key, Problem, SecretKey, UnsupportedKey } from "./api.js";
import { addressesOf } from "./keystore-address.js";
import type { Contact, KeyMetadata, Verification } from "./keystore.js";
import type { Entries, Entry } from "./keystore-entries.js";
import { text, utf8 } from "./data.js";
import { type ErrorCode, PgpError } from "./error.js";
import { type RawKey, readKey } from "./keys.js";

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
  verified?: { at: number; how: string };
  firstSeen: number;
  addresses?: string[];
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
  contents.contacts = keys.map((key) => ({ key, metadata: metadata(key, known.get(key.fingerprint)) })).sort(byKindAndAge);
  return contents;
}

function byKindAndAge(a: Contact, b: Contact): number {
  const order = ({ key }: Contact) => (key.kind === "secret-key" ? 0 : 1);
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
  const { labels = [], origin, verified, firstSeen, addresses = [] } = raw ?? {};
  return {
    labels,
    ...(origin !== undefined && { origin }),
    ...(verified && { verified: { at: new Date(verified.at), how: verified.how } }),
    firstSeen: new Date(firstSeen ?? key.created.getTime()),
    // A key that expired certifies nothing any more, but whose it was stays known.
    addresses: [...new Set([...addresses, ...addressesOf(key.userIds)])],
  };
}

/** The entry that keeps metadata. */
export function metadataEntry(fingerprint: string, { firstSeen, verified, ...rest }: KeyMetadata): [name: string, data: Uint8Array] {
  const raw: RawMetadata = {
    ...rest,
    firstSeen: firstSeen.getTime(),
    ...(verified && { verified: { at: verified.at.getTime(), how: verified.how } }),
  };
  return [META + fingerprint, utf8(JSON.stringify(raw))];
}

/** Metadata with what was given in place of what was there; `null` takes a verification away. */
export function changed(
  before: KeyMetadata,
  change: { labels?: string[] | undefined; origin?: string | undefined; verified?: Verification | null | undefined },
): KeyMetadata {
  const { verified, ...rest } = before;
  const after = change.verified === undefined ? verified : change.verified;
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
    addresses: both(before.addresses, more.addresses),
  };
}

/** The contacts of an address, best first. */
export function ranked({ contacts, defaults }: Contents, address: string): Contact[] {
  const preferred = defaults.get(address);
  const rank = ({ key, metadata }: Contact) => [
    key.status === "valid" && key.canEncrypt ? 0 : 1,
    key.fingerprint === preferred ? 0 : 1,
    metadata.verified ? 0 : 1,
    metadata.firstSeen.getTime(),
  ];
  const compare = (a: Contact, b: Contact) => {
    const others = rank(b);
    return rank(a).map((value, at) => value - (others[at] ?? 0)).find((difference) => difference !== 0) ?? 0;
  };
  return contacts.filter(({ metadata }) => metadata.addresses.includes(address)).sort(compare);
}
