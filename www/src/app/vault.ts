// The keystore of this browser as the pages see it: not there, locked, or open with its keys. The passphrase goes to the
// worker and is not kept here; after half an hour without a touch the keystore locks itself.
import type { Certificate, GeneratedKey, GenerateKeyOptions, Key, SecretKey, UnlockableKey } from "envelock";
import type { Keystore } from "envelock/worker";
import { engine } from "./engine.ts";
import { addressOf } from "../user-id.ts";
import { update } from "./state.ts";

const IDLE_MILLISECONDS = 30 * 60 * 1000;

interface Vault {
  state: "unknown" | "none" | "locked" | "open" | "broken";
  /** Secret keys first. */
  keys: Key[];
  /** Entries that cannot be read and are left out. */
  damaged: number;
}

/** Read by the pages, changed only here. */
export const vault: Vault = { state: "unknown", keys: [], damaged: 0 };
let keystore: Keystore | undefined;
let idle: ReturnType<typeof setTimeout> | undefined;
const onLock: (() => void)[] = [];
const onOpen: (() => void)[] = [];

/** Looks whether there is a keystore; "create" or "unlock"? */
export async function lookForVault(): Promise<void> {
  try {
    vault.state = (await engine().Keystore.exists()) ? "locked" : "none";
  } catch {
    vault.state = "broken";
  }
  update();
}

/** Opens the keystore, or makes one where there is none. Rejects with `wrong-passphrase`. */
export async function openVault(passphrase: string): Promise<void> {
  keystore = await engine().Keystore.open({ passphrase });
  await readVault();
  vault.state = "open";
  stayAwake();
  update();
  for (const work of onOpen) work();
}

async function readVault(): Promise<void> {
  vault.keys = await opened().list();
  vault.damaged = (await opened().problems()).length;
}

/** Forgets keys and passphrase; the sealed entries stay. */
export async function lockVault(): Promise<void> {
  clearTimeout(idle);
  const closing = keystore;
  keystore = undefined;
  vault.keys = [];
  vault.damaged = 0;
  if (vault.state === "open") vault.state = "locked";
  for (const forget of onLock) forget();
  update();
  await closing?.lock();
}

/** Runs when the keystore locks: whatever was decrypted with it should go too. */
export function whenLocked(forget: () => void): void {
  onLock.push(forget);
}

/** Runs when the keystore opens. */
export function whenOpened(work: () => void): void {
  onOpen.push(work);
}

/** Any touch of the page puts the lock off. */
export function stayAwake(): void {
  if (vault.state !== "open") return;
  clearTimeout(idle);
  idle = setTimeout(() => void lockVault(), IDLE_MILLISECONDS);
}

function opened(): Keystore {
  if (keystore === undefined) throw Object.assign(new Error("the keystore is locked"), { code: "keystore-locked" });
  return keystore;
}

/** Makes a key pair and keeps it: locked under the keystore's passphrase before it leaves the worker. */
export async function makeKey(options: Omit<GenerateKeyOptions, "passphrase" | "keystore">): Promise<GeneratedKey> {
  const made = await engine().generateKey({ ...options, keystore: opened() });
  await keepKey(made.key);
  await opened().setRecord(`revocation:${made.key.fingerprint}`, made.revocationCertificate);
  return made;
}

/** Keeps a key; a secret one is put under the keystore's passphrase if it is unlocked or `passphrase` unlocks it. */
export async function keepKey(key: Key, passphrase?: string): Promise<Key> {
  const kept = await opened().add(key, passphrase === undefined ? {} : { passphrase });
  await readVault();
  update();
  return kept;
}

export async function forgetKey(fingerprint: string): Promise<void> {
  await opened().remove(fingerprint);
  await opened().setRecord(`revocation:${fingerprint}`, undefined);
  await readVault();
  update();
}

/** The revocation certificate made with a key, kept until it has been saved elsewhere. */
export async function revocationOf(fingerprint: string): Promise<string | undefined> {
  const kept = await opened().getRecord(`revocation:${fingerprint}`);
  return typeof kept === "string" ? kept : undefined;
}

/** My keys, to sign or decrypt with. */
export function secretKeys(): SecretKey[] {
  return vault.keys.filter((key) => key.kind === "secret-key");
}

/** A key with what unlocks it. */
export function unlockable(key: SecretKey): UnlockableKey {
  return { key, keystore: opened() };
}

/** Everybody's certificates, mine too. */
export function certificates(): Certificate[] {
  return vault.keys.map((key) => (key.kind === "secret-key" ? key.certificate : key));
}

/** The usable certificate of a mail address, mine before others'. */
export function certificateFor(address: string): Certificate | undefined {
  const wanted = address.toLowerCase();
  return certificates().find((certificate) => certificate.canEncrypt && certificate.userIds.some((userId) => addressOf(userId) === wanted));
}
