// Keys on their way: to another program of mine, from other people in place of an earlier one, and of a kind that needs more.
import { timeFormatsOf } from "./time-formats.ts";

const f = timeFormatsOf("en");
const few = (count: number, one: string, many: string): string => (f.plural(count) === "one" ? one : many).replace("#", f.number(count));

export const keyExchange = {
  // A key in place of another one
  changedKey: "another key for a known address",
  changedKeyFor: (address: string) => `Before this one, you had another key for ${address}.`,
  earlierKey: "The earlier key",
  thisKey: "This key",
  keyYouHave: "The key you have",
  newKeyHere: "The new key",
  changedKeyAdvice:
    "This key is not used for that address yet. Ask the person on another way, by phone for example. If the key is theirs, compare the fingerprint below, or use it from now on. If it is not, remove it.",
  showEarlierKey: "Show the earlier key",
  showEarlierKeyOf: (address: string) => `Show the earlier key for ${address}`,
  useThisKey: "Use this key",
  useThisKeyFor: (address: string) => `Use this key for ${address}`,
  useThisKeyTitle: (address: string) => `Use this key for ${address} from now on?`,
  useThisKeyText: "Messages to this address will be encrypted to this key instead of the earlier one. If somebody else made it, they can read them. You can go back to the earlier key on its page.",
  useThisOwnKeyText: "What you write from this address will be signed with this key, and answers will be encrypted to it. You can go back to the other key on its page. Give your contacts the public key of this one.",
  keyChosen: (address: string) => `Key for ${address} chosen.`,
  changedKeyNotUsed: (address: string) => `Another key for ${address} has turned up, and nobody has checked it. It is not used: the message opens with the password alone.`,
  lookAtKeys: "Look at your contacts",
  lookAtKey: "Look at the key",
  updateClaims: (person: string, address: string) => `The key of ${person} now also claims ${address}, for which you know another key. It is not used for that address.`,
  updateNotKept: "The writer's key came with news that were not kept.",
  anotherSetupMessage: "A second Setup Message: open it by itself",
  otherOwnKeyChosen: (address: string) => `What you write from ${address} is signed with another key of yours.`,
  otherKeyChosen: (address: string) => `For ${address} you use another key.`,

  // Taking a certification back
  takeBack: "Take back",
  takeBackLabel: (userId: string) => `Take back the certification of ${userId}`,
  takeBackTitle: (userId: string) => `Take back the certification of ${userId}?`,
  takeBackText: "You then say that you no longer stand for this name. If others may see your certification, export the key again and give it to them. You can certify the name anew later.",
  takingBack: "Taking the certification back …",
  takenBack: (userId: string) => `The certification of ${userId} is taken back.`,

  // Autocrypt Setup Message
  setupTitle: "Move this key to another mail program",
  setupNote: "An Autocrypt Setup Message is a mail to yourself with this key in it. It opens with a code of 36 digits.",
  setupNotRead: "Few programs read keys of this kind yet. Try it before you rely on it.",
  setupAddress: "For the address",
  makeSetupMessage: "Make a Setup Message",
  makingSetupMessage: "Making the Setup Message …",
  setupMade: "The Setup Message is ready.",
  setupFileTitle: "1. Save the message",
  setupFileNote: "Send it to yourself as it is, or open the file in the other program.",
  saveSetupMessage: "Save the Setup Message",
  setupCodeTitle: "2. Keep the code",
  setupCodeNote: "The other program asks for it. It is shown only now. Do not send it by mail, and destroy the paper when the key has arrived.",
  setupSheetTitle: "Autocrypt Setup Code",
  setupSheetFor: (address: string) => `For the Setup Message of ${address}.`,
  setupSheetUse: "Open the Setup Message in your other mail program and type this code.",
  printSetupCode: "Print the code",
  copySetupCode: "Copy the code",
  setupCodeCopied: "Code copied. Do not leave it in the clipboard.",
  setupFound: "This is an Autocrypt Setup Message",
  setupFoundNote: "Type the code that your other mail program showed when it made the message.",
  setupCode: "Setup Code",
  setupCodeBegins: (digits: string) => `It begins with ${digits}. Spaces and hyphens do not matter.`,
  setupCodeFormat: "Nine blocks of four digits. Spaces and hyphens do not matter.",
  digitsOf: (count: number, all: number) => `${f.number(count)} of ${f.number(all)} digits`,
  openSetupMessage: "Open it",
  openingSetupMessage: "Opening the Setup Message …",

  // Post-quantum keys
  postQuantum: "Post-quantum (experimental)",
  postQuantumNote:
    "ML-DSA-65 with Ed25519, ML-KEM-768 with X25519, version 6: meant to hold against quantum computers. The standard is new, and GnuPG and most mail programs cannot read such keys yet. Keep an ordinary key beside it.",
  postQuantumTitle: "Load post-quantum algorithms",
  postQuantumText: "They are in a larger module that is loaded now. Your keystore has to be opened in it once more: type its passphrase.",
  loadPostQuantum: "Load post-quantum algorithms (experimental)",
  loadingModule: "Loading post-quantum algorithms …",
  unsupportedOffer: "A key here is of a kind that is not read as it is. It may be a post-quantum key.",
  unreadEntries: (count: number) => few(count, "# key of your keystore is of a kind that is not read as it is. It is kept.", "# keys of your keystore are of a kind that is not read as it is. They are kept."),
};

export type KeyExchangeWords = typeof keyExchange;
