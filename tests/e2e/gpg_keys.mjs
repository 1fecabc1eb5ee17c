// Keys as GnuPG makes them: a keyring in one binary file, with a secret key and two certificates of other people; one certificate.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const GPG = process.env.GPG ?? "gpg";

export const OWN = { name: "Anna Berg", address: "anna.old@example.org" };
export const CONTACTS = [
  { name: "Carol Moss", address: "carol@example.org" },
  { name: "Dora Lind", address: "dora@example.org" },
];

/** The octets of the file; the secret key is locked. */
export async function gpgKeyring(passphrase) {
  return inHome(async (gpg) => {
    await make(gpg, passphrase, OWN, "never");
    for (const contact of CONTACTS) await make(gpg, "", contact, "2y");
    const secret = await gpg("--passphrase", passphrase, "--export-secret-keys", OWN.address);
    return Buffer.concat([secret, await gpg("--export", ...CONTACTS.map(({ address }) => address))]);
  });
}

/** A certificate of somebody's, made anew each time: its octets, and its name in a Web Key Directory. */
export async function gpgCertificate(person) {
  return inHome(async (gpg) => {
    await make(gpg, "", person, "2y");
    const [hash] = /[a-z0-9]{32}(?=@)/.exec(String(await gpg("--with-wkd-hash", "--list-keys", `=${person.name} <${person.address}>`)));
    return { octets: await gpg("--export", person.address), hash };
  });
}

const make = (gpg, password, { name, address }, expires) =>
  gpg("--passphrase", password, "--quick-generate-key", `${name} <${address}>`, "future-default", "default", expires);

/** Runs `work` with a `gpg` that has a home of its own. */
async function inHome(work) {
  const home = await mkdtemp(join(tmpdir(), "envelock-gpg-"));
  const gpg = async (...given) => (await run(GPG, ["--homedir", home, "--batch", "--quiet", "--pinentry-mode", "loopback", ...given], { encoding: "buffer" })).stdout;
  try {
    return await work(gpg);
  } finally {
    await run("gpgconf", ["--homedir", home, "--kill", "all"]).catch(() => undefined);
    await rm(home, { recursive: true, force: true });
  }
}
