// The marks of a state. Each stands before words that say the same, so they are hidden from screen readers.
import { svg, html, type TemplateResult } from "lit-html";

/** How a state is marked: fine, worth a look, wrong, locked or merely told. */
export type Mark = "good" | "careful" | "bad" | "locked" | "plain";

const SHAPES: Record<Mark, TemplateResult> = {
  good: svg`<circle cx="12" cy="12" r="9"></circle><path d="M8 12.5l2.7 2.7L16 9.5"></path>`,
  careful: svg`<path d="M12 3.5L2.5 20h19z"></path><path d="M12 10v4.5m0 2.6v.1"></path>`,
  bad: svg`<path d="M8 3h8l5 5v8l-5 5H8l-5-5V8z"></path><path d="M9 9l6 6m0-6l-6 6"></path>`,
  locked: svg`<rect x="5" y="11" width="14" height="9" rx="1.5"></rect><path d="M8 11V8a4 4 0 0 1 8 0v3"></path>`,
  plain: svg`<circle cx="12" cy="12" r="9"></circle><path d="M12 11v5.5m0-9v.1"></path>`,
};

/** The mark as a small picture in the colour of the text. */
export function markIcon(mark: Mark): TemplateResult {
  return html`<svg class="mark-icon" viewBox="0 0 24 24" aria-hidden="true">${SHAPES[mark]}</svg>`;
}

/** A mark with its words, on one line. */
export function marked(mark: Mark, text: string): TemplateResult {
  return html`<span class="marked ${mark}">${markIcon(mark)}<span>${text}</span></span>`;
}
