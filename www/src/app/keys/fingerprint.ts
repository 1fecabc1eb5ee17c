// Fingerprints as people hand them over: in groups, with colons, read out of a QR code.

/** Upper-case hex of a fingerprint of version 4 (20 octets) or 6 (32) in any usual spelling; undefined for anything else. */
export function readFingerprint(text: string): string | undefined {
  const digits = text.replace(/^\s*(OPENPGP4FPR:|0x)/i, "").replace(/[\s:.-]/g, "").toUpperCase();
  return /^(?:[0-9A-F]{40}|[0-9A-F]{64})$/.test(digits) ? digits : undefined;
}

/** In groups of four. */
export function groupsOf(fingerprint: string): string[] {
  return fingerprint.match(/.{1,4}/g) ?? [];
}
