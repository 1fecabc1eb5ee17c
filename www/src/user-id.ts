// User IDs as people write them (RFC 9580 §5.11): "Name <address>", a bare address, or a bare name.

/** "Anna Berg <anna@example.org>" → "anna@example.org"; lower case, to be compared whole. */
export function addressOf(userId: string): string {
  return (/<([^<>]*)>\s*$/.exec(userId)?.[1] ?? userId).trim().toLowerCase();
}

/** "Anna Berg <anna@example.org>" → "Anna Berg"; the address when there is no name. */
export function nameOf(userId: string): string {
  return /^(.*?)\s*<[^<>]*>\s*$/.exec(userId)?.[1]?.trim() || userId;
}
