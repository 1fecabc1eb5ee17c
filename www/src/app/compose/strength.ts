// How long a stranger would guess at an own password. The estimator and its dictionary are large, so they are loaded when
// somebody first enters the field.
import type { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { nextTurn } from "../../turn.ts";
import { app, update } from "../state.ts";

/** Guesses a second of a determined stranger: a thousand machines against our Argon2 (64 MiB, three passes). */
const GUESSES_PER_SECOND = 10_000;
const DAY = 86_400;
/** Longer passwords are strong by length; estimating them only takes time. */
const LONGEST = 100;

let estimator: ZxcvbnFactory | undefined;
let loading: Promise<void> | undefined;

/** How strong a password is, in three steps. */
export type Strength = "weak" | "fair" | "strong";

/** Loads the estimator; calling again is free. */
export function loadEstimator(): void {
  loading ??= load().catch(() => {
    loading = undefined;
  });
}

/** The words are unpacked, ranked and searched for the first time: tens of milliseconds each, so in turns of their own. */
async function load(): Promise<void> {
  const [{ ZxcvbnFactory }, { dictionary, adjacencyGraphs }] = await Promise.all([import("@zxcvbn-ts/core"), import("@zxcvbn-ts/language-common")]);
  await nextTurn();
  const ready = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
  await nextTurn();
  estimator = ready;
  update();
}

/** Seconds of guessing, or nothing while the estimator is not there. */
export function secondsToGuess(password: string): number | undefined {
  if (estimator === undefined || password === "") return undefined;
  if (password.length > LONGEST) return Number.POSITIVE_INFINITY;
  return estimator.check(password).guesses / GUESSES_PER_SECOND;
}

/** The step a time belongs to: under a day, under ten years, more. */
export function strengthOf(seconds: number): Strength {
  if (seconds < DAY) return "weak";
  return seconds < 3650 * DAY ? "fair" : "strong";
}

/** "about 3 hours", "4 centuries", "longer than anybody lives". */
export function guessTime(seconds: number): string {
  const { words } = app;
  const year = 365 * DAY;
  if (seconds < 60) return words.lessThanAMinute;
  if (seconds >= 10_000 * year) return words.moreThanCenturies;
  if (seconds >= 100 * year) return words.centuries(Math.round(seconds / (100 * year)));
  return words.about(words.formats.duration(seconds));
}
