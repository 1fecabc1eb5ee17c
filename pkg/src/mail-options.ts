/**
 * What the calls about mails accept.
 */
import {
  CERTIFICATES, DATA, KEYS, NAMES, NEW, NOTATIONS, dated, fields, isAttachment, isBoolean, isCertificate, isData, isNotation,
  isObject, isPassphrase, isString, isUnlockable, listOf, may, need, oneOf, oneOrMore, verifyWith, type Shape, type Test,
} from "./rules.js";

const isMailbox: Test = (v) => isObject(v) && isString(v["address"]) && fields({ name: isString, address: isString })(v);
const autocrypt = { key: isCertificate, address: isString, preferEncrypt: isBoolean };
const isAutocrypt: Test = (v) => isObject(v) && isCertificate(v["key"]) && isString(v["address"]) && fields(autocrypt)(v);

const MAILBOXES = "{ name, address } or a list of them";
const AUTOCRYPT = "{ key, address, preferEncrypt }";
const string = may(isString, "a string");
const boolean = may(isBoolean, "true or false");
const mailboxes = may(oneOrMore(isMailbox), MAILBOXES);
const passwords = may(oneOrMore(isString), "a string or a list of strings");

/** By call. */
export const MAIL_SHAPES = {
  composeMail: {
    ...dated,
    from: need(isMailbox, "{ name, address }"),
    to: mailboxes,
    cc: mailboxes,
    replyTo: mailboxes,
    subject: need(isString, "a string"),
    text: need(isString, "a string"),
    html: string,
    attachments: may(listOf(isAttachment), "a list of { name, type, data: Uint8Array or Blob }"),
    messageId: string,
    inReplyTo: string,
    references: may(oneOrMore(isString), "a string or a list of strings"),
    signers: may(oneOrMore(isUnlockable), KEYS),
    recipients: may(oneOrMore(isCertificate), CERTIFICATES),
    passwords,
    format: may(oneOf("auto", "seipd-v1", "seipd-v2"), '"auto", "seipd-v1" or "seipd-v2"'),
    hideSubject: boolean,
    hideRecipients: boolean,
    notations: may(listOf(isNotation), NOTATIONS),
    autocrypt: may(isAutocrypt, AUTOCRYPT),
    gossip: may(listOf(isAutocrypt), `a list of ${AUTOCRYPT}`),
  },
  readMail: {
    ...dated,
    mail: need(isData, DATA),
    keys: may(oneOrMore(isUnlockable), KEYS),
    passwords,
    verifyWith,
    knownNotations: may(listOf(isString), NAMES),
  },
  autocryptHeader: {
    ...dated,
    key: need(isCertificate, CERTIFICATES),
    address: need(isString, "a mail address"),
    preferEncrypt: boolean,
  },
  readAutocryptHeader: { ...dated, mail: need(isData, DATA) },
  autocryptSetupMessage: {
    ...dated,
    key: need(isUnlockable, "{ key, passphrase } or { key, keystore }; `key` is a secret key"),
    address: need(isString, "a mail address"),
    preferEncrypt: boolean,
  },
  readAutocryptSetupMessage: { ...dated, mail: need(isData, DATA), code: string, newPassphrase: may(isPassphrase, NEW) },
} as const satisfies Record<string, Shape>;
