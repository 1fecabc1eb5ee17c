// From navigation to the plaintext of a 2 KB envelope in Chromium: cold cache, 1.6 Mbit/s, 150 ms, a quarter of the processor for the main
// thread, in a fresh profile each time. Our decrypt page, and the same page written with OpenPGP.js (`peer_page`). One JSON row.
import { launch } from "./chromium.mjs";
import { failure, median } from "./measure.mjs";
import { openAtOnce, servePage } from "./pages.mjs";

const NETWORK = { offline: false, latency: 150, downloadThroughput: 1_600_000 / 8, uploadThroughput: 750_000 / 8 };
const SLOWER = 4;
const ROUNDS = 7;
const work = "cold page to the plaintext of 2 KB, 1.6 Mbit/s, CPU at a quarter";
const only = process.env.ENVELOCK_BENCH_ONLY;
if (!only || work.includes(only)) await all();

async function all() {
  const browser = await launch();
  const runtime = `chromium ${browser.version()}`;
  const pages = Object.fromEntries(await Promise.all(["ours", "peer"].map(async (side) => [side, await servePage(side, { encoding: "br", length: 2_000 })])));
  try {
    const times = { ours: [], peer: [] };
    for (let round = 0; round < ROUNDS; round++) {
      for (const side of ["ours", "peer"]) times[side].push(await open(browser, pages[side]));
    }
    console.log(JSON.stringify({ runtime, work, ours_ms: median(times.ours), peer_ms: median(times.peer) }));
  } catch (cause) {
    console.log(JSON.stringify({ runtime, ...failure(work, cause) }));
  } finally {
    await browser.close();
    for (const page of Object.values(pages)) page.close();
  }
}

async function open(browser, page) {
  const context = await browser.newContext();
  try {
    const tab = await context.newPage();
    const cdp = await context.newCDPSession(tab);
    // What a page's worker fetches is slowed as well; its computing is not, on either side: Chromium slows the main thread only.
    await cdp.send("Network.enable");
    await cdp.send("Network.emulateNetworkConditions", NETWORK);
    await cdp.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
    await tab.addInitScript(openAtOnce, page);
    await tab.goto(page.link);
    await tab.waitForFunction(() => globalThis.shownAt, undefined, { polling: 200 });
    return await tab.evaluate(() => globalThis.shownAt);
  } finally {
    await context.close();
  }
}
