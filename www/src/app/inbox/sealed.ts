// Mail that the server had encrypted to its owner, and the fields that its list says of it: OpenPGP messages that an own key opens.
// Not here: whether it does that (`sealing.ts`), parts of a mail that its sender encrypted (`readMail`).
import { engine } from "../engine.ts";
import { secretKeys, unlockable } from "../vault.ts";

/** Whether this is an OpenPGP message (RFC 9580 §4.2) and not a mail, which begins with the name of a field. */
export function isSealed(beginning: Uint8Array): boolean {
  return ((beginning[0] ?? 0) & 0x80) !== 0;
}

/** Whether what was fetched is. */
export async function isSealedMail(mail: Blob): Promise<boolean> {
  return isSealed(new Uint8Array(await mail.slice(0, 1).arrayBuffer()));
}

/** What is inside, by the keystore that is open. */
export async function unsealed(message: Uint8Array | Blob, signal?: AbortSignal): Promise<Blob> {
  const { data } = await engine().decrypt({ message, keys: secretKeys().map(unlockable), as: "binary", signal });
  return new Blob([data as Uint8Array<ArrayBuffer>]);
}
