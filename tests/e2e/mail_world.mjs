// The world that the server sends mail to, on this machine: a signed DNS (BIND), an authority for certificates, and servers that take mail
// under TLS alone.
import { execFile, spawn } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "./server.mjs";
import { startReceiver } from "./receiver.mjs";

const run = promisify(execFile);
/** What a root begins with. */
export const BEGIN = "$TTL 60\n@ SOA ns. admin. 1 3600 900 86400 60\n@ NS ns.\nns. A 127.0.0.1\n";

/**
 * `domains` by name, each with a server of its own: `{ dane: true }` has its key in DNS, `{ clear: true }` offers no TLS. `none.example` takes no mail.
 * `options` are what our server is started with, to send mail there for `demo.example`.
 */
export async function startMailWorld(domains) {
  const folder = await mkdtemp(join(tmpdir(), "envelock-mail-"));
  const port = await freePort();
  const issue = await authority(folder);
  const receivers = {};
  let zone = `${BEGIN}none.example. MX 0 .\n`;
  for (const [index, [name, { dane = false, clear = false }]] of Object.entries(domains).entries()) {
    const host = `127.0.0.${20 + index}`;
    const identity = await issue(`mx.${name}`);
    receivers[name] = await startReceiver({ host, port, identity, clear });
    zone += `${name}. MX 10 mx.${name}.\nmx.${name}. A ${host}\n`;
    if (dane) zone += `_25._tcp.mx.${name}. TLSA 3 1 1 ${keyOf(identity.cert)}\n`;
  }
  const names = await signedRoot(join(folder, "zone"), zone);
  return {
    receivers,
    options: [
      "--public-name", "localhost", "--send-mail", "--mail-domain", "demo.example",
      "--test-mail-dns", names.address, "--test-mail-anchor", names.anchor, "--test-mail-port", String(port), "--test-mail-authority", join(folder, "authority.pem"),
    ],
    async close() {
      await names.stop();
      for (const receiver of Object.values(receivers)) receiver.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The only one that is known, in `authority.pem`; issues certificates with their keys, for a name or for several with commas between them. */
export async function authority(folder) {
  const at = (name) => join(folder, name);
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  await run("openssl", ["req", "-x509", ...key, "-subj", "/CN=authority.example", "-addext", "basicConstraints=critical,CA:TRUE", "-keyout", at("authority.key"), "-out", at("authority.pem")]);
  return async (name) => {
    const signed = ["-CA", at("authority.pem"), "-CAkey", at("authority.key"), "-addext", "basicConstraints=critical,CA:FALSE"];
    const names = name.split(",").map((one) => `DNS:${one}`).join(",");
    await run("openssl", ["req", "-x509", ...key, ...signed, "-subj", "/CN=server", "-addext", `subjectAltName=${names}`, "-keyout", at("own.key"), "-out", at("own.pem")]);
    return { cert: await readFile(at("own.pem"), "utf8"), key: await readFile(at("own.key"), "utf8") };
  };
}

/** As TLSA has it: SHA-256 of the public key. */
export const keyOf = (pem) => createHash("sha256").update(new X509Certificate(pem).publicKey.export({ type: "spki", format: "der" })).digest("hex");

/** A root zone with everything in it, and the key that signs it. `forge` changes it after that. */
export async function signedRoot(folder, zone, forge = (signed) => signed) {
  await mkdir(folder);
  await writeFile(join(folder, "root"), zone);
  const inside = { cwd: folder };
  await run(program("dnssec-keygen"), ["-q", "-a", "ECDSAP256SHA256", "-f", "KSK", "."], inside);
  await run(program("dnssec-keygen"), ["-q", "-a", "ECDSAP256SHA256", "."], inside);
  await run(program("dnssec-signzone"), ["-q", "-S", "-x", "-o", ".", "root"], inside);
  await writeFile(join(folder, "root.signed"), forge(await readFile(join(folder, "root.signed"), "utf8")));
  const keys = (await readdir(folder)).filter((name) => name.endsWith(".key"));
  const texts = await Promise.all(keys.map((name) => readFile(join(folder, name), "utf8")));
  const anchor = join(folder, "anchor");
  await writeFile(anchor, `${texts.find((text) => text.includes("DNSKEY 257")).match(/^[^;\n].*$/m)[0]}\n`);
  const port = await freePort();
  const options = `directory "${folder}"; listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; dnssec-validation no; pid-file none; session-keyfile none;`;
  await writeFile(join(folder, "named.conf"), `options { ${options} };\ncontrols { };\nzone "." { type primary; file "root.signed"; };\n`);
  const child = spawn(program("named"), ["-f", "-4", "-g", "-c", join(folder, "named.conf")], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  for await (const chunk of child.stderr.iterator({ destroyOnReturn: false })) {
    said += chunk;
    if (/^.*\brunning$/m.test(said)) break;
  }
  child.stderr.resume();
  if (child.exitCode !== null) throw new Error(`named ended: ${said}`);
  return {
    address: `127.0.0.1:${port}`,
    anchor,
    async stop() {
      child.kill();
      await once(child, "exit");
    },
  };
}

/** Debian has servers' programs where not every user looks. */
export function program(name) {
  const found = ["/usr/sbin", "/usr/bin", "/usr/local/sbin"].map((folder) => join(folder, name)).find(existsSync);
  if (found === undefined) throw new Error(`${name} is needed: Debian's bind9, bind9-utils`);
  return found;
}
