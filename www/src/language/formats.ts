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

/** Makes the formats of one language (a BCP 47 tag). What each needs from Intl is made when it is first wanted, and kept: it takes a phone a tenth of a second. */
export function formatsOf(base: string): Formats {
  const language = regional(base);
  const numbers = new Map<string, Intl.NumberFormat>();
  let moments: Intl.DateTimeFormat | undefined;
  let plurals: Intl.PluralRules | undefined;
  const number = (digits?: number, unit?: (typeof UNITS)[number]): Intl.NumberFormat => {
    const kind = `${digits} ${unit}`;
    const made = numbers.get(kind) ?? new Intl.NumberFormat(language, {
      ...(digits !== undefined && { maximumFractionDigits: digits }),
      ...(unit !== undefined && { style: "unit", unit, unitDisplay: unit === "byte" ? "long" : "short" }),
    });
    numbers.set(kind, made);
    return made;
  };
  return {
    bytes(count) {
      const { power, digits } = unitOf(count);
      return number(digits, UNITS[power] ?? "byte").format(count / 1000 ** power);
    },
    bytesOf(done, total, of) {
      const { power, digits } = unitOf(total);
      return of.replace("{done}", number(digits).format(Math.min(done, total) / 1000 ** power)).replace("{total}", this.bytes(total));
    },
    moment(time) {
      moments ??= new Intl.DateTimeFormat(language, { weekday: "short", day: "numeric", month: "long", year: "numeric", hour: "numeric", minute: "2-digit" });
      return moments.format(time);
    },
    number: (value) => number().format(value),
    plural: (count) => (plurals ??= new Intl.PluralRules(language)).select(count),
  };
}

/** A fingerprint in groups of four, as people compare it. */
export function grouped(fingerprint: string): string {
  return fingerprint.replace(/(.{4})(?=.)/g, "$1 ");
}
