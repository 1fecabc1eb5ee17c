// Estimates how many guesses a password takes, off the main thread: its words are unpacked, ranked and searched for tens of milliseconds.
import { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { adjacencyGraphs, dictionary } from "@zxcvbn-ts/language-common";

/** The answer to a question of that id. */
export interface Guesses {
  id: number;
  guesses: number;
}

const estimator = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });

self.onmessage = ({ data: { id, password } }: MessageEvent<{ id: number; password: string }>) => {
  self.postMessage({ id, guesses: estimator.check(password).guesses } satisfies Guesses);
};
