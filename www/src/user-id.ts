// User IDs as people write them (RFC 9580 §5.11): "Name <address>", a bare address, or a bare name. To compare addresses there is
// the package's `addressOf`, and no other form.

/** "Anna Berg <anna@example.org>" → "anna@example.org", as it is written: to be shown. */
export function shownAddress(userId: string): string {
  return (/<([^<>]*)>\s*$/.exec(userId)?.[1] ?? userId).trim();
}

/** "Anna Berg <anna@example.org>" → "Anna Berg"; the address when there is no name. */
export function nameOf(userId: string): string {
  return /^(.*?)\s*<[^<>]*>\s*$/.exec(userId)?.[1]?.trim() || userId;
}
