// What is in the input, and what it would change in the keystore.
import type { ImportEntry, Key } from "envelock";
import { engine } from "../engine.ts";
import { app } from "../state.ts";
import { vault } from "../vault.ts";

/** One key of the input. */
export interface Entry {
  key: Key;
  change: "new" | "updated" | "unchanged";
  /** What would be different, in words. */
  changes: string[];
  weaknesses: string[];
}

/** All of the input. */
export interface Reading {
  entries: Entry[];
  /** What was recognised and left out, and why. */
  skipped: string[];
  /** Whether a key was left out because of its algorithm. */
  unsupported: boolean;
  /** Passphrases that nobody need be asked for, by fingerprint. */
  passphrases: Map<string, string>;
}

/** Reads every key. Rejects with `no-keys` when there is nothing at all. */
export async function readInputs(inputs: (string | Uint8Array)[], signal: AbortSignal): Promise<Reading> {
  const reading: Reading = { entries: [], skipped: [], unsupported: false, passphrases: new Map() };
  for (const keys of inputs) {
    const { entries, skipped } = await engine().previewImport({ keys, known: vault.keys, signal });
    for (const entry of entries) take(reading, entry);
    reading.skipped.push(...skipped.map(({ code, message, offset }) => app.words.skippedPart(app.words.skippedReasons[code] ?? message, offset)));
  }
  if (reading.entries.length + reading.skipped.length === 0) throw { code: "no-keys" };
  return reading;
}

function take(reading: Reading, { key, change, changes, weaknesses }: ImportEntry): void {
  if (key.kind === "unsupported" || change === "unsupported") {
    reading.unsupported = true;
    reading.skipped.push(app.words.unsupportedKey(key.kind === "unsupported" ? key.reason : key.algorithm));
    return;
  }
  const { words } = app;
  reading.entries.push({
    key,
    change,
    changes: changes.map(({ code, message }) => words.importChanges[code] ?? message),
    weaknesses: weaknesses.map(({ code, message }) => words.weaknesses[code] ?? message),
  });
}
