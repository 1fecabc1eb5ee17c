// Web Key Directories and a keyserver on one port of this machine, as the server's test network finds them: real TLS, files
// where GnuPG says they belong, and a record of what was asked.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:https";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Hosts by name, each with its files by path. `lookup` is what `startServer` wants. */
export async function startDirectories(hosts) {
  const folder = await mkdtemp(join(tmpdir(), "envelock-wkd-"));
  const authority = join(folder, "authority.pem");
  const names = Object.keys(hosts);
  await selfSigned(authority, join(folder, "key.pem"), names);
  const asked = [];
  const server = createServer({ cert: await readFile(authority), key: await readFile(join(folder, "key.pem")) }, (request, response) => {
    const { host } = request.headers;
    asked.push(`${host}${request.url}`);
    const file = hosts[host]?.[request.url];
    response.writeHead(file === undefined ? 404 : 200, { "content-type": "application/octet-stream" });
    response.end(file ?? "nothing here");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    lookup: { to: `127.0.0.1:${server.address().port}`, authority, hosts: names },
    asked: () => asked,
    async close() {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One certificate for all of them, which is its own authority. */
async function selfSigned(certificate, key, names) {
  const sans = names.map((name) => `DNS:${name}`).join(",");
  await run("openssl", [
    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=directories",
    "-addext", `subjectAltName=${sans}`, "-addext", "basicConstraints=critical,CA:FALSE", "-keyout", key, "-out", certificate,
  ]);
}
