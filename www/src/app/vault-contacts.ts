// What is known about keys beside what they say themselves: checked or not, labels, which one stands for an address, and
// which one claims an address that another key had before (trust on first use).
import type { Key, KeyMetadata, Recipient } from "envelock";
import { addressOf } from "envelock/worker";
import { app, update } from "./state.ts";
import { opened, readAfterChange, secretKeys, vault } from "./vault.ts";

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
  await readAfterChange();
}

/** Adds or removes one label of those that the key has now: another tab may have changed them since they were read here. */
export async function setLabel(fingerprint: string, label: string, there: boolean): Promise<void> {
  await navigator.locks.request("envelock-labels", async () => {
    const others = ((await opened().metadata(fingerprint))?.labels ?? []).filter((other) => other !== label);
    await opened().setMetadata(fingerprint, { labels: there ? [...others, label] : others });
  });
  await readAfterChange();
}

/** Every label in use. */
export function allLabels(): string[] {
  return [...new Set([...vault.metadata.values()].flatMap(({ labels }) => labels))].sort((a, b) => a.localeCompare(b, app.words.language));
}

/** My key for one of my addresses. */
export function ownKeyFor(address: string): Key | undefined {
  const wanted = vault.preferred.get(addressOf(address) ?? "");
  return secretKeys().find(({ fingerprint }) => fingerprint === wanted);
}

/** The keys that had an address of this one's before, for every address that nobody has settled. */
export function rivalsOf({ fingerprint }: Key): Rival[] {
  return (vault.trust.get(fingerprint) ?? []).flatMap(({ address, rivals }) => vault.keys.filter((key) => rivals.includes(key.fingerprint)).map((key) => ({ address, key })));
}

/** By address, for the keys that are here now. */
const asked = new WeakMap<Key[], Map<string, Recipient | undefined>>();

/** What there is to encrypt with for an address; undefined while it is being looked up. */
export function recipientFor(address: string): Recipient | undefined {
  const { keys } = vault;
  const known = asked.get(keys) ?? new Map<string, Recipient | undefined>();
  asked.set(keys, known);
  if (!known.has(address)) {
    known.set(address, undefined);
    void opened()
      .recipient(address)
      .then((recipient) => known.set(address, recipient))
      .catch(() => undefined)
      .finally(update);
  }
  return known.get(address);
}

/** Prefers a key for an address from now on. */
export async function preferKey(address: string, fingerprint: string): Promise<void> {
  await opened().setDefault(address, fingerprint);
  await readAfterChange();
}
