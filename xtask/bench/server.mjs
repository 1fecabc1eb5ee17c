// The server under load, over TLS: heads and small opens, at 1, 64 and 512 connections, with a thousand, a hundred thousand and a million
// envelopes stored, and heads while a fifth of a million are purged. nginx serving a file of the same size is the yardstick beside it.
// One JSON row per line. Client and server share the machine.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { failure } from "./measure.mjs";
import { freePort, resident, stop } from "./processes.mjs";

const only = process.env.ENVELOCK_BENCH_ONLY;
const SERVER = process.env.ENVELOCK_SERVER;
const SCRIPT = fileURLToPath(new URL("server_load.lua", import.meta.url));
const SECONDS = 5;
const CONNECTIONS = [1, 64, 512];
const STORED = [1_000, 100_000, 1_000_000];
/** Envelopes that are asked for; the others are there. */
const ASKED = 1_000;
const SIZE = 2_000;
const DAY = 86_400;
const MANY = "1000000000";
const account = "load@example.org";

const folder = mkdtempSync(join(tmpdir(), "envelock-load-"));
const data = join(folder, "data");
const database = join(data, "envelock.sqlite");
const token = randomBytes(32);

try {
  await all();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function all() {
  const server = { port: await freePort() };
  // Started once, for its database and certificate.
  await (await start(server)).stop();
  execFileSync(SERVER, ["user", "add", account, "--name", "Load", "--data-dir", data]);
  const nginx = await startNginx();
  try {
    let stored = 0;
    for (const count of STORED) {
      store(count - stored, 30 * DAY, stored === 0);
      stored = count;
      for (const job of ["head", "open"]) {
        for (const connections of CONNECTIONS) {
          await measure(`server ${job}, ${connections} connections, ${count} stored`, server, nginx, { job, connections });
        }
      }
    }
    // Their time is over when the server starts: it purges them while it is asked for the others.
    for (const [job, connections] of [["head", 64], ["open", 1], ["open", 64]]) {
      store(200_000, -60, false);
      await measure(`server ${job}, ${connections} connections, while 200000 are purged`, server, nginx, { job, connections, seconds: 15 });
    }
  } finally {
    await nginx.stop();
  }
}

async function measure(work, server, nginx, { job, connections, seconds = SECONDS }) {
  if (only && !work.includes(only)) return;
  const running = await start(server);
  try {
    await load({ port: server.port, job, connections, seconds: 1 });
    const ours = await load({ port: server.port, job, connections, seconds });
    const memory = running.memory();
    const peer = await load({ port: nginx.port, job: `nginx ${job}`, connections, seconds: SECONDS });
    console.log(JSON.stringify({
      runtime: "server", work, peer: nginx.name,
      ours_per_second: ours.perSecond, peer_per_second: peer.perSecond, ours_p50: ours.p50, peer_p50: peer.p50, ours_p99: ours.p99, peer_p99: peer.p99,
      ours_longest: ours.longest, peer_longest: peer.longest, ours_peak_mib: memory, peer_peak_mib: nginx.memory(),
    }));
  } catch (cause) {
    console.log(JSON.stringify({ runtime: "server", ...failure(work, cause) }));
  } finally {
    await running.stop();
  }
}

/** wrk on one port: answers a second, milliseconds of the median, of the slowest hundredth and of the slowest answer. */
async function load({ port, job, connections, seconds }) {
  const threads = connections > 1 ? 2 : 1;
  const wrk = spawn("wrk", ["-t", threads, "-c", connections, "-d", `${seconds}s`, "--timeout", "30s", "-s", SCRIPT, `https://localhost:${port}`].map(String), {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, LOAD_JOB: job, LOAD_IDS: join(folder, "ids"), LOAD_TOKEN: token.toString("base64url"), LOAD_ORIGIN: `https://localhost:${port}` },
  });
  let told = "";
  wrk.stdout.on("data", (chunk) => (told += chunk));
  await once(wrk, "exit");
  const line = told.split("\n").find((line) => line.startsWith("{"));
  if (!line) throw new Error(`wrk says ${told}`);
  const { requests, microseconds, p50, p99, longest, failed } = JSON.parse(line);
  if (failed > 0 || requests === 0) throw new Error(`${failed} of ${requests} requests failed`);
  return { perSecond: requests / (microseconds / 1e6), p50: p50 / 1000, p99: p99 / 1000, longest: longest / 1000 };
}

