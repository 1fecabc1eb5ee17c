// HTML of strangers as a document, unless that would hold the page up. Reading it takes a time that grows with the square of how deep its
// elements stand in each other, and laying out ends the page where they stand deeper still; so it is read piece by piece, and given up in time.
// Not here: what of it may be shown (`purified.ts`).

/** Elements; newsletters have some thousands. */
const MOST_ELEMENTS = 20_000;
/** Elements within each other; answers to answers have some dozens. */
const DEEPEST = 400;
/** Attributes of one element, each of which is compared with the others. */
const MOST_ATTRIBUTES = 1_000;
/** Opening brackets in style sheets, which may stand in each other: many thousands end the page as soon as the sheet is read. */
const MOST_BRACKETS = 2_500;
/** Characters of text; of plain text no more is laid out (`pieces.ts`). */
const MOST_TEXT = 500_000;
/** Beginnings of elements that are read at a time: what they add to a document within the limits takes milliseconds. */
const STEP = 250;

/** The body of the document; undefined if it is too large. Nothing of it is loaded or run: it belongs to a document without a window. */
export function parsed(markup: string, frame: Window): HTMLElement | undefined {
  if ((sheetsIn(markup).match(/[({&]/g) ?? []).length > MOST_BRACKETS) return undefined;
  const page = frame.document.implementation.createHTMLDocument();
  page.open();
  // As if it said so: a style sheet that stands first belongs to what is shown.
  page.write("<body>");
  let [from, tags] = [0, 0];
  for (const { index } of markup.matchAll(/<[a-z]/gi)) {
    tags += 1;
    if (tags % STEP !== 0) continue;
    page.write(markup.slice(from, index));
    from = index;
    if (elementsIn(page.body) > MOST_ELEMENTS) return undefined;
  }
  page.write(markup.slice(from));
  page.close();
  const { body } = page;
  return elementsIn(body) > MOST_ELEMENTS || (body.textContent ?? "").length > MOST_TEXT ? undefined : body;
}

/** All that could be read as style sheets. In HTML they end with the first end tag; in SVG comments and entities are read as well, so they may end anywhere. */
function sheetsIn(markup: string): string {
  return /<(?:svg|math)/i.test(markup) ? markup : (markup.match(/<style.*?(?:<\/style|$)/gis) ?? []).join("");
}

/** How many there are; of too many, or where they stand too deep, more than there may be. */
function elementsIn(parent: ParentNode, depth = 0): number {
  if (depth > DEEPEST) return Infinity;
  let count = 0;
  for (let child = parent.firstElementChild; child !== null && count <= MOST_ELEMENTS; child = child.nextElementSibling) {
    if (child.attributes.length > MOST_ATTRIBUTES) return Infinity;
    const within = child.localName === "template" ? (child as HTMLTemplateElement).content : child;
    count += 1 + elementsIn(within ?? child, depth + 1);
  }
  return count;
}
