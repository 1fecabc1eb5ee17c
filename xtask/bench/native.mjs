// The command line beside others: whole processes, from start to exit, on the same files with the same kind of key (Curve25519, v4;
// every program reads it). Each in turn, medians. Prints one JSON row per line.
//
// What is written is each program's default, so what is read was written by `gpg` for everybody: SEIPD v1, uncompressed.
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytes, failure, median } from "./measure.mjs";

const only = process.env.ENVELOCK_BENCH_ONLY;
const ROUNDS = 5;
const folder = mkdtempSync(join(tmpdir(), "envelock-native-"));
const at = (name) => join(folder, name);
const home = at("gnupg");
const gpg = ["--homedir", home, "--batch", "--quiet", "--yes", "--no-tty", "--trust-model", "always", "--no-auto-check-trustdb"];
const programs = {
  "envelock-sop": process.env.ENVELOCK_SOP ?? "envelock-sop",
  "rsop": process.env.RSOP ?? "rsop",
  "sqop": process.env.SQOP ?? "sqop",
  "gpg": process.env.GPG ?? "gpg",
};

/** The jobs of a Stateless OpenPGP program and of GnuPG: arguments, and what goes in. */
const JOBS = {
  encrypt: (size) => ({ sop: ["encrypt", "--no-armor", at("cert")], gpg: ["--recipient", "bench@example.org", "--compress-algo", "none", "--encrypt"], input: `data-${size}` }),
  decrypt: (size) => ({ sop: ["decrypt", at("key")], gpg: ["--decrypt"], input: `message-${size}` }),
  sign: (size) => ({ sop: ["sign", "--no-armor", at("key")], gpg: ["--detach-sign"], input: `data-${size}` }),
  verify: (size) => ({ sop: ["verify", at(`signature-${size}`), at("cert")], gpg: ["--verify", at(`signature-${size}`), "-"], input: `data-${size}` }),
};

try {
  run("envelock-sop", ["generate-key", "--no-armor", "Bench <bench@example.org>"], { output: "key" });
  run("envelock-sop", ["extract-cert", "--no-armor"], { input: "key", output: "cert" });
  spawnSync("mkdir", ["-m", "700", home]);
  run("gpg", ["--import"], { input: "key" });
  for (const size of [10, 50]) {
    writeFileSync(at(`data-${size}`), bytes(size * 1_000_000));
    run("gpg", ["--recipient", "bench@example.org", "--compress-algo", "none", "--encrypt"], { input: `data-${size}`, output: `message-${size}` });
    run("gpg", ["--detach-sign"], { input: `data-${size}`, output: `signature-${size}` });
    for (const [job, of] of Object.entries(JOBS)) measure(`native ${job} ${size} MB`, of(size));
  }
} finally {
  spawnSync("gpgconf", ["--homedir", home, "--kill", "all"]);
  rmSync(folder, { recursive: true });
}

function measure(work, job) {
  if (only && !work.includes(only)) return;
  const names = Object.keys(programs);
  const times = Object.fromEntries(names.map((name) => [name, []]));
  const broken = {};
  for (let round = 0; round <= ROUNDS; round++) {
    for (const name of names.filter((name) => !(name in broken))) {
      try {
        const ms = run(name, name === "gpg" ? job.gpg : job.sop, { input: job.input, output: "out" });
        if (round > 0) times[name].push(ms); // the first has files and programs read from the disk
      } catch (cause) {
        broken[name] = cause;
      }
    }
  }
  for (const peer of names.slice(1)) {
    const cause = broken["envelock-sop"] ?? broken[peer];
    const row = cause ? failure(work, cause) : { work, ours_ms: median(times["envelock-sop"]), peer_ms: median(times[peer]) };
    console.log(JSON.stringify({ runtime: "native", peer: version(peer), ...row }));
  }
}

function run(name, args, { input, output }) {
  const files = [input === undefined ? "ignore" : openSync(at(input), "r"), output === undefined ? "ignore" : openSync(at(output), "w")];
  const started = performance.now();
  const { status, stderr, error } = spawnSync(programs[name], name === "gpg" ? [...gpg, ...args] : args, { stdio: [...files, "pipe"] });
  const ms = performance.now() - started;
  for (const file of files) if (typeof file === "number") closeSync(file);
  if (status !== 0) throw new Error(`${name} ${args[0]}: ${error ?? stderr}`);
  return ms;
}

function version(name) {
  const { stdout } = spawnSync(programs[name], name === "gpg" ? ["--version"] : ["version"]);
  return `${name} ${/\d+(\.\d+)+/.exec(stdout.toString())?.[0] ?? ""}`.trim();
}
