/**
 * Keys and signatures as the module gives them (times in milliseconds), made into what callers get (`Date`).
 */
import { text } from "./data.js";
import type { Certificate, Key, SecretKey, Signature, UnsupportedKey } from "./api.js";

type Raw<T> = Omit<T, "created" | "expires" | "certificate"> & { created: number; expires?: number };
/** A key from the module. */
export type RawKey = Raw<Certificate> | (Raw<SecretKey> & { certificate: Raw<Certificate> }) | UnsupportedKey;
/** A verdict from the module. */
export type RawSignature = Omit<Signature, "created" | "notations"> & {
  created?: number;
  notations: { name: string; value: Uint8Array; readable: boolean; critical: boolean }[];
};

/** One key with real dates. */
export function readKey(raw: RawKey): Key | UnsupportedKey {
  if (raw.kind === "unsupported") return raw;
  const { created, expires, ...rest } = raw;
  const dates = expires === undefined ? { created: new Date(created) } : { created: new Date(created), expires: new Date(expires) };
  if (rest.kind === "certificate") return { ...rest, ...dates };
  return { ...rest, ...dates, certificate: readKey(rest.certificate) as Certificate };
}

/** Verdicts with real dates. */
export function readSignatures(raw: RawSignature[]): Signature[] {
  return raw.map(({ created, notations, ...rest }) => ({
    ...rest,
    ...(created !== undefined && { created: new Date(created) }),
    notations: notations.map(({ name, value, readable, critical }) => ({ name, value: readable ? text(value) : value, critical })),
  }));
}
