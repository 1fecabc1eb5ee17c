// The same streams in Chromium, in the page and (ours) through a worker. Ciphertext comes over loopback, the plaintext's source and
// both sinks hold nothing. Memory is that of the renderer processes, in which page and worker are: the kernel's high-water mark
// of resident memory, less what was resident when all was loaded, collected, and nothing begun. Sampling could miss a peak, and what
// the browser's own counters give (JavaScript heap, Blink) leaves out the buffers that streams are made of.
// What Chromium takes for streams that nobody encrypts, the same sources and sinks and nothing between them but a copy of each part,
// has rows as well.
import { mkdtempSync, rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { launch, serve } from "./chromium.mjs";
import { failure, median } from "./measure.mjs";
import { prepareFiles } from "./stream_files.mjs";
import { ROUNDS, rows, SIZES, WARM } from "./stream_jobs.mjs";

const KIB_A_MIB = 1024;
const only = process.env.ENVELOCK_BENCH_ONLY;
const folder = mkdtempSync(join(tmpdir(), "envelock-streams-"));
let runtime = "chromium";
try {
  prepareFiles(folder, [WARM, ...SIZES]);
  for (const job of ["encrypt", "decrypt"]) {
    if (only && !`stream ${job}`.startsWith(only) && !only.startsWith(`stream ${job}`)) continue;
    for (const size of SIZES) {
      const { ms, peak } = await one(job, "bare", "page", size);
      console.log(JSON.stringify({ runtime, work: `floor: stream ${job} ${size} MB, only copied`, floor_ms: ms, floor_peak_mib: peak }));
    }
    for (const [where, suffix, sides] of [["page", "", ["ours", "peer"]], ["worker", ", in a worker", ["ours"]]]) {
      try {
        const [bySize, spreads] = [{}, {}];
        for (const size of SIZES) {
          bySize[size] = {};
          for (const side of sides) bySize[size][side] = await one(job, side, where, size);
        }
        for (const side of sides) spreads[side] = (await one(job, side, where)).spread;
        for (const row of rows(job, bySize, spreads, suffix)) console.log(JSON.stringify({ runtime, ...row }));
      } catch (cause) {
        console.log(JSON.stringify({ runtime, ...failure(`stream ${job}${suffix}`, cause) }));
      }
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}

/** The runs of one size, or a comparison of all, in a browser of their own. */
async function one(job, side, where, size) {
  const { origin, close } = await serve(folder);
  const browser = await launch();
  runtime = `chromium ${browser.version()}`;
  try {
    const tab = await browser.newPage();
    tab.setDefaultTimeout(0);
    await tab.goto(origin);
    await tab.evaluate(async ({ side, where }) => {
      const jobs = await import("/stream_jobs.mjs");
      const key = new Uint8Array(await (await fetch("/data/key")).arrayBuffer());
      let library = side === "bare" ? undefined : await import(side === "peer" ? "openpgp" : "envelock");
      if (where === "worker") library = (await import("envelock/worker")).createWorker();
      if (side === "ours") await library.init();
      const work = await jobs[side](library, key);
      const encrypted = async (size) => (await fetch(`/data/${side === "bare" ? "ours" : side}-${size}`)).body;
      globalThis.go = (job, size, rounds) => jobs.runs(job, work, size, rounds, encrypted);
      globalThis.compare = (job) => jobs.spread(job, work, encrypted);
    }, { side, where });
    const go = ([job, size, rounds]) => globalThis.go(job, size, rounds);
    const pids = await renderers(browser);
    await collect(tab);
    for (const pid of pids) await writeFile(`/proc/${pid}/clear_refs`, "5");
    const idle = await memory(pids, "VmRSS");
    await tab.evaluate(go, [job, WARM, 1]);
    if (size === undefined) return { spread: await tab.evaluate((job) => globalThis.compare(job), job) };
    const ms = median(await tab.evaluate(go, [job, size, ROUNDS[size]]));
    return { ms, peak: ((await memory(pids, "VmHWM")) - idle) / KIB_A_MIB };
  } finally {
    await browser.close();
    close();
  }
}

/** Has all garbage of the page and its worker collected, and waits until the memory is given back. */
async function collect(tab) {
  const cdp = await tab.context().newCDPSession(tab);
  const workers = [];
  cdp.on("Target.attachedToTarget", ({ sessionId }) => workers.push(sessionId));
  await cdp.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  const method = "HeapProfiler.collectGarbage";
  await cdp.send(method);
  for (const sessionId of workers) await cdp.send("Target.sendMessageToTarget", { sessionId, message: JSON.stringify({ id: 1, method }) });
  await setTimeout(1500);
  await cdp.detach();
}

async function renderers(browser) {
  const cdp = await browser.newBrowserCDPSession();
  const { processInfo } = await cdp.send("SystemInfo.getProcessInfo");
  return processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
}

/** A line of `/proc/PID/status`, summed, in KiB. */
async function memory(pids, name) {
  const values = await Promise.all(pids.map(async (pid) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(await readFile(`/proc/${pid}/status`, "utf8"))[1])));
  return values.reduce((sum, value) => sum + value, 0);
}
