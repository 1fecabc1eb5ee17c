// Puts the licences of what others wrote beside the pages: dist/THIRD-PARTY-LICENSES.txt, the npm packages in the scripts first, then
// the crates in the package's wasm, as the package brings them along.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const FILE = "THIRD-PARTY-LICENSES.txt";
/** Ours. */
const PACKAGE = "envelock";
const LINE = "=".repeat(72);

const manifest = (folder) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

/** What these pages import, and what that imports. */
const found = new Map();
const add = (name) => {
  if (name === PACKAGE || found.has(name)) return;
  const folder = join(root, "node_modules", name);
  const { version, license, author, dependencies = {} } = manifest(folder);
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file)).sort();
  if (license === undefined || files.length === 0) throw new Error(`${name} comes without a licence or without its text`);
  const texts = files.map((file) => readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n").trim());
  const who = typeof author === "object" ? author.name : author;
  found.set(name, `${LINE}\n${name} ${version}\n  licence: ${license}\n${who === undefined ? "" : `  author: ${who}\n`}\n${texts.join("\n\n")}\n`);
  for (const needed of Object.keys(dependencies)) add(needed);
};
for (const name of Object.keys(manifest(root).dependencies)) add(name);

const packages = [...found].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, text]) => text);
const crates = readFileSync(join(root, "node_modules", PACKAGE, FILE), "utf8");
writeFileSync(join(root, "dist", FILE), `What others wrote of the scripts of these pages, and its licences.\n\n${packages.join("\n")}\n${LINE}\n${crates}`);
