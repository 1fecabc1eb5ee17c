/**
 * The rules that options are checked against, one for each kind of value.
 *
 * Not here: which call takes which option (`options.ts` and the topic files beside it).
 */

/** Whether a value has the right shape. */
export type Test = (value: unknown) => boolean;
/** What one option must be. */
export interface Rule {
  readonly test: Test;
  readonly wants: string;
  readonly required: boolean;
}
/** The options one call knows. */
export type Shape = Readonly<Record<string, Rule>>;

export const may = (test: Test, wants: string): Rule => ({ test, wants, required: false });
export const need = (test: Test, wants: string): Rule => ({ test, wants, required: true });

export const isString: Test = (v) => typeof v === "string";
export const isPassphrase: Test = (v) => isString(v) && v !== "";
export const isOctet: Test = (v) => Number.isInteger(v) && (v as number) >= 0 && (v as number) <= 255;
export const isBoolean: Test = (v) => typeof v === "boolean";
export const isObject = (v: unknown): v is Record<string, unknown> => typeof v === "object" && v !== null;
export const isBytes: Test = (v) => v instanceof Uint8Array && (v.length > 0 || isThere(v));
/** What was moved to somebody else looks empty; only a new view on it tells. */
const isThere = (bytes: Uint8Array): boolean => {
  try {
    return new Uint8Array(bytes.buffer).length >= 0;
  } catch {
    return false;
  }
};
export const isBlob: Test = (v) => typeof Blob !== "undefined" && v instanceof Blob;
export const isStream: Test = (v) => isObject(v) && typeof v["getReader"] === "function" && v["locked"] !== true;
export const isData: Test = (v) => isString(v) || isBytes(v) || isBlob(v) || isStream(v);
/** OpenPGP counts seconds from 1970 in 32 bits (RFC 9580 §3.5). */
export const isDate: Test = (v) => v instanceof Date && v.getTime() >= 0 && v.getTime() < 2 ** 32 * 1000;
export const isKey = (kind: unknown): Test => (v) => isObject(v) && v["kind"] === kind && isBytes(v["binary"]);
export const isSecretKey = isKey("secret-key");
export const isCertificate: Test = (v) => isSecretKey(v) || isKey("certificate")(v);
export const oneOf = (...values: string[]): Test => (v) => values.includes(v as string);
export const oneOrMore = (test: Test): Test => (v) => (Array.isArray(v) ? v.every(test) : test(v));
export const listOf = (test: Test): Test => (v) => Array.isArray(v) && v.every(test);
export const fields = (known: Record<string, Test>): Test => (v) =>
  isObject(v) && [Object.prototype, null].includes(Object.getPrototypeOf(v) as null) && Object.entries(v).every(([name, value]) => value === undefined || (Object.hasOwn(known, name) && known[name]?.(value) === true));

export const isUnlockable: Test = (v) =>
  isObject(v) && isSecretKey(v["key"]) && fields({ key: isSecretKey, passphrase: isString, keystore: isObject })(v);
export const isSessionKey: Test = (v) => isObject(v) && fields({ algorithm: isString, data: isBytes })(v) && isString(v["algorithm"]) && isBytes(v["data"]);
export const isNotation: Test = (v) =>
  isObject(v) && isString(v["name"]) && v["value"] !== undefined &&
  fields({ name: isString, value: (value) => isString(value) || isBytes(value), critical: isBoolean })(v);
export const isPerson = fields({ name: isString, email: isString });
export const isAttachment: Test = (v) =>
  isObject(v) && isString(v["name"]) && v["data"] !== undefined &&
  fields({ name: isString, type: isString, data: (d) => isBytes(d) || isBlob(d) })(v);

export const DATA = "a string, Uint8Array, Blob or ReadableStream that nobody else reads";
export const DATE = "a Date from 1970 to 2106";
export const KEYS = "{ key, passphrase } or a list of them; `key` is a secret key from readKeys or generateKey";
export const CERTIFICATES = "a certificate or secret key from readKeys or generateKey, or a list of them";

export const NEW = "a string that is not empty";

export const NOTATIONS = "a list of { name, value: string or Uint8Array, critical? }";
export const NAMES = "a list of strings";
export const ADDRESS = "a bare mail address";
export const SESSION_KEY = "{ algorithm, data } from generateSessionKey or decryptSessionKeys";

export const call: Shape = {
  signal: may((v) => isObject(v) && typeof v["aborted"] === "boolean", "an AbortSignal"),
  onProgress: may((v) => typeof v === "function", "a function"),
};
export const dated: Shape = { ...call, date: may(isDate, DATE) };
export const verifyWith = may(oneOrMore(isCertificate), CERTIFICATES);
export const storage = may((v) => isObject(v) && ["get", "put", "delete", "list"].every((m) => typeof v[m] === "function"), "{ get, put, delete, list }");
