// Streams of 100 MB to 1 GB, encrypted and decrypted by key: how long, and the most memory over the process at rest. Each run
// has a process of its own in node. Prints one JSON row per line.
import { execFileSync } from "node:child_process";
import { createReadStream, mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

const MB = 1_000_000;
const MIB = 1024 * 1024;
const SIZES = [100, 300, 1000];
const [job, side, size, folder] = process.argv.slice(2);

if (job) await one(job, side, Number(size), folder);
else all();

function all() {
  const only = process.env.ENVELOCK_BENCH_ONLY;
  const folder = mkdtempSync(join(tmpdir(), "envelock-streams-"));
  const run = (...words) => JSON.parse(execFileSync(process.execPath, [fileURLToPath(import.meta.url), ...words.map(String), folder]).toString());
  try {
    for (const size of SIZES) {
      for (const job of ["encrypt", "decrypt"]) {
        const work = `stream ${job} ${size} MB`;
        if (only && !work.includes(only)) continue;
        const [ours, peer] = ["ours", "peer"].map((side) => {
          if (job === "decrypt" && only) run("encrypt", side, size);
          return run(job, side, size);
        });
        console.log(JSON.stringify({
          runtime: `node ${process.versions.node}`, work, ours_ms: ours.ms, peer_ms: peer.ms, ours_peak_mib: ours.peak, peer_peak_mib: peer.peak,
        }));
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** One run in this process; what is encrypted is kept for the run that decrypts. */
async function one(job, side, size, folder) {
  const [at, keyAt] = [join(folder, `${side}-${size}`), join(folder, `${side}.key`)];
  const work = await (side === "ours" ? ours(keyAt) : peer(keyAt));
  globalThis.gc?.();
  const idle = process.memoryUsage.rss();
  const begun = performance.now();
  if (job === "encrypt") {
    const encrypted = await work.encrypt(data(size * MB));
    const file = await open(at, "w");
    for await (const piece of encrypted) await file.writev([piece]);
    await file.close();
  } else {
    let length = 0;
    for await (const piece of await work.decrypt(Readable.toWeb(createReadStream(at, { highWaterMark: 262_144 })))) length += piece.length;
    if (length !== size * MB) throw new Error(`${length} bytes came out`);
  }
  const ms = performance.now() - begun;
  // The kernel's high-water mark, in KiB: nothing between two samples is missed.
  console.log(JSON.stringify({ ms, peak: (process.resourceUsage().maxRSS * 1024 - idle) / MIB }));
  process.exit();
}

function data(size) {
  const piece = new Uint8Array(65_536).map((_, at) => at);
  let left = size;
  return new ReadableStream({
    pull(controller) {
      if (left === 0) return controller.close();
      const now = Math.min(left, piece.length);
      left -= now;
      controller.enqueue(piece.subarray(0, now));
    },
  });
}

async function ours(keyAt) {
  const { readFileSync, writeFileSync, existsSync } = await import("node:fs");
  const { init, generateKey, readKeys, encrypt, decrypt } = await import("envelock");
  await init();
  if (!existsSync(keyAt)) writeFileSync(keyAt, (await generateKey({ userIds: [{ email: "bench@example.org" }], profile: "rfc9580" })).key.binary);
  const [key] = await readKeys(readFileSync(keyAt));
  return {
    encrypt: (data) => encrypt({ data, recipients: key, armor: false }),
    decrypt: async (message) => (await decrypt({ message, keys: { key } })).data,
  };
}

async function peer(keyAt) {
  const { readFileSync, writeFileSync, existsSync } = await import("node:fs");
  const pgp = await import("openpgp");
  const config = { aeadProtect: true, preferredAEADAlgorithm: pgp.enums.aead.gcm, v6Keys: true, allowUnauthenticatedStream: true };
  if (!existsSync(keyAt)) {
    const { privateKey } = await pgp.generateKey({ userIDs: [{ email: "bench@example.org" }], type: "curve25519", format: "binary", config });
    writeFileSync(keyAt, privateKey);
  }
  const key = await pgp.readPrivateKey({ binaryKey: new Uint8Array(readFileSync(keyAt)) });
  return {
    encrypt: async (binary) => pgp.encrypt({ message: await pgp.createMessage({ binary }), encryptionKeys: key.toPublic(), format: "binary", config }),
    decrypt: async (binaryMessage) => {
      const message = await pgp.readMessage({ binaryMessage, config });
      return (await pgp.decrypt({ message, decryptionKeys: key, format: "binary", config })).data;
    },
  };
}
