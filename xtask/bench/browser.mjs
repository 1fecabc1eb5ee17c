// Measures in Chromium. Prints one JSON row per line.
import { launch, serve } from "./chromium.mjs";
import { median } from "./measure.mjs";

const only = process.env.ENVELOCK_BENCH_ONLY;
const { origin, close } = await serve();
const browser = await launch();
const runtime = `chromium ${browser.version()}`;
try {
  if (!only || "initialise".includes(only)) row({ work: "initialise", ...(await initialise()) });
  const tab = await browser.newPage();
  tab.setDefaultTimeout(0);
  tab.on("pageerror", (error) => console.error(error));
  await tab.exposeFunction("report", row);
  await tab.goto(origin);
  await tab.evaluate(async (only) => {
    const [{ measured }, { cancels }, { floors }] = await Promise.all(["works", "cancel", "floor"].map((name) => import(`/${name}.mjs`)));
    const { createWorker } = await import("envelock/worker");
    const [ours, peer] = [await import("envelock"), await import("openpgp")];
    await ours.init();
    for await (const one of measured(ours, peer, only)) await report(one);
    for await (const one of cancels(ours, createWorker, only)) await report(one);
    if (!only || only.startsWith("floor")) for await (const one of floors(ours, peer)) await report(one);
  }, only);
} finally {
  await browser.close();
  close();
}

/** Fetch, compile and get ready, each in a page of its own, in turn. */
async function initialise() {
  const times = { ours: [], peer: [] };
  for (let round = 0; round < 9; round++) {
    for (const side of ["ours", "peer"]) {
      const tab = await browser.newPage();
      await tab.goto(origin);
      times[side].push(
        await tab.evaluate(async (side) => {
          const started = performance.now();
          const module = await import(side === "ours" ? "envelock" : "openpgp");
          if (side === "ours") await module.init();
          return performance.now() - started;
        }, side),
      );
      await tab.close();
    }
  }
  return { ours_ms: median(times.ours), peer_ms: median(times.peer) };
}

function row(one) {
  console.log(JSON.stringify({ runtime, ...one }));
}
