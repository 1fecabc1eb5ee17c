// Postfix alone, as Debian has it: takes mail under TLS into Maildirs, and sends by DANE. It is started by root, and validates nobody's mail.
import { execFile, execFileSync } from "node:child_process";
import { chmodSync, chownSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { account, ACCOUNTS, OUR_DOMAIN } from "./mail_letters.mjs";
import { freePort, resident } from "./processes.mjs";

process.env.PATH += ":/usr/sbin";
const run = promisify(execFile);
const number = (option, name) => Number(execFileSync("id", [option, name]));

/** Below `folder`, with these names. */
export async function startPostfix(folder, names) {
  const at = (...parts) => join(folder, ...parts);
  const port = await freePort();
  for (const name of ["", "etc", "data", "spool", "spool/etc", "mail"]) mkdirSync(at(name), { recursive: true });
  chmodSync(folder, 0o755);
  chownSync(at("data"), number("-u", "postfix"), number("-g", "postfix"));
  chownSync(at("mail"), number("-u", "nobody"), number("-g", "nobody"));
  // Who is asked for names stands there for a process that has the spool for its root.
  writeFileSync(at("spool/etc/resolv.conf"), `nameserver ${names.resolver.address}\noptions edns0 trust-ad\n`);
  for (const file of ["services", "hosts", "nsswitch.conf"]) copyFileSync(join("/etc", file), at("spool/etc", file));
  writeFileSync(at("etc/boxes"), Array.from({ length: ACCOUNTS }, (_, number) => `${account(number)} ${number}/\n`).join(""));
  writeFileSync(at("etc/main.cf"), main(at, names));
  writeFileSync(at("etc/master.cf"), master(port));
  const postfix = (command) => run("postfix", ["-c", at("etc"), command]).catch(({ message }) => Promise.reject(new Error(message + log())));
  const log = () => readFileSync(at("postfix.log"), "utf8").slice(-300);
  await postfix("start");
  const pid = readFileSync(at("spool/pid/master.pid"), "latin1").trim();
  return {
    port,
    log,
    name: `Postfix ${execFileSync("postconf", ["-h", "mail_version"]).toString().trim()}`,
    /** Messages that lie in Maildirs. */
    kept: async () => readdirSync(at("mail"), { recursive: true }).filter((name) => /\/new\/./.test(name)).length,
    /** Of all processes together. */
    memory: () => [pid, ...execFileSync("pgrep", ["-P", pid]).toString().trim().split("\n")].map(resident).reduce((sum, one) => sum + one, 0),
    stop: () => postfix("stop").catch(() => postfix("abort")),
  };
}

const main = (at, names) => `
compatibility_level = 3.6
myhostname = localhost.${OUR_DOMAIN}
mydestination =
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_tls_security_level = may
smtpd_tls_chain_files = ${names.key}, ${names.certificate}
virtual_mailbox_domains = ${OUR_DOMAIN}
virtual_mailbox_base = ${at("mail")}
virtual_mailbox_maps = texthash:${at("etc/boxes")}
virtual_uid_maps = static:${number("-u", "nobody")}
virtual_gid_maps = static:${number("-g", "nobody")}
virtual_mailbox_limit = 0
smtp_tls_security_level = dane
smtp_dns_support_level = dnssec
smtp_host_lookup = dns
queue_directory = ${at("spool")}
data_directory = ${at("data")}
maillog_file = ${at("postfix.log")}
maillog_file_prefixes = ${at()}
`;

const master = (port) => `
127.0.0.1:${port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - y - - smtp
relay unix - - y - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`;
