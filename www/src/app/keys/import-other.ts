// What people bring to the import that is no key, though it belongs to keys: a kept revocation, a backup. It is only recognised, so
// that the page can say where it goes.
import type { Inspection } from "envelock/worker";
import { engine } from "../engine.ts";
import { vault } from "../vault.ts";

/** A revocation, and the key here that it revokes; or an encrypted file, as a backup is one. */
export type Other = { kind: "revocation"; fingerprint?: string | undefined } | { kind: "encrypted" };

/** What `input` is, if it is one of these. */
export async function otherIn(input: string | Uint8Array, signal: AbortSignal): Promise<Other | undefined> {
  const copy = () => (typeof input === "string" ? input : input.slice());
  const seen = await engine().inspectMessage({ message: copy(), signal }).catch(() => undefined);
  if (seen === undefined) return undefined;
  if (seen.encrypted || seen.format === "session-keys") return { kind: "encrypted" };
  const [only, ...more] = seen.signers;
  if (seen.format !== "signature" || only?.type !== "key-revocation" || more.length > 0) return undefined;
  return { kind: "revocation", fingerprint: await revokedBy(copy, only, signal) };
}

/** The key here whose owner made the revocation: the one it can be applied to. Nothing is kept of that. */
async function revokedBy(
  revocation: () => string | Uint8Array, { fingerprint, keyId }: Inspection["signers"][number], signal: AbortSignal,
): Promise<string | undefined> {
  // A revocation that names its key is tried on that one only.
  const named = vault.keys.filter((key) => (fingerprint ?? key.fingerprint) === key.fingerprint && (keyId ?? key.keyId) === key.keyId);
  for (const key of named) {
    const fits = await engine()
      .applyRevocation({ key, revocation: revocation(), signal })
      .then(() => true, () => false);
    if (fits) return key.fingerprint;
    signal.throwIfAborted();
  }
  return undefined;
}
