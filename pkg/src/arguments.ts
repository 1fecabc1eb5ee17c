/**
 * Turns options into the arguments of the module: keys into their bytes, secrets into bytes that can be overwritten.
 */
import type { CallOptions, Certificate, Data, DatedOptions, Notation, Progress, SecretKey, SessionKey, UnlockableKey } from "./api.js";
import { type Input, readData, utf8 } from "./data.js";
import { keystoreHandle, noteFor } from "./keystore-open.js";
import { markUse } from "./keystore-uses.js";
import type { Backend, CallName } from "./module.js";

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

/** Runs calls on a backend. Inputs are what is large in the arguments: of those that are copies of ours, the buffers may be moved away. */
export const runOn = (backend: Backend) => (name: CallName, args: object, { signal, onProgress }: CallOptions, inputs: Input[] = []) =>
  backend.call(name, args, { signal, onProgress }, inputs.filter(({ ours }) => ours).map(({ bytes }) => bytes.buffer as ArrayBuffer));

/** The options of a call whose answer may become text, and its last word of progress, which waits until that is so. */
export function untilText<O extends CallOptions>(options: O): [O, () => void] {
  const { onProgress } = options;
  if (!onProgress) return [options, () => undefined];
  let last: Progress | undefined;
  const told = (progress: Progress) => (progress.done === progress.total ? (last = progress) : onProgress(progress));
  return [{ ...options, onProgress: told }, () => last && onProgress(last)];
}

/** Attachments as bytes, read one after the other. */
export async function readAttachments(given: { name: string; type?: string | undefined; data: Data }[] | undefined, signal: AbortSignal | undefined) {
  const inputs: Input[] = [];
  const attachments = [];
  for (const { name, type = "application/octet-stream", data } of list(given)) {
    const input = await readData(data, signal);
    inputs.push(input);
    attachments.push({ name, type, data: input.bytes });
  }
  return { attachments, inputs };
}

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
