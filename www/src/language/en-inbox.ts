// Mail that arrived: the list, a message, how far it can be relied on.
import { timeFormatsOf } from "./time-formats.ts";

const f = timeFormatsOf("en");
const few = (count: number, one: string, many: string): string => (f.plural(count) === "one" ? one : many).replace("#", f.number(count));

export const inbox = {
  inbox: "Inbox",
  inboxNumber: (unseen: number) => (unseen === 0 ? "Inbox" : `Inbox (${f.number(unseen)})`),
  noMail: "No mail has arrived yet.",
  noMailHere: "This server takes no mail for your address.",
  mailArrived: (count: number) => few(count, "A new message has arrived.", "# new messages have arrived."),
  unseenMail: "New",
  olderMail: "Show older messages",
  authorUnclear: "No clear sender",
  subjectInside: "(subject is encrypted)",
  subjectSealed: "(encrypted to you: unlock your keys)",
  mailUnreadable: "(cannot be read)",

  // Where it came from
  alarms: { red: "Probably forged", amber: "Sender cannot be validated", grey: "Sender not validated yet", none: "Sender's domain validated" },
  domainOfSender: "the sender's domain",
  alarmReasons: {
    aligned: (domain: string) => `${domain} answers for this message. That says which domain it came from, and not who wrote it.`,
    "disowned-by-policy": (domain: string) => `${domain} says that messages like this one are not its own.`,
    "disowned-by-spf": (domain: string) => `${domain} says that it does not send from where this message came from, and nothing else answers for it.`,
    "fails-without-policy": (domain: string) => `The checks of ${domain} fail for this message, and it does not say what that means.`,
    "probably-not-from-there": (domain: string) => `${domain} says that it probably does not send from where this message came from.`,
    "nothing-published": (domain: string) => `${domain} publishes nothing by which its messages could be told from forged ones.`,
    "nothing-passes": (domain: string) => `${domain} publishes how to tell its messages, and nothing in this one fits.`,
    "only-another-domain": (domain: string) => `Only another domain answers for this message, and not ${domain}.`,
    unreadable: (domain: string) => `What ${domain} publishes about its messages cannot be understood.`,
    "no-answer": (domain: string) => `The name servers of ${domain} did not answer. They are asked again.`,
    "weak-signature": (domain: string) => `${domain} signed this message in a way that is too weak to be relied on.`,
    "part-of-body": (domain: string) => `${domain} signed only the beginning of this message: the rest may have been added by anybody.`,
    "author-unclear": (_domain: string) => "The message does not name exactly one sender, so programs differ in whom they show.",
    "bad-field-name": (_domain: string) => "The message is written so that programs read it differently.",
    "doubled-field": (domain: string) => `A field such as the subject stands twice in this message: what is shown may not be what ${domain} answers for.`,
    "name-of-another": (domain: string) => `The sender's name shows another address than the one the message is from, which is of ${domain}.`,
    "disguised-domain": (domain: string) => `${domain} is written with letters that look like others: it can be taken for another name.`,
    "looks-like-ours": (domain: string) => `${domain} looks like a domain of this server, and is another one.`,
    "not-checked-yet": (_domain: string) => "It arrived a moment ago and is being checked.",
  },
  alarmReasonUnknown: "The server gives a reason that this page does not know.",
  alarmAdvice: "Follow no link in it, open no attachment, and answer nothing that it asks for. Ask the sender by another way.",
  evidenceTitle: "What the checks found",
  aligned: "for the sender's domain",
  notAligned: "not for the sender's domain",

  // A message
  noSuchMail: "This message is not in your mailbox any more.",
  openingMail: "Opening the message …",
  mailOpened: "The message is open.",
  mailFrom: "From",
  mailCopyTo: "Copy to",
  mailReceived: "Received",
  unsignedMailNote: "Nothing proves who wrote it.",
  mailEncrypted: "Encrypted: on its way nobody could read it.",
  mailNotEncrypted: "Not encrypted: the servers on its way could read it, this one included.",
  mailPieceTitle: "A piece with protection of its own",
  mailPiece: "This piece is protected otherwise than the whole message. Its badge speaks for it alone:",
  headerMismatch: (name: string, outer: string, inner: string) =>
    `The field ${name} was changed, or added, outside of the protection. Outside: “${outer}”. Inside: “${inner}”.`,
  unlockForMail: "Your keys say who signed this message, and open it if it is encrypted to you.",
  mailLocked: "This is encrypted. Unlock your keys to read it.",
  unlockForSealed: "The server keeps this message encrypted to you. Your keys open it.",
  mailNoKeys: "This is encrypted, and there are no keys in this browser yet.",
  mailCannotBeShown: "The message cannot be shown. It is kept as it arrived.",
  mailPartCannotBeShown: "A part of this message cannot be shown.",
  mailTooMuch: "It holds more than is opened here. Save the original to open it with another program.",
  mailWithoutText: "This message has no text.",
  mailTextCut: "The text goes on: it is too long to be shown as a whole. Save it to read the rest.",
  attachmentWarning: "Files are saved as they came. Open only what you expect from this sender.",
  formattedTitle: "The message as its writer formatted it",
  formattedTooLarge: "This is shown as text: its formatting is too large, or too deeply nested, for this page. Save the original to open it with another program.",
  showFormatted: "Show formatted",
  showAsText: "Show as text",
  picturesLeftOut: "Pictures from elsewhere are left out. Loading them would tell their sender when and where you read this.",
  picturesUnsafe: "Those whose address begins with http: are never loaded: anybody on the way could see what you read, and put other pictures in their place.",
  loadPictures: "Load them this once",
  answerMail: "Reply",
  answerAll: "Reply all",
  forwardMail: "Forward",
  quoteIntro: (when: string, who: string) => `On ${when}, ${who} wrote:`,
  forwardIntro: (when: string, who: string) => `Forwarded, from ${who}, ${when}:`,
  saveOriginal: "Save the original",
  deleteMail: "Delete message",
  deleteMailTitle: (subject: string) => `Delete the message “${subject}”?`,
  deleteMailText: "It is gone from the server and from all your devices. This cannot be undone.",
  mailDeleted: "The message is deleted.",

  // Whether it is encrypted to its owner
  sealingTitle: "Mail that arrives",
  sealingNote: "Most senders encrypt nothing. The server can encrypt each message to your key as soon as it has checked it: then nobody reads what is kept there but you, with that key.",
  sealingOff: "Mail is kept as it arrives.",
  sealingOn: "Mail is encrypted to this key:",
  sealingUnusable: "Mail is kept as it arrives: nothing can be encrypted to this key any more. It has expired, or was revoked.",
  sealingNeedsKey: "There is no key in this browser that mail could be encrypted to.",
  unlockForSealing: "Unlock your keys to choose one for it.",
  sealMail: "Encrypt my mail",
  sealWithThisKey: "Encrypt to my current key",
  stopSealing: "Keep mail as it arrives",
  sealMailTitle: "Encrypt mail that arrives?",
  sealMailText: "What lies on the server is encrypted, too. From then on you read your mail only where this key is: without it, and without a backup of it, it is lost. Programs that read your mail need the key as well.",
  sealingBegins: "The server is told …",
  sealingEnds: "The server is told …",
};

export const inboxProblems = {
  "mail-too-large": "The message, or its header, is larger than what is opened here. Save the original to open it with another program.",
};

export type InboxWords = typeof inbox;
export type InboxProblems = typeof inboxProblems;
