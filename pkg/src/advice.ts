/**
 * The closed list of error codes, and what to do about each.
 *
 * Codes up to the marked line come from the wasm module (`errorCodes()` there; a test holds both lists
 * together); the rest belong to loading, options, workers, storage and the login. Reader and login are built with the smaller
 * `advice-of-reader.ts` and `advice-of-login.ts` instead.
 */

/** What a code means for the caller. */
export interface Advice {
  /** Whether the same call can succeed with another input, or simply later. */
  readonly recoverable: boolean;
  /** What to do next, one sentence. */
  readonly hint: string;
}

/** Advice by code. */
export const ADVICE = {
  "decryption-failed": { recoverable: true, hint: "The password or key is wrong, or the message is damaged. Ask for the password again." },
  "no-matching-key": { recoverable: true, hint: "The message is not encrypted to any of the given keys or passwords. Offer other keys or ask for a password." },
  "wrong-passphrase": { recoverable: true, hint: "Ask for the passphrase of the key again." },
  "passphrase-required": { recoverable: true, hint: "The secret key is locked: give its passphrase." },
  "too-expensive": { recoverable: false, hint: "Deriving a key would cost more memory or time than allowed; it may be an attack." },
  "too-much-work": { recoverable: false, hint: "Trying the passwords would cost more time than allowed. Give one password; if it was one, the message was encrypted to too many." },
  "too-large": { recoverable: false, hint: "The input is larger than the limit, or holds more of something; the message says of what. Only a stream in SEIPD v2 may be of any size." },
  "out-of-memory": { recoverable: true, hint: "There is not enough memory left; close other tabs or send a smaller file." },
  "malformed": { recoverable: false, hint: "The input is not what OpenPGP allows here, or it was truncated or changed on the way." },
  "bad-armor": { recoverable: false, hint: "The armored text is damaged; ask for it again, as an attachment if possible." },
  "bad-s2k": { recoverable: false, hint: "The key or message derives keys in a way that is not allowed." },
  "unsupported": { recoverable: false, hint: "The input uses an algorithm or format this version does not handle." },
  "not-integrity-protected": { recoverable: false, hint: "The message has no integrity protection and is refused; ask the sender to send it again with a current program." },
  "not-encrypted": { recoverable: false, hint: "The message is not encrypted: use verify; for a detached signature, together with the data." },
  "encrypted": { recoverable: false, hint: "The message is encrypted: use decrypt, which checks signatures as well." },
  "profile-mismatch": { recoverable: false, hint: "The envelope does not have the parameters of its profile; the server may have changed it." },
  "bad-content": { recoverable: false, hint: "The envelope was opened, but what is inside is not an envelope's content." },
  "password-not-text": { recoverable: true, hint: "Ask for a password that is text." },
  "entry-damaged": { recoverable: false, hint: "The entry was changed in its storage; the others can still be read." },
  "name-too-long": { recoverable: false, hint: "Give the record a shorter name (at most 255 bytes in all)." },
  "unknown-passkey": { recoverable: true, hint: "This passkey is not one of the keystore's; offer the passphrase." },
  "wrong-account-key": { recoverable: true, hint: "The account's password is another one now; ask for the recovery code." },
  "wrong-passkey": { recoverable: true, hint: "The passkey does not open this keystore; offer the passphrase." },
  "too-many-passkeys": { recoverable: false, hint: "Remove a passkey before adding another one." },
  "recovery-code-mistyped": { recoverable: true, hint: "Ask for it again: `facts` name the group with the typing error, or the wrong length." },
  "share-mistyped": { recoverable: true, hint: "Ask for it again: `facts` name the share and its group with the typing error, or the wrong length." },
  "shares-missing": { recoverable: true, hint: "Ask for more shares; `facts` say how many it takes." },
  "shares-mixed": { recoverable: true, hint: "The shares were not made together; look at the first group, which all shares of a set have in common." },
  "bad-share-count": { recoverable: false, hint: "Make 2 to 16 shares, of which at least 2 and at most all are needed." },
  "wrong-recovery-code": { recoverable: true, hint: "The recovery code is that of another backup." },
  "backup-damaged": { recoverable: false, hint: "The file is no backup of a keystore, or it was cut or changed; look for another copy." },
  "sync-code-required": { recoverable: true, hint: "Ask for the code that `syncCode` gives on a device that syncs already, and give it as `code`." },
  "sync-rolled-back": { recoverable: false, hint: "Nothing was changed here. Whoever keeps the file gave an old one back: stopSync, and start anew with a new file if that was on purpose." },
  "no-key": { recoverable: false, hint: "There is no OpenPGP key in the input." },
  "several-keys": { recoverable: false, hint: "The input holds several keys where one is wanted; use readKeys and choose." },
  "not-a-secret-key": { recoverable: false, hint: "This is a certificate; a secret key is needed here." },
  "secret-absent": { recoverable: false, hint: "The secret part of this key is kept elsewhere, such as on a smart card." },
  "secret-mismatch": { recoverable: false, hint: "Secret and public part of the key do not belong together; do not use it." },
  "key-not-usable": { recoverable: false, hint: "The key is expired, revoked or invalid; see its `status` and `problems`." },
  "no-signing-key": { recoverable: false, hint: "The key has no component that may sign now." },
  "no-encryption-key": { recoverable: false, hint: "The certificate has no component that may be encrypted to now." },
  "no-certifying-key": { recoverable: false, hint: "The signer's primary key may not certify other keys; use another one." },
  "key-mismatch": { recoverable: false, hint: "This belongs to another key: compare the fingerprints." },
  "no-revocation": { recoverable: false, hint: "There is no revocation of a key in the input." },
  "unknown-user-id": { recoverable: false, hint: "Take a user ID from the certificate's `userIds`, letter for letter." },
  "user-id-exists": { recoverable: false, hint: "The key has this user ID already." },
  "last-user-id": { recoverable: false, hint: "Add another user ID first, or revoke the whole key." },
  "unknown-subkey": { recoverable: false, hint: "Take the fingerprint of a subkey of this key." },
  "not-certified": { recoverable: false, hint: "There is nothing to take back: this key has not certified the user ID." },
  "bad-options": { recoverable: false, hint: "The options ask for a key that cannot be made; read the message." },
  "no-signer": { recoverable: false, hint: "Give at least one signer." },
  "too-many-signers": { recoverable: false, hint: "Sign with fewer keys; the message says how many signatures are allowed." },
  "signing-failed": { recoverable: false, hint: "The key could not compute a signature; its algorithm may not be supported." },
  "no-recipient": { recoverable: false, hint: "Give at least one recipient or password." },
  "unusable-recipient": { recoverable: false, hint: "A recipient's certificate cannot be encrypted to now; ask for an updated one." },
  "too-many-passwords": { recoverable: false, hint: "Encrypt to fewer passwords; the message says how many are allowed." },
  "empty-password": { recoverable: true, hint: "Ask for a password that is not empty." },
  "bad-autocrypt": { recoverable: false, hint: "The Autocrypt header is for the address in From; gossip is for addresses in To and Cc of an encrypted mail." },
  "bad-header": { recoverable: false, hint: "Message-ID, In-Reply-To and References hold <id@domain>, References several between blanks." },
  "bad-notation": { recoverable: false, hint: "A notation needs a name without blanks and a value of at most 16 KiB." },
  "filename-too-long": { recoverable: true, hint: "Give a file name of at most 255 bytes." },
  "encryption-failed": { recoverable: false, hint: "A certificate could not be encrypted to." },
  "not-text": { recoverable: true, hint: "The data is not UTF-8 text. Read it with `as: \"binary\"`; sign it with another form than cleartext." },
  "cancelled": { recoverable: true, hint: "The caller cancelled the work." },
  "bad-option": { recoverable: false, hint: "An option has the wrong type or value; read the message." },
  "bad-address": { recoverable: true, hint: "Check the address: it must be name@example.org, in ASCII before the @, without quotes or comments; to look it up, with a public domain." },
  "keystore-locked": { recoverable: true, hint: "Open the keystore again with its passphrase." },
  "internal": { recoverable: true, hint: "This is a defect in Envelock; please report it. The next call works." },
  // Below: not from the wasm module.
  "lookup-failed": { recoverable: true, hint: "Nobody who was asked gave a usable answer. Try again later, or ask the person for the certificate." },
  "lookup-refused": { recoverable: true, hint: "The server did not look it up; read the message (not logged in, too often, or switched off)." },
  "unknown-option": { recoverable: false, hint: "Check the spelling of the option; each call accepts only the options it documents." },
  "wasm-unsupported": { recoverable: false, hint: "WebAssembly is switched off here (a hardened browser mode or a CSP without 'wasm-unsafe-eval'), or older than 2023 (Safari 16.4, Chrome 91, Firefox 89)." },
  "wasm-not-loaded": { recoverable: true, hint: "The wasm module could not be loaded. Serve `envelock/wasm` and `envelock/wasm-rest` as application/wasm, or say where they are with `init({ wasm, wasmRest })`; calling again tries again." },
  "worker-failed": { recoverable: true, hint: "The worker could not be started. Check the worker's URL and the `worker-src` of the CSP." },
  "terminated": { recoverable: false, hint: "The worker was terminated; make a new one." },
  "source-failed": { recoverable: true, hint: "The stream or blob that was given failed while it was read; `cause` is its own error." },
  "storage-failed": { recoverable: true, hint: "The storage refused to read or write; it may be full or blocked by the browser." },
  "passkey-unavailable": { recoverable: true, hint: "This browser or this passkey cannot open a keystore; offer the passphrase." },
  "passkey-refused": { recoverable: true, hint: "The user gave no passkey, or took too long; offer to try again, and the passphrase." },
  "wrong-password": { recoverable: true, hint: "The address or the password is wrong, or the answer is not the server's: all look the same. Ask for the password again." },
  "password-too-short": { recoverable: true, hint: "Ask for a longer password; the message says how long." },
  "password-too-long": { recoverable: true, hint: "Ask for a shorter password; the message says how long." },
} as const satisfies Record<string, Advice>;
