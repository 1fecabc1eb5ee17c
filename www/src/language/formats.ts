// Numbers, sizes, dates and durations as the reader's language writes them (through Intl).
// Not here: words (the catalogues).

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
  /** "23 Nov 2026" */
  day(time: Date): string;
  /** "in 3 days", "2 hours ago" */
  fromNow(time: Date, now?: Date): string;
  /** "7 days" */
  duration(seconds: number): string;
  number(value: number): string;
  plural(count: number): Intl.LDMLPluralRule;
  list(items: readonly string[]): string;
}

const STEPS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

/** Makes the formats of one language (a BCP 47 tag). */
export function formatsOf(language: string): Formats {
  const number = new Intl.NumberFormat(language);
  const moment = new Intl.DateTimeFormat(language, { weekday: "short", day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" });
  const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", year: "numeric" });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const plurals = new Intl.PluralRules(language);
  const list = new Intl.ListFormat(language, { type: "conjunction" });
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
    day: (time) => day.format(time),
    fromNow(time, now = new Date()) {
      const seconds = (time.getTime() - now.getTime()) / 1000;
      for (const [unit, length] of STEPS) {
        if (unit !== "week" && Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
      }
      return relative.format(Math.trunc(seconds / 60), "minute");
    },
    duration(seconds) {
      for (const [unit, length] of STEPS) {
        if (unit !== "week" && unit !== "month" && seconds >= length) {
          const style = { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 0 } as const;
          return new Intl.NumberFormat(language, style).format(Math.round(seconds / length));
        }
      }
      return number.format(seconds);
    },
    number: (value) => number.format(value),
    plural: (count) => plurals.select(count),
    list: (items) => list.format(items),
  };
}

/** A fingerprint in groups of four, as people compare it. */
export function grouped(fingerprint: string): string {
  return fingerprint.replace(/(.{4})(?=.)/g, "$1 ");
}
