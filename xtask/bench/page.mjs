// Weighs the decrypt page as a browser does: everything it transfers, cold, until the text of a message is on the screen.
// A static server with the pages' compressed files and the three answers of the API that opening needs. One JSON row.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";
import { sealEnvelope } from "envelock";

const web = join(process.env.ENVELOCK_ROOT, "www/dist");
const packages = join(import.meta.dirname, "../node_modules");
const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm", ".svg": "image/svg+xml" };
const id = "A".repeat(22);
const text = "A short message, as most are.";
const password = "correct horse battery staple";
const sealed = await sealEnvelope({ subject: "Bench", text, password });

const head = {
  ...sealed.head,
  sender: { address: "anna@demo.example", name: "Anna Berg" },
  created: new Date().toISOString(),
  expires: new Date(Date.now() + 86_400_000).toISOString(),
  size: sealed.ciphertext.length,
  triesLeft: 10,
  openingsLeft: 1,
};
const answers = {
  [`GET /api/v1/d/${id}`]: () => ["application/json", JSON.stringify(head)],
  [`POST /api/v1/d/${id}/open`]: () => ["application/octet-stream", sealed.ciphertext],
  [`POST /api/v1/d/${id}/confirm`]: () => ["application/json", JSON.stringify({ openingsLeft: 0 })],
};

const server = createServer(async (request, response) => {
  const path = normalize(new URL(request.url, "http://localhost").pathname);
  const answer = answers[`${request.method} ${path}`];
  if (answer) {
    const [type, body] = answer();
    return response.writeHead(200, { "Content-Type": type, "Envelock-Lease": id }).end(body);
  }
  const file = path.startsWith("/d/") ? "/decrypt.html" : path;
  try {
    const body = gzipSync(await readFile(join(web, file)), { level: 9 });
    const headers = { "Content-Type": types[extname(file)] ?? "application/octet-stream", "Content-Encoding": "gzip" };
    response.writeHead(200, { ...headers, "Content-Length": body.length }).end(body);
  } catch {
    response.writeHead(404).end();
  }
}).listen(0, "127.0.0.1");
await once(server, "listening");
const origin = `http://localhost:${server.address().port}`;

const browser = await chromium.launch({
  executablePath: process.env.ENVELOCK_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
});
try {
  const tab = await browser.newPage();
  const loaded = [];
  tab.context().on("response", (response) => {
    const url = response.url();
    if (url.startsWith(origin) && !url.includes("/api/")) loaded.push(response);
  });
  // What is asked for after the text is shown (the signature check) is not waited for by anybody.
  await tab.addInitScript((text) => {
    new MutationObserver(() => {
      if (document.body?.innerText.includes(text)) globalThis.shownAt ??= performance.timeOrigin + performance.now();
    }).observe(document, { childList: true, subtree: true, characterData: true, attributes: true });
  }, text);
  await tab.goto(`${origin}/d/${id}#${sealed.linkSecret}`);
  await tab.getByLabel("Password", { exact: true }).fill(password);
  await tab.getByRole("button", { name: "Open", exact: true }).click();
  await tab.getByTestId("text").getByText(text).waitFor();
  const shownAt = await tab.evaluate(() => globalThis.shownAt);
  const needed = loaded.filter((response) => response.request().timing().startTime <= shownAt);
  const lengths = await Promise.all(needed.map((response) => response.headerValue("content-length")));
  const ours_gzip = lengths.reduce((sum, length) => sum + Number(length ?? 0), 0);
  console.log(JSON.stringify({ work: "size:decrypt page, cold, to the plaintext", ours_gzip, peer_gzip: await peer() }));
} finally {
  await browser.close();
  server.close();
}

/** What OpenPGP.js would load for the same job, without any page around it: its lightweight entry and Argon2. */
async function peer() {
  const folder = join(packages, "openpgp/dist/lightweight");
  const files = await Promise.all(["openpgp.min.mjs", "argon2id.min.mjs"].map((name) => readFile(join(folder, name))));
  return files.reduce((sum, file) => sum + gzipSync(file, { level: 9 }).length, 0);
}
