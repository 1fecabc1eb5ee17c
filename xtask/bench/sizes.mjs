// Weighs what a browser has to load, gzip -9, in bytes. Prints one JSON row per line.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { gzipSync } from "node:zlib";

const packages = join(import.meta.dirname, "../node_modules");
const ours = join(packages, "envelock");
const theirs = join(packages, "openpgp/dist");

const openpgp = weigh([join(theirs, "openpgp.min.mjs")]);
const lightweight = weigh([
  join(theirs, "lightweight/openpgp.min.mjs"),
  ...readdirSync(join(theirs, "lightweight")).filter((name) => /^argon2id.*\.min\.mjs$/.test(name)).map((name) => join(theirs, "lightweight", name)),
]);

row("size:envelock", weigh([...modules(join(ours, "dist/index.mjs")), join(ours, "wasm/envelock_bg.wasm")]), openpgp);
row("size:envelock/worker", weigh([...modules(join(ours, "dist/worker.mjs")), join(ours, "dist/worker-script.mjs"), join(ours, "wasm/envelock_bg.wasm")]), openpgp);
row("size:envelock/inline", weigh([join(ours, "dist/inline.mjs")]), openpgp);
row("size:envelock/reader", weigh([...modules(join(ours, "dist/reader.mjs")), join(ours, "wasm/reader_bg.wasm")]), lightweight);
row("size:envelock.wasm", weigh([join(ours, "wasm/envelock_bg.wasm")]));
row("size:reader.wasm", weigh([join(ours, "wasm/reader_bg.wasm")]));

/** A module and everything it imports statically. */
function modules(entry, found = new Set()) {
  if (found.has(entry)) return found;
  found.add(entry);
  for (const [, name] of readFileSync(entry, "utf8").matchAll(/(?:import|export)[^"'()]*?["'](\.[^"']+)["']/g)) {
    modules(resolve(dirname(entry), name), found);
  }
  return found;
}

function weigh(files) {
  return [...files].reduce((sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length, 0);
}

function row(work, ours_gzip, peer_gzip = null) {
  console.log(JSON.stringify({ work, ours_gzip, peer_gzip }));
}
