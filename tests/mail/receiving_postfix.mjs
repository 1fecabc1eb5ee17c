// Postfix of this machine's Debian as other people's mail servers: one instance, an address of loopback for each server, whatever comes in one
// Maildir. It needs root.
import { execFile } from "node:child_process";
import { chmod, chown, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const START_LIMIT = 60_000;
process.env.PATH += ":/usr/sbin";

const MAIN = `compatibility_level = 3.6
inet_protocols = ipv4
myhostname = mx.outside.example
mydestination =
mynetworks =
alias_maps =
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions =
smtpd_tls_received_header = yes
virtual_mailbox_domains = static:all
virtual_mailbox_maps = static:inbox/
`;

const INSIDE = `cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
virtual unix - n n - - virtual
proxymap unix - - n - - proxymap
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`;

/** `servers` by address: `{ cert, key }` in PEM, or nothing for one that offers no TLS. */
export async function startPostfix(folder, port, servers) {
  if (process.getuid() !== 0) throw new Error("Postfix is started by root: run this as root");
  const at = (...parts) => join(folder, ...parts);
  await mkdir(folder);
  await chmod(folder, 0o711);
  for (const name of ["postfix", "spool", "data", "mail"]) await mkdir(at(name));
  const ids = async (name) => Promise.all(["-u", "-g"].map(async (option) => Number((await run("id", [option, name])).stdout)));
  await chown(at("data"), ...(await ids("postfix")));
  const [user, group] = await ids("nobody");
  await chown(at("mail"), user, group);
  const places = `queue_directory = ${at("spool")}\ndata_directory = ${at("data")}\nmaillog_file = ${at("postfix.log")}\nmaillog_file_prefixes = ${folder}\n`;
  const mailboxes = `virtual_mailbox_base = ${at("mail")}\nvirtual_uid_maps = static:${user}\nvirtual_gid_maps = static:${group}\n`;
  await writeFile(at("postfix/main.cf"), MAIN + places + mailboxes);
  let services = "";
  for (const [address, identity] of Object.entries(servers)) {
    services += `${address}:${port} inet n - n - - smtpd\n  -o smtpd_tls_security_level=${identity ? "may" : "none"}\n`;
    if (!identity) continue;
    await writeFile(at(`${address}.pem`), identity.key + identity.cert, { mode: 0o600 });
    services += `  -o smtpd_tls_chain_files=${at(`${address}.pem`)}\n`;
  }
  await writeFile(at("postfix/master.cf"), services + INSIDE);
  const log = () => readFile(at("postfix.log"), "utf8").catch(() => "");
  await run("postfix", ["-c", at("postfix"), "start"]).catch(async ({ message }) => Promise.reject(new Error(message + (await log()))));
  for (const address of Object.keys(servers)) await answers(address, port, log);
  return {
    log,
    /** What has arrived, whole. */
    async messages() {
      const names = await readdir(at("mail/inbox/new")).catch(() => []);
      return Promise.all(names.map((name) => readFile(at("mail/inbox/new", name), "latin1")));
    },
    stop: () => run("postfix", ["-c", at("postfix"), "stop"]).catch(() => run("postfix", ["-c", at("postfix"), "abort"]).catch(() => {})),
  };
}

async function answers(address, port, log) {
  for (const deadline = Date.now() + START_LIMIT; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
    const socket = connect(port, address);
    const is = await once(socket, "connect").then(() => true, () => false);
    socket.destroy();
    if (is) return;
    if (Date.now() > deadline) throw new Error(`nobody answers at ${address}: ${await log()}`);
  }
}
