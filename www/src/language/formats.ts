// Numbers, sizes and moments as the reader's language writes them (through Intl): what both pages need.
// Not here: words (the catalogues), durations and lists (`time-formats.ts`, the webmail's).

/** The languages that have a catalogue. */
export type Language = "en" | "de";

/** The best catalogue for the browser's list of languages; English when none fits. */
export function languageFor(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const base = tag.toLowerCase().split("-")[0];
    if (base === "en" || base === "de") return base;
  }
  return "en";
}

/** The reader's own region of a language: who asks for "en-GB" gets British dates. */
export function regional(language: string, wanted: readonly string[] = globalThis.navigator?.languages ?? []): string {
  return wanted.find((tag) => tag.toLowerCase().startsWith(`${language}-`)) ?? language;
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

function unitOf(bytes: number): { power: number; digits: number } {
  let power = 0;
  while (power < 3 && bytes >= 1000 ** (power + 1)) power += 1;
  const scaled = bytes / 1000 ** power;
  return { power, digits: power === 0 || scaled >= 100 ? 0 : 1 };
}

/** What the pages need to write numbers and times in one language. */
export interface Formats {
  /** "12.4 MB" */
  bytes(count: number): string;
  /** "12.4 of 25 MB": both in the unit of the total; `of` is the catalogue's pattern with {done} and {total}. */
  bytesOf(done: number, total: number, of: string): string;
  /** "Mon, 23 November 2026, 22:45" */
  moment(time: Date): string;
  number(value: number): string;
  plural(count: number): Intl.LDMLPluralRule;
}

/** Makes the formats of one language (a BCP 47 tag). */
export function formatsOf(base: string): Formats {
  const language = regional(base);
  const number = new Intl.NumberFormat(language);
  const moment = new Intl.DateTimeFormat(language, { weekday: "short", day: "numeric", month: "long", year: "numeric", hour: "numeric", minute: "2-digit" });
  const plurals = new Intl.PluralRules(language);
  const scaled = (bytes: number, power: number, digits: number): string =>
    new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(bytes / 1000 ** power);
  return {
    bytes(count) {
      const { power, digits } = unitOf(count);
      return new Intl.NumberFormat(language, {
        style: "unit",
        unit: UNITS[power] ?? "byte",
        unitDisplay: power === 0 ? "long" : "short",
        maximumFractionDigits: digits,
      }).format(count / 1000 ** power);
    },
    bytesOf(done, total, of) {
      const { power, digits } = unitOf(total);
      return of.replace("{done}", scaled(Math.min(done, total), power, digits)).replace("{total}", this.bytes(total));
    },
    moment: (time) => moment.format(time),
    number: (value) => number.format(value),
    plural: (count) => plurals.select(count),
  };
}

/** A fingerprint in groups of four, as people compare it. */
export function grouped(fingerprint: string): string {
  return fingerprint.replace(/(.{4})(?=.)/g, "$1 ");
}
