// Weighs what a browser has to load, gzip (zlib's level 9) and brotli 11, in bytes. Prints one JSON row per line.
import { join } from "node:path";
import { entries, weigh, weighBrotli } from "./weigh.mjs";

const only = process.env.ENVELOCK_BENCH_ONLY;
const packages = join(import.meta.dirname, "../node_modules");
const theirs = join(packages, "openpgp/dist");

const full = [join(theirs, "openpgp.min.mjs")];
// What reading a message under a password takes of it.
const lightweight = ["openpgp.min.mjs", "argon2id.min.mjs"].map((name) => join(theirs, "lightweight", name));
const peers = { "envelock": full, "envelock/worker": full, "envelock/inline": full, "envelock/pqc": full, "envelock/reader": lightweight };

for (const [name, files] of Object.entries(entries(join(packages, "envelock")))) {
  const work = `size:${name}`;
  if (only && !work.includes(only)) continue;
  const peer = peers[name];
  const row = { work, ours_gzip: weigh(files), ours_brotli: weighBrotli(files) };
  console.log(JSON.stringify(peer ? { ...row, peer_gzip: weigh(peer), peer_brotli: weighBrotli(peer) } : row));
}
