// Postfix alone, as Debian has it: takes mail under TLS into Maildirs, and sends by DANE. It is started by root, and validates nobody's mail.
import { execFileSync } from "node:child_process";
import { chownSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { account, ACCOUNTS, OUR_DOMAIN } from "./mail_letters.mjs";
import { freePort, resident } from "./processes.mjs";

const { ids, INSIDE, postfixFolders, runPostfix } = await import(join(process.env.ENVELOCK_ROOT, "tests/mail/postfix.mjs"));

/** Below `folder`, with these names. */
export async function startPostfix(folder, names) {
  const at = (...parts) => join(folder, ...parts);
  const port = await freePort();
  const places = await postfixFolders(folder);
  const nobody = await ids("nobody");
  for (const name of ["spool/etc", "mail"]) mkdirSync(at(name));
  chownSync(at("mail"), nobody.user, nobody.group);
  // Who is asked for names stands there for a process that has the spool for its root.
  writeFileSync(at("spool/etc/resolv.conf"), `nameserver ${names.resolver.address}\noptions edns0 trust-ad\n`);
  for (const file of ["services", "hosts", "nsswitch.conf"]) copyFileSync(join("/etc", file), at("spool/etc", file));
  writeFileSync(at("postfix/boxes"), Array.from({ length: ACCOUNTS }, (_, number) => `${account(number)} ${number}/\n`).join(""));
  writeFileSync(at("postfix/main.cf"), main(at, names, nobody) + places);
  writeFileSync(at("postfix/master.cf"), master(port));
  const running = await runPostfix(folder, [{ address: "127.0.0.1", port }]);
  const pid = readFileSync(at("spool/pid/master.pid"), "latin1").trim();
  return {
    ...running,
    port,
    name: `Postfix ${execFileSync("postconf", ["-h", "mail_version"]).toString().trim()}`,
    /** Messages that lie in Maildirs. */
    kept: async () => readdirSync(at("mail"), { recursive: true }).filter((name) => /\/new\/./.test(name)).length,
    /** Of all processes together. */
    memory: () => [pid, ...execFileSync("pgrep", ["-P", pid]).toString().trim().split("\n")].map(resident).reduce((sum, one) => sum + one, 0),
  };
}

const main = (at, names, nobody) => `
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
virtual_mailbox_maps = texthash:${at("postfix/boxes")}
virtual_uid_maps = static:${nobody.user}
virtual_gid_maps = static:${nobody.group}
virtual_mailbox_limit = 0
smtp_tls_security_level = dane
smtp_dns_support_level = dnssec
smtp_host_lookup = dns
`;

const master = (port) => `127.0.0.1:${port} inet n - n - - smtpd
${INSIDE}verify unix - - n - 1 verify
flush unix - n n 1000? 0 flush
proxywrite unix - - n - 1 proxymap
smtp unix - - y - - smtp
relay unix - - y - - smtp
`;
