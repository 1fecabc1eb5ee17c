// Where one is signed in.
export const sessions = {
  sessionsTitle: "Where you are signed in",
  sessionsNote: "Every browser that is signed in to your account, under the name it gives itself. A session ends by itself after twelve hours without use, and after seven days.",
  sessionsStranger: "End one that you do not know, and have your password changed: whoever was there knew it.",
  browserOn: (browser: string, system: string) => `${browser} on ${system}`,
  anotherBrowser: "Another browser",
  unknownDevice: "Unknown browser or program",
  thisSession: "This one",
  signedInOn: (moment: string) => `Signed in: ${moment}`,
  lastUsed: (distance: string) => `Last used: ${distance}`,
  onlyHere: "You are signed in nowhere else.",
  endSession: "End",
  endSessionLabel: (device: string, moment: string) => `End: ${device}, signed in ${moment}`,
  endingSession: "Ending …",
  sessionEnded: (device: string) => `${device}: the session is ended.`,
  endOthers: "End all others",
  endOthersTitle: "End all other sessions?",
  endOthersText: "Every other browser has to sign in again. This one stays signed in. Messages, links and keys stay as they are.",
  othersEnded: "All other sessions are ended.",
  signedOutElsewhere: "You have been signed out here: the session was ended on another device, or its time was over. Your messages and keys are kept. Sign in again to go on.",
};

export type SessionsWords = typeof sessions;
