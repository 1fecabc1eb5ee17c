// A peer that speaks the Stateless OpenPGP command line: `sqop` (Sequoia) and `rsop` (rPGP).
import { readFile } from "node:fs/promises";
import { run, workplace } from "./command.mjs";

/** The peer's face, the same for every program (see `exchange.mjs`). */
export async function sopPeer({ program, name, keyProfiles, formats, writes }) {
  const { file, remove } = await workplace();

  async function sop(args, input) {
    const { code, stdout, stderr } = await run(program, args, input);
    if (code !== 0) throw new Error(`${name} ${args[0]} ended with ${code}: ${stderr}`);
    return stdout;
  }

  const filesOf = (contents = []) => Promise.all(contents.map((content) => file(content)));
  const unlocking = async (passphrase) =>
    passphrase === undefined ? [] : [`--with-key-password=${await file(passphrase)}`];
  const signersIn = (verifications) =>
    new TextDecoder()
      .decode(verifications)
      .split("\n")
      .filter(Boolean)
      .map((line) => line.split(" ")[2].toUpperCase());

  /** Runs `sop` with `--verifications-out` and gives what it wrote there too. */
  async function withVerifications(args, input) {
    const path = `${await file("")}.verifications`;
    const data = await sop([args[0], `--verifications-out=${path}`, ...args.slice(1)], input);
    return { data, signedBy: signersIn(await readFile(path)) };
  }

  return {
    name,
    keyProfiles,
    keyKinds: Object.keys(keyProfiles),
    formats,
    writes,
    close: remove,

    async generate(profile) {
      const secret = await sop(["generate-key", ...(keyProfiles[profile] ?? []), "Peer Person <peer@example.org>"]);
      return { secret, certificate: await sop(["extract-cert"], secret) };
    },
    async encrypt({ data, certificates, passwords = [], signWith, armor = true, profile }) {
      const args = ["encrypt", ...(armor ? [] : ["--no-armor"])];
      if (profile !== undefined) args.push(`--profile=${profile}`);
      for (const path of await filesOf(passwords)) args.push(`--with-password=${path}`);
      if (signWith !== undefined) args.push(`--sign-with=${await file(signWith)}`);
      return sop([...args, ...(await filesOf(certificates))], data);
    },
    async decrypt({ message, secret, passphrase, passwords = [], verifyWith = [] }) {
      const args = ["decrypt", ...(await unlocking(passphrase))];
      for (const path of await filesOf(passwords)) args.push(`--with-password=${path}`);
      for (const path of await filesOf(verifyWith)) args.push(`--verify-with=${path}`);
      if (secret !== undefined) args.push(await file(secret));
      return verifyWith.length === 0 ? { data: await sop(args, message), signedBy: [] } : withVerifications(args, message);
    },
    async sign({ data, secret, passphrase, form, armor = true }) {
      const plain = [...(armor ? [] : ["--no-armor"]), ...(await unlocking(passphrase))];
      if (form === "detached") return sop(["sign", ...plain, await file(secret)], data);
      if (form === "cleartext") return sop(["inline-sign", "--as=clearsigned", ...(await unlocking(passphrase)), await file(secret)], data);
      return sop(["inline-sign", "--as=binary", ...plain, await file(secret)], data);
    },
    async verifyDetached({ data, signature, certificates }) {
      const paths = await filesOf(certificates);
      return { signedBy: signersIn(await sop(["verify", await file(signature), ...paths], data)) };
    },
    async verifyInline({ message, certificates }) {
      return withVerifications(["inline-verify", ...(await filesOf(certificates))], message);
    },
  };
}
