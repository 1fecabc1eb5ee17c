/**
 * Turns options into the arguments of the module: keys into their bytes, secrets into bytes that can be overwritten.
 */
import type { Certificate, DatedOptions, Notation, SecretKey, SessionKey, UnlockableKey } from "./api.js";
import { type Input, utf8 } from "./data.js";
import { keystoreHandle, noteFor } from "./keystore-open.js";
import { markUse } from "./keystore-uses.js";
import type { Backend } from "./module.js";

export type OneOrMore<T> = T | T[] | undefined;

/** The moment of a call, in milliseconds. */
export const at = ({ date }: DatedOptions): number => date?.getTime() ?? Date.now();
export const list = <T>(items: OneOrMore<T>): T[] => (items === undefined ? [] : Array.isArray(items) ? items : [items]);
export const secret = (value: string | undefined) => (value === undefined ? undefined : utf8(value));
/** A password of an envelope, in NFC: the module counts on it. */
export const envelopePassword = (value: string | undefined) => secret(value?.normalize("NFC"));
export const secrets = (values: OneOrMore<string>) => list(values).map(utf8);
export const binaries = (keys: OneOrMore<Certificate | SecretKey>) =>
  list(keys).map((key) => (key.kind === "secret-key" ? key.certificate.binary : key.binary));
/** The buffers of inputs that are copies of ours. */
export const movable = (inputs: Input[]) => inputs.filter(({ ours }) => ours).map(({ bytes }) => bytes.buffer as ArrayBuffer);

/** Keys and what unlocks them; a keystore must be open on the same backend. */
export const unlockable = (item: UnlockableKey, backend: Backend) => {
  const { key, passphrase, keystore } = item;
  const argument = { binary: key.binary, passphrase: secret(passphrase), keystore: keystore && keystoreHandle(keystore, backend) };
  return markUse(argument, item, noteFor(item));
};
export const unlockables = (keys: OneOrMore<UnlockableKey>, backend: Backend) => list(keys).map((key) => unlockable(key, backend));

/** Text is for people, bytes are not. */
export const notations = (given: Notation[] | undefined) =>
  list(given).map(({ name, value, critical = false }) => ({
    name, critical, readable: typeof value === "string", value: typeof value === "string" ? utf8(value) : value,
  }));

/** A copy, overwritten after the call; the caller's bytes stay. */
export const sessionKey = ({ algorithm, data }: SessionKey) => ({ algorithm, sessionKey: data.slice() });
