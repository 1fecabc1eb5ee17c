// The keystore of this browser as the pages see it: not there, locked, or open with its keys. The passphrase goes to the
// worker and is not kept here; without a touch for a while the keystore locks itself.
// Not here: what is known about contacts (`vault-contacts.ts`), backup, passkeys and the log (`vault-care.ts`).
import type { AddOptions, AddressTrust, Certificate, GeneratedKey, GenerateKeyOptions, KeptKey, Key, KeyMetadata, PasskeyInfo, SecretKey, UnlockableKey } from "envelock";
import { addressOf, type Keystore } from "envelock/worker";
import { announce } from "./announce.ts";
import { engine, knowsPostQuantum, rememberPostQuantum } from "./engine.ts";
import { forgetCode } from "./keystore-backup.ts";
import { app, update } from "./state.ts";
import { inPostQuantumModule, isPostQuantum, needsPostQuantum } from "./vault-module.ts";

const NAME = "envelock-keystore";
const MINUTES = "envelock-lock-minutes";
/** How often a touch of the page is passed on. */
const TOUCH_MILLISECONDS = 20_000;

/** Where a change of the keystore was made: by this browser, or by another device, from which it came. */
type Made = "here" | "elsewhere";

interface Vault {
  state: "unknown" | "none" | "locked" | "open" | "broken";
  /** Which of several it is, and which there are. */
  name: string;
  names: string[];
  /** Whether a passkey opens it; known while it is locked. */
  hasPasskey: boolean;
  /** Secret keys first. */
  keys: Key[];
  /** What is known about each key, by fingerprint. */
  metadata: Map<string, KeyMetadata>;
  /** How far each key is trusted for its addresses, by fingerprint. */
  trust: Map<string, AddressTrust[]>;
  /** My key for each of my addresses, by fingerprint. */
  preferred: Map<string, string>;
  passkeys: PasskeyInfo[];
  /** Fingerprints of the secret keys that are in a backup. */
  backedUp: Set<string>;
  /** Entries that cannot be read and are left out. */
  damaged: number;
  /** Entries that the module with post-quantum algorithms may be able to read. */
  unread: number;
}

/** Read by the pages, changed only here and in `vault-care.ts`. */
export const vault: Vault = { state: "unknown", name: localStorage.getItem(NAME) ?? "default", names: [], hasPasskey: false, ...nothingKnown() };
let keystore: Keystore | undefined;
let touched = 0;
/** Other tabs of this browser: a keystore lives in the memory of each. */
const tabs = new BroadcastChannel("envelock-keystore");
tabs.onmessage = ({ data }) => {
  if (data === CHANGED) return keystore === undefined ? undefined : void readVault().catch(() => undefined);
  if (keystore === undefined) return vault.state === "unknown" ? undefined : void lookForVault();
  void lockHere();
  announce(app.words.lockedElsewhere);
};
/** What they hear when something in the keystore is another now; anything else means that they must lock. */
const CHANGED = "changed";
const onLock: (() => void)[] = [];
const onOpen: (() => void)[] = [];
const onChange: ((made: Made) => void)[] = [];

function nothingKnown(): Pick<Vault, "keys" | "metadata" | "trust" | "preferred" | "passkeys" | "backedUp" | "damaged" | "unread"> {
  return { keys: [], metadata: new Map(), trust: new Map(), preferred: new Map(), passkeys: [], backedUp: new Set(), damaged: 0, unread: 0 };
}

/** Looks whether there is a keystore; "create" or "unlock"? */
export async function lookForVault(): Promise<void> {
  try {
    vault.names = await engine().Keystore.names();
    const { name } = vault;
    vault.state = (await engine().Keystore.exists({ name })) ? "locked" : "none";
    const passkeys = vault.state === "locked" && passkeysSupported() ? await engine().Keystore.passkeys({ name }).catch(() => []) : [];
    vault.hasPasskey = passkeys.length > 0;
  } catch {
    vault.state = "broken";
  }
  update();
}

/** Whether this browser knows passkeys at all. */
export function passkeysSupported(): boolean {
  return "credentials" in navigator && "PublicKeyCredential" in globalThis;
}

/** Means another keystore from now on; the open one is locked. */
export async function chooseVault(name: string): Promise<void> {
  await lockHere();
  vault.name = name;
  localStorage.setItem(NAME, name);
  await lookForVault();
}

/** Removes the locked keystore with all it holds. */
export async function removeVault(): Promise<void> {
  await engine().Keystore.remove({ name: vault.name });
  forgetCode(vault.name);
  lockOtherTabs();
  await lookForVault();
}

/** Opens the keystore, or makes one where there is none. Rejects with `wrong-passphrase`. */
export async function openVault(passphrase: string): Promise<void> {
  const { name } = vault;
  const open = await engine().Keystore.open({ name, passphrase });
  if (!(await needsPostQuantum(open))) return entered(open);
  await open.lock();
  await openInPostQuantumModule(passphrase);
}

/** Opens it, or the open one again, in the module with post-quantum algorithms. Rejects with `wrong-passphrase`. */
export async function openInPostQuantumModule(passphrase: string): Promise<void> {
  await enteredInPostQuantumModule(() => engine().Keystore.open({ name: vault.name, passphrase }));
}

/** Takes over a keystore that `opening` opens in that module; one that is open in the other module ends with it. */
export async function enteredInPostQuantumModule(opening: () => Promise<Keystore>): Promise<void> {
  const before = keystore;
  keystore = undefined;
  try {
    await entered(await inPostQuantumModule(opening));
  } catch (error) {
    keystore ??= before;
    throw error;
  }
}

