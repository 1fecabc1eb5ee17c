// One password for the account and the keystore.
export const onePassword = {
  chooseOpening: "What opens your keys",
  withAccountPassword: "The password of my account (one password suffices)",
  withAccountPasswordNote: "On a new device you sign in, and your keys are there. Whoever runs the server could try to guess this password with its data, so it should be a strong one. If you forget it, your keys are lost without a backup.",
  withOwnPassphrase: "A passphrase of its own",
  withOwnPassphraseNote: "The server has nothing to guess it by. On a new device you need the code of this one, or a backup.",
  accountPasswordAgain: "Password of your account",
  unlockWithAccountNote: "Your account's password opens your keys.",
  unlockOtherwise: "Without the account's password",
  unlockOtherwiseNote: "When it was set anew, or the server cannot be reached: type the code of your devices, or the passphrase, if this keystore has one.",
  codeOrPassphrase: "Code or passphrase",
  onePasswordTitle: "One password",
  onePasswordOn: "Your account's password opens your keys, here and on a new device.",
  onePasswordOff: "Your keys have a passphrase of their own. You can let the password of your account open them instead: then it suffices to sign in, also on a new device.",
  onePasswordWarning: "A new password that whoever runs the server gives your account opens no keys. Write the code of your devices down (Other devices), or make a backup.",
  onePasswordTurnOn: "Let the account's password open them",
  onePasswordTurnOff: "Give them a passphrase of their own",
  onePasswordTurnOffNote: "What opens your keys with the account's password is taken off the server. Do this on your other devices too before you change that password: they could not be opened with the new one.",
  onePasswordTurnedOn: "Your account's password opens your keys now.",
  onePasswordTurnedOff: "Your keys have a passphrase of their own now.",
};

export const onePasswordProblems = {
  "wrong-account-key": "Your account's password was set anew, so it does not open your keys any more. Nothing is lost: use another device that has them open, the code of your devices, or a backup. Then turn on \"One password\" again.",
  "wrong-account-password": "The password of your account does not fit. Try again.",
  "other-code": "Another code is kept for your account. Nothing was changed. Stop syncing under Other devices, then try again.",
  "keyring-changed": "Another device was faster. Nothing was changed. Try again.",
  "precondition-required": "This page is older than the server. Nothing was changed. Load it anew and try again.",
};

export type OnePasswordWords = typeof onePassword;
export type OnePasswordProblems = typeof onePasswordProblems;
