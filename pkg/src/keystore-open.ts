/**
 * Finding, making, opening, restoring and deleting keystores.
 */
import type { CallOptions, UnlockableKey } from "./api.js";
import { base64url } from "./base64url.js";
import { readData, utf8 } from "./data.js";
import { PgpError } from "./error.js";
import type { Keystore, KeystoreFactory, KeystoreLocation, KeystoreOptions, RestoreOptions } from "./keystore.js";
import { HEADER } from "./keystore-entries.js";
import { type Asked, askPasskey } from "./keystore-passkey.js";
import { SealedKeystore } from "./keystore-sealed.js";
import type { Note } from "./keystore-uses.js";
import type { Backend, CallName } from "./module.js";
import { checkOptions } from "./options.js";
import { DEFAULT_NAME, indexedDbStorage, inTurn, namesIn, partOf, type Storage, stored } from "./storage.js";

/** Where a keystore is: the whole storage, for taking turns, and the part that is its own. */
interface Place {
  name: string;
  whole: Storage;
  part: Storage;
}

function place({ name = DEFAULT_NAME, storage = indexedDbStorage() }: KeystoreLocation): Place {
  return { name, whole: storage, part: partOf(storage, name) };
}

/** The handle of `keystore` for a call on `backend`; `bad-option` if it lives elsewhere, `keystore-locked` if it was idle. */
export function keystoreHandle(keystore: Keystore, backend: Backend): number {
  if (!(keystore instanceof SealedKeystore) || keystore.backend !== backend) {
    throw new PgpError("bad-option", '"keystore" must be an open keystore of the same module or worker');
  }
  return keystore.use();
}

/** Where uses of a key are noted; nowhere, if it is not used by a keystore. */
export function noteFor({ keystore, passphrase }: UnlockableKey): Note | undefined {
  if (!(keystore instanceof SealedKeystore) || passphrase !== undefined) return undefined;
  return (what, call, fingerprint) => keystore.note(what, call, fingerprint);
}

/** `Keystore` as a way in offers it. */
export function keystores(backend: Backend): KeystoreFactory {
  interface Opened {
    handle: number;
    header: Uint8Array;
  }
  const call = (name: CallName, args: object, control: CallOptions = {}) => backend.call(name, args, control, []);
  const header = ({ part }: Place) => stored(() => part.get(HEADER));
  const keystore = ({ name, whole, part }: Place, { handle }: Opened) => new SealedKeystore(backend, name, whole, part, handle);
  const asked = async (bytes: Uint8Array) => (await call("keystorePasskeys", { header: bytes })) as Asked[];
  const make = async (passphrase: string, control: CallOptions) => (await call("keystoreCreate", { passphrase: utf8(passphrase) }, control)) as Opened;
  const openAt = async (there: Uint8Array, passphrase: string, control: CallOptions) =>
    (await call("keystoreOpen", { passphrase: utf8(passphrase), header: there }, control)) as Opened;

  /** Keeps a new header; `false` if somebody else made one at the same moment. */
  const keep = ({ part }: Place, made: Opened) =>
    stored(async () => (part.create ? part.create(HEADER, made.header) : (await part.put(HEADER, made.header), true)));

  async function byPassphrase(at: Place, passphrase: string, control: CallOptions): Promise<Keystore> {
    const there = await header(at);
    if (there) return keystore(at, await openAt(there, passphrase, control));
    const made = await make(passphrase, control);
    if (await keep(at, made)) return keystore(at, made);
    // Theirs counts.
    await call("keystoreClose", { handle: made.handle });
    const theirs = await header(at);
    if (!theirs) throw new PgpError("storage-failed", "the storage neither creates nor has the keystore");
    return keystore(at, await openAt(theirs, passphrase, control));
  }

  async function byPasskey(at: Place, control: CallOptions): Promise<Keystore> {
    const there = await header(at);
    const passkeys = there ? await asked(there) : [];
    if (!there || passkeys.length === 0) throw new PgpError("unknown-passkey", "no passkey is enrolled for this keystore");
    const { credential, output } = await askPasskey(passkeys, control.signal);
    return keystore(at, (await call("keystoreOpenPasskey", { header: there, credential, output }, control)) as Opened);
  }

  async function open(options: KeystoreOptions): Promise<Keystore> {
    checkOptions("Keystore.open", options);
    const { passphrase, passkey, name, storage, ...control } = options;
    if ((passphrase === undefined) === !passkey) throw new PgpError("bad-option", 'Keystore.open: give either "passphrase" or "passkey: true"');
    const at = place({ name, storage });
    return passphrase === undefined ? byPasskey(at, control) : inTurn(at.whole, () => byPassphrase(at, passphrase, control));
  }

  async function restore(options: RestoreOptions): Promise<Keystore> {
    checkOptions("Keystore.restore", options);
    const { file, recoveryCode, passphrase, name, storage, ...control } = options;
    const { bytes } = await readData(file, control.signal);
    const at = place({ name, storage });
    return inTurn(at.whole, async () => {
      const there = await header(at);
      const opened = there ? await openAt(there, passphrase, control) : await make(passphrase, control);
      try {
        const contents = (await call("keystoreRestore", { handle: opened.handle, file: bytes, recoveryCode: utf8(recoveryCode) }, control)) as {
          keys: Uint8Array[];
          records: { name: string; data: Uint8Array }[];
        };
        // Only now, so that a wrong code leaves no empty keystore behind.
        if (!there && !(await keep(at, opened))) throw new PgpError("storage-failed", "another keystore was made here at the same moment");
        const restored = keystore(at, opened);
        await restored.takeIn(contents);
        return restored;
      } catch (thrown) {
        await call("keystoreClose", { handle: opened.handle });
        throw thrown;
      }
    });
  }

  return {
    open,
    restore,
    async exists(options = {}) {
      checkOptions("Keystore.exists", options);
      return (await header(place(options))) !== undefined;
    },
    async names(options = {}) {
      checkOptions("Keystore.names", options);
      return namesIn(options.storage ?? indexedDbStorage(), HEADER);
    },
    async passkeys(options = {}) {
      checkOptions("Keystore.passkeys", options);
      const there = await header(place(options));
      return there ? (await asked(there)).map(({ credential }) => base64url(credential)) : [];
    },
    async remove(options = {}) {
      checkOptions("Keystore.remove", options);
      const { whole, part } = place(options);
      return inTurn(whole, () => stored(async () => {
        const there = (await part.get(HEADER)) !== undefined;
        // The header first: without it the rest is noise, even if this is interrupted.
        if (there) await part.delete(HEADER);
        for (const stem of await part.list()) if (/^(entry|log)\./.test(stem)) await part.delete(stem);
        return there;
      }));
    },
  };
}

