// Builds dist/offline-copy.html: the page of a saved copy in one file, with script, style and wasm inside, and a place for the
// message. Its own CSP allows exactly this script and style and no connection at all.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");

const result = await build({
  root,
  configFile: false,
  logLevel: "warn",
  publicDir: false,
  worker: { format: "iife" },
  build: {
    target: "es2022",
    write: false,
    assetsInlineLimit: 0,
    lib: { entry: join(root, "src/offline/main.ts"), formats: ["iife"], name: "savedCopy" },
  },
});
const chunks = [result].flat().flatMap(({ output }) => output).filter((file) => file.type === "chunk");
if (chunks.length !== 1) throw new Error(`the saved copy must be one script, not ${chunks.length}`);
// "</script" inside the script would end it; in JavaScript strings "<\/" is the same text.
const script = chunks[0].code.trim().replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
const styleName = readdirSync(join(dist, "assets")).find((name) => /^decrypt-.*\.css$/.test(name));
if (styleName === undefined) throw new Error("build the pages first: there is no style of the decrypt page in dist/assets");
const style = readFileSync(join(dist, "assets", styleName), "utf8").trim();
const module = readFileSync(createRequire(join(root, "package.json")).resolve("envelock/reader-wasm")).toString("base64");

const sha256 = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
const policy = [
  "default-src 'none'",
  `script-src ${sha256(script)} 'wasm-unsafe-eval'`,
  `style-src ${sha256(style)}`,
  "img-src blob:",
  "worker-src blob:",
  "form-action 'none'",
  "base-uri 'none'",
].join("; ");

writeFileSync(
  join(dist, "offline-copy.html"),
  `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Encrypted message</title>
<style>${style}</style>
</head>
<body>
<main><noscript><p class="card">This file needs JavaScript to decrypt the message. · Diese Datei braucht JavaScript, um die Nachricht zu entschlüsseln.</p></noscript></main>
<script type="application/json" id="envelope">{"envelope":"here"}</script>
<script type="text/plain" id="module">${module}</script>
<script>${script}</script>
</body>
</html>
`,
);
