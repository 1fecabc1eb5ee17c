// GnuPG 2.2 as a peer: v4 keys and SEIPD v1 only. Its home is a temporary folder; passphrases go in by loopback.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run, workplace } from "./command.mjs";

const PROGRAM = process.env.GPG ?? "gpg";
const PASSPHRASE = "gnupg's own passphrase";
/** Primary key and subkey of each kind; "future-default" makes both. */
const ALGORITHMS = {
  compat: ["future-default"],
  rsa: ["rsa3072", "rsa3072"],
  p256: ["nistp256", "nistp256"],
};

export async function gnupgPeer() {
  const { folder, file, remove } = await workplace();
  await writeFile(join(folder, "gpg-agent.conf"), "allow-loopback-pinentry\n");
  const base = ["--homedir", folder, "--batch", "--yes", "--no-tty", "--trust-model", "always", "--pinentry-mode", "loopback"];

  async function gpg(args, input, passphrase = PASSPHRASE) {
    const status = join(folder, "status");
    const secret = ["--passphrase-file", await file(passphrase), "--status-file", status];
    const { code, stdout, stderr } = await run(PROGRAM, [...base, ...secret, ...args], input);
    if (code !== 0) throw new Error(`gpg ${args.join(" ")} ended with ${code}: ${stderr}`);
    const signedBy = [...(await readFile(status, "utf8")).matchAll(/VALIDSIG (?:\S+ ){9}(\S+)/g)].map((hit) => hit[1]);
    return { data: stdout, signedBy };
  }

  /** Imports a key and gives the fingerprint of its primary key. */
  const known = new Map();
  async function imported(key, passphrase) {
    const name = Buffer.from(key).toString("base64");
    if (!known.has(name)) known.set(name, await importNow(key, passphrase));
    return known.get(name);
  }
  async function importNow(key, passphrase) {
    const shown = await gpg(["--with-colons", "--show-keys"], key);
    await gpg(["--import"], key, passphrase);
    return /^fpr:+([0-9A-F]+):/m.exec(new TextDecoder().decode(shown.data))[1];
  }
  const importedAll = (keys, passphrase) => Promise.all(keys.map((key) => imported(key, passphrase)));
  const armored = (armor) => (armor ? ["--armor"] : []);

  return {
    name: "gpg 2.2",
    keyProfiles: { compat: [] },
    keyKinds: Object.keys(ALGORITHMS),
    formats: ["seipd-v1"],
    writes: { "seipd-v1": {} },
    async close() {
      await run("gpgconf", ["--homedir", folder, "--kill", "all"]);
      await remove();
    },

    async generate(kind = "compat") {
      const address = `peer-${Math.random().toString(36).slice(2)}@example.org`;
      const [primary, subkey] = ALGORITHMS[kind];
      await gpg(["--quick-generate-key", `Peer Person <${address}>`, primary, "default", "never"]);
      if (subkey !== undefined) {
        const listed = await gpg(["--with-colons", "--list-keys", address]);
        const [, fingerprint] = /^fpr:+([0-9A-F]+):/m.exec(new TextDecoder().decode(listed.data));
        await gpg(["--quick-add-key", fingerprint, subkey, "encr", "never"]);
      }
      const { data: certificate } = await gpg(["--armor", "--export", address]);
      const { data: secret } = await gpg(["--armor", "--export-secret-keys", address]);
      return { secret, certificate, passphrase: PASSPHRASE };
    },
    async encrypt({ data, certificates = [], passwords = [], signWith, armor = true }) {
      if (passwords.length > 0) return (await gpg(["--symmetric", ...armored(armor)], data, passwords[0])).data;
      const args = ["--encrypt", ...armored(armor)];
      for (const certificate of certificates) args.push("--recipient", await imported(certificate));
      if (signWith !== undefined) args.push("--sign", "--local-user", await imported(signWith));
      return (await gpg(args, data)).data;
    },
    async decrypt({ message, secret, passphrase, passwords = [], verifyWith = [] }) {
      await importedAll(verifyWith);
      if (secret !== undefined) await imported(secret, passphrase);
      return gpg(["--decrypt"], message, passwords[0] ?? passphrase);
    },
    async sign({ data, secret, form, armor = true }) {
      const signer = ["--local-user", await imported(secret)];
      const mode = { detached: "--detach-sign", inline: "--sign", cleartext: "--clear-sign" }[form];
      return (await gpg([...signer, ...armored(armor && form !== "cleartext"), mode], data)).data;
    },
    async verifyDetached({ data, signature, certificates }) {
      await importedAll(certificates);
      return gpg(["--verify", await file(signature), await file(data)]);
    },
    async verifyInline({ message, certificates }) {
      await importedAll(certificates);
      return gpg(["--decrypt"], message);
    },
  };
}