/** Puts recovery codes under the password of an account. The export key is overwritten, whatever comes of the call. */
export function accountCodes(backend: Backend) {
  return {
    async sealRecoveryCode(options: CallOptions & { exportKey: Uint8Array; recoveryCode?: string | undefined }): Promise<{ sealed: Uint8Array; recoveryCode: string }> {
      checkOptions("sealRecoveryCode", options);
      const { exportKey, recoveryCode, ...control } = options;
      const args = { exportKey, recoveryCode: recoveryCode === undefined ? undefined : utf8(recoveryCode) };
      return (await backend.call("sealRecoveryCode", args, control, []).finally(() => exportKey.fill(0))) as { sealed: Uint8Array; recoveryCode: string };
    },
    async openRecoveryCode(options: CallOptions & { exportKey: Uint8Array; sealed: Uint8Array }): Promise<string> {
      checkOptions("openRecoveryCode", options);
      const { exportKey, sealed, ...control } = options;
      return (await backend.call("openRecoveryCode", { exportKey, sealed }, control, []).finally(() => exportKey.fill(0))) as string;
    },
  };
}

/** Splits and joins recovery codes. */
export function paperShares(backend: Backend) {
  return {
    async splitRecoveryCode(options: CallOptions & { recoveryCode: string; shares: number; threshold: number }): Promise<string[]> {
      checkOptions("splitRecoveryCode", options);
      const { recoveryCode, shares, threshold, ...control } = options;
      return (await backend.call("splitRecoveryCode", { recoveryCode: utf8(recoveryCode), shares, threshold }, control, [])) as string[];
    },
    async joinRecoveryShares(input: string[] | (CallOptions & { shares: string[] })): Promise<string> {
      const options = Array.isArray(input) ? { shares: input } : input;
      checkOptions("joinRecoveryShares", options);
      const { shares, ...control } = options;
      return (await backend.call("joinRecoveryShares", { shares: shares.map(utf8) }, control, [])) as string;
    },
  };
}
