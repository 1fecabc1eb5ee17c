// Measures in Chromium: a page on a loopback server of its own, isolated as the webmail is. Prints one JSON row per line.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { chromium } from "playwright-core";

const root = import.meta.dirname;
const only = process.env.ENVELOCK_BENCH_ONLY;
const types = { ".html": "text/html", ".mjs": "text/javascript", ".js": "text/javascript", ".wasm": "application/wasm" };
const imports = {
  envelock: "/node_modules/envelock/dist/index.mjs",
  openpgp: "/node_modules/openpgp/dist/openpgp.min.mjs",
};
const page = `<!doctype html><title>bench</title><script type="importmap">${JSON.stringify({ imports })}</script>`;

const server = createServer(async (request, response) => {
  const headers = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cache-Control": "no-store",
  };
  const path = normalize(new URL(request.url, "http://localhost").pathname);
  if (path === "/") return response.writeHead(200, { ...headers, "Content-Type": "text/html" }).end(page);
  try {
    // Beside this file are the jobs, one folder up the installed packages.
    const content = await readFile(path.startsWith("/node_modules/") ? join(root, "..", path) : join(root, path));
    response.writeHead(200, { ...headers, "Content-Type": types[extname(path)] ?? "application/octet-stream" }).end(content);
  } catch {
    response.writeHead(404, headers).end();
  }
}).listen(0, "127.0.0.1");
await once(server, "listening");

const browser = await chromium.launch({
  executablePath: process.env.ENVELOCK_CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
  ],
});
const runtime = `chromium ${browser.version()}`;
const origin = `http://localhost:${server.address().port}/`;
try {
  if (!only || "initialise".includes(only)) row({ work: "initialise", ...(await initialise()) });
  const tab = await browser.newPage();
  tab.setDefaultTimeout(0);
  tab.on("pageerror", (error) => console.error(error));
  await tab.exposeFunction("report", row);
  await tab.goto(origin);
  await tab.evaluate(async (only) => {
    const { measure, works } = await import("/works.mjs");
    const [ours, peer] = [await import("envelock"), await import("openpgp")];
    await ours.init();
    for await (const work of works(ours, peer)) {
      if (only && !work.work.includes(only)) continue;
      try {
        await report(await measure(work));
      } catch (cause) {
        await report({ work: work.work, error: `${cause.code ?? ""} ${cause.message}`.trim() });
      }
    }
  }, only);
} finally {
  await browser.close();
  server.close();
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
  const { median } = await import("./works.mjs");
  return { ours_ms: median(times.ours), peer_ms: median(times.peer) };
}

function row(measured) {
  console.log(JSON.stringify({ runtime, ...measured }));
}
