// What a browser has to load for each entry of the package, gzip (zlib's level 9) and brotli 11, in octets. As a program: the folders of the package
// and of the pages in, one JSON object out.
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";

/** The entries by name, each with everything it loads first. */
export function entries(folder) {
  const inside = (path) => join(folder, path);
  return {
    "envelock": [...modules(inside("dist/index.mjs")), inside("wasm/envelock_bg.wasm")],
    "envelock/worker": [...modules(inside("dist/worker.mjs")), inside("dist/worker-script.mjs"), inside("wasm/envelock_bg.wasm")],
    "envelock/threads-script": [inside("dist/threads-script.mjs")],
    "envelock/inline": [inside("dist/inline.mjs")],
    "envelock/pqc": [...modules(inside("dist/pqc.mjs")), inside("wasm/pqc_bg.wasm")],
    "envelock/reader": [...modules(inside("dist/reader.mjs")), inside("wasm/reader_bg.wasm")],
    "envelock/login": [...modules(inside("dist/login.mjs")), inside("dist/login-worker-script.mjs"), inside("wasm/login_bg.wasm")],
    "envelock.wasm": [inside("wasm/envelock_bg.wasm")],
    "envelock_rest.wasm": [inside("wasm/envelock_rest_bg.wasm")],
    "pqc_rest.wasm": [inside("wasm/pqc_rest_bg.wasm")],
    "reader.wasm": [inside("wasm/reader_bg.wasm")],
  };
}

/** What a decrypt page transfers, cold, until a text is on the screen: the page, and everything its tags ask for. `page.mjs` asks a browser. */
export function decryptPage(folder) {
  const inside = (path) => join(resolve(folder), path);
  const page = inside("decrypt.html");
  const asked = [...readFileSync(page, "utf8").matchAll(/<(?:link|script)\b[^>]*?\b(?:href|src)="(\/[^"]+)"/g)].map(([, path]) => inside(path));
  return new Set([page, ...asked.flatMap((file) => (file.endsWith(".js") ? [...modules(file)] : [file]))]);
}

/** A module and everything it imports statically. */
function modules(entry, found = new Set()) {
  if (found.has(entry)) return found;
  found.add(entry);
  for (const [, name] of readFileSync(entry, "utf8").matchAll(/(?:import|export)[^"'`()]*?["'`](\.[^"'`]+)["'`]/g)) {
    modules(resolve(dirname(entry), name), found);
  }
  return found;
}

export function weigh(files) {
  return [...files].reduce((sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length, 0);
}

const weighed = new Map();

/** The same with brotli, at its best by default; each file once, since that takes seconds. */
export function weighBrotli(files) {
  return [...files].reduce((sum, file) => {
    if (!weighed.has(file)) weighed.set(file, brotliCompressSync(readFileSync(file)).length);
    return sum + weighed.get(file);
  }, 0);
}

if (import.meta.filename === process.argv[1]) {
  const [, , folder, pages] = process.argv;
  const weighed = Object.entries({ ...entries(folder), "decrypt page": decryptPage(pages) }).map(([name, files]) => [name, weigh(files)]);
  console.log(JSON.stringify(Object.fromEntries(weighed)));
}
