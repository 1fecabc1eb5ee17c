// The watch itself must see what it watches for, or a quiet profile says nothing.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { startBrowser } from "./browser.mjs";

const POLICY = "default-src 'self' 'unsafe-inline'; worker-src 'self'; connect-src *";
const pages = {
  "/quiet": "<title>quiet</title>",
  "/request": "<script>fetch('http://elsewhere.invalid/from-a-page').catch(() => {})</script>",
  "/worker": "<script>new Worker('/worker.js')</script>",
  "/worker.js": "fetch('http://elsewhere.invalid/from-a-worker').catch(() => {})",
  "/policy": "<script src='http://elsewhere.invalid/script.js'></script>",
  "/console": "<script>console.error('something is wrong')</script>",
  "/uncaught": "<script>setTimeout(() => { throw new Error('nobody catches me') })</script>",
};

let server;
let origin;
let browser;
before(async () => {
  server = createServer((request, response) => {
    const page = pages[request.url];
    const type = request.url.endsWith(".js") ? "text/javascript" : "text/html";
    response.writeHead(page === undefined ? 204 : 200, { "content-type": type, "content-security-policy": POLICY });
    response.end(page);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `http://localhost:${server.address().port}`;
  browser = await startBrowser(origin);
});
after(async () => {
  await browser?.close();
  server?.close();
});

/** What the watch of a fresh profile says about a page. */
async function complaintsAbout(path) {
  const profile = await browser.profile();
  const page = await profile.newPage();
  await page.goto(`${origin}${path}`);
  await page.waitForTimeout(500);
  const complaint = await (async () => profile.assertQuiet())().catch((error) => error.message);
  await profile.close();
  return complaint ?? "";
}

test("a quiet page gives no complaint", async () => assert.equal(await complaintsAbout("/quiet"), ""));
for (const [path, words] of [
  ["/request", /request leaves the origin: GET http:\/\/elsewhere\.invalid\/from-a-page/],
  ["/worker", /request leaves the origin: GET http:\/\/elsewhere\.invalid\/from-a-worker/],
  ["/policy", /policy violation: script-src/],
  ["/console", /something is wrong/],
  ["/uncaught", /nobody catches me/],
]) {
  test(`${path.slice(1)} is seen`, async () => assert.match(await complaintsAbout(path), words));
}
test("and what left the origin met the trap", () => {
  const hosts = browser.escaped().join("\n");
  assert.match(hosts, /elsewhere\.invalid\/from-a-page/);
  assert.match(hosts, /elsewhere\.invalid\/from-a-worker/);
});
