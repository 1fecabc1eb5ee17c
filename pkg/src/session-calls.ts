/**
 * The calls about session keys, armor and inspection over a backend.
 */
import type { ArmorOptions, Dearmored, DearmorOptions, Inspection, InspectMessageOptions, SessionCalls, SessionKey } from "./api.js";
import { at, binaries, runOn, secrets, sessionKey, unlockables, untilText } from "./arguments.js";
import { decoded, readData, text } from "./data.js";
import type { Backend } from "./module.js";
import { checkOptions } from "./options.js";

/** The calls of `sessions.ts`. */
export function sessionCalls(backend: Backend): SessionCalls {
  const run = runOn(backend);

  async function generateSessionKey(options: Parameters<SessionCalls["generateSessionKey"]>[0] = {}): Promise<SessionKey> {
    checkOptions("generateSessionKey", options);
    const { recipients, format = "auto" } = options;
    return (await run("generateSessionKey", { recipients: binaries(recipients), format, at: at(options) }, options)) as SessionKey;
  }

  async function encryptSessionKey(options: Parameters<SessionCalls["encryptSessionKey"]>[0]): Promise<string | Uint8Array> {
    checkOptions("encryptSessionKey", options);
    const { format = "auto", hideRecipients = false, armor = false } = options;
    const packets = (await run("encryptSessionKey", {
      sessionKey: sessionKey(options.sessionKey), recipients: binaries(options.recipients), passwords: secrets(options.passwords),
      format, hideRecipients, armor, at: at(options),
    }, options)) as Uint8Array;
    return armor ? text(packets) : packets;
  }

  async function decryptSessionKeys(options: Parameters<SessionCalls["decryptSessionKeys"]>[0]): Promise<SessionKey[]> {
    checkOptions("decryptSessionKeys", options);
    const message = await readData(options.message, options.signal);
    const args = { message: message.bytes, keys: unlockables(options.keys, backend), passwords: secrets(options.passwords) };
    return (await run("decryptSessionKeys", args, options, [message])) as SessionKey[];
  }

  async function inspectMessage(options: InspectMessageOptions): Promise<Inspection> {
    checkOptions("inspectMessage", options);
    const message = await readData(options.message, options.signal);
    const seen = (await run("inspectMessage", { message: message.bytes }, options, [message])) as
      Omit<Inspection, "signers"> & { signers: (Omit<Inspection["signers"][number], "created"> & { created?: number })[] };
    const signers = seen.signers.map(({ created, ...named }) => (created === undefined ? named : { ...named, created: new Date(created) }));
    return { ...seen, signers };
  }

  async function armor(options: ArmorOptions): Promise<string> {
    checkOptions("armor", options);
    const data = await readData(options.data, options.signal);
    const args = { data: data.bytes, kind: options.kind, headers: Object.entries(options.headers ?? {}) };
    const [control, end] = untilText(options);
    const armored = await decoded((await run("armor", args, control, [data])) as Uint8Array, options.signal);
    end();
    return armored;
  }

  async function dearmor(options: DearmorOptions): Promise<Dearmored> {
    checkOptions("dearmor", options);
    const armored = await readData(options.armored, options.signal);
    const block = (await run("dearmor", { armored: armored.bytes }, options, [armored])) as Omit<Dearmored, "headers"> & { headers: [string, string][] };
    return { ...block, headers: Object.fromEntries(block.headers) };
  }

  return {
    generateSessionKey, decryptSessionKeys, inspectMessage, armor, dearmor,
    encryptSessionKey: encryptSessionKey as SessionCalls["encryptSessionKey"],
  };
}
