/**
 * An open keystore. The module keeps session key and passphrase; this moves sealed bytes and counts the minutes.
 */
import type { CallOptions, DatedOptions, Key, Problem, SecretKey } from "./api.js";
import { base64url, fromBase64url } from "./base64url.js";
import { text, utf8 } from "./data.js";
import { type ErrorCode, PgpError } from "./error.js";
import { type RawKey, readKey } from "./keys.js";
import type { AddOptions, AddressChange, Contact, KeptKey, KeyMetadata, Keystore, LogEntry, PasskeyInfo, Recipient, Synced, SyncOptions } from "./keystore.js";
import { addressesOf, normalize } from "./keystore-address.js";
import { type Backup, backUp, type Copy, type Desk, takeIn } from "./keystore-backup.js";
import { broken, changed, type Contents, DEFAULT, KEY, loadMetadata, META, metadataEntry, parseKey, PASSKEYS, ranked, readContents, RECORD, united } from "./keystore-contents.js";
import { Entries, HEADER } from "./keystore-entries.js";
import { Idle } from "./keystore-idle.js";
import { Log } from "./keystore-log.js";
import { recipientOf } from "./keystore-trust.js";
import { loadSync, stopSync, sync } from "./keystore-sync.js";
import { type Asked, createPasskey } from "./keystore-passkey.js";
import type { Backend, CallName } from "./module.js";
import { checkOptions } from "./options.js";
import { inTurn, type Storage, stored } from "./storage.js";

export class SealedKeystore implements Keystore {
  readonly backend: Backend;
  readonly name: string;
  onlock: Keystore["onlock"];
  readonly #whole: Storage;
  readonly #entries: Entries;
  readonly #log: Log;
  readonly #idle = new Idle(() => void this.#lock("idle").catch(() => undefined));
  readonly #desk: Desk;
  #remarks: Problem[] = [];
  #locked = false;

