// Measures in node. Prints one JSON row per line.
import { execFileSync } from "node:child_process";
import { measure, median, works } from "./works.mjs";

const runtime = `node ${process.versions.node}`;
const only = process.env.ENVELOCK_BENCH_ONLY;
const ours = await import("envelock");
const peer = await import("openpgp");
await ours.init();

if (!only || "initialise".includes(only)) row({ work: "initialise", ...initialise() });
for await (const work of works(ours, peer)) {
  if (!only || work.work.includes(only)) row(await attempt(work));
}

/** Import and first readiness, each in a process of its own, in turn. */
function initialise() {
  const times = { ours: [], peer: [] };
  const inside = (code) => `const t = performance.now(); ${code}; console.log(performance.now() - t)`;
  for (let round = 0; round < 9; round++) {
    times.ours.push(fresh(inside(`await (await import("envelock")).init()`)));
    times.peer.push(fresh(inside(`await import("openpgp")`)));
  }
  return { ours_ms: median(times.ours), peer_ms: median(times.peer) };
}

function fresh(code) {
  return Number(execFileSync(process.execPath, ["--input-type=module", "--eval", code], { cwd: import.meta.dirname }).toString());
}

async function attempt(work) {
  try {
    return await measure(work);
  } catch (cause) {
    return { work: work.work, error: `${cause.code ?? ""} ${cause.message}`.trim() };
  }
}

function row(measured) {
  console.log(JSON.stringify({ runtime, ...measured }));
}
