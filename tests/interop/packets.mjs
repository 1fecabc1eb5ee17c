// Packets of a key, and what came to them: nothing may be lost or changed.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";

/** Type and body of every packet, binary, in either header format (RFC 9580 §4.2). */
export function packets(octets) {
  const bytes = Buffer.from(octets);
  const found = [];
  for (let at = 0; at < bytes.length;) {
    const [first, second] = [bytes[at], bytes[at + 1]];
    let tag, start, length;
    if (first & 0x40) {
      tag = first & 0x3f;
      if (second < 192) [start, length] = [2, second];
      else if (second < 224) [start, length] = [3, ((second - 192) << 8) + bytes[at + 2] + 192];
      else [start, length] = [6, bytes.readUInt32BE(at + 2)];
    } else {
      tag = (first >> 2) & 0x0f;
      const octetsOfLength = 1 << (first & 3);
      assert.ok(octetsOfLength < 8, "a packet without length");
      [start, length] = [1 + octetsOfLength, bytes.readUIntBE(at + 1, octetsOfLength)];
    }
    found.push({ tag, body: bytes.subarray(at + start, at + start + length).toString("hex") });
    at += start + length;
  }
  return found;
}

/** Every packet is still there, bit for bit and in order; gives the types of those that came. */
export function added(before, after) {
  const old = packets(before);
  const came = [];
  let next = 0;
  for (const packet of packets(after)) {
    if (next < old.length && packet.tag === old[next].tag && packet.body === old[next].body) next++;
    else came.push(packet.tag);
  }
  assert.equal(next, old.length, `packet ${next} (type ${old[next]?.tag}) was lost or changed`);
  return came;
}

/** The fingerprints of a certificate's subkeys, in their order (RFC 9580 §5.5.4). */
export function subkeyFingerprints(certificate) {
  return packets(certificate).filter(({ tag }) => tag === 14).map(({ body }) => {
    const octets = Buffer.from(body, "hex");
    const isV6 = octets[0] === 6;
    const head = Buffer.alloc(isV6 ? 5 : 3);
    head[0] = isV6 ? 0x9b : 0x99;
    if (isV6) head.writeUInt32BE(octets.length, 1);
    else head.writeUInt16BE(octets.length, 1);
    return createHash(isV6 ? "sha256" : "sha1").update(head).update(octets).digest("hex").toUpperCase();
  });
}
