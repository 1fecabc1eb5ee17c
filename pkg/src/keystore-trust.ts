/**
 * How far keys are trusted for the addresses they claim: trust on first use, address by address, because a later copy of a
 * key may claim an address that belongs to somebody else.
 */
import { addressOf } from "./keystore-address.js";
import type { AddressTrust, Contact, KeyMetadata, Recipient } from "./keystore.js";
import type { Key } from "./api.js";

/** A key with what is known about it, not judged yet. */
export interface Kept {
  key: Key;
  metadata: KeyMetadata;
}

/** Judges every key for every address of its; `defaults` are fingerprints by address. */
export function judged(kept: readonly Kept[], defaults: ReadonlyMap<string, string>): Contact[] {
  const claims = new Map<string, { fingerprint: string; firstSeen: Date }[]>();
  for (const { key, metadata } of kept) {
    for (const { address, firstSeen } of metadata.addresses) {
      claims.set(address, [...(claims.get(address) ?? []), { fingerprint: key.fingerprint, firstSeen }]);
    }
  }
  return kept.map(({ key, metadata }) => ({
    key,
    metadata,
    trust: metadata.addresses.map(({ address, firstSeen }): AddressTrust => {
      if (key.kind === "secret-key" || metadata.verified?.addresses.includes(address)) return { address, trust: "verified", rivals: [] };
      if (defaults.get(address) === key.fingerprint) return { address, trust: "known", rivals: [] };
      const earlier = (claims.get(address) ?? []).filter((other) => other.fingerprint !== key.fingerprint && other.firstSeen <= firstSeen);
      return { address, trust: earlier.length === 0 ? "known" : "changed", rivals: earlier.map(({ fingerprint }) => fingerprint) };
    }),
  }));
}

/** How far a contact is trusted for an address; `changed` for one it never had. */
export function trustFor({ trust }: Contact, address: string): AddressTrust {
  return trust.find((one) => one.address === address) ?? { address, trust: "changed", rivals: [] };
}

/** Of the keys for an address, best first, the one to encrypt to. */
export function recipientOf(found: readonly Contact[], address: string): Recipient {
  const usable = found.filter(({ key }) => key.status === "valid" && key.canEncrypt && key.userIds.some((userId) => addressOf(userId) === address));
  const best = usable.find((contact) => trustFor(contact, address).trust !== "changed");
  if (best === undefined) return usable.length === 0 ? {} : { trust: "changed" };
  const { key } = best;
  return { certificate: key.kind === "secret-key" ? key.certificate : key, trust: trustFor(best, address).trust };
}
