/**
 * Addresses as names of contacts: what a user ID says, in a form that can be compared.
 */

/** The address of a user ID, "Name <address>" or the address alone, in the form in which the keystore compares addresses; `undefined` if there is none. */
export function addressOf(userId: string): string | undefined {
  const inBrackets = /<([^<>]*)>\s*$/.exec(userId);
  return normalize(inBrackets?.[1] ?? userId);
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
  const [local = "", domain = "", ...more] = address.trim().split("@");
  if (!local || !domain || more.length > 0 || /[\s\p{Cc}\p{Cf}<>,;:"()[\]\\]/u.test(local + domain)) return undefined;
  return `${asciiLower(local)}@${asciiDomain(domain)}`;
}

const asciiLower = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

function asciiDomain(domain: string): string {
  try {
    return new URL(`https://${domain.replace(/\.$/, "")}`).hostname || asciiLower(domain);
  } catch {
    return asciiLower(domain);
  }
}
