// The decrypt page in English. It speaks to somebody who has never heard of OpenPGP: no jargon, one thing at a time.
import { formatsOf } from "../language/formats.ts";

const f = formatsOf("en");
const few = (count: number, one: string, many: string): string => (f.plural(count) === "one" ? one : many).replace("#", f.number(count));

export const en = {
  language: "en",
  direction: "ltr",
  formats: f,
  of: "{done} of {total}",
  page: "Encrypted message",
  sentBy: (name: string, address: string) => `${name} (${address}) sent you an encrypted message.`,
  claimed: "This is who the sender claims to be. It is checked after you open the message.",
  sent: "Sent",
  expires: "Available until",
  size: "Size",
  hint: "Hint from the sender",
  password: "Password",
  passwordNote: "If it is five words: capitals, blanks and hyphens do not matter.",
  show: "Show password",
  hide: "Hide password",
  open: "Open",
  cancel: "Cancel",
  lastOpening: "This message can be opened one more time. After you open it, it is removed from the server. Save a copy if you want to keep it.",
  openingsLeft: (count: number) => few(count, "It can be opened # more time.", "It can be opened # more times."),
  howTitle: "How did I get this?",
  how: [
    "Somebody wrote you a message and protected it with a password. They gave you this link, and should have told you the password another way: by phone, by messenger or in person.",
    "If you do not know the sender, or did not expect a message, do not type any password you use elsewhere. Ask the sender first.",
  ],
  whatTitle: "What happens here?",
  what: [
    "Your browser fetches the encrypted message and unlocks it with the password. The password and the message stay in this browser: the server that keeps the message can read neither.",
    "Nothing is loaded from anywhere else, and nothing is stored. When you leave this page, it forgets the message.",
    "Not protected: the server knows the sender's account, the times, the size, the hint and how often it was opened. And you rely on the server to deliver this page unchanged.",
  ],
  preparing: "Turning your password into a key …",
  fetching: (amount: string) => `Fetching ${amount}`,
  decrypting: (amount: string) => `Decrypting ${amount}`,
  wrong: (left: number, sender: string) =>
    `That password does not fit. ${few(left, "# try left", "# tries left")}, then ${sender} has to unlock it.`,
  wrongUnknown: "That password does not fit. Try again.",
  empty: "Type the password that the sender gave you.",
  locked: (sender: string) =>
    `This message is locked after too many tries. It is not lost: ask ${sender} to unlock it and to tell you the password again. Then try again.`,
  gone: "This message is no longer here. Ask the sender for a new link.",
  goneTitle: "No message",
  damagedLink: "This link is not complete. Copy the whole link from the message you got, up to its last character, or ask the sender to send it again.",
  missingSecret: "This link is not complete: the part after # is missing. Copy the whole link from the message you got, or ask the sender to send it again.",
  inUse: "This message is being opened in another window or on another device right now, and it can be opened only once. If that was you, go there. Otherwise try again in ten minutes.",
  offline: "The server could not be reached. Nothing was lost or used up. Check your connection and try again.",
  busy: "The server is busy. Nothing was lost. Wait a minute and try again.",
  failed: "The server did not answer as expected. Nothing was lost. Try again, and tell the sender if it stays so.",
  damagedMessage: "The password is right, but the message arrived damaged. Nothing was used up. Try again, and tell the sender if it stays so.",
  suspicious: "The server described this message in a way that would weaken its protection. The password was not used. Tell the sender.",
  tooLarge: "This message is too large for this browser. Nothing was used up. Try another device with more memory.",
  cancelled: "Cancelled. Nothing was used up.",
  retry: "Try again",
  cannotTitle: "This browser cannot open the message",
  cannot:
    "Opening it needs a part called WebAssembly, which this browser lacks, has switched off or knows only in an old form. The message is not lost, and no password was asked. Open the link in a current Firefox, Chrome, Edge or Safari, or ask the sender for the encrypted file: any program for OpenPGP (RFC 9580) can open it.",
  copyLink: "Copy link",
  copied: "Copied",
  noSubject: "(no subject)",
  noText: "(no text)",
  htmlOnly: "The sender wrote this message with formatting. It is shown as plain text.",
  from: "From",
  attachments: "Attachments",
  removed: "The message has been removed from the server. This page is the only place it can still be read.",
  notCounted: "The server could not be told that the message was opened. You can read it all the same.",
  checking: "Checking the signature …",
  signature: {
    unchecked: "The signature could not be checked",
    uncheckedNote: "The part of this page that checks signatures could not be loaded. The sender's name is only what the server says.",
    fingerprint: "Fingerprint",
  },
  reply: "Reply encrypted",
  saveCopy: "Save a copy",
  close: "Close and forget",
  closed: "Closed. This page has forgotten the message and the password.",
  closedGone: "It has also been removed from the server.",
};

export type Words = typeof en;
export default en;
