// A keyring as GnuPG writes it: one secret key and two certificates of other people, binary, in one file.
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
  const home = await mkdtemp(join(tmpdir(), "envelock-gpg-"));
  const gpg = async (...given) => (await run(GPG, ["--homedir", home, "--batch", "--quiet", "--pinentry-mode", "loopback", ...given], { encoding: "buffer" })).stdout;
  const make = (password, { name, address }, expires) =>
    gpg("--passphrase", password, "--quick-generate-key", `${name} <${address}>`, "future-default", "default", expires);
  try {
    await make(passphrase, OWN, "never");
    for (const contact of CONTACTS) await make("", contact, "2y");
    const secret = await gpg("--passphrase", passphrase, "--export-secret-keys", OWN.address);
    return Buffer.concat([secret, await gpg("--export", ...CONTACTS.map(({ address }) => address))]);
  } finally {
    await run("gpgconf", ["--homedir", home, "--kill", "all"]).catch(() => undefined);
    await rm(home, { recursive: true, force: true });
  }
}
