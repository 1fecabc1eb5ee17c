// rPGP's rsop reads edited keys, of both versions.
import { editsReadBy } from "./edits_sop.mjs";
import { sopPeer } from "./sop.mjs";

const program = process.env.RSOP ?? "rsop";
const keyProfiles = { compat: [], rfc9580: [] };
editsReadBy("rsop", () => sopPeer({ program, name: "rsop", keyProfiles, formats: [] }));
