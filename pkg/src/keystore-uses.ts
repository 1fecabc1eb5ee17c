/**
 * Who used which secret key of a keystore: noted by the calls that take `{ key, keystore }`, without their doing.
 *
 * An argument made of such a pair is marked; when the call has succeeded, every marked argument of it is told to its
 * keystore, which writes it in its log before the result is handed out.
 */
import type { UnlockableKey } from "./api.js";
import type { LogEntry } from "./keystore.js";
import type { Backend, CallName } from "./module.js";

/** Takes note of one use. */
export type Note = (what: LogEntry["what"], call: string, fingerprint: string) => Promise<void>;

const marked = new WeakMap<object, { note: Note; fingerprint: string }>();

/** Calls that are no edits; those that tell nothing and change nothing are not noted. */
const WHAT: Partial<Record<string, LogEntry["what"] | "nothing">> = {
  sign: "sign", encrypt: "sign", sealEnvelope: "sign", sealReply: "sign", composeMail: "sign",
  autocryptSetupMessage: "export",
  decrypt: "decrypt", openEnvelope: "decrypt", readMail: "decrypt", decryptSessionKeys: "decrypt",
  unlockCheck: "nothing", inspectKey: "nothing", minimizeKey: "nothing", previewImport: "nothing",
};

/** Marks an argument of a call as a key of the keystore that `note` belongs to. */
export function markUse<T extends object>(argument: T, { key }: UnlockableKey, note: Note | undefined): T {
  if (note) marked.set(argument, { note, fingerprint: key.fingerprint });
  return argument;
}

/** A backend whose calls are noted. */
export function noting(backend: Backend): Backend {
  return {
    init: (options) => backend.init(options),
    async call(name, args, control, transfer) {
      const result = await backend.call(name, args, control, transfer);
      await noteUses(name, args);
      return result;
    },
    async stream(name, args, control, ends) {
      const result = await backend.stream(name, args, control, ends);
      await noteUses(name === "encryptStream" ? "encrypt" : "decrypt", args);
      return result;
    },
  };
}

/** Notes the uses in the arguments of a call that succeeded. */
async function noteUses(call: CallName, args: object): Promise<void> {
  const what = WHAT[call] ?? "edit";
  if (what === "nothing") return;
  for (const argument of Object.values(args).flat() as unknown[]) {
    const use = typeof argument === "object" && argument !== null ? marked.get(argument) : undefined;
    await use?.note(what, call, use.fingerprint);
  }
}
