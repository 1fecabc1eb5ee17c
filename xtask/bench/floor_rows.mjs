// Rows of what something takes by itself: medians in milliseconds.
import { median, time } from "./measure.mjs";

/** Node's own, where there is one. */
export function nodeCrypto() {
  return globalThis.process?.getBuiltinModule?.("node:crypto");
}

/** A row; `work` says what it is. */
export function floor(work, floor_ms) {
  return { work: `floor: ${work}`, floor_ms };
}

/** One thing, run again and again. */
export async function alone(work, job, rounds = 15) {
  await job();
  const times = [];
  while (times.length < rounds) times.push(await time(job));
  return floor(work, median(times));
}

/** Several in turn, `calls` of each by a look at the clock: the median of what one takes on average. The first fifth is for the compiler. */
export async function* inTurn(jobs, { rounds = 240, calls = 5 } = {}) {
  const all = Object.entries(jobs).map(([work, job]) => ({ work, job, times: [] }));
  for (let round = 0; round < rounds; round++) {
    for (const { job, times } of round % 2 ? all : [...all].reverse()) {
      const taken = await time(async () => {
        for (let count = 0; count < calls; count++) await job();
      });
      if (round >= rounds / 5) times.push(taken / calls);
    }
  }
  for (const { work, times } of all) yield floor(work, median(times));
}
