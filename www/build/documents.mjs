// Puts the documents that the pages link to beside them, as pages of their own: dist/threat-model.html, dist/best-practices.html.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Marked } from "marked";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const style = readdirSync(join(dist, "assets")).find((name) => /^index-.*\.css$/.test(name));
if (style === undefined) throw new Error("build the pages first: there is no style of the webmail in dist/assets");

const DOCUMENTS = ["threat-model", "best-practices"];
/** As the documents are linked to on paper: words in small letters with hyphens between. */
const slug = (text) => text.toLowerCase().replace(/[^\p{L}\p{N} -]/gu, "").replaceAll(" ", "-");

/** The heading that stands above. */
let above = "";
const marked = new Marked({
  renderer: {
    heading({ tokens, depth, text }) {
      above = slug(text);
      return `<h${depth} id="${above}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
    },
    link({ href, tokens }) {
      const [, name, place = ""] = /^([\w-]+)\.md(#.*)?$/.exec(href) ?? [];
      const words = this.parser.parseInline(tokens);
      if (name !== undefined && !DOCUMENTS.includes(name)) return words;
      return `<a href="${name === undefined ? href : `/${name}.html${place}`}">${words}</a>`;
    },
    // A table is wider than a telephone: it scrolls by itself, with the keyboard too.
    table({ header, rows }) {
      const cells = (row, tag) => `<tr>${row.map(({ tokens }) => `<${tag}>${this.parser.parseInline(tokens)}</${tag}>`).join("")}</tr>`;
      return `<div class="wide" tabindex="0" role="group" aria-labelledby="${above}"><table><thead>${cells(header, "th")}</thead><tbody>${rows.map((row) => cells(row, "td")).join("")}</tbody></table></div>\n`;
    },
    html: () => "",
  },
});

for (const name of DOCUMENTS) {
  const text = readFileSync(join(root, `../docs/${name}.md`), "utf8");
  const [, title] = /^# (.+)$/m.exec(text);
  writeFileSync(
    join(dist, `${name}.html`),
    `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Envelock</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/${style}">
</head>
<body>
<main class="document">
<p><a href="/">Envelock</a></p>
${marked.parse(text)}</main>
</body>
</html>
`,
  );
}
