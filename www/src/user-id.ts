// User IDs as people write them (RFC 9580 §5.11): "Name <address>", a bare address, or a bare name. To compare addresses there is
// the package's `addressOf`, and no other form. What is shown has a replacement character where a mark would turn the writing direction:
// a name may not look like another's address.
import { plainLine } from "./plain-line.ts";

/** A user ID as it is shown. */
export function shownUserId(userId: string): string {
  return plainLine(userId, "\ufffd");
}

/** "Anna Berg <anna@example.org>" → "anna@example.org", as it is written: to be shown. */
export function shownAddress(userId: string): string {
  return shownUserId(/<([^<>]*)>\s*$/.exec(userId)?.[1] ?? userId).trim();
}

/** "Anna Berg <anna@example.org>" → "Anna Berg"; the address when there is no name. */
export function nameOf(userId: string): string {
  return shownUserId(/^(.*?)\s*<[^<>]*>\s*$/.exec(userId)?.[1]?.trim() || userId);
}
