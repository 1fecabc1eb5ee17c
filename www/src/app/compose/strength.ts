// How long a stranger would guess at an own password. The estimator and its dictionary are large and slow, so they are loaded when
// somebody first enters the field, into a worker of their own.
import { workerScript } from "../../trusted.ts";
import { app, update } from "../state.ts";
import type { Guesses } from "./strength-worker.ts";
import workerUrl from "./strength-worker.ts?worker&url";

/** Guesses a second of a determined stranger: a thousand machines against our Argon2 (64 MiB, three passes). */
const GUESSES_PER_SECOND = 10_000;
const DAY = 86_400;
/** Longer passwords are strong by length; estimating them only takes time. */
const LONGEST = 100;

let worker: Worker | undefined;
/** The password the worker was last asked about, and how often. */
let asked = "";
let count = 0;
/** Its last answer: shown until the next one comes. */
let guesses: number | undefined;

/** How strong a password is, in three steps. */
export type Strength = "weak" | "fair" | "strong";

/** Loads the estimator; calling again is free. */
export function loadEstimator(): void {
  worker ??= start();
}

function start(): Worker {
  const started = new Worker(workerScript(workerUrl), { type: "module" });
  started.onmessage = ({ data }: MessageEvent<Guesses>) => {
    if (data.id !== count || asked === "") return;
    guesses = data.guesses;
    update();
  };
  started.onerror = (event) => {
    event.preventDefault();
    started.terminate();
    worker = undefined;
    asked = "";
  };
  return started;
}

/** Seconds of guessing, as far as they are known: what is not is asked for, and drawn when it comes. */
export function secondsToGuess(password: string): number | undefined {
  if (password === "" || password.length > LONGEST) {
    asked = "";
    guesses = undefined;
    return password === "" ? undefined : Number.POSITIVE_INFINITY;
  }
  if (worker !== undefined && password !== asked) {
    asked = password;
    count += 1;
    worker.postMessage({ id: count, password });
  }
  return guesses === undefined ? undefined : guesses / GUESSES_PER_SECOND;
}

/** The step a time belongs to: under a day, under ten years, more. */
export function strengthOf(seconds: number): Strength {
  if (seconds < DAY) return "weak";
  return seconds < 3650 * DAY ? "fair" : "strong";
}

/** "Weak: a stranger with a thousand computers would need about 3 hours to guess it.", once it is known. */
export function strengthInWords(password: string): string | undefined {
  const { words } = app;
  const seconds = secondsToGuess(password);
  return seconds === undefined ? undefined : `${words.strengths[strengthOf(seconds)]}: ${words.strangerNeeds(guessTime(seconds))}`;
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
