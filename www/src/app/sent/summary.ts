// What the list shows of a copy without opening it: a few words, in octets that tell little of how many they are.

/** What the list shows. */
export interface Summary {
  subject: string;
  /** Some of those it was for … */
  recipients: string[];
  /** … and how many more there are. */
  more: number;
  /** When it was sent (ISO 8601). */
  at: string;
  /** What the server calls the mails that it became. */
  mails: string[];
  /** The name of the sealed message, if there is a link. */
  link?: string;
}

/** So many octets or a multiple of them. */
const STEP = 512;
/** With what encryption adds, also to a post-quantum key, the server takes so much (`SUMMARY_BYTES` of `crates/wire`). */
const MOST = 4_096;
const MOST_CHARACTERS = 300;

/** The octets; of many recipients, and of a long subject, there is a part. */
export function writeSummary({ recipients, subject, more, ...rest }: Summary): Uint8Array {
  for (let shown = Math.min(recipients.length, 10); ; shown -= 1) {
    const part = { ...rest, subject: [...subject].slice(0, MOST_CHARACTERS).join(""), recipients: recipients.slice(0, shown), more: more + recipients.length - shown };
    const octets = new TextEncoder().encode(JSON.stringify(part));
    if (octets.length > MOST && shown > 0) continue;
    const padded = new Uint8Array(Math.ceil(octets.length / STEP) * STEP).fill(0x20);
    padded.set(octets);
    return padded;
  }
}

/** Reads what `writeSummary` wrote. Throws `malformed` for anything else. */
export function readSummary(octets: Uint8Array): Summary {
  try {
    const { subject, recipients, more, at, mails, link } = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(octets)) as Partial<Summary>;
    const strings = (list: unknown): string[] => (Array.isArray(list) ? list.filter((one) => typeof one === "string") : []);
    if (typeof subject !== "string" || typeof at !== "string" || Number.isNaN(Date.parse(at))) throw new Error("no summary");
    return { subject, recipients: strings(recipients), more: Number.isSafeInteger(more) ? Math.max(0, more as number) : 0, at, mails: strings(mails), ...(typeof link === "string" ? { link } : {}) };
  } catch {
    throw Object.assign(new Error("this is no summary"), { code: "malformed" });
  }
}
