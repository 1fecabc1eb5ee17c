// Cancelling: from the moment the signal was due until the call has rejected, and until the next call is answered; the longest of
// several moments. A page that is blocked hears of no timer, and a worker that goes on working answers nobody: both count, and so does
// a call that was done before it heard. OpenPGP.js takes no signal; there is nothing to measure beside.
import { jobs } from "./cancel_jobs.mjs";
import { failure } from "./measure.mjs";

/** When the signal comes, as shares of the time the job takes. */
const MOMENTS = [0.1, 0.3, 0.5, 0.7, 0.9];

/** The rows of the jobs whose names have `only` in them; `startWorker` makes the same API in a worker. */
export async function* cancels(ours, startWorker, only) {
  for (const [suffix, start] of [["", () => ours], [", in a worker", startWorker]]) {
    const envelock = start();
    for (const [name, prepare] of Object.entries(jobs(envelock))) {
      const work = `cancel ${name}${suffix}`;
      if (only && !work.includes(only)) continue;
      try {
        const { stopped, answered } = await longest(envelock, await prepare());
        yield { work, ours_ms: stopped };
        yield { work: `${work}, until the next call is answered`, ours_ms: answered };
      } catch (cause) {
        yield failure(work, cause);
      }
    }
    envelock.terminate?.();
  }
}

async function longest(envelock, job) {
  const { key } = await envelock.generateKey({ userIds: [{ email: "bench@example.org" }], profile: "rfc9580" });
  const next = () => envelock.sign({ data: "next", signers: { key }, form: "detached" });
  await next();
  const started = performance.now();
  await job(new AbortController().signal);
  const whole = performance.now() - started;
  const longest = { stopped: 0, answered: 0 };
  for (const moment of MOMENTS) {
    const controller = new AbortController();
    const due = performance.now() + whole * moment;
    setTimeout(() => controller.abort(), whole * moment);
    const code = await job(controller.signal).then(() => "done", (error) => error.code);
    const stopped = performance.now() - due;
    if (code === "done" && stopped < 0) continue; // it was faster than the first time
    if (code !== "done" && code !== "cancelled") throw new Error(`a cancelled call rejected with ${code}`);
    await next();
    longest.stopped = Math.max(longest.stopped, stopped);
    longest.answered = Math.max(longest.answered, performance.now() - due);
  }
  return longest;
}