/** Opens it with a passkey, which the browser asks for. */
export async function openVaultWithPasskey(signal: AbortSignal): Promise<void> {
  await entered(await engine().Keystore.open({ name: vault.name, passkey: true, signal }));
}

/** Takes over a keystore that was opened. */
export async function entered(open: Keystore): Promise<void> {
  const before = keystore;
  keystore = open;
  if (before !== undefined && before !== open) await before.lock();
  open.autoLock({ minutes: idleMinutes() });
  open.onlock = ({ reason }) => {
    if (keystore !== open) return;
    void lockHere();
    if (reason === "idle") announce(app.words.lockedIdle);
  };
  await readVault();
  vault.state = "open";
  vault.names = await engine().Keystore.names();
  update();
  for (const work of onOpen) work();
}

/** Reads everything anew after a change. */
export async function readVault(): Promise<void> {
  const open = opened();
  const contacts = await open.contacts();
  const backedUp = await open.getRecord("backup");
  vault.keys = contacts.map(({ key }) => key);
  vault.metadata = new Map(contacts.map(({ key, metadata }) => [key.fingerprint, metadata]));
  vault.trust = new Map(contacts.map(({ key, trust }) => [key.fingerprint, trust]));
  const problems = await open.problems();
  vault.unread = knowsPostQuantum() ? 0 : problems.filter(({ code }) => code === "unsupported").length;
  vault.damaged = problems.length - vault.unread;
  if (knowsPostQuantum()) rememberPostQuantum(vault.keys.some(isPostQuantum));
  vault.passkeys = await open.passkeys();
  vault.backedUp = new Set(Array.isArray(backedUp) ? backedUp.map(String) : []);
  vault.preferred = await preferences(open);
  update();
}

/** The same, after a change that the other tabs shall see too. */
export async function readAfterChange(made: Made = "here"): Promise<void> {
  tabs.postMessage(CHANGED);
  await readVault();
  for (const work of onChange) work(made);
}

/** Which of my keys stands for which of my addresses; any of them may stand for the account's. */
async function preferences(open: Keystore): Promise<Map<string, string>> {
  const mine = secretKeys().flatMap(({ userIds }) => userIds.map(addressOf));
  const preferred = new Map<string, string>();
  for (const address of new Set([addressOf(app.session?.address ?? ""), ...mine])) {
    const key = address === undefined ? undefined : await open.defaultFor(address);
    if (address !== undefined && key !== undefined) preferred.set(address, key.fingerprint);
  }
  return preferred;
}

/** Forgets keys and passphrase, in the other tabs too; the sealed entries stay. */
export async function lockVault(): Promise<void> {
  lockOtherTabs();
  await lockHere();
}

/** After what another tab must not go on from: another passphrase, a key that was removed. */
export function lockOtherTabs(): void {
  tabs.postMessage("lock");
}

async function lockHere(): Promise<void> {
  const closing = keystore;
  keystore = undefined;
  Object.assign(vault, nothingKnown());
  if (vault.state === "open") vault.state = "locked";
  for (const forget of onLock) forget();
  update();
  await closing?.lock();
  if (closing !== undefined) await lookForVault();
}

/** Runs when the keystore locks: whatever was decrypted with it should go too. */
export function whenLocked(forget: () => void): void {
  onLock.push(forget);
}

/** Runs when the keystore opens. */
export function whenOpened(work: () => void): void {
  onOpen.push(work);
}

/** Runs after every change that was made here, or that came from other devices. */
export function whenChanged(work: (made: Made) => void): void {
  onChange.push(work);
}

/** Any touch of the page puts the lock off. */
export function stayAwake(): void {
  if (keystore === undefined || Date.now() - touched < TOUCH_MILLISECONDS) return;
  touched = Date.now();
  // A use, not a new timer: after the computer slept too long it locks all the same.
  void keystore.getRecord("touch").catch(() => undefined);
}

/** After how many minutes without a touch it locks. */
export function idleMinutes(): number {
  return Number(localStorage.getItem(MINUTES)) || 30;
}

/** Changes that, now and for later. */
export function lockAfter(minutes: number): void {
  localStorage.setItem(MINUTES, String(minutes));
  keystore?.autoLock({ minutes });
}

/** The open keystore; throws `keystore-locked`. */
export function opened(): Keystore {
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

/** Keeps a key, merged with the copy that is there; a secret one is put under the keystore's passphrase if it is unlocked or `passphrase` unlocks it. */
export async function keepKey(key: Key, options: Pick<AddOptions, "passphrase" | "origin"> = {}): Promise<KeptKey> {
  const before = vault.preferred;
  const kept = await opened().add(key, options);
  await readAfterChange();
  await stayWith(before);
  return kept;
}

/** The key that stood for an address before goes on doing so while it can: a newer one takes its place when somebody says so. */
export async function stayWith(before: ReadonlyMap<string, string>): Promise<void> {
  const able = new Set(secretKeys().filter(({ status, canSign }) => status === "valid" && canSign).map(({ fingerprint }) => fingerprint));
  const displaced = [...before].filter(([address, fingerprint]) => vault.preferred.get(address) !== fingerprint && able.has(fingerprint));
  for (const [address, fingerprint] of displaced) await opened().setDefault(address, fingerprint);
  if (displaced.length > 0) await readAfterChange();
}

export async function forgetKey(fingerprint: string): Promise<void> {
  await opened().remove(fingerprint);
  lockOtherTabs();
  await opened().setRecord(`revocation:${fingerprint}`, undefined);
  await readVault();
  for (const work of onChange) work("here");
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
