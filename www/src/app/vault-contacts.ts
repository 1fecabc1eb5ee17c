// What is known about keys beside what they say themselves: checked or not, labels, which one stands for an address, and
// which one claims an address that another key had before (trust on first use).
import type { Certificate, Key, KeyMetadata } from "envelock";
import { addressOf } from "../user-id.ts";
import { app } from "./state.ts";
import { certificates, opened, readVault, secretKeys, vault } from "./vault.ts";

/** How sure one may be that a key belongs to an address. `changed`: another key had the address before, and nobody has said that this one is right. */
export type Trust = "verified" | "known" | "changed";

/** A key that had one of the addresses before. */
export interface Rival {
  address: string;
  key: Key;
}

/** What is known about a key. */
export function contactOf(fingerprint: string): KeyMetadata | undefined {
  return vault.metadata.get(fingerprint);
}

/** Remembers that the fingerprint was compared, or takes that back. */
export async function setVerified(fingerprint: string, verified: boolean): Promise<void> {
  await opened().setMetadata(fingerprint, { verified: verified ? { at: new Date(), how: app.words.howCompared } : null });
  await readVault();
}

export async function setLabels(fingerprint: string, labels: string[]): Promise<void> {
  await opened().setMetadata(fingerprint, { labels });
  await readVault();
}

/** Every label in use. */
export function allLabels(): string[] {
  return [...new Set([...vault.metadata.values()].flatMap(({ labels }) => labels))].sort((a, b) => a.localeCompare(b, app.words.language));
}

/** My key for one of my addresses. */
export function ownKeyFor(address: string): Key | undefined {
  const wanted = vault.preferred.get(address);
  return secretKeys().find(({ fingerprint }) => fingerprint === wanted);
}

/** The keys that had an address of this contact's before it came, for every address that nobody has settled. */
export function rivalsOf(key: Key): Rival[] {
  const metadata = contactOf(key.fingerprint);
  if (metadata === undefined || key.kind === "secret-key" || metadata.verified !== undefined) return [];
  const open = metadata.addresses.filter((address) => vault.chosen.get(address) !== key.fingerprint);
  return open.flatMap((address) => othersOf(address, key.fingerprint, metadata.firstSeen).map((other) => ({ address, key: other })));
}

function othersOf(address: string, fingerprint: string, since: Date): Key[] {
  return vault.keys.filter((other) => {
    const known = contactOf(other.fingerprint);
    return other.fingerprint !== fingerprint && known?.addresses.includes(address) === true && known.firstSeen <= since;
  });
}

/** How sure one may be of a key for an address. */
export function trustIn(key: Key, address: string): Trust {
  if (key.kind === "secret-key" || contactOf(key.fingerprint)?.verified !== undefined) return "verified";
  return rivalsOf(key).some((rival) => rival.address === address) ? "changed" : "known";
}

/** What there is to encrypt with for an address. */
export interface Addressee {
  /** The certificate to use: never one that is `changed`. */
  certificate?: Certificate;
  /** Undefined when there is no usable key at all. */
  trust?: Trust;
}

/** The usable certificate of a mail address: the preferred one where there are several. One that came to take another's place waits until somebody has looked at it. */
export function addressee(address: string): Addressee {
  const wanted = address.toLowerCase();
  const usable = vault.keys.filter((key) => key.canEncrypt && key.userIds.some((userId) => addressOf(userId) === wanted));
  const trusted = usable.filter((key) => trustIn(key, wanted) !== "changed");
  const best = trusted.find(({ fingerprint }) => fingerprint === vault.preferred.get(wanted)) ?? trusted[0];
  if (best === undefined) return usable.length === 0 ? {} : { trust: "changed" };
  const certificate = certificates().find(({ fingerprint }) => fingerprint === best.fingerprint);
  return certificate === undefined ? {} : { certificate, trust: trustIn(best, wanted) };
}

/** The fingerprint of the key that stands for one of my addresses, were nothing to change. */
export async function standingKeyFor(address: string): Promise<string | undefined> {
  return (await opened().defaultFor(address))?.fingerprint;
}

/** Prefers a key for an address from now on. */
export async function preferKey(address: string, fingerprint: string): Promise<void> {
  await opened().setDefault(address, fingerprint);
  await readVault();
}
