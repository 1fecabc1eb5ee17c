/**
 * Checks the options object of every call: unknown names are refused (`unknown-option`), and so are values of
 * the wrong shape (`bad-option`), before anything is loaded or read.
 *
 * Not here: what the values mean. The core decides that.
 */
import { PgpError } from "./error.js";
import {
  ADDRESS, CERTIFICATES, DATA, DATE, KEYS, NAMES, NEW, NOTATIONS, SESSION_KEY, call, dated, isAttachment, isBoolean,
  isCertificate, isData, isDate, isNotation, isObject, isOctet, isPassphrase, isPerson, isSecretKey, isSessionKey,
  isString, isUnlockable, listOf, may, need, oneOf, oneOrMore, verifyWith, type Shape,
} from "./rules.js";
import { KEYSTORE_SHAPES } from "./keystore-options.js";
import { MAIL_SHAPES } from "./mail-options.js";
import { SESSION_SHAPES } from "./session-options.js";

const edit: Shape = { ...dated, key: need(isUnlockable, "{ key, passphrase } or { key, keystore }; `key` is a secret key") };
const userId = need(isString, "a user ID of the key, as text");
const revocation: Shape = {
  reason: may(isString, '"no-reason", "superseded", "compromised" or "retired"'),
  text: may(isString, "a string"),
};
const others: Shape = {
  certificate: need(isCertificate, "a certificate"),
  userIds: need(listOf(isString), "a list of the certificate's user IDs"),
  signer: need(isUnlockable, "{ key, passphrase } or { key, keystore }; `key` is a secret key"),
};

/** By their names: what comes from another frame is no instance of ours. */
const SOURCES = /^\[object (String|URL|Response|WebAssembly\.Module|ArrayBuffer|SharedArrayBuffer)\]$/;
const isPart = (v: unknown): boolean => ArrayBuffer.isView(v) || SOURCES.test(Object.prototype.toString.call(v));
const part = may(isPart, "a URL, Response, BufferSource or WebAssembly.Module");
const isCount = (v: unknown): boolean => Number.isSafeInteger(v) && (v as number) > 0;
const isPlace = (v: unknown): boolean => isString(v) || isObject(v);
const THREADS: Record<string, (v: unknown) => boolean> = { count: isCount, url: isPlace, policy: isString };
const isThreads = (v: unknown): boolean =>
  isCount(v) || (isObject(v) && v.count !== undefined && Object.entries(v).every(([name, given]) => given === undefined || THREADS[name]?.(given)));
const PARTS = { wasm: part, wasmRest: part, threads: may(isThreads, "a number of threads or { count, url, policy }") };

