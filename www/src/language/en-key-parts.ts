// What is behind "Show everything": names, subkeys, expiry, revocation, certifications, preferences.
import { timeFormatsOf } from "./time-formats.ts";

const f = timeFormatsOf("en");
const few = (count: number, one: string, many: string): string => (f.plural(count) === "one" ? one : many).replace("#", f.number(count));

export const keyParts = {
  // A key's own passphrase
  ownPassphraseTitle: (person: string) => `Passphrase for the key of ${person}`,
  ownPassphraseText: "This key has a passphrase of its own. Afterwards your keystore's passphrase opens it, and you will not be asked again.",

  // Expiry
  newExpiryOfKey: "The key shall end",
  changeExpiryOfKey: "Change expiry",
  onADay: "On a day of your choice",
  lastDay: "Last day",
  changingExpiry: "Changing the expiry …",
  expirySet: (day: string) => `The key is valid until ${day}. Give your public key to your contacts again, so that they know.`,
  expiryNever: "The key does not expire any more. Give your public key to your contacts again, so that they know.",
  expiryTitle: "Expiry",

  // Names
  userIdsTitle: "Names and addresses",
  userIdStates: { valid: "valid", expired: "expired", revoked: "revoked", invalid: "not confirmed by the key", unverified: "not confirmed by the key" },
  unconfirmedUserId: "Not confirmed by the key",
  mainUserId: "valid, the main name",
  selfCertified: (day: string) => `Confirmed by the key on ${day}`,
  makeMain: "Make it the main name",
  makeMainLabel: (userId: string) => `Make ${userId} the main name`,
  revokeIt: "Revoke",
  revokeUserIdLabel: (userId: string) => `Revoke ${userId}`,
  revokeUserIdTitle: (userId: string) => `Revoke ${userId}?`,
  revokeUserIdText: "People who get your public key from now on will see that this name or address is no longer yours. This cannot be undone.",
  userIdRevoked: (userId: string) => `${userId} revoked.`,
  addUserId: "Add a name or address",
  addThisUserId: "Add it",
  asMainUserId: "Make it the main name",
  addingUserId: "Adding the name …",
  userIdAdded: (address: string) => `${address} added. Give your public key to your contacts again, so that they know.`,
  changingUserIds: "Changing the names …",
  mainUserIdSet: (userId: string) => `${userId} is the main name now.`,

  // Certifications
  certificationCount: (count: number) => few(count, "Certified by # other key", "Certified by # other keys"),
  certificationStates: {
    valid: "certified it",
    expired: "had certified it, that has expired",
    revoked: "took the certification back",
    unverified: "claims to certify it, the key is not here to check",
    "unknown-issuer": "claims to certify it, the key is not here to check",
    invalid: "a certification that is wrong",
    weak: "certified it in an outdated way that proves nothing",
  } as Record<string, string>,
  onlyHere: "only for you",
  unknownIssuer: "Unknown key",
  certifyTitle: "Certify",
  certifyNote: "Sign that this key belongs to this person. Do it only after you have compared the fingerprint with them.",
  certifyThis: (person: string) => `Certify the key of ${person}`,
  certifyNames: "Names you are sure of",
  certifyWith: "Certify with",
  certifyPublic: "Others may see it",
  certifyPublicNote: "Otherwise the certification is for yourself: other programs do not pass it on.",
  certifyNow: "Certify now",
  certifying: "Certifying …",
  certified: (person: string) => `The key of ${person} is certified.`,

  // Subkeys
  subkeysTitle: "Parts of the key",
  primaryKey: "Main key",
  subkeyFor: (abilities: string) => `Subkey: ${abilities}`,
  abilityNames: { certify: "certify", sign: "sign", encrypt: "encrypt", authenticate: "sign in" },
  canDo: (abilities: string) => `Can ${abilities}`,
  bits: (count: number) => `${f.number(count)} bits`,
  createdOn: (day: string) => `created ${day}`,
  secretStates: { locked: "secret part here, locked", open: "secret part here", absent: "secret part is elsewhere (offline)" },
  changeSubkeyExpiry: "Change its expiry",
  revokeSubkey: "Revoke this subkey",
  revokeSubkeyText: "Others will no longer use this part of your key. Messages encrypted to it can still be read. This cannot be undone.",
  revokeThisSubkey: "Revoke the subkey",
  revokingSubkey: "Revoking the subkey …",
  subkeyRevoked: "Subkey revoked. Give your public key to your contacts again, so that they know.",
  addSubkey: "Add a subkey",
  subkeyUse: "What for",
  toEncrypt: "To encrypt",
  toSign: "To sign",
  addThisSubkey: "Add the subkey",
  addingSubkey: "Adding the subkey …",
  subkeyAdded: "Subkey added. Give your public key to your contacts again, so that they know.",

  // Revocation
  revocationTitle: "Revocation",
  revocationTitleNote: "If your key is lost or stolen, tell everybody that it must not be used any more.",
  newRevocation: "Make a revocation certificate",
  saveNewRevocation: "Make and save it",
  makingRevocation: "Making the revocation certificate …",
  revokeKey: "Revoke this key",
  revokeThisKey: "Revoke the key",
  revokeKeyTitle: (person: string) => `Revoke the key of ${person}?`,
  revokeKeyText: "Nobody will encrypt to it or trust its new signatures any more. You can still read what was encrypted to it. This cannot be undone.",
  revokeWord: "revoke",
  typeRevoke: "Type revoke to confirm",
  revokingKey: "Revoking the key …",
  keyRevoked: "The key is revoked here. Send your public key to your contacts, so that they know.",
  applyRevocation: "Use a revocation certificate",
  applyRevocationNote: "From a file you kept, or one that the owner sent you. The key is then marked as revoked here.",
  pasteRevocation: "Paste the revocation certificate",
  chooseRevocation: "Choose its file",
  applyThisRevocation: "Mark the key as revoked",
  applyingRevocation: "Checking the revocation …",
  revocationApplied: "The key is marked as revoked.",
  revocationReason: "Reason",
  revocationReasons: { "no-reason": "No reason given", superseded: "Replaced by another key", retired: "No longer used", compromised: "Somebody else may have it", "user-id-invalid": "The name is no longer valid" } as Record<string, string>,
  revocationText: "Explanation (optional)",
  revocationTextNote: "Everybody who gets the key can read it.",
  revokedBecause: (reason: string | undefined, text: string, day: string) => `Revoked on ${day}: ${reason ?? "unknown reason"}${text === "" ? "" : ` (${text})`}`,

  // Preferences
  preferencesTitle: "What the key asks for",
  preferenceNames: { ciphers: "Ciphers", aead: "Authenticated modes", hashes: "Hashes", compression: "Compression", features: "Features" },
  noPreferences: "The key says nothing about algorithms; the defaults of the standard hold.",
};

export type KeyPartWords = typeof keyParts;
