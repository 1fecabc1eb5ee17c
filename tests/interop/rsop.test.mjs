// rPGP's rsop: both key versions, SEIPD v1 and v2, in both directions. `RSOP` names the program when it is not on PATH.
import { exchangesWith } from "./exchange.mjs";
import { sopPeer } from "./sop.mjs";

const program = process.env.RSOP ?? "rsop";
const keyProfiles = { compat: ["--profile=rfc4880"], rfc9580: ["--profile=rfc9580"] };
exchangesWith("rsop", () => sopPeer({ program, name: "rsop", keyProfiles, formats: ["seipd-v1", "seipd-v2"] }));
