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
  onePasswordWarning: "If whoever runs the server sets a new password for your account, it does not open your keys. Write the code of your devices down (Other devices), or make a backup.",
  onePasswordTurnOn: "Let the account's password open them",
  onePasswordTurnOff: "Give them a passphrase of their own",
  onePasswordTurnOffNote: "What opens your keys with the account's password is taken off the server, and the copy of your keys there gets a new code. Your other devices need that code (Other devices). Do the same on them before you change the password of your account: they could not be opened with the new one.",
  onePasswordTurnOffBackups: "Backups of the server keep what was there until now, for as long as whoever runs it keeps them. With such a backup and your password of today, somebody could open the keys as they are now, and another password does not help against that. If this worries you, make new keys afterwards.",
  onePasswordTurnedOn: "Your account's password opens your keys now.",
  onePasswordTurnedOff: "Your keys have a passphrase of their own now.",
  onePasswordReset: "Your account's password was set anew, so it does not open your keys any more. Let it open them again, and it suffices here and on a new device.",
  onePasswordHereOnly: "Your account's password opens your keys in this browser. On a new device it does not: what that takes is not on the server any more.",
  onePasswordOther: "Your account's password opens your keys in this browser. Another device has put something else on the server since, so it does not bring these keys to a new device.",
  onePasswordApart: "Your account's password opens your keys in this browser. It does not bring them to a new device, because this one does not compare its keys with others.",
  onePasswordRepair: "Let it bring them to new devices",
  onePasswordElsewhere: "In this browser your keys have a passphrase of their own. On another device the password of your account opens them, and it can do so here too.",
  onePasswordUnknown: "The server could not be asked what opens your keys on a new device.",
  onePasswordCopy: {
    renewed: "The copy of your keys on the server has a new code: type it on your other devices (Other devices).",
    left: "This device does not compare its keys with others, so a copy on the server stays under the code of before. Do this on a device that does, or let this one compare first.",
    none: "",
  },

  // A copy on the server that nothing here opens
  strangeCopyTitle: "Your keys on the server",
  strangeCopyText: "The server keeps a copy of your keys that this password does not open. What opens it is the code of your devices. Nothing was changed yet.",
  strangeCopyCode: "I have another device, or the code",
  strangeCopyCodeNote: "With the code your keys come here, and the password you have now opens them from then on.",
  strangeCopyAnew: "Begin anew",
  strangeCopyAnewNote: "What is in this browser takes the place of the copy. Keys that only the copy has are lost, and so is what was encrypted to them. Keys in a backup or in a Setup Message can be brought in afterwards.",
  replaceCopyTitle: "Replace your keys on the server?",
  replaceCopyText: "The copy of your keys on the server goes and does not come back. If no other device and no backup has these keys, nobody can read again what was encrypted to them.",
  replaceCopy: "Replace the copy",
  replaceWord: "replace",
  typeReplace: "Type replace to confirm",
};

export const onePasswordProblems = {
  "wrong-account-key": "Your account's password was set anew, so it does not open your keys any more. Nothing is lost: use another device that has them open, the code of your devices, or a backup. Then turn on \"One password\" again.",
  "wrong-account-password": "The password of your account does not fit. Try again.",
  "strange-copy": "The server keeps a copy of your keys that this password does not open. Nothing was changed. Choose below what happens to it.",
  "wrong-device-code": "This code does not open the copy on the server. Nothing was changed. Compare it with your other device, group by group.",
  "copy-kept": "The copy on the server was kept, and nothing was changed.",
  "keyring-changed": "Another device was faster. Nothing was changed. Try again.",
  "precondition-required": "This page is older than the server. Nothing was changed. Load it anew and try again.",
};

export type OnePasswordWords = typeof onePassword;
export type OnePasswordProblems = typeof onePasswordProblems;
