// Mail under load: what is taken by SMTP and LMTP and validated, what is handed in and sent by DANE, at 1 and 16 connections, DNS at hand and
// not; and the queue with a thousand, ten thousand and a hundred thousand messages waiting. Postfix alone is the yardstick beside it. One JSON
// row per line. Sender, receiver, name servers and server share the machine. It is started by root, as Postfix is, and takes port 25 of
// 127.0.0.20 and port 53 of 127.0.0.1.
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { account, DOMAINS, letterIn, letterOut } from "./mail_letters.mjs";
import { startNames } from "./mail_names.mjs";
import { startPostfix } from "./mail_postfix.mjs";
import { ourServer } from "./mail_server.mjs";
import { open } from "./mail_smtp.mjs";
import { failure } from "./measure.mjs";

const only = process.env.ENVELOCK_BENCH_ONLY;
const SECONDS = Number(process.env.ENVELOCK_BENCH_SECONDS ?? 10);
/** For what was taken to be done with. */
const PATIENCE = 120_000;
/** Messages at most that a measurement has: none of two domains is the same then. */
const MOST = DOMAINS;
const QUEUES = [1_000, 10_000, 100_000];

const folder = mkdtempSync(join(tmpdir(), "envelock-bench-mail-"));
chmodSync(folder, 0o755);
let names, postfix, ours;
try {
  names = await startNames(folder);
  postfix = await startPostfix(join(folder, "postfix"), names);
  ours = await ourServer(folder, names);
  for (const connections of [1, 16]) {
    for (const cached of [true, false]) {
      const how = `${connections} connections, DNS ${cached ? "cached" : "not cached"}`;
      await row(`mail in, ${how}`, () => into({ connections, cached }));
      await row(`mail out, ${how}`, () => out({ connections, cached }));
    }
  }
  await row("mail in by LMTP, 16 connections, DNS cached", () => into({ connections: 16, cached: true, lmtp: true }));
  for (const waiting of QUEUES) await row(`mail out of a queue of ${waiting}`, () => queue(waiting));
} finally {
  await postfix?.stop();
  await names?.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function row(work, job) {
  if (only && !work.includes(only)) return;
  try {
    console.log(JSON.stringify({ runtime: "mail", work, ...(await job()) }));
  } catch (cause) {
    console.log(JSON.stringify({ runtime: "mail", ...failure(work, cause) }));
  }
}

/** What is taken: ours until it lies validated in a mailbox, Postfix' until it lies in a Maildir. */
async function into({ connections, cached, lmtp = false }) {
  const letters = Array.from({ length: MOST }, (_, index) => letterIn(cached ? 0 : index, account(index)));
  ours.empty();
  await names.forget();
  const server = await ours.start();
  try {
    const door = { port: lmtp ? ours.ports.lmtp : ours.ports.smtp, lmtp };
    const mine = await timed({ letters, connections, open: () => open(door), done: ours.validated });
    if ((await ours.doubtful()) > 0) throw new Error("what is genuine was not found to be");
    const theirs = lmtp ? {} : await byPostfix({ letters, connections, done: postfix.kept });
    return { ...figures("ours", mine, server.memory()), ...theirs };
  } finally {
    await server.stop();
  }
}

/** What is handed in, until the receiver has taken it. */
async function out({ connections, cached }) {
  const letters = Array.from({ length: MOST }, (_, index) => letterOut(index, cached ? 0 : index));
  ours.empty();
  await names.forget();
  const server = await ours.start();
  try {
    const mine = await timed({ letters, connections, open: async () => ours.submission(), done: names.arrived });
    const memory = server.memory();
    await names.forget();
    return { ...figures("ours", mine, memory), ...(await byPostfix({ letters, connections, done: names.arrived })) };
  } finally {
    await server.stop();
  }
}

async function byPostfix(how) {
  const theirs = await timed({ ...how, open: () => open({ port: postfix.port }) }).catch(async ({ message }) => Promise.reject(new Error(message + (await postfix.log()).slice(-300))));
  return { peer: postfix.name, ...figures("peer", theirs, postfix.memory()) };
}

/** How fast the queue empties, of so many that wait when the server starts, and how long taking the next one from it takes. */
async function queue(waiting) {
  const fill = () => (ours.empty(), ours.fill(waiting, letterOut(0, 0).octets, 16));
  fill();
  const before = await names.arrived();
  const server = await ours.start();
  let perSecond, memory;
  try {
    const started = performance.now();
    let left = waiting;
    while (left > 0 && performance.now() - started < SECONDS * 1000) {
      await rest(50);
      left = waiting - ((await names.arrived()) - before);
    }
    perSecond = (waiting - left) / ((performance.now() - started) / 1000);
    memory = server.memory();
  } finally {
    await server.stop();
  }
  fill();
  const claims = await claimTimes();
  return { ours_per_second: perSecond, ours_p50: at(claims, 0.5), ours_p99: at(claims, 0.99), ours_longest: at(claims, 1), ours_peak_mib: memory };
}

/** Milliseconds of the statement that takes the next message, as the server's log has them while it sends on. */
async function claimTimes() {
  const times = [];
  let text = "";
  const log = (chunk) => {
    const lines = (text + chunk).split("\n");
    text = lines.pop();
    for (const line of lines.filter((line) => line.includes("UPDATE outgoing_recipients SET due"))) times.push(Number(/elapsed_secs=([\d.e-]+)/.exec(line)[1]) * 1000);
  };
  const server = await ours.start({ log });
  await rest(3_000);
  await server.stop();
  return times;
}

/** Hands over what there is, until the time is over; `done` counts what has come of it. A second counts until that is all. */
async function timed({ letters, connections, open, done }) {
  const before = await done();
  const ways = await Promise.all(Array.from({ length: connections }, open));
  const times = [];
  let next = 0;
  const started = performance.now();
  await Promise.all(
    ways.map(async (way) => {
      while (next < letters.length && performance.now() - started < SECONDS * 1000) {
        const begun = performance.now();
        await way.deliver(letters[next++]);
        times.push(performance.now() - begun);
      }
    }),
  );
  for (const deadline = Date.now() + PATIENCE; (await done()) - before < next; await rest(20)) {
    if (Date.now() > deadline) throw new Error(`of ${next} messages ${(await done()) - before} got there`);
  }
  const whole = performance.now() - started;
  await Promise.all(ways.map((way) => way.close()));
  return { perSecond: next / (whole / 1000), times };
}

function figures(side, { perSecond, times }, memory) {
  const all = { per_second: perSecond, p50: at(times, 0.5), p99: at(times, 0.99), longest: at(times, 1), peak_mib: memory };
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [`${side}_${name}`, value]));
}

/** Of so many milliseconds the one below which this share lies. */
function at(times, share) {
  const sorted = [...times].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

function rest(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
