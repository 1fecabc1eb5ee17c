/**
 * Compiles `src` into `dist`, given the glue and the modules in `wasm`.
 *
 * esbuild makes the modules, tsc checks the sources and writes the declarations. `api.d.ts` beside this file is
 * the snapshot of the public declarations: it is rewritten here and committed, so a changed API is a visible diff.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const inside = (...path) => join(here, ...path);

const modules = ["envelock", "pqc", "reader", "login"];
const parts = [...modules, "envelock_rest", "pqc_rest", "lanes"];
for (const file of [...modules.map((name) => `${name}.js`), ...parts.map((name) => `${name}_bg.wasm`)]) {
  if (!existsSync(inside("wasm", file))) {
    console.error(`pkg/wasm/${file} is missing: run "cargo xtask build", which makes it and calls this`);
    process.exit(1);
  }
}

rmSync(inside("dist"), { recursive: true, force: true });

const shared = {
  absWorkingDir: here,
  bundle: true,
  format: "esm",
  platform: "neutral",
  target: "es2022",
  outdir: inside("dist"),
  outExtension: { ".js": ".mjs" },
  legalComments: "none",
  minify: true,
  charset: "utf8",
  logLevel: "warning",
  loader: { ".wasm": "binary" },
};
// These share their chunks, so `PgpError` is one class in all of them.
await build({ ...shared, entryPoints: ["src/index.ts", "src/pqc.ts", "src/worker.ts"], splitting: true, chunkNames: "shared-[hash]" });
/** The codes that a small entry can meet, instead of all. */
const adviceOf = (entry) => ({
  name: `advice-of-${entry}`,
  setup: ({ onResolve }) => onResolve({ filter: /\/advice\.js$/ }, () => ({ path: inside("src", `advice-of-${entry}.ts`) })),
});
const SMALL = { "reader": "reader", "login": "login", "login-worker-script": "login" };
// These stand alone: they are loaded by URL, or have a size to keep.
for (const entry of ["worker-script", "pqc-worker-script", "threads-script", "inline", ...Object.keys(SMALL)]) {
  await build({ ...shared, entryPoints: [`src/${entry}.ts`], ...(entry in SMALL && { plugins: [adviceOf(SMALL[entry])] }) });
}

const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript")), "tsc.js");
execFileSync(process.execPath, [tsc, "--project", inside("tsconfig.json")], { stdio: "inherit" });

const PUBLIC = ["index", "api", "envelopes", "edits", "lookups", "inspections", "mails", "sessions", "error", "advice", "keystore", "storage", "worker", "reader", "login", "inline", "pqc"];
const snapshot = PUBLIC.map((name) => `// ${name}.d.ts\n${readFileSync(inside("dist", `${name}.d.ts`), "utf8").trim()}\n`).join("\n");
writeFileSync(inside("api.d.ts"), snapshot);

// A package without its licence texts may not be passed on.
for (const licence of ["LICENSE-APACHE", "LICENSE-MIT"]) copyFileSync(inside("..", licence), inside(licence));
