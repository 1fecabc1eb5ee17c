// What is known about keys beside what they say themselves: checked or not, labels, which one stands for an address.
import type { Key, KeyMetadata } from "envelock";
import { app } from "./state.ts";
import { opened, readVault, secretKeys, vault } from "./vault.ts";

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

/** Prefers a key for an address from now on. */
export async function preferKey(address: string, fingerprint: string): Promise<void> {
  await opened().setDefault(address, fingerprint);
  await readVault();
}
