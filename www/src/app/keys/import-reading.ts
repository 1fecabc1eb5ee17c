// What is in the input, and what it would change in the keystore.
import type { Key } from "envelock";
import { engine } from "../engine.ts";
import { vault } from "../vault.ts";

/** One key of the input. */
export interface Entry {
  /** As it would be kept. */
  key: Key;
  change: "new" | "updated" | "unchanged";
  /** What would be different, in words of the package. */
  changes: string[];
  weaknesses: string[];
}

/** All of the input. */
export interface Reading {
  entries: Entry[];
  /** What was recognised and left out, and why. */
  skipped: string[];
}

/** Reads every key. Rejects with `no-keys` when there is nothing at all. */
export async function readInputs(inputs: (string | Uint8Array)[], signal: AbortSignal): Promise<Reading> {
  const reading: Reading = { entries: [], skipped: [] };
  for (const keys of inputs) {
    for (const key of await engine().readKeys({ keys, signal })) {
      if (key.kind === "unsupported") reading.skipped.push(key.reason);
      else reading.entries.push(entryOf(key));
    }
  }
  if (reading.entries.length + reading.skipped.length === 0) throw { code: "no-keys" };
  return reading;
}

function entryOf(key: Key): Entry {
  const present = vault.keys.find((other) => other.fingerprint === key.fingerprint);
  const change = present === undefined ? "new" : present.kind === key.kind && sameBytes(present.binary, key.binary) ? "unchanged" : "updated";
  return { key, change, changes: [], weaknesses: key.problems.map((problem) => problem.message) };
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
