// Where one is signed in, and was.
import { timeFormatsOf } from "./time-formats.ts";

const f = timeFormatsOf("en");
const few = (count: number, one: string, many: string): string => (f.plural(count) === "one" ? one : many).replace("#", f.number(count));

export const sessions = {
  sessionsTitle: "Where you are signed in",
  sessionsNote: "Every browser that is signed in to your account, under the name it gives itself. A session ends by itself after twelve hours without use, after seven days, and when your account has fifty newer ones.",
  sessionsStranger: "End one that you do not know, and change your password: whoever was there knew it. Look at second steps and programs as well.",
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
  endOthersText: "Every other browser has to sign in again. This one stays signed in. Messages, links and keys stay as they are, and programs keep their tokens.",
  othersEnded: "All other sessions are ended.",
  signedOutElsewhere: "You have been signed out here: the session was ended on another device, its time was over, or your account has fifty newer ones. Your messages and keys are kept. Sign in again to go on.",
  historyTitle: "Sign-ins of the last 90 days",
  historyNote: "By day and browser, however often. Whoever uses a browser like yours stands in one line with you.",
  firstWithDevice: "Not used before",
  signedInTimes: (times: number, last: string) => few(times, `Once: ${last}`, `# times, the last: ${last}`),
  unfinishedLogin: "The password was right, the second step was not done",
  unfinishedLoginTitle: "A second step that was not done",
  unfinishedLogins: (devices: string) => `Somebody entered the right password of your account and has not done the second step: ${devices}.`,
  unfinishedLoginAdvice: "If it was you, all is well. If not, change your password: without the second step nobody got in, but somebody knows it.",
  newDeviceTitle: "A browser that was not used before",
  deviceAt: (device: string, moment: string) => `${device} (${moment})`,
  newDevices: (devices: string) => `Somebody signed in to your account with a browser that was not used before: ${devices}.`,
  newDeviceSeen: "I have seen it",
};

export type SessionsWords = typeof sessions;
