// The most memory that a job on 50 MB in one piece takes over the process at rest, in node, each in a process of its own: the
// kernel's high-water mark, set back before the job (`clear_refs`). The data itself is there before. Prints one JSON row per line.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { binary, bytes, failure, peerDecrypts } from "./measure.mjs";

const MIB = 1024 * 1024;
const SIZE = 50_000_000;
const runtime = `node ${process.versions.node}`;
const GCM = { aeadProtect: true, preferredAEADAlgorithm: 3 };
const [job, side] = process.argv.slice(2);

if (job) await one(job, side);
else all();

function all() {
  const only = process.env.ENVELOCK_BENCH_ONLY;
  for (const job of ["encrypt", "decrypt"]) {
    const work = `memory of ${job} 50 MB`;
    if (only && !work.includes(only)) continue;
    try {
      console.log(JSON.stringify({ runtime, work, ours_peak_mib: run(job, "ours"), peer_peak_mib: run(job, "peer") }));
    } catch (cause) {
      console.log(JSON.stringify({ runtime, ...failure(work, cause) }));
    }
  }
}

function run(...words) {
  return Number(execFileSync(process.execPath, ["--expose-gc", fileURLToPath(import.meta.url), ...words]).toString());
}

async function one(job, side) {
  const ours = await import("envelock");
  const { key } = await ours.generateKey({ userIds: [{ email: "bench@example.org" }], profile: "rfc9580" });
  const recipients = [key.certificate];
  let input = bytes(SIZE);
  if (job === "decrypt") input = await ours.encrypt({ data: input, recipients, armor: false });
  const peer = side === "peer" ? await import("openpgp") : undefined;
  const secret = await peer?.readPrivateKey({ binaryKey: key.binary });
  const work = {
    encrypt: { ours: (data) => ours.encrypt({ data, recipients, armor: false }), peer: async (data) => peer.encrypt({ message: await binary(peer, data), encryptionKeys: secret.toPublic(), format: "binary", config: GCM }) },
    decrypt: { ours: (message) => ours.decrypt({ message, keys: { key }, as: "binary" }), peer: (message) => peerDecrypts(peer, message, { decryptionKeys: secret }) },
  }[job][side];
  await work(job === "encrypt" ? bytes(1024) : await ours.encrypt({ data: bytes(1024), recipients, armor: false }));
  globalThis.gc();
  writeFileSync("/proc/self/clear_refs", "5");
  const status = (name) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(readFileSync("/proc/self/status", "utf8"))[1]) * 1024;
  const idle = status("VmRSS");
  await work(input);
  console.log((status("VmHWM") - idle) / MIB);
  process.exit();
}
