// The beginning of binary OpenPGP data, to tell what it is without reading it.

/** Tag and body of the first packet (RFC 9580 §4.2), the body as far as the input goes. */
export function firstPacket(octets: Uint8Array): { tag: number; body: Uint8Array } | undefined {
  const [head = 0, length = 0] = octets;
  if ((head & 0x80) === 0) return undefined;
  if ((head & 0x40) === 0) return { tag: (head >> 2) & 0x0f, body: octets.subarray([2, 3, 5, 1][head & 3]) };
  return { tag: head & 0x3f, body: octets.subarray(length < 192 ? 2 : length < 224 ? 3 : length === 255 ? 6 : 2) };
}
