/**
 * What the calls about session keys, armor and inspection accept.
 */
import {
  CERTIFICATES, DATA, KEYS, SESSION_KEY, call, dated, isBoolean, isCertificate, isData, isObject, isSessionKey, isString,
  isUnlockable, may, need, oneOf, oneOrMore, type Shape,
} from "./rules.js";

const passwords = may(oneOrMore(isString), "a string or a list of strings");
const recipients = may(oneOrMore(isCertificate), CERTIFICATES);
const format = may(oneOf("auto", "seipd-v1", "seipd-v2"), '"auto", "seipd-v1" or "seipd-v2"');

/** By call. */
export const SESSION_SHAPES = {
  generateSessionKey: { ...dated, recipients, format },
  encryptSessionKey: {
    ...dated,
    sessionKey: need(isSessionKey, SESSION_KEY),
    recipients,
    passwords,
    format,
    hideRecipients: may(isBoolean, "true or false"),
    armor: may(isBoolean, "true or false"),
  },
  decryptSessionKeys: { ...call, message: need(isData, DATA), keys: may(oneOrMore(isUnlockable), KEYS), passwords },
  inspectMessage: { ...call, message: need(isData, DATA) },
  armor: {
    ...call,
    data: need(isData, DATA),
    kind: need(oneOf("message", "public-key", "private-key", "signature"), '"message", "public-key", "private-key" or "signature"'),
    headers: may((v) => isObject(v) && Object.values(v).every(isString), "an object of strings"),
  },
  dearmor: { ...call, armored: need(isData, DATA) },
} as const satisfies Record<string, Shape>;
