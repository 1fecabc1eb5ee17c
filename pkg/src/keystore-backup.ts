/**
 * Copies of a whole keystore: the backup, and putting one in.
 */
import type { CallOptions, DatedOptions, Key, Problem } from "./api.js";
import { PgpError } from "./error.js";
import { broken, type Contents, DEFAULT, KEY, META, metadataEntry, parseKey, readMetadata, RECORD, united } from "./keystore-contents.js";
import type { Entries, Entry } from "./keystore-entries.js";
import type { Note } from "./keystore-uses.js";
import type { Storage } from "./storage.js";

/** What the work on a whole keystore needs of an open one. */
export interface Desk {
  /** For taking turns. */
  whole: Storage;
  entries: Entries;
  /** Rejects if the keystore is locked. */
  contents(): Promise<Contents>;
  /** A key as it is to be kept: locked under the keystore's passphrase, and merged with the present one. */
  keep(binary: Uint8Array, present?: Key, passphrase?: string, control?: CallOptions): Promise<Key>;
  note: Note;
  /** Tells a problem later, with the others. */
  remark(problem: Problem): void;
}

/** What is in a copy of a keystore. */
export interface Copy {
  keys: Uint8Array[];
  records: Entry[];
}

export interface Backup {
  file: Uint8Array;
  recoveryCode: string;
}

/** Whether an entry is somebody's and no device's: passkeys, the log, and what devices know of one another stay where they are. */
export const travels = (name: string): boolean => [META, RECORD, DEFAULT].some((kind) => name.startsWith(kind));

export async function backUp({ entries, contents, note }: Desk, { date = new Date(), ...control }: DatedOptions): Promise<Backup> {
  const { contacts } = await contents();
  const copy: Copy = { keys: [], records: [] };
  for await (const { entry } of entries.all()) {
    if (entry?.name.startsWith(KEY)) copy.keys.push(entry.data);
    else if (entry && travels(entry.name)) copy.records.push(entry);
  }
  const made = (await entries.call("keystoreBackup", { ...copy, at: date.getTime() }, control)) as Backup;
  for (const { key } of contacts) if (key.kind === "secret-key") await note("export", "backup", key.fingerprint);
  return made;
}

/** Puts the contents of a backup in. What is here stays: keys are merged, what is known is united, records are kept. */
export async function takeIn({ entries, contents, keep, note, remark }: Desk, { keys, records }: Copy): Promise<void> {
  const { contacts } = await contents();
  for (const octets of keys) {
    const key = await parseKey(entries, octets).catch(broken);
    if (key instanceof PgpError) {
      remark({ code: key.code, message: `a key of the backup was left out: ${key.message}` });
      continue;
    }
    const present = contacts.find((contact) => contact.key.fingerprint === key.fingerprint);
    const kept = await keep(key.binary, present?.key);
    await entries.save([[KEY + kept.fingerprint, kept.binary]]);
    if (kept.kind === "secret-key" && present?.key.kind !== "secret-key") await note("add", "restore", kept.fingerprint);
  }
  for (const { name, data } of records.filter((record) => travels(record.name))) {
    const found = await entries.load(name).catch(broken);
    const there = found instanceof PgpError ? undefined : found;
    if (!there) await entries.save([[name, data]]);
    else if (name.startsWith(META)) {
      const kept = await entries.load(KEY + name.slice(META.length));
      const key = kept && (await parseKey(entries, kept));
      if (key) await entries.save([metadataEntry(key.fingerprint, united(readMetadata(key, there), readMetadata(key, data)))]);
    }
  }
}
