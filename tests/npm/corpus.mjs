// Reads tests/vectors/INDEX.tsv and judges an outcome against its column `expected` (see tests/vectors/README.md).
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = new URL("../vectors/", import.meta.url);

/** The moment at which the corpus is judged: the last second of the day on which its youngest cases were made. */
export const REFERENCE_TIME = Date.UTC(2026, 10, 23, 23, 59, 59);

/** The octets of a corpus file. */
export function bytes(file) {
  return new Uint8Array(readFileSync(fileURLToPath(new URL(file, ROOT))));
}

/** `password=… key=… keypassword=…` as an object; values may hold spaces. */
function fields(text) {
  const parts = text.split(/(?:^| )(password|keypassword|key|certs|cert|signed-data|verify-with)=/);
  const found = {};
  for (let i = 1; i + 1 < parts.length; i += 2) found[parts[i]] = parts[i + 1];
  return found;
}

/** Files named in one field, separated by blanks or commas. */
export function files(field) {
  return (field ?? "").split(/[ ,]+/).filter(Boolean);
}

/** Every row of the index, in its order. */
export function rows() {
  const [head, ...lines] = readFileSync(fileURLToPath(new URL("INDEX.tsv", ROOT)), "utf8").trimEnd().split("\n");
  const names = head.split("\t");
  return lines.map((line) => {
    const row = Object.fromEntries(line.split("\t").map((cell, i) => [names[i], cell]));
    return { ...row, given: fields(row.password_or_keys) };
  });
}

/** Whether a row is about algorithms of RFC 9980, which only `envelock/pqc` has. */
export const isPostQuantum = (row) => row.kind.startsWith("pqc-");

/**
 * Is `got` one of the alternatives in `expected`?
 * `got`: `{ plain: sha256 | null, good: boolean, signers: string[], text: sha256 }` for messages and signatures,
 * `{ imported: boolean, fingerprints: string[], encrypt: "yes" | "no", unlock: "ok" | "fail" | undefined }` for keys.
 */
export function met(expected, got) {
  return expected.split("|").some((one) => metOne(one.trim(), got));
}

function metOne(expected, got) {
  if (expected.startsWith("import=")) return metKey(expected, got);
  if (expected === "no-plain") return got.plain === null;
  if (expected === "not-good") return !got.good;
  if (expected === "good") return got.good;
  if (expected.startsWith("good:")) {
    return got.good && got.signers.includes(expected.slice(5).split(" ")[0].toLowerCase());
  }
  if (expected.startsWith("good-text:")) return got.good && got.text === expected.slice(10);
  if (expected.startsWith("plain:")) {
    const [hash, state] = expected.slice(6).split("+");
    return got.plain === hash && (state === undefined || (state === "good") === got.good);
  }
  throw new Error(`the index expects something unknown: ${expected}`);
}

function metKey(expected, got) {
  const want = Object.fromEntries(expected.split(" ").map((part) => part.split("=")));
  if (want.import === "ok" && !(got.imported && got.fingerprints.includes(want.fpr))) return false;
  if (want.import === "reject" && got.imported) return false;
  if (want.encrypt !== undefined && want.encrypt !== "any" && want.encrypt !== got.encrypt) return false;
  return want.unlock === undefined || want.unlock === got.unlock;
}