/** Rows as sealing leaves them, straight into the database, while no server runs; files for those that are asked for. */
function store(count, life, asked) {
  const now = Math.floor(Date.now() / 1000);
  const hash = createHash("sha256").update(token).digest("hex");
  const sql = `
    PRAGMA synchronous = OFF; BEGIN;
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${count})
    INSERT INTO envelopes (id, account, profile, salt, link_secret, token_hash, size, created, expires, state, openings, tries_left, file)
    SELECT randomblob(16), (SELECT id FROM accounts WHERE address = '${account}'), 1, randomblob(16), 0, x'${hash}', ${SIZE}, ${now - DAY}, ${now + life}, 'sealed', 0, 10, randomblob(16)
    FROM numbers;
    COMMIT;`;
  execFileSync("sqlite3", [database], { input: sql });
  if (!asked) return;
  const rows = execFileSync("sqlite3", [database, `SELECT lower(hex(id)), lower(hex(file)) FROM envelopes LIMIT ${ASKED}`]).toString().trim().split("\n");
  const content = randomBytes(SIZE);
  for (const row of rows) writeFileSync(join(data, "blobs", row.split("|")[1]), content);
  writeFileSync(join(folder, "ids"), rows.map((row) => Buffer.from(row.split("|")[0], "hex").toString("base64url")).join("\n") + "\n");
}

async function start({ port }) {
  const limits = ["--open-attempts-per-minute", MANY, "--connections-per-address", "2000"];
  const child = spawn(SERVER, ["serve", "--data-dir", data, "--listen", `127.0.0.1:${port}`, ...limits], { stdio: ["ignore", "pipe", "ignore"] });
  await new Promise((resolve, reject) => {
    child.stdout.on("data", (chunk) => chunk.toString().includes("ready") && resolve());
    child.on("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  });
  return { memory: () => resident(child.pid), stop: () => stop(child, "SIGTERM") };
}

/** Of the same machine, with the same certificate; the files are as long as the answers. */
async function startNginx() {
  const port = await freePort();
  writeFileSync(join(folder, "head"), "x".repeat(290));
  writeFileSync(join(folder, "open"), randomBytes(SIZE));
  const configuration = `
    daemon off; worker_processes auto; pid ${folder}/nginx.pid; error_log stderr crit; worker_rlimit_nofile 8192;
    events { worker_connections 2048; }
    http {
      access_log off; keepalive_requests 1000000000; open_file_cache max=100;
      client_body_temp_path ${folder}/1; proxy_temp_path ${folder}/2; fastcgi_temp_path ${folder}/3; uwsgi_temp_path ${folder}/4; scgi_temp_path ${folder}/5;
      server {
        listen 127.0.0.1:${port} ssl; root ${folder}; ssl_protocols TLSv1.3;
        ssl_certificate ${data}/tls/self-signed.pem; ssl_certificate_key ${data}/tls/self-signed.key;
      }
    }`;
  writeFileSync(join(folder, "nginx.conf"), configuration);
  execFileSync("chmod", ["-R", "a+rX", folder]);
  const child = spawn("nginx", ["-c", join(folder, "nginx.conf")], { stdio: ["ignore", "ignore", "inherit"] });
  await new Promise((resolve) => setTimeout(resolve, 500));
  const version = /[\d.]+/.exec(spawnSync("nginx", ["-v"]).stderr.toString())?.[0] ?? "";
  const workers = () => execFileSync("pgrep", ["-P", String(child.pid)]).toString().trim().split("\n");
  return { port, name: `nginx ${version}`, memory: () => workers().map(resident).reduce((sum, one) => sum + one, 0), stop: () => stop(child, "SIGQUIT") };
}
