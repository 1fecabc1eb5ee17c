/**
 * The edits over a backend: check the options, run one call of the module, give the new key with real dates.
 */
import type { CallOptions, Certificate, DatedOptions, Key, SecretKey, UnlockableKey } from "./api.js";
import { type Input, readData } from "./data.js";
import type { ApplyRevocationOptions, EditCalls, RevokeKeyOptions } from "./edits.js";
import { type RawKey, readKey } from "./keys.js";
import type { CallName } from "./module.js";
import { checkOptions } from "./options.js";

/** What the calls have in common, from `calls.ts`. */
export interface Tools {
  run(name: CallName, args: object, options: CallOptions, inputs?: Input[]): Promise<unknown>;
  /** A key and what unlocks it, as the module takes them. */
  unlockable(key: UnlockableKey): object;
  /** The moment of a call, in milliseconds. */
  at(options: DatedOptions): number;
}

/** The edits, by name. */
export function editCalls({ run, unlockable, at }: Tools): EditCalls {
  /** Runs an edit of `options.key`; `rest` are the arguments it has beside key and time. */
  const edit = async (name: CallName, options: DatedOptions & { key: UnlockableKey }, rest: object) =>
    readKey((await run(name, { key: unlockable(options.key), at: at(options), ...rest }, options)) as RawKey) as SecretKey;
  const revocation = ({ reason = "no-reason", text = "" }: RevokeKeyOptions) => ({ reason, text });

  return {
    async addUserId(options) {
      checkOptions("addUserId", options);
      return edit("addUserId", options, { userId: options.userId, primary: options.primary ?? false });
    },
    async revokeUserId(options) {
      checkOptions("revokeUserId", options);
      return edit("revokeUserId", options, { userId: options.userId, text: options.text ?? "" });
    },
    async setPrimaryUserId(options) {
      checkOptions("setPrimaryUserId", options);
      return edit("setPrimaryUserId", options, { userId: options.userId });
    },
    async setExpiration(options) {
      checkOptions("setExpiration", options);
      return edit("setExpiration", options, { expires: options.expires?.getTime(), subkey: options.subkey });
    },
    async addSubkey(options) {
      checkOptions("addSubkey", options);
      const { use, algorithm, expires } = options;
      return edit("addSubkey", options, { use, algorithm, expires: expires?.getTime() });
    },
    async revokeSubkey(options) {
      checkOptions("revokeSubkey", options);
      return edit("revokeSubkey", options, { subkey: options.subkey, ...revocation(options) });
    },
    async revokeKey(options) {
      checkOptions("revokeKey", options);
      return edit("revokeKey", options, revocation(options));
    },
    async generateRevocation(options) {
      checkOptions("generateRevocation", options);
      const args = { key: unlockable(options.key), at: at(options), ...revocation(options) };
      return (await run("generateRevocation", args, options)) as string;
    },
    async applyRevocation<K extends Key>(options: ApplyRevocationOptions<K>) {
      checkOptions("applyRevocation", options);
      const input = await readData(options.revocation, options.signal);
      const args = { key: options.key.binary, revocation: input.bytes, at: at(options) };
      return readKey((await run("applyRevocation", args, options, [input])) as RawKey) as K;
    },
    async certifyKey(options) {
      checkOptions("certifyKey", options);
      const { certificate, userIds, signer, expires, exportable = true, trust } = options;
      return readKey((await run("certifyKey", {
        certificate: publicHalf(certificate), userIds, signer: unlockable(signer), expires: expires?.getTime(), exportable, trust, at: at(options),
      }, options)) as RawKey) as Certificate;
    },
    async revokeCertification(options) {
      checkOptions("revokeCertification", options);
      const { certificate, userIds, signer, text = "" } = options;
      return readKey((await run("revokeCertification", {
        certificate: publicHalf(certificate), userIds, signer: unlockable(signer), text, at: at(options),
      }, options)) as RawKey) as Certificate;
    },
  };
}

const publicHalf = (key: Key) => (key.kind === "secret-key" ? key.certificate.binary : key.binary);
