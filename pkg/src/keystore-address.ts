/**
 * Addresses as names of contacts: what a user ID says, in a form that can be compared. The rule is the core's
 * (`src/address.rs`, which says why); `tests/addresses.json` holds both together. Not here: whether such a host exists.
 */

/** The address of a user ID, "Name <address>" or the address alone, in the form in which the keystore compares addresses; `undefined` if there is none. */
export function addressOf(userId: string): string | undefined {
  const text = userId.replace(/^ +| +$/g, "");
  if (!text.endsWith(">")) return normalize(text);
  const start = text.indexOf("<");
  const [name, address] = [text.slice(0, Math.max(start, 0)), text.slice(start + 1, -1)];
  // A second bracket would let two readers find two addresses.
  return start < 0 || name.includes(">") || address.includes("<") ? undefined : normalize(address);
}

/** The addresses of user IDs, each once. */
export function addressesOf(userIds: readonly string[]): string[] {
  return [...new Set(userIds.map(addressOf).filter((address) => address !== undefined))];
}

/**
 * Lower case in ASCII, the domain as it stands in the DNS; `undefined` for what is no address. Strictly, case may
 * matter before the @ (RFC 5321 §2.4), but no mailbox that is in use differs from another by case alone.
 */
export function normalize(address: string): string | undefined {
  const [local = "", domain = "", ...more] = address.split("@");
  const isOdd = !local || !domain || more.length > 0 || domain.startsWith(".") || domain.endsWith(".") || ODD.test(address);
  if (isOdd || new TextEncoder().encode(address).length > 254) return undefined;
  return `${asciiLower(local)}@${asciiDomain(domain)}`;
}

/** Blanks, control and invisible characters, what needs quoting, and what looks like the @ or the dot. */
const ODD = /[\s\p{Cc}\u0085<>()[\],;:\\"\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\uff20\ufe6b\u24b6\u24d0\u3002\uff0e\uff61]/u;

const asciiLower = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** Labels of other scripts become A-labels (RFC 5891 §4); a domain that no DNS can have stays as it is. */
function asciiDomain(domain: string): string {
  const labels = domain.split(".").map((label) => {
    const letters = [...label].map((letter) => letter.toLowerCase()).join("");
    return /^[\0-\x7f]*$/.test(letters) ? letters : `xn--${punycode([...letters])}`;
  });
  const isAscii = /^[\0-\x7f]*$/.test(domain);
  return isAscii || labels.every((label) => label.length <= 63) ? labels.join(".") : domain;
}

/** RFC 3492 §6.3, with the parameters of §5. */
function punycode(letters: string[]): string {
  const points = letters.map((letter) => letter.codePointAt(0) ?? 0);
  const basic = points.filter((point) => point < 128);
  let out = String.fromCharCode(...basic) + (basic.length ? "-" : "");
  let [done, code, delta, bias] = [basic.length, 128, 0, 72];
  while (done < points.length) {
    const next = Math.min(...points.filter((point) => point >= code));
    delta += (next - code) * (done + 1);
    code = next;
    for (const point of points) {
      if (point < code) delta++;
      if (point !== code) continue;
      let rest = delta;
      for (let place = 36; ; place += 36) {
        const threshold = Math.min(Math.max(place - bias, 1), 26);
        if (rest < threshold) break;
        out += DIGITS[threshold + ((rest - threshold) % (36 - threshold))];
        rest = Math.floor((rest - threshold) / (36 - threshold));
      }
      out += DIGITS[rest];
      bias = adapt(delta, done + 1, done === basic.length);
      [delta, done] = [0, done + 1];
    }
    [delta, code] = [delta + 1, code + 1];
  }
  return out;
}

const DIGITS = "abcdefghijklmnopqrstuvwxyz0123456789";

/** RFC 3492 §6.1. */
function adapt(delta: number, points: number, first: boolean): number {
  let left = Math.floor(delta / (first ? 700 : 2));
  left += Math.floor(left / points);
  let bias = 0;
  for (; left > 455; bias += 36) left = Math.floor(left / 35);
  return bias + Math.floor((36 * left) / (left + 38));
}
