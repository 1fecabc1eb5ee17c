// Makes readable text of a message that came as HTML only. The result is shown as text, so nothing here is a safety filter:
// it may be crude, but one pass over hostile input must stay one pass.

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };
const HIDDEN = new Set(["script", "style", "head", "title", "template"]);
const BREAKS = new Set(["br", "hr", "/p", "/div", "/h1", "/h2", "/h3", "/h4", "/h5", "/h6", "/li", "/tr", "/blockquote", "/pre", "/table"]);

/** The text of an HTML document: tags gone, blocks and breaks on lines of their own, the commonest entities resolved. */
export function htmlAsText(html: string): string {
  const lower = html.toLowerCase();
  const parts: string[] = [];
  let position = 0;
  while (position < html.length) {
    const tag = html.indexOf("<", position);
    if (tag === -1) {
      parts.push(textOf(html.slice(position)));
      break;
    }
    parts.push(textOf(html.slice(position, tag)));
    const name = /^[/!a-z0-9-]*/.exec(lower.slice(tag + 1, tag + 16))?.[0] ?? "";
    const close = name.startsWith("!--") ? "-->" : HIDDEN.has(name) ? `</${name}` : ">";
    const end = lower.indexOf(close, tag + 1);
    if (end === -1) break;
    if (BREAKS.has(name)) parts.push("\n");
    position = close.startsWith("</") ? end : end + close.length;
  }
  return parts
    .join("")
    .replace(/ *\n */g, "\n")
    .replace(/ {2,}/g, " ")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

function textOf(markup: string): string {
  return markup.replace(/\s+/g, " ").replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,6}));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? whole;
    const point = decimal !== undefined ? Number(decimal) : Number.parseInt(hex ?? "0", 16);
    return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}
