/**
 * Secrets on their way to the module: copies in bytes, overwritten as soon as they were handed over. The strings
 * they came from are beyond reach and are left to the garbage collector.
 */

/** The arguments that are secret. */
const SECRETS = new Set([
  "passphrase", "newPassphrase", "password", "passwords", "linkSecret", "sessionKey", "recoveryCode", "shares", "output", "exportKey",
]);

/** Whether what an argument of that name holds is secret. */
export const isSecret = (name: string): boolean => SECRETS.has(name);

/** Overwrites the secret byte arrays in the arguments of a call; they are copies made for it. */
export function wipe(args: unknown, secret = false): void {
  if (args instanceof Uint8Array) {
    if (secret) args.fill(0);
  } else if (Array.isArray(args)) {
    for (const item of args) wipe(item, secret);
  } else if (typeof args === "object" && args !== null) {
    for (const [name, value] of Object.entries(args)) wipe(value, isSecret(name));
  }
}
