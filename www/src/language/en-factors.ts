// Second factors: setting them up, signing in with them, saying again who one is.
import { timeFormatsOf } from "./time-formats.ts";

const f = timeFormatsOf("en");
const few = (count: number, one: string, many: string): string => (f.plural(count) === "one" ? one : many).replace("#", f.number(count));

export const factors = {
  // Signing in
  askingPasskey: "Your browser asks for the passkey …",
  secondStep: "Second step",
  secondStepNote: (address: string) => `The password of ${address} is right. Now show that you have what only you have.`,
  secondStepUnheard: "No answer of the server came, so the second step may have been done, and a recovery code that you typed is used up then. Sign in again.",
  secondStepLate: "The second step took longer than ten minutes. Sign in again.",
  usePasskey: "Use a passkey",
  appCode: "Code from your authenticator app",
  useAppCode: "Sign in with the code",
  checkingCode: "Checking the code …",
  haveNoFactor: "I do not have it at hand",
  recoveryCodeUse: "Take one of the ten codes you were given when you set up the second step. Each works once. It is not the recovery code of your keys.",
  useRecoveryCode: "Sign in with the recovery code",
  noRecoveryCode: "No recovery codes are left. If you have lost the rest too, ask the operator of this server.",
  otherAccount: "Back to the first step",
  enrolmentTitle: "Set up a second step",
  enrolmentNote: "On this server every account needs a second step beside the password. Set up one of these to go on.",
  enrolmentLost: "No answer of the server came, so your second step may be set up. Keep it, such as the entry in your authenticator app, and sign in again. Then make new recovery codes in the settings: those that were made have never been shown.",

  // In the settings
  factorsTitle: "Second step",
  factorsNote: "With a second step, whoever knows your password still cannot sign in without something only you have: your telephone, your computer or a security key.",
  factorsOn: "On: a password alone does not open this account.",
  factorsOff: "Off: whoever knows your password can sign in.",
  factorsRequired: "Needed: this server asks for it.",
  appTitle: "Authenticator app",
  appNote: "An app on your telephone shows six digits that change every 30 seconds. It needs no network.",
  appSince: (day: string) => `Set up on ${day}.`,
  addApp: "Set up an app",
  preparing: "Preparing …",
  appSecretTitle: "Scan this with the app",
  appSecretNote: "Choose “add an account” in your authenticator app and point it at the picture. It is shown only now, and drawn in this browser.",
  appSecretQr: "QR code for the authenticator app",
  appSecretTyped: "If the app is on this device, or cannot scan, type this instead (time based, six digits):",
  appCodeNow: "The six digits the app shows now",
  appCodeClock: "If it goes on failing, set the telephone's clock to the automatic time: the digits depend on it.",
  switchOn: "Switch on",
  removeApp: "Remove the app",
  removeAppTitle: "Remove the authenticator app?",
  loginPasskeysTitle: "Passkeys for signing in",
  loginPasskeysNote: "Your fingerprint, face or security key. It works on this site only, so nobody can lure it out of you. It signs in without the password too. It does not open your keys.",
  addLoginPasskey: "Add a passkey for signing in",
  addedOn: (day: string) => `Added on ${day}`,
  notUsedYet: "Not used yet",
  removeLoginPasskeyTitle: "Remove this passkey?",
  removeFactorText: "You cannot sign in with it any more. If it is the last one, the password alone signs in, and the recovery codes go too.",
  factorAdded: "Added. From now on you sign in with it.",
  factorRemoved: "Removed.",
  recoveryCodesTitle: "Recovery codes for signing in",
  recoveryCodesNote: "If you lose your telephone or your passkey, one of these lets you in. Each works once. They are shown only now: print them or save them where a thief of this device does not find them.",
  codesOf: (host: string, address: string) => `Recovery codes for signing in at ${host} as ${address}`,
  saveCodes: "Save the codes",
  printCodes: "Print the codes",
  copyCodes: "Copy the codes",
  codesCopied: "Recovery codes copied. Do not leave them in the clipboard.",
  codesKept: "I have kept the codes",
  codesDone: "Done. The codes are not shown again.",
  leaveCodesTitle: "Leave these recovery codes behind?",
  leaveCodesText: "They are shown only here and only now. Without them you are locked out if you lose your second step.",
  leaveCodes: "Leave them",
  codesLeft: (count: number) => few(count, "One code is left.", "# codes are left."),
  renewCodes: "Make new codes",
  renewCodesTitle: "Make ten new codes?",
  renewCodesText: "The codes you have now do not work any more.",
  codesLost: "Recovery codes may have been lost on their way to you. Make new ones now: those you have may not work any more. Keep what you have set up, such as the entry in your authenticator app.",

  // Saying again who one is
  confirmTitle: "Is it still you?",
  confirmText: "For this, say once more who you are. Then it holds for five minutes.",
  appOrRecoveryCode: "Code from your authenticator app, or a recovery code",
  confirmSecondText: "Your password is right. For this your second step is needed too. Then it holds for five minutes.",
  confirmIt: "Confirm",

  // Taking back everything
  moreForLinks: "Withdraw all",
  withdrawAll: "Withdraw all links",
  withdrawAllTitle: "Withdraw all links?",
  withdrawAllText: "Nobody can open any of your messages any more. The server deletes them. This cannot be undone.",
  withdrawing: "Withdrawing …",
  allWithdrawn: (count: number) => few(count, "One message withdrawn.", "# messages withdrawn."),
};

export const factorProblems = {
  "wrong-code": "This code does not fit, or it was used already. Try the next one.",
  "wrong-login-passkey": "This passkey does not belong to the account. Use another one.",
  "login-passkey-refused": "No passkey was given. Try again, or sign in another way.",
  "login-passkey-known": "This device or security key has a passkey for the account already.",
  "wrong-own-password": "The password does not fit. Nothing was changed. Try again.",
  "not-confirmed": "Nothing was changed: you did not confirm that it is you.",
  "second-factor-required": "The second step of signing in is missing. Sign in again.",
  "last-factor": "This server asks for a second step, and this is your last one. Set up another one first.",
};

export type FactorsWords = typeof factors;
export type FactorProblems = typeof factorProblems;
