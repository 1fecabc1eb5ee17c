// Every program of the matrix as a peer, with its name and version.
import { config } from "openpgp";
import { run } from "./command.mjs";
import { gnupgPeer } from "./gnupg.mjs";
import { openpgpjsPeer } from "./openpgpjs.mjs";
import { sopPeer } from "./sop.mjs";

const PROGRAMS = {
  ours: process.env.ENVELOCK_SOP ?? "envelock-sop",
  rsop: process.env.RSOP ?? "rsop",
  sqop: process.env.SQOP ?? "sqop",
  gpg: process.env.GPG ?? "gpg",
};

/** What each Stateless OpenPGP program can be told to write with a password. */
const BOTH = { "seipd-v1": { profile: "rfc4880" }, "seipd-v2": { profile: "rfc9580" } };
const ONLY_V1 = { "seipd-v1": {} };

/** Ours, and how the others are told to make each kind of key. */
export const OURS = "envelock-sop";
export const ourPeer = () =>
  sopPeer({
    program: PROGRAMS.ours,
    name: OURS,
    keyProfiles: {
      rsa: ["--profile=rsa"],
      compat: ["--profile=compat"],
      rfc9580: ["--profile=rfc9580"],
      p256: ["--profile=nist"],
    },
    formats: ["seipd-v1", "seipd-v2"],
    writes: BOTH,
  });
export const rsopPeer = () =>
  sopPeer({
    program: PROGRAMS.rsop,
    name: "rsop",
    keyProfiles: { rsa: ["--profile=rfc4880"], compat: ["--profile=default"], rfc9580: ["--profile=rfc9580"] },
    formats: ["seipd-v1", "seipd-v2"],
    writes: BOTH,
  });
export const sqopPeer = () =>
  sopPeer({ program: PROGRAMS.sqop, name: "sqop", keyProfiles: { compat: [] }, formats: ["seipd-v1"], writes: ONLY_V1 });

/** All peers of the matrix; ours first. */
export const everybody = () => Promise.all([ourPeer(), rsopPeer(), sqopPeer(), gnupgPeer(), openpgpjsPeer()]);

/** `[{ name, version }]`, in the order of the tables. */
export async function versions() {
  const firstLine = async (program, args) => new TextDecoder().decode((await run(program, args)).stdout).split("\n")[0];
  const extended = async (program) =>
    new TextDecoder().decode((await run(program, ["version", "--extended"])).stdout).trim().split("\n").join(", ");
  return [
    { name: OURS, version: await extended(PROGRAMS.ours) },
    { name: "rsop", version: await extended(PROGRAMS.rsop) },
    { name: "sqop", version: await extended(PROGRAMS.sqop) },
    { name: "gpg", version: await firstLine(PROGRAMS.gpg, ["--version"]) },
    { name: "OpenPGP.js", version: config.versionString },
  ];
}
