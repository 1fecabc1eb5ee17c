// A GnuPG home of its own, for tests that ask gpg what it makes of a key.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run, workplace } from "./command.mjs";

const PROGRAM = process.env.GPG ?? "gpg";

/** `gpg` runs the program, `keys` reads its listings; `close` removes everything. */
export async function gnupgHome() {
  const { folder, file, remove } = await workplace();
  await writeFile(join(folder, "gpg-agent.conf"), "allow-loopback-pinentry\n");
  const base = ["--homedir", folder, "--batch", "--yes", "--no-tty", "--no-auto-key-locate", "--trust-model", "always", "--pinentry-mode", "loopback"];

  async function gpg(args, { input, passphrase = "" } = {}) {
    const { code, stdout, stderr } = await run(PROGRAM, [...base, "--passphrase-file", await file(passphrase), ...args], input);
    if (code !== 0) throw new Error(`gpg ${args.join(" ")} ended with ${code}: ${stderr}`);
    return { data: stdout, text: new TextDecoder().decode(stdout), said: stderr };
  }

  // Importing a revocation wants a trust database, which gpg does not make while every key is trusted.
  await gpg(["--trust-model", "pgp", "--check-trustdb"]);

  /** The records of a listing (doc/DETAILS of GnuPG), subordinate ones inside: keys hold user IDs and subkeys, all hold signatures. */
  async function keys(name, options = []) {
    const { text } = await gpg(["--with-colons", "--check-sigs", ...options, ...(name === undefined ? [] : [name])]);
    const found = [];
    let holder;
    for (const line of text.split("\n")) {
      const fields = line.split(":");
      const [type, validity] = fields;
      const record = { type, validity, keyId: fields[4], created: date(fields[5]), expires: date(fields[6]), class: fields[10], capabilities: fields[11], signatures: [] };
      if (type === "pub" || type === "sec") found.push((holder = { ...record, userIds: [], subkeys: [] }));
      else if (type === "uid") found.at(-1)?.userIds.push((holder = { ...record, text: fields[9].replaceAll("\\x3a", ":") }));
      else if (type === "sub" || type === "ssb") found.at(-1)?.subkeys.push((holder = record));
      else if (type === "fpr" && holder) holder.fingerprint ??= fields[9];
      else if ((type === "sig" || type === "rev") && holder) holder.signatures.push({ ...record, trust: fields[7], comment: fields[20] });
    }
    return found;
  }
  const key = async (name, options) => (await keys(name, options))[0];

  return {
    folder, gpg, keys, key, file,
    /** Says that a key belongs to whom it names, for programs that ask gpg about that. */
    trust: (fingerprint) => gpg(["--trust-model", "pgp", "--import-ownertrust"], { input: Buffer.from(`${fingerprint.toUpperCase()}:6:\n`) }),
    /** Imports a key. */
    take: (octets, passphrase) => gpg(["--import"], { input: octets, passphrase }),
    async give(name, passphrase) {
      const { data: certificate } = await gpg(["--export", name]);
      const { data: secret } = await gpg(["--export-secret-keys", name], { passphrase });
      return { certificate, secret };
    },
    async close() {
      await run("gpgconf", ["--homedir", folder, "--kill", "all"]);
      await remove();
    },
  };
}

const date = (seconds) => (seconds ? new Date(Number(seconds) * 1000) : undefined);
