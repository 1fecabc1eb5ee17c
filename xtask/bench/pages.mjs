// A static server for a decrypt page, ours or the one written with OpenPGP.js: compressed files and caching as our server has them, and the
// three answers of the API that opening takes. The envelope is sealed by us; both pages open the same one.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { sealEnvelope } from "envelock";

const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".wasm": "application/wasm", ".svg": "image/svg+xml" };
const compressions = { br: brotliCompressSync, gzip: (body) => gzipSync(body, { level: 9 }) };
const id = "A".repeat(22);
const password = "correct horse battery staple";
const lightweight = join(import.meta.dirname, "../node_modules/openpgp/dist/lightweight");

/** Where each page's files are. */
const folders = {
  ours: (path) => join(process.env.ENVELOCK_ROOT, "www/dist", path),
  peer: (path) => {
    const name = path.split("/").at(-1);
    return join(name.endsWith(".min.mjs") ? lightweight : join(import.meta.dirname, "peer_page"), name);
  },
};

/** A sealed text of so many bytes, served with one of the pages and compressed as `encoding` says; `link` opens it. */
export async function servePage(side, { encoding, length }) {
  const text = "A short message, as most are. ".repeat(Math.ceil(length / 30)).slice(0, length - 4) + "End.";
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
  const bodies = new Map();
  const sent = [];
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url, "http://localhost").pathname);
    const answer = answers[`${request.method} ${path}`];
    if (answer) {
      const [type, body] = answer();
      return response.writeHead(200, { "Content-Type": type, "Envelock-Lease": id, "Cache-Control": "no-store" }).end(body);
    }
    const file = folders[side](path.startsWith("/d/") ? "/decrypt.html" : path);
    try {
      if (!bodies.has(file)) bodies.set(file, compressions[encoding](await readFile(file)));
      const body = bodies.get(file);
      const cache = path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache";
      const headers = { "Content-Type": types[extname(file)] ?? "application/octet-stream", "Content-Encoding": encoding, "Cache-Control": cache };
      // As our server sends it with the page, for both sides: the head need not wait for the script that shows it.
      if (path.startsWith("/d/")) headers.Link = `</api/v1/d/${id}>; rel=preload; as=fetch; crossorigin`;
      sent.push({ at: Date.now(), length: body.length });
      response.writeHead(200, { ...headers, "Content-Length": body.length }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://localhost:${server.address().port}`;
  return {
    origin,
    /** Bytes of the files that were asked for until a time; what a browser takes from its cache was never asked for. */
    sentUntil: (time) => sent.filter(({ at }) => at <= time).reduce((sum, { length }) => sum + length, 0),
    link: `${origin}/d/${id}#${sealed.linkSecret}`,
    text,
    password,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/**
 * For a page's start: types the password as soon as it is asked for, and notes when the text is there (`shownAt`, milliseconds since the
 * navigation began).
 */
export function openAtOnce({ text, password }) {
  new MutationObserver(() => {
    const field = document.querySelector("input[type=password]");
    if (field && !globalThis.typed) {
      globalThis.typed = true;
      field.value = password;
      field.form.requestSubmit();
    }
    if (globalThis.typed && document.body?.innerText.includes(text.slice(-200))) globalThis.shownAt ??= performance.now();
  }).observe(document, { childList: true, subtree: true });
}
