// Weighs what a browser has to load, gzip -9, in bytes. Prints one JSON row per line.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { entries, weigh } from "./weigh.mjs";

const packages = join(import.meta.dirname, "../node_modules");
const theirs = join(packages, "openpgp/dist");

const openpgp = weigh([join(theirs, "openpgp.min.mjs")]);
const lightweight = weigh([
  join(theirs, "lightweight/openpgp.min.mjs"),
  ...readdirSync(join(theirs, "lightweight")).filter((name) => /^argon2id.*\.min\.mjs$/.test(name)).map((name) => join(theirs, "lightweight", name)),
]);
const peers = { "envelock": openpgp, "envelock/worker": openpgp, "envelock/inline": openpgp, "envelock/pqc": openpgp, "envelock/reader": lightweight };

for (const [name, files] of Object.entries(entries(join(packages, "envelock")))) {
  console.log(JSON.stringify({ work: `size:${name}`, ours_gzip: weigh(files), peer_gzip: peers[name] ?? null }));
}
