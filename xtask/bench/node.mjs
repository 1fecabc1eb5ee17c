// Measures in node. Prints one JSON row per line.
import { execFileSync } from "node:child_process";
import { cancels } from "./cancel.mjs";
import { floors } from "./floor.mjs";
import { median } from "./measure.mjs";
import { measured } from "./works.mjs";

const runtime = `node ${process.versions.node}`;
const only = process.env.ENVELOCK_BENCH_ONLY;
const ours = await import("envelock");
const peer = await import("openpgp");
await ours.init();
/** What our readiness is made of. */
const STARTING = {
  "the JavaScript alone": `await import("envelock")`,
  "the module read and compiled": `const { readFile } = await import("node:fs/promises"); await WebAssembly.compile(await readFile(new URL(import.meta.resolve("envelock/wasm"))))`,
};

if (!only || "initialise".includes(only)) row({ work: "initialise", ...initialise() });
for await (const one of measured(ours, peer, only)) row(one);
const { createWorker } = await import("envelock/worker");
for await (const one of cancels(ours, createWorker, only)) row(one);
if (!only || only.startsWith("floor")) {
  for (const [what, code] of Object.entries(STARTING)) row({ work: `floor: initialise, ${what}`, floor_ms: median(Array.from({ length: 9 }, () => fresh(timed(code)))) });
  for await (const one of floors(ours, peer)) row(one);
}

/** Import and first readiness, each in a process of its own, in turn. */
function initialise() {
  const times = { ours: [], peer: [] };
  for (let round = 0; round < 9; round++) {
    times.ours.push(fresh(timed(`await (await import("envelock")).init()`)));
    times.peer.push(fresh(timed(`await import("openpgp")`)));
  }
  return { ours_ms: median(times.ours), peer_ms: median(times.peer) };
}

function timed(code) {
  return `const t = performance.now(); ${code}; console.log(performance.now() - t)`;
}

function fresh(code) {
  return Number(execFileSync(process.execPath, ["--input-type=module", "--eval", code], { cwd: import.meta.dirname }).toString());
}

function row(one) {
  console.log(JSON.stringify({ runtime, ...one }));
}
