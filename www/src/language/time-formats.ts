// Days, durations, distances in time and lists, for the webmail; the rest is in `formats.ts`.
import { formatsOf, regional, type Formats } from "./formats.ts";

/** What the webmail needs beside the plain formats. */
export interface TimeFormats extends Formats {
  /** "23 Nov 2026" */
  day(time: Date): string;
  /** "in 3 days", "2 hours ago" */
  fromNow(time: Date, now?: Date): string;
  /** "7 days" */
  duration(seconds: number): string;
  /** "Anna, Bob and Carol" */
  list(items: readonly string[]): string;
}

const STEPS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

/** Makes all formats of one language (a BCP 47 tag). */
export function timeFormatsOf(base: string): TimeFormats {
  const language = regional(base);
  const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", year: "numeric" });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const list = new Intl.ListFormat(language, { type: "conjunction" });
  return {
    ...formatsOf(base),
    day: (time) => day.format(time),
    fromNow(time, now = new Date()) {
      const seconds = (time.getTime() - now.getTime()) / 1000;
      for (const [unit, length] of STEPS) {
        if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
      }
      return relative.format(Math.trunc(seconds / 60), "minute");
    },
    duration(seconds) {
      const [unit, length] = STEPS.find(([unit, length]) => unit !== "month" && seconds >= length) ?? (["second", 1] as const);
      const style = { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 0 } as const;
      return new Intl.NumberFormat(language, style).format(Math.round(seconds / length));
    },
    list: (items) => list.format(items),
  };
}
