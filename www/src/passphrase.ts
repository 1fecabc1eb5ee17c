// Passphrases of five random words: 60 bits, easy to say on the phone. Made by the webmail; read again by the decrypt page and
// the saved copy, which load the list only after what was typed did not fit.
import { words as text } from "./passphrase-words.ts";

const words = text.trim().split(/\s+/);
const known = new Set(words);
const COUNT = 5;
/** Letters of the shortest and the longest word. */
const SHORTEST = 3;
const LONGEST = 7;

/** Five words with hyphens between them; every word is twelve bits of the browser's random generator. */
export function generatePassphrase(): string {
  const random = crypto.getRandomValues(new Uint16Array(COUNT));
  // 65536 is a multiple of 4096, so the remainder favours no word.
  return [...random].map((number) => words[number % words.length]).join("-");
}

/**
 * What was typed, as `generatePassphrase` writes it: five words of the list in small letters with hyphens, however they were
 * spaced, hyphenated or capitalised. Undefined for any other text, so that nobody's own password is ever read as another.
 */
export function canonicalPassphrase(typed: string): string | undefined {
  let letters = lettersOf(typed);
  const found: string[] = [];
  while (letters !== "" && found.length < COUNT) {
    // No word of the list begins another one (a test holds it to that), so the first that fits is the only one.
    const word = wordAtStart(letters);
    if (word === undefined) return undefined;
    found.push(word);
    letters = letters.slice(word.length);
  }
  return letters === "" && found.length === COUNT ? found.join("-") : undefined;
}

/** The text without blanks and punctuation, in small letters: what of five words does not depend on how they are typed. */
export function lettersOf(text: string): string {
  return text.normalize("NFKC").toLowerCase().replace(/[\s\p{P}\p{Cf}]+/gu, "");
}

function wordAtStart(letters: string): string | undefined {
  for (let length = SHORTEST; length <= LONGEST; length += 1) {
    const word = letters.slice(0, length);
    if (known.has(word)) return word;
  }
  return undefined;
}
