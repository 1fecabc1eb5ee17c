// Passphrases of five random words: 60 bits, easy to say on the phone.
import { words as text } from "./words.ts";

const words = text.trim().split(/\s+/);
const COUNT = 5;

/** Five words with hyphens between them; every word is twelve bits of the browser's random generator. */
export function generatePassphrase(): string {
  const random = crypto.getRandomValues(new Uint16Array(COUNT));
  // 65536 is a multiple of 4096, so the remainder favours no word.
  return [...random].map((number) => words[number % words.length]).join("-");
}
