// How Chromium gets to the server, with nothing between: TLS with forward secrecy, post-quantum where it knows it, every header on everything a
// page loads, and nothing served in clear. The proxy of the other tests has a TLS of its own.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { chromium } from "playwright-core";
import { freePort, startServer } from "./server.mjs";

const HEADERS = {
  "strict-transport-security": /max-age=\d{8}/,
  "content-security-policy": /default-src 'none'/,
  "cross-origin-opener-policy": /^same-origin$/,
  "cross-origin-embedder-policy": /^credentialless$/,
  "cross-origin-resource-policy": /^same-origin$/,
  "permissions-policy": /camera=\(\)/,
  "x-content-type-options": /^nosniff$/,
};

describe("the way to the server", { timeout: 120_000 }, () => {
  let server;
  let clear;
  before(async () => {
    clear = await freePort();
    server = await startServer({ options: ["--public-name", "localhost", "--redirect-listen", `127.0.0.1:${clear}`] });
  });
  after(async () => {
    await server?.stop();
    await server?.remove();
  });

  /** Chromium with these switches, for as long as `work` takes. */
  async function chromiumWith(switches, work) {
    const args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", ...switches];
    const browser = await chromium.launch({ executablePath: process.env.ENVELOCK_CHROMIUM ?? "/usr/bin/chromium", args });
    try {
      const context = await browser.newContext({ ignoreHTTPSErrors: true });
      return await work(await context.newPage());
    } finally {
      await browser.close();
    }
  }

  /** What Chromium says of the connection a page came over. */
  async function connection(page) {
    const session = await page.context().newCDPSession(page);
    const seen = new Promise((resolve) => {
      session.on("Security.visibleSecurityStateChanged", ({ visibleSecurityState: { certificateSecurityState } }) => certificateSecurityState && resolve(certificateSecurityState));
    });
    await session.send("Security.enable");
    await page.goto(server.direct);
    return seen;
  }

  test("TLS 1.3 with a post-quantum agreement; TLS 1.2 with forward secrecy for a browser that has no more", async () => {
    const best = await chromiumWith([], connection);
    assert.equal(best.protocol, "TLS 1.3");
    assert.equal(best.keyExchangeGroup, "X25519MLKEM768");
    const older = await chromiumWith(["--ssl-version-max=tls1.2"], connection);
    assert.equal(older.protocol, "TLS 1.2");
    assert.match(older.keyExchange, /^ECDHE/);
    assert.match(older.cipher, /GCM|CHACHA20/);
  });

  test("everything the pages load carries the headers, scripts of workers too", async () => {
    await chromiumWith([], async (page) => {
      const answers = [];
      page.context().on("response", (response) => answers.push(response));
      await page.goto(server.direct);
      const started = page.waitForEvent("worker");
      await page.getByLabel("Account password").focus();
      await started;
      await page.getByRole("button", { name: "Use the demo account" }).click();
      await page.getByRole("navigation", { name: "Main" }).waitFor();
      await page.goto(`${server.direct}/d/AAECAwQFBgcICQoLDA0ODw`);
      await page.getByRole("heading").first().waitFor();
      for (const path of ["/threat-model.html", "/nothing", "/api/v1/nothing", "/d/x"]) await page.goto(server.direct + path);
      const paths = answers.map((response) => new URL(response.url()).pathname);
      for (const wanted of [/^\/$/, /worker.*\.js$/, /\.wasm$/, /\.css$/, /^\/api\/v1\/session$/, /^\/d\//]) assert.ok(paths.some((path) => wanted.test(path)), `${wanted} in ${paths.join(" ")}`);
      for (const response of answers) {
        const headers = await response.allHeaders();
        for (const [name, value] of Object.entries(HEADERS)) assert.match(headers[name] ?? "", value, `${name} of ${response.url()}`);
      }
    });
  });

  test("whoever types http:// comes to https", async () => {
    await chromiumWith([], async (page) => {
      const first = await page.goto(`http://localhost:${clear}/d/AAECAwQFBgcICQoLDA0ODw`);
      assert.equal(page.url(), `${server.origin}/d/AAECAwQFBgcICQoLDA0ODw`);
      const redirect = await first.request().redirectedFrom().response();
      assert.equal(redirect.status(), 308);
      assert.equal((await redirect.allHeaders())["content-length"], "0");
    });
  });
});
