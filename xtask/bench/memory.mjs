// The most memory that a job on 50 MB in one piece takes over the process at rest, in node, each in a process of its own: the
// kernel's high-water mark, set back before the job (`clear_refs`). The data itself is there before; a message was written by another process,
// which leaves nothing in this one's memory that would be used again. Prints one JSON row per line.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { binary, bytes, failure, peerDecrypts } from "./measure.mjs";

const MIB = 1024 * 1024;
const SIZE = 50_000_000;
const runtime = `node ${process.versions.node}`;
const GCM = { aeadProtect: true, preferredAEADAlgorithm: 3 };
const [job, side, folder] = process.argv.slice(2);

if (job === "prepare") await prepare(side);
else if (job) await one(job, side, folder);
else all();

function all() {
  const only = process.env.ENVELOCK_BENCH_ONLY;
  const folder = mkdtempSync(join(tmpdir(), "envelock-memory-"));
  try {
    run("prepare", folder);
    for (const job of ["encrypt", "decrypt"]) {
      const work = `memory of ${job} 50 MB`;
      if (only && !work.includes(only)) continue;
      try {
        const peak = (side) => Number(run(job, side, folder));
        console.log(JSON.stringify({ runtime, work, ours_peak_mib: peak("ours"), peer_peak_mib: peak("peer") }));
      } catch (cause) {
        console.log(JSON.stringify({ runtime, ...failure(work, cause) }));
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(...words) {
  return execFileSync(process.execPath, ["--expose-gc", fileURLToPath(import.meta.url), ...words]).toString();
}

/** A key, and messages to it: what `encrypt` and `decrypt` begin with, and a small one to load everything. */
async function prepare(folder) {
  const { encrypt, generateKey } = await import("envelock");
  const { key } = await generateKey({ userIds: [{ email: "bench@example.org" }], profile: "rfc9580" });
  writeFileSync(join(folder, "key"), key.binary);
  for (const [name, length] of [["small", 1024], ["large", SIZE]]) {
    writeFileSync(join(folder, name), await encrypt({ data: bytes(length), recipients: key.certificate, armor: false }));
  }
}

async function one(job, side, folder) {
  const read = (name) => {
    const { buffer, byteOffset, length } = readFileSync(join(folder, name));
    return new Uint8Array(buffer, byteOffset, length);
  };
  const ours = side === "ours" ? await import("envelock") : undefined;
  const [key] = (await ours?.readKeys(read("key"))) ?? [];
  const recipients = [key];
  const input = job === "encrypt" ? bytes(SIZE) : read("large");
  const peer = side === "peer" ? await import("openpgp") : undefined;
  const secret = await peer?.readPrivateKey({ binaryKey: read("key") });
  const work = {
    encrypt: { ours: (data) => ours.encrypt({ data, recipients, armor: false }), peer: async (data) => peer.encrypt({ message: await binary(peer, data), encryptionKeys: secret.toPublic(), format: "binary", config: GCM }) },
    decrypt: { ours: (message) => ours.decrypt({ message, keys: { key }, as: "binary" }), peer: (message) => peerDecrypts(peer, message, { decryptionKeys: secret }) },
  }[job][side];
  await work(job === "encrypt" ? bytes(1024) : read("small"));
  globalThis.gc();
  writeFileSync("/proc/self/clear_refs", "5");
  const status = (name) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(readFileSync("/proc/self/status", "utf8"))[1]) * 1024;
  const idle = status("VmRSS");
  await work(input);
  console.log((status("VmHWM") - idle) / MIB);
  process.exit();
}
