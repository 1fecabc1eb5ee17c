// Pages with the packed npm package in them, `window.envelock` and `window.worker`, under the policy that docs/csp.md asks for.
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { startBrowser } from "./browser.mjs";

const PACKAGE = join(dirname(fileURLToPath(import.meta.resolve("envelock"))), "..");
const TYPES = { ".mjs": "text/javascript", ".js": "text/javascript", ".wasm": "application/wasm" };
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src data:";
const PAGE = "<!doctype html><title>package</title><link rel=icon href=data:,><script type=module src=/page.mjs></script>";
const SCRIPT = `
import * as envelock from "/package/dist/index.mjs";
import { createWorker } from "/package/dist/worker.mjs";
const postQuantum = () => createWorker({ url: "/package/dist/pqc-worker-script.mjs" });
Object.assign(window, { envelock, worker: createWorker(), postQuantum });
`;

/** A server with the package, and a browser for it. `isolated`: pages may share memory between threads. */
export async function startPackagePages({ isolated = false } = {}) {
  const isolation = isolated ? { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" } : {};
  const asked = [];
  const server = createServer((request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    asked.push(path);
    const file = path.startsWith("/package/") && join(PACKAGE, normalize(path.slice("/package".length)));
    const [type, body] = path === "/" ? ["text/html", PAGE] : path === "/page.mjs" ? ["text/javascript", SCRIPT]
      : file && existsSync(file) ? [TYPES[extname(file)] ?? "text/plain", readFileSync(file)] : [undefined, undefined];
    response.writeHead(type ? 200 : 404, { "content-type": type ?? "text/plain", "content-security-policy": POLICY, ...isolation });
    response.end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://localhost:${server.address().port}`;
  const browser = await startBrowser(origin);
  return {
    /** Every path that was asked for, in order. */
    asked,
    /** A page with the package in it, in a profile of its own or a given one. */
    async open(profile) {
      profile ??= await browser.profile();
      const page = await profile.newPage();
      await page.goto(origin);
      await page.waitForFunction(() => window.worker !== undefined);
      return { profile, page };
    },
    async close() {
      await browser.close();
      server.close();
    },
  };
}
