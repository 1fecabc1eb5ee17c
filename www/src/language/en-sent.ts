// Mail that is sent: how it is, how it travels, and how far it got.
import { timeFormatsOf } from "./time-formats.ts";

const f = timeFormatsOf("en");
const few = (count: number, one: string, many: string): string => (f.plural(count) === "one" ? one : many).replace("#", f.number(count));

export const sent = {
  // In the composer
  toNoteSending: "Addresses; Enter or a comma after each.",
  wayTitle: "How it is sent",
  wayKey: "Encrypted: to each one's key, and by password link to whoever has none",
  wayKeyNote: "Subject, text and attachments are encrypted in this browser. No server reads them.",
  wayLink: "By password link to everybody",
  wayLinkNote: "Also to those who have a key, such as for reading it on another device.",
  wayClear: "Not encrypted",
  wayClearNote: "Not encrypted: this server and those of your recipients can read subject, text and attachments, and keep them.",
  neverInClear: "Mail goes from server to server under TLS or not at all. What cannot travel so is not sent, and “Sent” says so.",
  linkByHand: "I send the link myself",
  linkByHandNote: "If the server mails the link, it can read the link's secret while it passes it on. The password it never sees, and it does not mail it: give it by phone or messenger.",
  linkWithSecretMailed: "Recommended. The link carries a secret, without which a stolen database opens nothing. This server can see it only while it mails the link.",
  markClear: "not encrypted",
  transports: {
    dane: "TLS with DANE",
    "mta-sts": "TLS with MTA-STS",
    tls: "TLS",
    none: "no mail server: will not be sent",
    unknown: "way not known yet",
  },
  transportAsked: "way is being looked up …",
  transportTitle: "What these marks say of the way",
  transportNotes: {
    dane: "The domain names its mail servers' keys in a signed DNS (DNSSEC). Nobody on the way can pose as them.",
    "mta-sts": "The domain publishes which mail servers are its own, and that they prove it.",
    tls: "The mail server proves that it has the name that DNS gives. Whoever can forge answers of DNS could name another one.",
    none: "The domain does not exist, or takes no mail.",
    unknown: "DNS does not say it now, or says it in a way that may be forged. The message waits at the server until it does.",
  },
  cannotBeReached: (names: string) => `Nothing can be sent to ${names}: the domain takes no mail. Correct or remove the address.`,
  people: (count: number) => few(count, "# person", "# people"),
  sendEncryptedTo: (whom: string) => `Send encrypted to ${whom}`,
  sendEncryptedAndMailLink: (keys: number, links: number) => `Send encrypted to ${f.number(keys)}, and a password link to ${f.number(links)}`,
  sendEncryptedAndLink: (keys: number, links: number) => `Send encrypted to ${f.number(keys)}, and create a password link for ${f.number(links)}`,
  mailLinkTo: (whom: string) => `Encrypt, and send a password link to ${whom}`,
  sendClearTo: (whom: string) => (whom === "" ? "Send without encryption" : `Send without encryption to ${whom}`),
  planChanged: "What the button will do has changed meanwhile. Nothing was sent. Look at it once more.",
  nobodyToSendTo: "There is nobody to send it to yet: name a recipient.",
  tooManyRecipients: (most: number) => `A message has ${f.number(most)} recipients at most. Nothing was sent, and your text is kept. Write it in several messages.`,
  forecastClear: (size: string, limit: string) => `As mail about ${size} of at most ${limit}.`,
  tooLargeForServerClear: (size: string, limit: string) => `As mail about ${size}, but the server takes at most ${limit}. Remove a file.`,
  preparingMail: (amount: string) => `Preparing the message ${amount}`,
  awaitingServer: (_amount: string) => "Waiting until the server has it …",
  handedOver: (names: string) => `The server has the message for ${names} and sends it. How far it gets stands under “Sent”.`,
  handedAlready: (names: string) => `The server has the message for ${names} already: they get it once. What is left is for those who are still named above.`,
  cancelledRest: "Cancelled. What the server had before is sent, and the rest is not.",
  sendAgainTitle: "Send it once more?",
  sendAgainText: "No answer came the last time, and the message is not among those that the server has. If it was taken all the same, your recipients get it twice.",
  sendAgain: "Send it once more",

  // The mail that brings a link
  linkMailSubject: (name: string) => (name === "" ? "An encrypted message" : `An encrypted message from ${name}`),
  linkMailText: (name: string, address: string, link: string, until: string) =>
    `${name === "" ? address : `${name} (${address})`} has sent you an encrypted message. It opens in your browser, with a password that you get in another way, by phone for example:\n\n${link}\n\nThe link is good until ${until}. If you do not expect this, ask the sender before you open it.\n`,

  // Sent
  sentTitle: "Sent",
  nothingSent: "Nothing has been sent yet.",
  sendsNoMail: "This server sends no mail for your address.",
  sentMemory: "The latest hundred messages. The server keeps how far they got for 30 days, and the messages themselves only until they have arrived.",
  sentStates: { queued: "Waiting to be sent", delayed: "Late: it is tried again", sent: "Taken by the other server", failed: "Not sent", withdrawn: "Taken back" },
  stateOfSome: (state: string, count: number, all: number) => `${state} (${f.number(count)} of ${f.number(all)})`,
  furtherPeople: (count: number) => few(count, "# more", "# more"),
  noSuchSent: "This message is not in the list any more.",
  handedToServer: "Handed over",
  triedAgainAt: (when: string) => `It is tried again: ${when}.`,
  otherServerSays: "The other server says, in its own words:",
  sentFailedNow: (names: string) => `A message to ${names} could not be sent. Why stands under “Sent”.`,
  sentReasons: {
    "takes-no-mail": (domain: string) => `${domain} says that it takes no mail. Is the address right?`,
    "no-such-domain": (domain: string) => `There is no ${domain}, or it has no mail server. Is the address right?`,
    "dns-silent": (domain: string) => `The name servers of ${domain} do not answer.`,
    "dns-bogus": (domain: string) => `What DNS says about ${domain} is not what that domain has signed. It may be forged, so nothing was sent.`,
    "against-policy": (domain: string) => `The mail servers that DNS has for ${domain} are none of those that the domain calls its own. They may be forged, so nothing was sent.`,
    unreachable: (domain: string) => `No mail server of ${domain} can be reached.`,
    "no-tls": (domain: string) => `The mail server of ${domain} offers no encryption, or somebody on the way took the offer out. Nothing was sent.`,
    "tls-refused": (domain: string) => `The mail server of ${domain} offers encryption and does not begin it. Nothing was sent.`,
    injected: (domain: string) => `Something was slipped in before the encryption with ${domain} began. Nothing was sent.`,
    "tls-failed": (domain: string) => `The encryption with the mail server of ${domain} fails. Nothing was sent.`,
    "certificate-expired": (domain: string) => `The certificate of the mail server of ${domain} has expired. Nothing was sent.`,
    "certificate-name": (domain: string) => `The certificate of the mail server of ${domain} is for another name. Nothing was sent.`,
    "certificate-unknown": (domain: string) => `Nobody who is known vouches for the certificate of the mail server of ${domain}. Nothing was sent.`,
    "not-by-dane": (domain: string) => `The mail server of ${domain} has another key than the one that its domain names. It may be somebody else's, so nothing was sent.`,
    refused: (domain: string) => `The mail server of ${domain} does not take it.`,
    "broken-off": (domain: string) => `The mail server of ${domain} broke off.`,
    unsupported: (domain: string) => `The mail server of ${domain} does not know what this message or address needs.`,
    "too-large": (domain: string) => `The message is larger than the mail server of ${domain} takes.`,
  },
  sentReasonUnknown: "The server gives a reason that this page does not know.",
  linkInstead: "The way there is not safe. Write it as a password link instead, and send the link in another way.",
  writeLink: "Write a password link",
  writeAnew: "Write to them again",
  withdrawSentTitle: "Take this message back?",
  withdrawSentText: (names: string) => `It is not sent to ${names} any more. Whoever has got it keeps it, and a server that is just taking it may still get it: the list says so then. The message itself is gone.`,
  withdrawnSent: "Taken back. To whomever it had not been sent it is not sent.",
};

export const sentProblems = {
  "send-unheard":
    "No answer of the server came, and the message is not among those that it has: perhaps it was not taken, perhaps it was. Your draft is kept. Look under “Sent” after a while. If you send it from here, that is looked at first.",
  "sent-before-changes": "What you had sent before your last changes did reach the server, as it was then. Nothing was sent now, and your draft is kept. Send it only if your recipients shall get it once more, with the changes.",
  "sends-no-mail": "The server sends no mail for your address. Nothing was sent, and your draft is kept.",
  "too-many-waiting": "Fifty of your messages are waiting to be sent. Nothing was sent, and your draft is kept. Wait until some have arrived, or take some back under “Sent”.",
  "mail-refused": "The server does not take this message, or one of its addresses. Nothing was sent, and your draft is kept. Look at the addresses.",
};

export type SentWords = typeof sent;
export type SentProblems = typeof sentProblems;
