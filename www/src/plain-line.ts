// One line of text that somebody else wrote, without what could disguise it: control characters and text-direction marks.
// What is left is shown as text; that it is no markup is the templates' matter.

const DISGUISING = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** The text on one line; each disguising character gives way to `instead`. */
export function plainLine(text: string, instead = " "): string {
  return text.replace(DISGUISING, instead);
}

/** Whether a text has any of them. */
export function disguises(text: string): boolean {
  return plainLine(text, "") !== text;
}
