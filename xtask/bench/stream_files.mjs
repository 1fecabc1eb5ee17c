// What the streams decrypt: made in node, by each side for itself, into a folder. As a program: the folder and the sizes in MB.
import { createWriteStream, existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Writable } from "node:stream";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { MB, ours, peer, source } from "./stream_jobs.mjs";

/** Makes the files in a process of its own, so that nothing of it is left in the measured one. */
export function prepareFiles(folder, sizes) {
  execFileSync(process.execPath, [fileURLToPath(import.meta.url), folder, ...sizes.map(String)], { stdio: ["ignore", "ignore", "inherit"] });
}

/** A side's library, ready to work with the key in the folder. */
export async function library(side, folder) {
  const key = new Uint8Array(await readFile(join(folder, "key")));
  if (side === "peer") return peer(await import("openpgp"), key);
  const envelock = await import("envelock");
  await envelock.init();
  return ours(envelock, key);
}

if (import.meta.filename === process.argv[1]) {
  const [folder, ...sizes] = process.argv.slice(2);
  if (!existsSync(join(folder, "key"))) {
    const { generateKey } = await import("envelock");
    await writeFile(join(folder, "key"), (await generateKey({ userIds: [{ email: "bench@example.org" }], profile: "rfc9580" })).key.binary);
  }
  for (const side of ["ours", "peer"]) {
    const { encrypt } = await library(side, folder);
    for (const size of sizes) {
      await (await encrypt(source(size * MB))).pipeTo(Writable.toWeb(createWriteStream(join(folder, `${side}-${size}`))));
    }
  }
}
