// Runs other OpenPGP programs. A program that is not there fails the test that asked for it.
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomUUID } from "node:crypto";

/** Runs `program` with octets on standard input; resolves to `{ code, stdout, stderr }`. */
export function run(program, args, input = new Uint8Array(), env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...process.env, LC_ALL: "C.UTF-8", ...env } });
    const out = [];
    const err = [];
    child.on("error", (cause) => reject(new Error(`${program} cannot be started: install it (${cause.message})`)));
    child.stdout.on("data", (chunk) => out.push(chunk));
    child.stderr.on("data", (chunk) => err.push(chunk));
    child.stdin.on("error", () => {}); // a program that refuses its input early closes the pipe
    child.on("close", (code) =>
      resolve({ code, stdout: new Uint8Array(Buffer.concat(out)), stderr: Buffer.concat(err).toString() }),
    );
    child.stdin.end(input);
  });
}

/** A temporary folder for one peer: `file(content)` writes a fresh file in it and gives its path. */
export async function workplace() {
  const folder = await mkdtemp(join(tmpdir(), "envelock-interop-"));
  return {
    folder,
    async file(content) {
      const path = join(folder, randomUUID());
      await writeFile(path, content, { mode: 0o600 });
      return path;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
