// Weighs the decrypt page as a browser does: everything it transfers, cold, until the text of a message is on the screen. Beside it, what
// OpenPGP.js would load for that without any page around it: its lightweight entry and Argon2. One JSON row.
import { join } from "node:path";
import { launch } from "./chromium.mjs";
import { openAtOnce, servePage } from "./pages.mjs";
import { weigh, weighBrotli } from "./weigh.mjs";

const work = "size:decrypt page, cold, to the plaintext";
const only = process.env.ENVELOCK_BENCH_ONLY;
if (!only || work.includes(only)) {
  const theirs = ["openpgp.min.mjs", "argon2id.min.mjs"].map((name) => join(import.meta.dirname, "../node_modules/openpgp/dist/lightweight", name));
  const [ours_gzip, ours_brotli] = [await transferred("gzip"), await transferred("br")];
  console.log(JSON.stringify({ work, ours_gzip, ours_brotli, peer_gzip: weigh(theirs), peer_brotli: weighBrotli(theirs) }));
}

/** Bytes of bodies asked for before the text was shown; what comes later (the signature check) nobody waits for. */
async function transferred(encoding) {
  const page = await servePage("ours", { encoding, length: 2_000 });
  const browser = await launch();
  try {
    const tab = await browser.newPage();
    await tab.addInitScript(openAtOnce, page);
    await tab.goto(page.link);
    await tab.waitForFunction(() => globalThis.shownAt);
    return page.sentUntil(await tab.evaluate(() => performance.timeOrigin + globalThis.shownAt));
  } finally {
    await browser.close();
    page.close();
  }
}
