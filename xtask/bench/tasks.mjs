// Whether the page stays responsive: the longest task of the main thread in the demo webmail, with the real server, while an attachment of 100 MB
// is sealed and sent, fetched, opened, checked and saved; and while a stream goes through the package in a page and in a worker. The server
// is told to take envelopes of that size (`--envelope-bytes`; by default it takes 25 MiB). One JSON row each.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch, serve } from "./chromium.mjs";
import { bytes, failure } from "./measure.mjs";

const MB = 1_000_000;
const SIZE = 100;
const PASSWORD = "correct horse battery staple";
const root = process.env.ENVELOCK_ROOT;
const { seal, signIn } = await import(join(root, "tests/e2e/sender.mjs"));
const { read, save, visit } = await import(join(root, "tests/e2e/recipient.mjs"));
const { freePort, ready } = await import(join(root, "tests/e2e/server.mjs"));
/** Where to keep the traces, and with what else in them, for whoever looks for a culprit: a path without its end. */
const KEEP = process.env.ENVELOCK_BENCH_TRACE;
const MORE_CATEGORIES = KEEP ? ["devtools.timeline", "v8", "blink"] : [];
const only = process.env.ENVELOCK_BENCH_ONLY;

const folder = mkdtempSync(join(tmpdir(), "envelock-tasks-"));
const file = join(folder, "large.bin");
const browser = await launch();
const runtime = `chromium ${browser.version()}`;
try {
  writeFileSync(file, bytes(SIZE * MB));
  await attempt("in the demo", demo);
  for (const where of ["page", "worker"]) await attempt(`300 MB through streams in a ${where}`, () => streams(where));
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}

async function attempt(name, job) {
  const work = `longest task, ${name}`;
  if (only && !work.startsWith(only) && !only.startsWith("longest task")) return;
  try {
    for (const [name, { ms, cpu }] of await job()) {
      console.log(JSON.stringify({ runtime, work: `longest task, ${name}`, ours_ms: ms }));
      console.log(JSON.stringify({ runtime, work: `longest task, ${name}, by processor time`, ours_ms: cpu }));
    }
  } catch (cause) {
    console.log(JSON.stringify({ runtime, ...failure(work, cause) }));
  }
}

async function demo() {
  const server = await startServer();
  const context = await browser.newContext({ ignoreHTTPSErrors: true, acceptDownloads: true, locale: "en-GB" });
  context.setDefaultTimeout(180_000);
  try {
    const profile = { newPage: () => context.newPage() };
    const sender = await signIn(profile, server.origin);
    const sealing = await longest(sender, async () => {
      const sealed = await seal(sender, { origin: server.origin, subject: "Large", text: "See the file.", files: file, password: PASSWORD });
      return sealed.link;
    });
    await sender.close();
    const reader = await visit(profile, sealing.value);
    const opening = await longest(reader, async () => {
      await read(reader, PASSWORD);
      await reader.getByTestId("signature").getByText(/sign/i).first().waitFor();
      await reader.waitForFunction(() => !/checking/i.test(document.querySelector("[data-testid=signature]").textContent));
      const saved = await save(reader, "large.bin");
      if (saved.data.length !== SIZE * MB) throw new Error(`${saved.data.length} bytes were saved`);
    });
    return [[`${SIZE} MB sealed and sent in the demo`, sealing], [`${SIZE} MB fetched, opened and saved on the decrypt page`, opening]];
  } finally {
    await context.close();
    await server.stop();
  }
}

async function streams(where) {
  const { origin, close } = await serve();
  const tab = await browser.newPage();
  try {
    await tab.goto(origin);
    await tab.evaluate(async (where) => {
      const { drained, source } = await import("/stream_jobs.mjs");
      const { encrypt, decrypt, generateKey, init } = where === "worker" ? (await import("envelock/worker")).createWorker() : await import("envelock");
      await init();
      const { key } = await generateKey({ userIds: [{ email: "bench@example.org" }], profile: "rfc9580" });
      globalThis.go = async () => {
        const message = await encrypt({ data: source(300_000_000), recipients: key, armor: false });
        await drained((await decrypt({ message, keys: { key } })).data);
      };
    }, where);
    const task = await longest(tab, () => tab.evaluate(() => globalThis.go()));
    return [[`300 MB through streams in a ${where}`, task]];
  } finally {
    await tab.close();
    close();
  }
}

/**
 * What a piece of work gave, and the longest task on the page's main thread while it ran, by Chromium's own trace: by the clock, and by the
 * time a task had the processor, which is less when others want it too.
 */
async function longest(page, work) {
  const { origin } = new URL(page.url());
  await browser.startTracing(page, { categories: ["disabled-by-default-devtools.timeline", "__metadata", ...MORE_CATEGORIES] });
  const value = await work();
  const trace = (await browser.stopTracing()).toString();
  if (KEEP) writeFileSync(`${KEEP}-${page.url().replace(/\W+/g, "-").slice(0, 40)}.json`, trace);
  const { traceEvents } = JSON.parse(trace);
  // Chromium has pages of its own; this one's process is where its frame is.
  const frames = traceEvents.flatMap(({ name, args }) => (name === "TracingStartedInBrowser" ? args.data.frames : []));
  const own = new Set(frames.filter(({ url }) => url?.startsWith(origin)).map(({ processId }) => processId));
  const mains = new Set(traceEvents.filter(({ name, pid, args }) => name === "thread_name" && args.name === "CrRendererMain" && own.has(pid)).map(({ pid, tid }) => `${pid} ${tid}`));
  const tasks = traceEvents.filter(({ name, ph, pid, tid }) => name === "RunTask" && ph === "X" && mains.has(`${pid} ${tid}`));
  if (tasks.length === 0) throw new Error("the trace has no tasks of this page");
  const most = (field) => tasks.reduce((most, task) => Math.max(most, task[field] ?? 0), 0) / 1000;
  return { value, ms: most("dur"), cpu: most("tdur") };
}

async function startServer() {
  const port = await freePort();
  const child = spawn(
    process.env.ENVELOCK_SERVER,
    ["serve", "--demo", "--data-dir", join(folder, "data"), "--web-root", join(root, "www/dist"), "--listen", `127.0.0.1:${port}`, "--envelope-bytes", String(2 * SIZE * MB)],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const output = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => output.push(chunk.toString()));
  await ready(child, output);
  return {
    origin: `https://localhost:${port}`,
    async stop() {
      child.kill("SIGTERM");
      if (child.exitCode === null) await once(child, "exit");
    },
  };
}
