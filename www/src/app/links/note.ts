// The note the server keeps for the sender: subject, recipients and link secret, encrypted to the sender's own key. It lets
// the Links page show them again; the server cannot read it.
import type { SecretKey } from "envelock";
import { engine } from "../engine.ts";
import { secretKeys, unlockable, vault, whenLocked } from "../vault.ts";

/** What only the sender knows about an envelope. */
export interface Note {
  subject: string;
  recipients: string[];
  linkSecret?: string;
}

/** By envelope id. Locking begins new maps: a decryption under way then writes into the old ones, which nobody reads. */
let known = new Map<string, Note>();
/** By envelope id, the keys that were tried in vain: with other keys it is tried again. */
let triedInVain = new Map<string, string>();
whenLocked(() => {
  known = new Map();
  triedInVain = new Map();
});

/** The armored note, short enough for the server; the subject gives way first. */
export async function writeNote(note: Note, key: SecretKey, longest: number): Promise<string | undefined> {
  for (const content of [note, { ...note, recipients: note.recipients.slice(0, 3) }, { ...note, recipients: [], subject: [...note.subject].slice(0, 60).join("") }]) {
    const armored = await engine().encrypt({ data: JSON.stringify(content), recipients: key, armor: true });
    if (armored.length <= longest) return armored;
  }
  return undefined;
}

/** Remembers what was just sealed, so that it needs no decryption. */
export function rememberNote(id: string, note: Note): void {
  known.set(id, note);
}

/** What is known without work. */
export function knownNote(id: string): Note | undefined {
  return known.get(id);
}

/** Decrypts the notes not known yet, with my keys; quiet about those that cannot be read. Whether any was new. */
export async function readNotes(envelopes: readonly { id: string; note?: string }[]): Promise<boolean> {
  let news = false;
  for (const { id, note } of envelopes) {
    const [notes, inVain] = [known, triedInVain];
    const keys = secretKeys();
    const tried = keys.map(({ fingerprint }) => fingerprint).join();
    if (note === undefined || keys.length === 0 || notes.has(id) || inVain.get(id) === tried || vault.state !== "open") continue;
    // Before the work, so that the next refresh does not begin it once more.
    inVain.set(id, tried);
    try {
      const { data } = await engine().decrypt({ message: note, keys: keys.map(unlockable), as: "text" });
      notes.set(id, parseNote(data));
      news = true;
    } catch {
      // Encrypted to a key that is not in this keystore: the link is listed without its subject.
    }
  }
  return news;
}

function parseNote(json: string): Note {
  const { subject, recipients, linkSecret } = JSON.parse(json) as Partial<Record<keyof Note, unknown>>;
  return {
    subject: typeof subject === "string" ? subject : "",
    recipients: Array.isArray(recipients) ? recipients.filter((one): one is string => typeof one === "string") : [],
    ...(typeof linkSecret === "string" ? { linkSecret } : {}),
  };
}

/** The link people get. */
export function linkOf(id: string, linkSecret?: string): string {
  return `${location.origin}/d/${id}${linkSecret === undefined ? "" : `#${linkSecret}`}`;
}
