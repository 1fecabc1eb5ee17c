// The names of the mail bench: a signed root zone, a resolver that validates, asked by Postfix and by us alike, and the server of all domains.
import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { records } from "./mail_letters.mjs";

const { authority, BEGIN, keyOf, program, signedRoot } = await import(join(process.env.ENVELOCK_ROOT, "tests/e2e/mail_world.mjs"));
/** Where Postfix finds its resolver (it knows no other port), and where mail goes. */
const RESOLVER = { address: "127.0.0.1", port: 53 };
const RECEIVER = { address: "127.0.0.20", port: 25 };
const EXCHANGE = "mx.receiver.example";

/** Everything below `folder`. */
export async function startNames(folder) {
  const at = (name) => join(folder, name);
  const issue = await authority(folder);
  const identity = await issue(EXCHANGE);
  writeFileSync(at("mx.pem"), identity.cert);
  writeFileSync(at("mx.key"), identity.key);
  const zone = `${BEGIN.replaceAll("60", "3600")}${EXCHANGE}. A ${RECEIVER.address}\n_25._tcp.${EXCHANGE}. TLSA 3 1 1 ${keyOf(identity.cert)}\n${records(EXCHANGE)}`;
  const root = await signedRoot(at("zone"), zone);
  const resolver = await startResolver(at("resolver"), root);
  const receiver = fork(fileURLToPath(new URL("mail_receiver.mjs", import.meta.url)), [RECEIVER.address, RECEIVER.port, at("mx.pem"), at("mx.key")].map(String));
  await once(receiver, "message");
  return {
    resolver: RESOLVER,
    certificate: at("mx.pem"),
    key: at("mx.key"),
    /** What our server is told, so that it sends there. */
    options: [
      ...["--mail-nameserver", `${RESOLVER.address}:${RESOLVER.port}`, "--test-mail-dns", `${RESOLVER.address}:${RESOLVER.port}`, "--test-mail-anchor", root.anchor],
      ...["--test-mail-port", String(RECEIVER.port), "--test-mail-authority", at("authority.pem")],
    ],
    /** How many messages have arrived in all. */
    async arrived() {
      receiver.send("count");
      return (await once(receiver, "message"))[0];
    },
    /** Without anything at hand. */
    async forget() {
      await resolver.stop();
      await resolver.start();
    },
    async stop() {
      receiver.disconnect();
      await resolver.stop();
      await root.stop();
    },
  };
}

async function startResolver(folder, root) {
  mkdirSync(folder);
  const [address, port] = root.address.split(":");
  const [, , , flags, protocol, algorithm, ...key] = readFileSync(root.anchor, "utf8").trim().split(/\s+/);
  const options = `directory "${folder}"; listen-on port ${RESOLVER.port} { ${RESOLVER.address}; }; listen-on-v6 { none; }; recursion yes; allow-recursion { any; }; dnssec-validation yes; empty-zones-enable no; forwarders { ${address} port ${port}; }; forward only; pid-file none; session-keyfile none;`;
  const anchor = `trust-anchors { "." static-key ${flags} ${protocol} ${algorithm} "${key.join("")}"; };`;
  writeFileSync(join(folder, "named.conf"), `options { ${options} };\ncontrols { };\n${anchor}\n`);
  let child;
  const resolver = {
    async start() {
      child = spawn(program("named"), ["-f", "-4", "-g", "-c", join(folder, "named.conf")], { stdio: ["ignore", "ignore", "pipe"] });
      let said = "";
      child.stderr.on("data", (chunk) => (said += chunk));
      const deadline = Date.now() + 30_000;
      while (!/^.*\brunning$/m.test(said)) {
        if (child.exitCode !== null || Date.now() > deadline) throw new Error(`named says ${said}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      child.stderr.removeAllListeners("data").resume();
    },
    async stop() {
      child.kill();
      if (child.exitCode === null) await once(child, "exit");
    },
  };
  await resolver.start();
  return resolver;
}
