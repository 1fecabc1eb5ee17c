// Streams of 100 MB to 1 GB in node, encrypted and decrypted by key: how long, and the most memory over the process at rest. Each
// measurement has a process of its own. Prints one JSON row per line.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { failure, median } from "./measure.mjs";
import { library, prepareFiles } from "./stream_files.mjs";
import { ROUNDS, rows, runs, SIZES, spread, WARM } from "./stream_jobs.mjs";

const MIB = 1024 * 1024;
const runtime = `node ${process.versions.node}`;
/** Instead of a size: they are compared. */
const ALL = "all";
const [job, side, size, folder] = process.argv.slice(2);

if (job) await one(job, side, size, folder);
else all();

function all() {
  const only = process.env.ENVELOCK_BENCH_ONLY;
  const folder = mkdtempSync(join(tmpdir(), "envelock-streams-"));
  try {
    prepareFiles(folder, [WARM, ...SIZES]);
    for (const job of ["encrypt", "decrypt"]) {
      if (only && !`stream ${job}`.startsWith(only) && !only.startsWith(`stream ${job}`)) continue;
      try {
        const both = (...words) => ({ ours: run(job, "ours", ...words), peer: run(job, "peer", ...words) });
        const bySize = Object.fromEntries(SIZES.map((size) => [size, both(size, folder)]));
        for (const row of rows(job, bySize, both(ALL, folder))) console.log(JSON.stringify({ runtime, ...row }));
      } catch (cause) {
        console.log(JSON.stringify({ runtime, ...failure(`stream ${job}`, cause) }));
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(...words) {
  return JSON.parse(execFileSync(process.execPath, ["--expose-gc", fileURLToPath(import.meta.url), ...words.map(String)]).toString());
}

/** The runs in this process. */
async function one(job, side, size, folder) {
  const work = await library(side, folder);
  globalThis.gc();
  const idle = process.memoryUsage.rss();
  const encrypted = (size) => file(join(folder, `${side}-${size}`));
  await runs(job, work, WARM, 1, encrypted);
  if (size === ALL) console.log(JSON.stringify(await spread(job, work, encrypted)));
  else {
    const ms = median(await runs(job, work, Number(size), ROUNDS[size], encrypted));
    // The kernel's high-water mark, in KiB: nothing between two samples is missed.
    console.log(JSON.stringify({ ms, peak: (process.resourceUsage().maxRSS * 1024 - idle) / MIB }));
  }
  process.exit();
}

async function file(at) {
  const handle = await open(at);
  return new ReadableStream({
    async pull(controller) {
      const piece = new Uint8Array(262_144);
      const { bytesRead } = await handle.read(piece);
      if (bytesRead > 0) return controller.enqueue(piece.subarray(0, bytesRead));
      await handle.close();
      controller.close();
    },
  }, { highWaterMark: 0 });
}
