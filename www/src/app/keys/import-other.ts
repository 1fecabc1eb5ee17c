// What people bring to the import that is no key, though it belongs to keys: a kept revocation, a backup. It is only recognised, so
// that the page can say where it goes.
import { engine } from "../engine.ts";
import { vault } from "../vault.ts";
import { firstPacket } from "./packet.ts";

const SIGNATURE = 2;
/** What an encrypted message begins with: a session key for a key, or for a password. */
const SESSION_KEYS = [1, 3];
const KEY_REVOCATION = 0x20;
/** A revocation is one signature: anything longer is something else. */
const LARGEST_REVOCATION = 100_000;

/** A revocation, and the key here that it revokes; or an encrypted file, as a backup is one. */
export type Other = { kind: "revocation"; fingerprint?: string | undefined } | { kind: "encrypted" };

/** What `input` is, if it is one of these. */
export async function otherIn(input: string | Uint8Array, signal: AbortSignal): Promise<Other | undefined> {
  const octets = await octetsOf(input, signal);
  if (octets === undefined) return undefined;
  const packet = firstPacket(octets);
  if (packet === undefined) return undefined;
  if (SESSION_KEYS.includes(packet.tag)) return { kind: "encrypted" };
  if (packet.tag !== SIGNATURE || packet.body[1] !== KEY_REVOCATION || octets.length > LARGEST_REVOCATION) return undefined;
  return { kind: "revocation", fingerprint: await revokedBy(octets, signal) };
}

async function octetsOf(input: string | Uint8Array, signal: AbortSignal): Promise<Uint8Array | undefined> {
  if (typeof input !== "string" && ((input[0] ?? 0) & 0x80) !== 0) return input;
  return engine()
    .dearmor({ armored: typeof input === "string" ? input : input.slice(), signal })
    .then(({ data }) => data, () => undefined);
}

/** The key here whose owner made the revocation: the one it can be applied to. Nothing is kept of that. */
async function revokedBy(revocation: Uint8Array, signal: AbortSignal): Promise<string | undefined> {
  for (const key of vault.keys) {
    const fits = await engine()
      .applyRevocation({ key, revocation: revocation.slice(), signal })
      .then(() => true, () => false);
    if (fits) return key.fingerprint;
    signal.throwIfAborted();
  }
  return undefined;
}
