// The real server binary for the browser tests: its own data folder and ports, a clock the tests can move, and in front
// of it a TLS proxy that records every octet a browser sends.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import tls from "node:tls";
import { promisify } from "node:util";

const REPOSITORY = process.env.ENVELOCK_ROOT ?? fileURLToPath(new URL("../..", import.meta.url));
const PROGRAM = process.env.ENVELOCK_SERVER ?? join(REPOSITORY, "target/e2e/envelock-server");
const WEB_ROOT = process.env.ENVELOCK_WEB_ROOT ?? join(REPOSITORY, "www/dist");
const START_LIMIT = 60_000;
/** The server listens here and the proxy on localhost, on the same port: what browsers take for the origin is what the server takes for its own. */
const BEHIND = "127.0.0.2";
const run = promisify(execFile);

/**
 * Starts the server, with the demo account unless told otherwise; `origin` is the proxy's, where browsers go. `lookup` names the only hosts that
 * lookups find, and where they are (`key_directory.mjs`); `keyservers` are asked after them; `webRoot` has other pages; `options` are handed on.
 */
export async function startServer({ lookup, keyservers = [], webRoot = WEB_ROOT, options = [], demo = true } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "envelock-e2e-"));
  const dataDir = join(folder, "data");
  const clockFile = join(folder, "clock");
  await writeFile(clockFile, "0");
  let advances = 0;
  const port = await freePort();
  const child = spawn(
    PROGRAM,
    ["serve", "--data-dir", dataDir, "--web-root", webRoot, "--listen", `${BEHIND}:${port}`, ...(demo ? ["--demo"] : []), "--test-clock-file", clockFile, ...network(lookup), ...keyservers.flatMap((keyserver) => ["--keyserver", keyserver]), ...options],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const output = [];
  child.stdout.on("data", (chunk) => output.push(chunk.toString()));
  child.stderr.on("data", (chunk) => output.push(chunk.toString()));
  await ready(child, output);
  const proxy = await recordingProxy(port, await tlsIdentity(dataDir));
  return {
    origin: `https://localhost:${port}`,
    /** Where nothing stands between. */
    direct: `https://${BEHIND}:${port}`,
    dataDir,
    /** Everything browsers have sent so far, as it was inside TLS. */
    sent: proxy.sent,
    /** What the server printed and logged. */
    output: () => output.join(""),
    /** Lets this many seconds pass for the server. It may read at any moment: the file is written beside, and put there whole. */
    async advanceClock(seconds) {
      const next = `${clockFile}.${(advances += 1)}`;
      await writeFile(next, String(seconds));
      await rename(next, clockFile);
    },
    /** What `envelock-server user` prints, as its operator calls it beside the running server. */
    async user(...command) {
      const { stdout } = await run(PROGRAM, ["user", ...command, "--data-dir", dataDir]);
      return stdout.trim();
    },
    /** Ends the server in good order, so that the database is complete on disk. */
    async stop() {
      proxy.close();
      if (child.exitCode === null) {
        child.kill("SIGTERM");
        await once(child, "exit");
      }
      return child.exitCode;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function network(lookup) {
  if (lookup === undefined) return [];
  return ["--test-lookup-to", lookup.to, "--test-lookup-authority", lookup.authority, "--test-lookup-hosts", lookup.hosts.join(",")];
}

/** Waits until a started server, whose output is collected, can be asked. */
export async function ready(child, output) {
  const deadline = Date.now() + START_LIMIT;
  let failure;
  child.on("error", (cause) => (failure = new Error(`${PROGRAM} cannot be started: ${cause.message}`)));
  child.on("exit", (code) => (failure ??= new Error(`the server ended with ${code}:\n${output.join("")}`)));
  while (!output.join("").includes("Envelock is ready at https://")) {
    if (failure) throw failure;
    if (Date.now() > deadline) throw new Error(`the server does not get ready:\n${output.join("")}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A port that nobody listens on. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** The self-signed certificate and key that the server made on its first run. */
async function tlsIdentity(dataDir) {
  const found = {};
  for (const entry of await readdir(dataDir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const text = await readFile(join(entry.parentPath ?? entry.path, entry.name), "latin1");
    if (text.includes("-----BEGIN CERTIFICATE-----")) found.cert = text;
    if (/-----BEGIN (EC |RSA )?PRIVATE KEY-----/.test(text)) found.key = text;
  }
  if (!found.cert || !found.key) throw new Error(`no certificate and key below ${dataDir}`);
  return found;
}

/** Passes everything on to the server and keeps what came from the browsers. HTTP/1.1, so that it can be searched. */
async function recordingProxy(port, identity) {
  const sent = [];
  const open = new Set();
  const proxy = tls.createServer({ ...identity, ALPNProtocols: ["http/1.1"] }, (browser) => {
    const server = tls.connect({ host: BEHIND, port, servername: "localhost", rejectUnauthorized: false, ALPNProtocols: ["http/1.1"] });
    for (const socket of [browser, server]) {
      open.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => (open.delete(socket), browser.destroy(), server.destroy()));
    }
    browser.on("data", (chunk) => sent.push(chunk));
    browser.pipe(server);
    server.pipe(browser);
  });
  proxy.on("tlsClientError", () => {});
  proxy.listen(port, "127.0.0.1");
  await once(proxy, "listening");
  return {
    sent: () => Buffer.concat(sent),
    close() {
      proxy.close();
      for (const socket of open) socket.destroy();
    },
  };
}
