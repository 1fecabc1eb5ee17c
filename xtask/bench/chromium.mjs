// Chromium, and a loopback server with these scripts and the installed packages, isolated as the webmail is.
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { chromium } from "playwright-core";

const root = import.meta.dirname;
const types = { ".html": "text/html", ".mjs": "text/javascript", ".js": "text/javascript", ".wasm": "application/wasm" };
const imports = {
  "envelock": "/node_modules/envelock/dist/index.mjs",
  "envelock/reader": "/node_modules/envelock/dist/reader.mjs",
  "envelock/worker": "/node_modules/envelock/dist/worker.mjs",
  "openpgp": "/node_modules/openpgp/dist/openpgp.min.mjs",
};
const page = `<!doctype html><title>bench</title><script type="importmap">${JSON.stringify({ imports })}</script>`;
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cache-Control": "no-store",
};

export function launch() {
  return chromium.launch({
    executablePath: process.env.ENVELOCK_CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync",
    ],
  });
}

/** `origin` and `close`. Below `/data/` are the files of `data`. */
export async function serve(data) {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url, "http://localhost").pathname);
    if (path === "/") return response.writeHead(200, { ...headers, "Content-Type": "text/html" }).end(page);
    try {
      if (data !== undefined && path.startsWith("/data/")) {
        const file = join(data, path.slice("/data/".length));
        response.writeHead(200, { ...headers, "Content-Type": "application/octet-stream", "Content-Length": (await stat(file)).size });
        return createReadStream(file, { highWaterMark: 262_144 }).pipe(response);
      }
      // Beside this file are the jobs, one folder up the installed packages.
      const content = await readFile(path.startsWith("/node_modules/") ? join(root, "..", path) : join(root, path));
      response.writeHead(200, { ...headers, "Content-Type": types[extname(path)] ?? "application/octet-stream" }).end(content);
    } catch {
      response.writeHead(404, headers).end();
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://localhost:${server.address().port}/`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