/** What each call accepts. */
export const SHAPES = {
  ...MAIL_SHAPES,
  ...SESSION_SHAPES,
  ...KEYSTORE_SHAPES,
  init: PARTS,
  createWorker: { ...PARTS, url: may(isPlace, "a URL or TrustedScriptURL") },
  generateKey: {
    ...dated,
    userIds: need(listOf(isPerson), "a list of { name, email }"),
    profile: may(oneOf("compat", "rfc9580", "rsa", "nist", "pqc"), '"compat", "rfc9580", "rsa", "nist" or "pqc"'),
    bits: may((v) => Number.isInteger(v) && (v as number) > 0 && (v as number) <= 65_536, "a number of bits"),
    curve: may(oneOf("p256", "p384", "p521"), '"p256", "p384" or "p521"'),
    passphrase: may(isPassphrase, NEW),
    keystore: may(isObject, "an open keystore"),
    expires: may(isDate, DATE),
  },
  readKeys: { ...dated, keys: need(isData, DATA) },
  encrypt: {
    ...dated,
    data: need(isData, DATA),
    filename: may(isString, "a string"),
    passwords: may(oneOrMore(isString), "a string or a list of strings"),
    recipients: may(oneOrMore(isCertificate), CERTIFICATES),
    signers: may(oneOrMore(isUnlockable), KEYS),
    armor: may(isBoolean, "true or false"),
    format: may(oneOf("auto", "seipd-v1", "seipd-v2"), '"auto", "seipd-v1" or "seipd-v2"'),
    padding: may(isBoolean, "true or false"),
    notations: may(listOf(isNotation), NOTATIONS),
    from: may(isString, ADDRESS),
    intendedRecipients: may(isBoolean, "true or false"),
    hideRecipients: may(isBoolean, "true or false"),
    sessionKey: may(isSessionKey, SESSION_KEY),
  },
  decrypt: {
    ...dated,
    message: need(isData, DATA),
    passwords: may(oneOrMore(isString), "a string or a list of strings"),
    keys: may(oneOrMore(isUnlockable), KEYS),
    sessionKeys: may(oneOrMore(isSessionKey), SESSION_KEY),
    verifyWith,
    from: may(isString, ADDRESS),
    knownNotations: may(listOf(isString), NAMES),
    as: may(oneOf("text", "binary"), '"text" or "binary"'),
  },
  sign: {
    ...dated,
    data: need(isData, DATA),
    signers: need(oneOrMore(isUnlockable), KEYS),
    form: need(oneOf("detached", "inline", "cleartext"), '"detached", "inline" or "cleartext"'),
    armor: may(isBoolean, "true or false"),
    notations: may(listOf(isNotation), NOTATIONS),
    from: may(isString, ADDRESS),
    signature: may(isData, DATA),
  },
  verify: {
    ...dated,
    data: may(isData, DATA),
    signature: may(isData, DATA),
    message: may(isData, DATA),
    verifyWith: need(oneOrMore(isCertificate), CERTIFICATES),
    from: may(isString, ADDRESS),
    knownNotations: may(listOf(isString), NAMES),
    as: may(oneOf("text", "binary"), '"text" or "binary"'),
  },
  sealEnvelope: {
    ...dated,
    subject: need(isString, "a string"),
    text: need(isString, "a string"),
    html: may(isString, "a string"),
    attachments: may(listOf(isAttachment), "a list of { name, type, data: Uint8Array or Blob }"),
    password: need(isString, "a string"),
    linkSecret: may(isBoolean, "true or false"),
    signers: may(oneOrMore(isUnlockable), KEYS),
    recipients: may(oneOrMore(isCertificate), CERTIFICATES),
    reply: may((v) => v === false || (isPerson(v) && (!isObject(v) || v["name"] === undefined || v["email"] !== undefined)), "{ name, email } or false; a name needs an email"),
  },
  sealReply: {
    ...dated,
    subject: need(isString, "a string"),
    text: need(isString, "a string"),
    html: may(isString, "a string"),
    attachments: may(listOf(isAttachment), "a list of { name, type, data: Uint8Array or Blob }"),
    senderCertificate: need(isCertificate, "the certificate that was enclosed"),
    password: need(isString, "a string"),
    linkSecret: may(isString, "a string"),
    salt: need(isString, "a base64url string"),
    signers: may(oneOrMore(isUnlockable), KEYS),
  },
  openEnvelope: {
    ...dated,
    ciphertext: need(isData, DATA),
    password: may(isString, "a string"),
    linkSecret: may(isString, "a string"),
    keys: may(oneOrMore(isUnlockable), KEYS),
    salt: may(isString, "a base64url string"),
    verifyWith,
  },
  deriveAccess: {
    ...call,
    salt: need(isString, "a base64url string"),
    password: need(isString, "a string"),
    linkSecret: may(isString, "a string"),
  },
  verifyEnvelope: { ...dated, signedMessage: need(isData, DATA), verifyWith },
  lockKey: {
    ...dated,
    key: need(isSecretKey, "a secret key from readKeys or generateKey"),
    passphrase: may(isString, "a string"),
    newPassphrase: need(isPassphrase, NEW),
  },
  changePassphrase: {
    ...dated,
    key: need(isSecretKey, "a secret key from readKeys or generateKey"),
    passphrase: may(isString, "a string"),
    newPassphrase: need(isPassphrase, NEW),
  },
  unlockCheck: {
    ...call,
    key: need(isSecretKey, "a secret key from readKeys or generateKey"),
    passphrase: need(isString, "a string"),
  },
  addUserId: { ...edit, userId: need(isPerson, "{ name, email }"), primary: may(isBoolean, "true or false") },
  revokeUserId: { ...edit, userId, text: may(isString, "a string") },
  setPrimaryUserId: { ...edit, userId },
  setExpiration: {
    ...edit,
    expires: need((v) => v === null || isDate(v), "a Date, or null for never"),
    subkey: may(isString, "a fingerprint"),
  },
  addSubkey: {
    ...edit,
    use: need(isString, '"encrypt" or "sign"'),
    algorithm: may(isString, '"curve25519", "rsa-3072", "p256" or another of them'),
    expires: may(isDate, "a Date"),
  },
  revokeSubkey: { ...edit, ...revocation, subkey: need(isString, "a fingerprint") },
  revokeKey: { ...edit, ...revocation },
  generateRevocation: { ...edit, ...revocation },
  applyRevocation: { ...dated, key: need(isCertificate, "a certificate or secret key"), revocation: need(isData, DATA) },
  inspectKey: { ...dated, key: need(isCertificate, "a key from readKeys or generateKey"), known: may(listOf(isCertificate), CERTIFICATES) },
  mergeKeys: { ...dated, key: need(isCertificate, "a key from readKeys or generateKey"), update: need(isCertificate, "a key from readKeys or generateKey") },
  minimizeKey: { ...dated, key: need(isCertificate, "a key from readKeys or generateKey"), userIds: may(listOf(isString), NAMES) },
  previewImport: { ...dated, keys: need(isData, DATA), known: may(listOf(isCertificate), CERTIFICATES) },
  certifyKey: {
    ...dated, ...others,
    expires: may(isDate, "a Date"),
    exportable: may(isBoolean, "true or false"),
    trust: may((v) => isObject(v) && isOctet(v["depth"]) && isOctet(v["amount"]) && Object.keys(v).length === 2, "{ depth, amount }, both 0 to 255"),
  },
  revokeCertification: { ...dated, ...others, text: may(isString, "a string") },
  wkdUrls: { ...call, address: need(isString, "a mail address") },
  lookupKey: {
    ...dated,
    address: need(isString, "a mail address"),
    endpoint: may((v) => v === false || isString(v) || v instanceof URL, "a URL or false"),
    keyservers: may(listOf(isString), "a list of keyservers"),
    fetch: may((v) => typeof v === "function", "a function like fetch"),
  },
} as const satisfies Record<string, Shape>;

/** Throws `unknown-option` or `bad-option` unless `options` fits the call. `undefined` counts as not given. */
export function checkOptions(name: keyof typeof SHAPES, options: unknown): void {
  const shape: Shape = SHAPES[name];
  if (!isObject(options) || Array.isArray(options)) throw new PgpError("bad-option", `${name}: give one options object`);
  for (const [option, value] of Object.entries(options)) {
    const rule = Object.hasOwn(shape, option) ? shape[option] : undefined;
    if (!rule) throw new PgpError("unknown-option", `${name}: unknown option "${option}"; it knows ${Object.keys(shape).join(", ")}`);
    if (value !== undefined && !rule.test(value)) throw new PgpError("bad-option", `${name}: "${option}" must be ${rule.wants}`);
  }
  for (const [option, rule] of Object.entries(shape)) {
    if (rule.required && options[option] === undefined) throw new PgpError("bad-option", `${name}: "${option}" is required (${rule.wants})`);
  }
}
