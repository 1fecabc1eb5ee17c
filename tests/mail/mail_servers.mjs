// Postfix, Dovecot and OpenDKIM of this machine's Debian, as `deploy/` sets them up: in a folder of their own, on ports of loopback, with
// certificates of an authority of their own. Nothing else of the files is changed. They need root, as a mail server does.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { answers, ids, postfixFolders, runPostfix } from "./postfix.mjs";

const DEPLOY = fileURLToPath(new URL("../../deploy", import.meta.url));
const START_LIMIT = 60_000;
const run = promisify(execFile);
export const DOMAIN = "demo.example";
export const HOST = "localhost";

/** A folder with everything that the servers of this domain read, and ports for them. `prepare` and `start` follow. */
export async function mailServers(domain = DOMAIN) {
  const folder = await mkdtemp(join(tmpdir(), "envelock-mail-"));
  const places = await postfixFolders(folder);
  const at = (...parts) => join(folder, ...parts);
  for (const name of ["dovecot", "opendkim", "dkimkeys", "tls", "run", "vmail", "empty"]) await mkdir(at(name));
  const ports = await freePorts(["smtp", "submission", "submissions", "imaps", "pop3s"]);
  const postfix = await ids("postfix");
  for (const [place, owner] of [["vmail", await ids("nobody")], ["run", await ids("opendkim")]]) await chown(at(place), owner.user, owner.group);
  await chmod(at("run"), 0o711);
  const children = [];
  let running;

  const replaced = (text) =>
    [
      [/example\.org/g, domain],
      [/\/etc\/ssl\/mail\b/g, at("tls")],
      [/\/etc\/(postfix|dovecot|opendkim|dkimkeys)\//g, `${folder}/$1/`],
      [/\/var\/spool\/postfix\b/g, at("spool")],
      [/\/run\/(envelock|opendkim)\//g, `${at("run")}/`],
      [/\/var\/vmail\b/g, at("vmail")],
      [/\b(uid|gid)=vmail\b/g, (_, kind) => `${kind}=${kind === "uid" ? "nobody" : "nogroup"}`],
      [/^(smtp|submissions?)(\s+inet)/gm, (_, name, rest) => `127.0.0.1:${ports[name]}${rest}`],
      [/port = 993\b/, `port = ${ports.imaps}`],
      [/port = 995\b/, `port = ${ports.pop3s}`],
    ].reduce((changed, [from, to]) => changed.replace(from, to), text);
  const install = async (from, to, more = "") => writeFile(at(to), replaced(await readFile(join(DEPLOY, from), "utf8")) + more);

  const servers = {
    folder,
    ports,
    authority: at("tls/authority.pem"),
    emptyFolder: at("empty"),
    /** Where Envelock is to listen for LMTP; `handOver` lets Postfix in. */
    lmtp: at("run/lmtp"),
    handOver: () => chown(at("run/lmtp"), 0, postfix.group),
    postconf: (...options) => run("postconf", ["-c", at("postfix"), ...options]),
    doveconf: (...options) => run("doveconf", ["-c", at("dovecot/dovecot.conf"), ...options]),
    log: async () => (await Promise.all(["postfix.log", "dovecot.log"].map((name) => readFile(at(name), "utf8").catch(() => "")))).join(""),

    /**
     * Makes certificate and signing key, and writes down who has mailboxes (`passwords` by address) and where mail goes (`addresses`). Gives
     * what is to be published of the signing key.
     */
    async prepare({ passwords, addresses }) {
      await certify(at("tls"), [HOST, `mx.${domain}`]);
      await run("opendkim-genkey", ["--bits=2048", "--selector=programs", `--domain=${domain}`, `--directory=${at("dkimkeys")}`]);
      const signer = await ids("opendkim");
      for (const place of ["dkimkeys", "dkimkeys/programs.private"]) await chown(at(place), signer.user, signer.group);
      await install("postfix/main.cf", "postfix/main.cf", places);
      await install("postfix/master.cf", "postfix/master.cf");
      await writeFile(at("postfix/addresses"), Object.entries(addresses).map(([address, to]) => `${address} ${to.join(", ")}\n`).join(""));
      const own = `\nbase_dir = ${at("dovecot/run")}\nstate_dir = ${at("dovecot/state")}\nlog_path = ${at("dovecot.log")}\nlisten = 127.0.0.1\n`;
      await install("dovecot/dovecot.conf", "dovecot/dovecot.conf", own);
      const lines = Object.entries(passwords).map(async ([name, password]) => `${name}:${(await run("doveadm", ["pw", "-s", "ARGON2ID", "-p", password])).stdout.trim()}\n`);
      await writeFile(at("dovecot/users"), (await Promise.all(lines)).join(""), { mode: 0o640 });
      await chown(at("dovecot/users"), 0, (await ids("dovecot")).group);
      // Folders of tests are below one that everybody writes to.
      await install("opendkim/opendkim.conf", "opendkim/opendkim.conf", "RequireSafeKeys no\n");
      await install("opendkim/own-name.lua", "opendkim/own-name.lua");
      const published = await readFile(at("dkimkeys/programs.txt"), "utf8");
      return [...published.matchAll(/"([^"]*)"/g)].map(([, text]) => text).join("");
    },

    async start() {
      // Its socket is for its group, as README.md has it.
      children.push(child("opendkim", ["-f", "-x", at("opendkim/opendkim.conf")]));
      running = await runPostfix(folder, []);
      children.push(child("dovecot", ["-F", "-c", at("dovecot/dovecot.conf")]));
      await appears(at("run/opendkim.sock"), children[0]);
      await chown(at("run/opendkim.sock"), 0, postfix.group);
      for (const port of Object.values(ports)) await answers("127.0.0.1", port, servers.log);
    },

    async stop() {
      await running?.stop();
      for (const one of children) {
        if (one.exitCode === null) one.kill("SIGTERM");
        if (one.exitCode === null) await once(one, "exit");
      }
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
  return servers;
}

function child(program, options) {
  const started = spawn(program, options, { stdio: ["ignore", "ignore", "pipe"] });
  const said = [];
  started.stderr.on("data", (chunk) => said.push(chunk.toString()));
  started.failure = () => (started.exitCode === null ? undefined : `${program} ended with ${started.exitCode}: ${said.join("")}`);
  return started;
}

/** A certificate of these hosts, by an authority that nobody else knows. */
async function certify(folder, hosts) {
  const at = (name) => join(folder, name);
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  await run("openssl", ["req", "-x509", ...key, "-subj", "/CN=mail tests", "-keyout", at("authority.key"), "-out", at("authority.pem")]);
  await run("openssl", ["req", ...key, "-subj", `/CN=${HOST}`, "-keyout", at("privkey.pem"), "-out", at("request.pem")]);
  await writeFile(at("names"), `subjectAltName=${hosts.map((host) => `DNS:${host}`).join(",")}\nbasicConstraints=CA:FALSE\n`);
  await run("openssl", ["x509", "-req", "-in", at("request.pem"), "-CA", at("authority.pem"), "-CAkey", at("authority.key"), "-CAcreateserial", "-days", "2", "-extfile", at("names"), "-out", at("fullchain.pem")]);
}

/** So many ports that nobody listens on, by name. */
async function freePorts(names) {
  const servers = names.map(() => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = Object.fromEntries(names.map((name, index) => [name, servers[index].address().port]));
  await Promise.all(servers.map((server) => (server.close(), once(server, "close"))));
  return ports;
}

async function appears(path, server) {
  for (const deadline = Date.now() + START_LIMIT; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
    if (server.failure()) throw new Error(server.failure());
    if (await stat(path).then(() => true, () => false)) return;
    if (Date.now() > deadline) throw new Error(`${path} is not there in time`);
  }
}
