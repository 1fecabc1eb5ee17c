// Cancelling: from the moment the signal was due until the call has rejected, and until the next call is answered; the longest of
// several moments. A page that is blocked hears of no timer, and a worker that goes on working answers nobody: both count, and so does
// a call that was done before it heard. OpenPGP.js takes no signal; there is nothing to measure beside.
import { bytes, failure, lines } from "./measure.mjs";
import { drained, source } from "./stream_jobs.mjs";

const MB = 1_000_000;
/** When the signal comes, as shares of the time the job takes. */
const MOMENTS = [0.1, 0.3, 0.5, 0.7, 0.9];

/** The rows of the jobs whose names have `only` in them; `startWorker` makes the same API in a worker. */
export async function* cancels(ours, startWorker, only) {
  for (const [suffix, start] of [["", () => ours], [", in a worker", startWorker]]) {
    const envelock = start();
    for (const [name, job] of Object.entries(await jobs(envelock, only))) {
      const work = `cancel ${name}${suffix}`;
      if (only && !work.includes(only)) continue;
      try {
        const { stopped, answered } = await longest(envelock, job);
        yield { work, ours_ms: stopped };
        yield { work: `${work}, until the next call is answered`, ours_ms: answered };
      } catch (cause) {
        yield failure(work, cause);
      }
    }
    envelock.terminate?.();
  }
}

async function jobs(envelock, only) {
  if (only && !only.startsWith("cancel") && !"cancel".includes(only)) return {};
  const { key } = await envelock.generateKey({ userIds: [{ email: "bench@example.org" }], profile: "rfc9580" });
  const data = bytes(50 * MB);
  const recipients = [key.certificate];
  const signers = [{ key }];
  const made = {};
  for (const format of ["seipd-v2", "seipd-v1"]) made[format] = await envelock.encrypt({ data, recipients, signers, format, armor: false });
  const found = {};
  for (const [name, format] of [["GCM", "seipd-v2"], ["SEIPD v1", "seipd-v1"]]) {
    found[`encrypt and sign 50 MB, ${name}`] = (signal) => envelock.encrypt({ data, recipients, signers, format, armor: false, signal });
    found[`decrypt and verify 50 MB, ${name}`] = (signal) => envelock.decrypt({ message: made[format], keys: signers, verifyWith: recipients, as: "binary", signal });
  }
  const armored = await envelock.encrypt({ data: data.subarray(0, 30 * MB), recipients, signers });
  found["decrypt and verify 30 MB in armor"] = (signal) => envelock.decrypt({ message: armored, keys: signers, verifyWith: recipients, as: "binary", signal });
  const mail = lines(30 * MB);
  const cleartext = await envelock.sign({ data: mail, signers, form: "cleartext" });
  found["cleartext sign 30 MB"] = (signal) => envelock.sign({ data: mail, signers, form: "cleartext", signal });
  found["cleartext verify 30 MB"] = (signal) => envelock.verify({ message: cleartext, verifyWith: recipients, signal });
  found["sign 50 MB"] = (signal) => envelock.sign({ data, signers, form: "detached", armor: false, signal });
  found["encrypt stream of 200 MB"] = async (signal) => drained(await envelock.encrypt({ data: source(200 * MB), recipients, armor: false, signal }));
  found["decrypt stream of 50 MB"] = async (signal) =>
    drained((await envelock.decrypt({ message: new Blob([made["seipd-v2"]]).stream(), keys: signers, signal })).data);
  found["envelope seal (Argon2id 64 MiB)"] = (signal) => envelock.sealEnvelope({ subject: "Bench", text: "Bench", password: "correct horse", signal });
  return found;
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