  constructor(backend: Backend, name: string, whole: Storage, part: Storage, handle: number) {
    this.backend = backend;
    this.name = name;
    this.#whole = whole;
    this.#entries = new Entries(watched(backend, () => this.#ended()), part, handle);
    this.#log = new Log(this.#entries);
    this.#desk = {
      whole,
      entries: this.#entries,
      contents: () => this.#contents(),
      keep: async (binary, present, own, control = {}) => {
        const args = { binary, passphrase: own === undefined ? undefined : utf8(own), present: present?.binary, at: Date.now() };
        return readKey((await this.#call("keystoreKeep", args, control)) as RawKey) as Key;
      },
      note: (...use) => this.note(...use),
      remark: (problem) => void this.#remarks.push(problem),
    };
  }

  /** The handle, for a call that uses a key of this keystore now. */
  use(): number {
    if (!this.#idle.touch() || this.#locked) throw new PgpError("keystore-locked", "the keystore is locked");
    return this.#entries.handle;
  }

  /** Writes a use in the log. One that cannot be written stops no work; it is told in `problems`. */
  async note(what: LogEntry["what"], call: string, fingerprint: string): Promise<void> {
    try {
      await this.#log.add({ what, call, fingerprint });
    } catch (thrown) {
      const { code, message } = thrown as PgpError;
      this.#remarks.push({ code, message: `${call} with ${fingerprint} is missing in the log: ${message}` });
    }
  }

  async list(): Promise<Key[]> {
    return (await this.contacts()).map(({ key }) => key);
  }

  async contacts(): Promise<Contact[]> {
    return (await this.#contents()).contacts;
  }

  async problems(): Promise<Problem[]> {
    const problems = (await this.#contents()).problems;
    await this.#log.read((stem, { code, message }) => problems.push({ code, message: `${stem}: ${message}` }));
    return [...problems, ...this.#remarks];
  }

  async get(fingerprint: string): Promise<Key | undefined> {
    this.use();
    const data = await this.#entries.load(KEY + fingerprint.toUpperCase());
    return data && parseKey(this.#entries, data);
  }

  async find(address: string): Promise<Contact[]> {
    const wanted = normalize(address.trim());
    const contents = await this.#contents();
    return wanted === undefined ? [] : ranked(contents, wanted);
  }

  async recipient(address: string): Promise<Recipient> {
    const wanted = normalize(address.trim());
    const found = await this.find(address);
    return wanted === undefined ? {} : recipientOf(found, wanted);
  }

  async add(key: Key, options: AddOptions = {}): Promise<KeptKey> {
    checkOptions("keystore.add", options);
    // Nothing that is read here may be changed by a call in between, such as a change of the passphrase.
    return inTurn(this.#whole, () => this.#add(key, options));
  }

  async #add(key: Key, { passphrase, labels, origin, verified, date = new Date(), ...control }: AddOptions): Promise<KeptKey> {
    const contents = await this.#contents();
    const present = contents.contacts.find((contact) => contact.key.fingerprint === key.fingerprint);
    const kept = await this.#desk.keep(key.binary, present?.key, passphrase, control);
    const seen = changed({ labels: [], firstSeen: date, addresses: [] }, { labels, origin, verified });
    const before = present ? changed(present.metadata, { origin: present.metadata.origin ?? origin, verified }) : seen;
    const metadata = await this.#save(kept, united(before, seen), date, verified !== undefined);
    // A newer copy, such as one after an edit, adds no secret key. One whose own passphrase was given may have got another.
    if (key.kind === "secret-key" && present?.key.kind !== "secret-key") await this.note("add", "add", kept.fingerprint);
    else if (key.kind === "secret-key" && passphrase !== undefined) await this.note("edit", "changePassphrase", kept.fingerprint);
    const news = key.kind === "certificate" && kept.kind === "certificate";
    return { ...kept, changed: news ? claims(contents, kept, metadata, present?.metadata.addresses ?? []) : [] };
  }

  async metadata(fingerprint: string): Promise<KeyMetadata | undefined> {
    const key = await this.get(fingerprint);
    return key && loadMetadata(this.#entries, key);
  }

  async setMetadata(fingerprint: string, change: Parameters<Keystore["setMetadata"]>[1]): Promise<KeyMetadata> {
    checkOptions("keystore.setMetadata", change);
    return inTurn(this.#whole, async () => {
      const key = await this.#mustHave(fingerprint);
      const metadata = changed(await loadMetadata(this.#entries, key), change);
      await this.#entries.save([metadataEntry(key.fingerprint, metadata)]);
      return metadata;
    });
  }

  async setDefault(address: string, fingerprint: string | undefined): Promise<void> {
    this.use();
    const wanted = normalize(address.trim());
    if (wanted === undefined) throw new PgpError("bad-option", `"${address}" is no address`);
    await inTurn(this.#whole, async () => {
      if (fingerprint === undefined) await this.#entries.forget(DEFAULT + wanted);
      else await this.#entries.save([[DEFAULT + wanted, utf8((await this.#mustHave(fingerprint)).fingerprint)]]);
    });
  }

  async defaultFor(address: string): Promise<Key | undefined> {
    const contents = await this.#contents();
    const wanted = normalize(address.trim());
    if (wanted === undefined) return undefined;
    const keys = contents.contacts.map(({ key }) => key);
    const preferred = keys.find((key) => key.fingerprint === contents.defaults.get(wanted));
    const usable = ranked(contents, wanted).map(({ key }) => key).filter((key) => key.kind === "secret-key" && key.status === "valid" && key.canSign);
    return preferred ?? usable.sort((a, b) => b.created.getTime() - a.created.getTime())[0];
  }

  async remove(fingerprint: string): Promise<boolean> {
    this.use();
    const name = fingerprint.toUpperCase();
    return inTurn(this.#whole, async () => {
      const present = await this.get(name).catch(broken);
      const there = await this.#entries.forget(KEY + name);
      await this.#entries.forget(META + name);
      if (there && !(present instanceof PgpError) && present?.kind === "secret-key") await this.note("remove", "remove", name);
      return there;
    });
  }

  async export(options: CallOptions & { fingerprint: string; newPassphrase?: string | undefined }): Promise<Key> {
    checkOptions("keystore.export", options);
    const { fingerprint, newPassphrase, ...control } = options;
    const key = await this.#mustHave(fingerprint);
    if (key.kind === "certificate") return key;
    const exported = newPassphrase === undefined ? key : await this.#relock(key, newPassphrase, control);
    await this.note("export", "export", key.fingerprint);
    return exported;
  }

  async setRecord(name: string, value: unknown): Promise<void> {
    this.use();
    await inTurn(this.#whole, async () => {
      if (value === undefined) await this.#entries.forget(RECORD + name);
      else await this.#entries.save([[RECORD + name, utf8(JSON.stringify(value))]]);
    });
  }

  async getRecord(name: string): Promise<unknown> {
    this.use();
    const data = await this.#entries.load(RECORD + name);
    return data && (JSON.parse(text(data)) as unknown);
  }

  async listRecords(): Promise<string[]> {
    return (await this.#contents()).records.sort();
  }

  async log(): Promise<LogEntry[]> {
    this.use();
    await this.#entries.slot(HEADER); // rejects if it is locked, even where the log is empty
    return this.#log.read(() => undefined);
  }

  async backup(options: DatedOptions = {}): Promise<Backup> {
    checkOptions("keystore.backup", options);
    return backUp(this.#desk, options);
  }

  /** Puts the contents of a backup in; see {@link takeIn}. */
  async takeIn(copy: Copy): Promise<void> {
    await takeIn(this.#desk, copy);
  }

  async sync(options: SyncOptions): Promise<Synced> {
    checkOptions("keystore.sync", options);
    return sync(this.#desk, options);
  }

  async syncCode(): Promise<string | undefined> {
    this.use();
    return (await loadSync(this.#entries))?.code;
  }

  async stopSync(): Promise<void> {
    this.use();
    await stopSync(this.#desk);
  }

  async enrolPasskey(options: CallOptions & { userName: string; name?: string | undefined }): Promise<PasskeyInfo> {
    checkOptions("keystore.enrolPasskey", options);
    const { userName, name = userName, ...control } = options;
    this.use();
    const known = (await this.#call("keystorePasskeys", { header: await this.#header() })) as Asked[];
    const input = crypto.getRandomValues(new Uint8Array(32));
    const { credential, output } = await createPasskey(userName, input, known.map((passkey) => passkey.credential), control.signal);
    const created = new Date();
    const id = base64url(credential);
    await inTurn(this.#whole, async () => {
      const args = { header: await this.#header(), credential, input, output };
      await this.#entries.write([[HEADER, (await this.#call("keystoreAddPasskey", args, control)) as Uint8Array]]);
    });
    const names = await this.#passkeyNames();
    await this.#entries.save([[PASSKEYS, utf8(JSON.stringify({ ...names, [id]: { name, created: created.getTime() } }))]]);
    return { id, name, created };
  }

  async passkeys(): Promise<PasskeyInfo[]> {
    this.use();
    const names = await this.#passkeyNames();
    return ((await this.#call("keystorePasskeys", { header: await this.#header() })) as Asked[]).map(({ credential }) => {
      const id = base64url(credential);
      const { name = "", created } = names[id] ?? {};
      return { id, name, ...(created !== undefined && { created: new Date(created) }) };
    });
  }

  async removePasskey(id: string): Promise<boolean> {
    if (!(await this.passkeys()).some((passkey) => passkey.id === id)) return false;
    await inTurn(this.#whole, async () => {
      const args = { header: await this.#header(), credential: fromBase64url(id) };
      await this.#entries.write([[HEADER, (await this.#call("keystoreRemovePasskey", args)) as Uint8Array]]);
    });
    const { [id]: _removed, ...names } = await this.#passkeyNames();
    await this.#entries.save([[PASSKEYS, utf8(JSON.stringify(names))]]);
    return true;
  }

  async changePassphrase(options: CallOptions & { newPassphrase: string }): Promise<{ skipped: string[] }> {
    checkOptions("keystore.changePassphrase", options);
    const { newPassphrase, ...control } = options;
    return inTurn(this.#whole, async () => {
      const writes: [string, Uint8Array][] = [];
      const skipped: string[] = [];
      const relocked: string[] = [];
      for (const key of (await this.list()).filter((key) => key.kind === "secret-key")) {
        const relock = await this.#relock(key, newPassphrase, control).catch(unless("wrong-passphrase"));
        if (relock) {
          writes.push(await this.#entries.sealed(KEY + key.fingerprint, relock.binary));
          relocked.push(key.fingerprint);
        } else if (!(await this.#opens(key, newPassphrase, control))) {
          // Otherwise an earlier change that was interrupted has come as far as this key.
          skipped.push(key.fingerprint);
        }
      }
      // The header last: until it is written, the old passphrase opens the keystore, and the change can be repeated.
      const rewrapped = await this.#call("keystoreRewrap", { header: await this.#header(), newPassphrase: utf8(newPassphrase) }, control);
      await this.#entries.write([...writes, [HEADER, rewrapped as Uint8Array]]);
      await this.#call("keystoreAdopt", { newPassphrase: utf8(newPassphrase) });
      for (const fingerprint of relocked) await this.note("edit", "changePassphrase", fingerprint);
      return { skipped };
    });
  }

  autoLock(options: { minutes: number | false }): void {
    checkOptions("keystore.autoLock", options);
    this.use();
    this.#idle.start(options.minutes);
  }

  async lock(): Promise<void> {
    await this.#lock("locked");
  }

  async #lock(reason: "locked" | "idle"): Promise<void> {
    const first = !this.#locked;
    this.#locked = true;
    this.#idle.stop();
    this.#entries.clear();
    if (first) this.onlock?.({ reason });
    await this.backend.call("keystoreClose", { handle: this.#entries.handle }, {}, []);
  }

  /** The module knows the handle no more, though nobody locked it: its worker ended. */
  #ended(): void {
    if (this.#locked) return;
    this.#locked = true;
    this.#idle.stop();
    this.#entries.clear();
    this.onlock?.({ reason: "ended" });
  }

  #call(name: CallName, args: object, control: CallOptions = {}): Promise<unknown> {
    return this.#entries.call(name, args, control);
  }

  async #contents(): Promise<Contents> {
    this.use();
    return readContents(this.#entries);
  }

  async #header(): Promise<Uint8Array> {
    const header = await stored(() => this.#entries.storage.get(HEADER));
    if (!header) throw new PgpError("storage-failed", "the keystore was deleted from its storage");
    return header;
  }

  async #mustHave(fingerprint: string): Promise<Key> {
    const key = await this.get(fingerprint);
    if (!key) throw new PgpError("bad-option", `there is no key ${fingerprint} in the keystore`);
    return key;
  }

  /** Addresses that are new count from `date`; `compared` says that the fingerprint was, for all of them. */
  async #save(key: Key, metadata: KeyMetadata, date: Date, compared: boolean): Promise<KeyMetadata> {
    const known = new Set(metadata.addresses.map(({ address }) => address));
    const claimed = addressesOf(key.userIds).filter((address) => !known.has(address));
    const addresses = [...metadata.addresses, ...claimed.map((address) => ({ address, firstSeen: date }))];
    const { verified } = metadata;
    const saved = { ...metadata, addresses, ...(verified && compared && { verified: { ...verified, addresses: addresses.map(({ address }) => address) } }) };
    await this.#entries.save([[KEY + key.fingerprint, key.binary], metadataEntry(key.fingerprint, saved)]);
    return saved;
  }

  async #passkeyNames(): Promise<Record<string, { name: string; created: number }>> {
    const data = await this.#entries.load(PASSKEYS);
    return data ? (JSON.parse(text(data)) as Record<string, { name: string; created: number }>) : {};
  }

  async #relock(key: SecretKey, newPassphrase: string, control: CallOptions): Promise<SecretKey> {
    const args = { key: { binary: key.binary, keystore: this.use() }, newPassphrase: utf8(newPassphrase), at: Date.now() };
    return readKey((await this.backend.call("lockKey", args, control, [])) as RawKey) as SecretKey;
  }

  async #opens(key: SecretKey, passphrase: string, control: CallOptions): Promise<boolean> {
    const item = { binary: key.binary, passphrase: utf8(passphrase) };
    return (await this.backend.call("unlockCheck", { key: item }, control, [])) as boolean;
  }
}

/** The addresses that a key claims newly and that others had. */
function claims({ contacts }: Contents, key: Key, { addresses }: KeyMetadata, before: KeyMetadata["addresses"]): AddressChange[] {
  const has = (all: KeyMetadata["addresses"], address: string) => all.some((one) => one.address === address);
  return addresses.filter(({ address }) => !has(before, address)).flatMap(({ address }) => {
    const known = contacts.filter((contact) => contact.key.fingerprint !== key.fingerprint && has(contact.metadata.addresses, address));
    return known.length > 0 ? [{ address, known: known.map((contact) => contact.key.fingerprint) }] : [];
  });
}

/** A backend that tells when a keystore is locked which was open. */
function watched(backend: Backend, ended: () => void): Backend {
  const told = (thrown: unknown) => {
    if (thrown instanceof PgpError && (thrown.code === "keystore-locked" || thrown.code === "terminated")) ended();
    throw thrown;
  };
  return {
    init: (options) => backend.init(options),
    call: (...call) => backend.call(...call).catch(told),
    stream: (...call) => backend.stream(...call).catch(told),
  };
}

/** Turns one kind of failure into `undefined`. */
const unless = (code: ErrorCode) => (thrown: unknown): undefined => {
  if (!(thrown instanceof PgpError && thrown.code === code)) throw thrown;
};
