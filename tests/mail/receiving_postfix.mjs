// Postfix of this machine's Debian as other people's mail servers: one instance, an address of loopback for each server, whatever comes in one
// Maildir. It needs root.
import { chown, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ids, INSIDE, postfixFolders, runPostfix } from "./postfix.mjs";

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

/** `servers` by address: `{ cert, key }` in PEM, or nothing for one that offers no TLS. */
export async function startPostfix(folder, port, servers) {
  const at = (...parts) => join(folder, ...parts);
  const places = await postfixFolders(folder);
  const { user, group } = await ids("nobody");
  await mkdir(at("mail"));
  await chown(at("mail"), user, group);
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
  const { log, stop } = await runPostfix(folder, Object.keys(servers).map((address) => ({ address, port })));
  return {
    log,
    stop,
    /** What has arrived, whole. */
    async messages() {
      const names = await readdir(at("mail/inbox/new")).catch(() => []);
      return Promise.all(names.map((name) => readFile(at("mail/inbox/new", name), "latin1")));
    },
  };
}
