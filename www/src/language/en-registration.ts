// Making an account.
export const registration = {
  register: "Create an account",
  registerNote: "Your password never leaves this browser: the server keeps what proves that you know it, and cannot read it.",
  registerSignedIn: (address: string) => `You are signed in as ${address}. To make another account, sign out first and open the link again.`,
  registerNeedsInvitation: "Accounts on this server are by invitation. Open the link you were given, or ask whoever runs the server for one.",
  registerClosed: "Accounts on this server are made by whoever runs it. Ask them for one.",
  registerByInvitation: "No account yet? Open the link of your invitation, or ask whoever runs this server for one.",
  invitedUntil: (moment: string) => `You are invited. The invitation is good once, until ${moment}.`,
  haveAccount: "I have an account: sign in",
  yourName: "Your name",
  yourNameNote: "Those you write to see it.",
  addressInvited: "The invitation is for this address.",
  addressOfDomains: (domains: string) => `Of ${domains}. You sign in with it, and those you write to see it.`,
  addressAny: "You sign in with it, and those you write to see it.",
  repeatAccountPassword: "Repeat account password",
  passwordLost: "If you forget this password, only whoever runs the server can give your account another one. Nobody can look it up. Keep it where you will find it, such as in a password manager.",
  makeAccount: "Create account",
  registering: "Creating your account …",
  accountMade: "Your account is made. Sign in with it.",
};

export const registrationProblems = {
  "registration-closed": "Accounts on this server are made by whoever runs it, or by invitation. Nothing was changed. Ask them for one.",
  "invitation-ended": "This invitation is good no more: it has been used, withdrawn, or its time is over. If you have used it yourself, sign in. Otherwise ask for another one.",
  "address-not-allowed": "Nobody can register with this address here. Nothing was changed. Check it for typing errors, or take another one.",
  "address-taken": "There is an account with this address already. Nothing was changed. Sign in with it, or take another address.",
  "passwords-unequal": "The two passwords differ. Type them again.",
};

export type RegistrationWords = typeof registration;
export type RegistrationProblems = typeof registrationProblems;
