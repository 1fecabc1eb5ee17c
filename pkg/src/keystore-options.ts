/**
 * The options of the keystore's calls.
 */
import {
  DATA, NEW, call, dated, isBoolean, isData, isDate, isOctet, isObject, isPassphrase, isString, listOf, may, need, storage, type Shape, type Test,
} from "./rules.js";

const isVerification: Test = (v) => isObject(v) && isDate(v["at"]) && isString(v["how"]);
const exportKey = need((v) => v instanceof Uint8Array && v.length === 64, "64 octets");
const location: Shape = { storage, name: may((v) => isString(v) && /^\P{Cs}{1,64}$/su.test(v as string), "a string of 1 to 64 characters") };

/** What each call accepts. */
export const KEYSTORE_SHAPES = {
  "Keystore.exists": location,
  "Keystore.names": { storage },
  "Keystore.passkeys": location,
  "Keystore.remove": location,
  "Keystore.open": { ...call, ...location, passphrase: may(isPassphrase, NEW), passkey: may(isBoolean, "true or false") },
  "Keystore.restore": {
    ...call,
    ...location,
    file: need(isData, DATA),
    recoveryCode: need(isString, "a string"),
    passphrase: need(isPassphrase, NEW),
  },
  splitRecoveryCode: {
    ...call,
    recoveryCode: need(isString, "a string"),
    shares: need(isOctet, "a number from 2 to 16"),
    threshold: need(isOctet, "a number from 2 to 16"),
  },
  joinRecoveryShares: { ...call, shares: need(listOf(isString), "a list of strings") },
  sealRecoveryCode: { ...call, exportKey, recoveryCode: may(isString, "a string") },
  openRecoveryCode: { ...call, exportKey, sealed: need((v) => v instanceof Uint8Array, "a Uint8Array") },
  "keystore.add": {
    ...dated,
    passphrase: may(isString, "a string"),
    labels: may(listOf(isString), "a list of strings"),
    origin: may(isString, "a string"),
    verified: may(isVerification, "{ at: Date, how }"),
  },
  "keystore.setMetadata": {
    labels: may(listOf(isString), "a list of strings"),
    origin: may(isString, "a string"),
    verified: may((v) => v === null || isVerification(v), "{ at: Date, how } or null"),
  },
  "keystore.backup": dated,
  "keystore.sync": {
    ...call,
    store: need((v) => isObject(v) && ["read", "write"].every((m) => typeof v[m] === "function"), "{ read, write }"),
    code: may(isString, "a string"),
    renewCode: may(isBoolean, "true or false"),
  },
  "keystore.enrolPasskey": { ...call, userName: need(isPassphrase, NEW), name: may(isString, "a string") },
  "keystore.autoLock": {
    minutes: need((v) => v === false || (typeof v === "number" && v > 0 && v <= 60 * 24), "minutes, at most a day, or false"),
  },
  "keystore.export": {
    ...call,
    fingerprint: need(isString, "a fingerprint"),
    newPassphrase: may(isPassphrase, NEW),
  },
  "keystore.changePassphrase": { ...call, newPassphrase: need(isPassphrase, NEW) },
} as const satisfies Record<string, Shape>;
