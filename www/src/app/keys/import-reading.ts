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

/** The names of files, for what holds no key. */
const names = new WeakMap<Uint8Array, string>();

/** The same octets, whose file's name is told when there is no key in them. */
export function named(octets: Uint8Array, name: string): Uint8Array {
  names.set(octets, name);
  return octets;
}

/** Reads every key. Rejects with `no-keys` when there is nothing at all. */
export async function readInputs(inputs: (string | Uint8Array)[], signal: AbortSignal): Promise<Reading> {
  const reading: Reading = { entries: [], skipped: [], unsupported: false, passphrases: new Map() };
  let failure: unknown;
  for (const keys of inputs) {
    const name = typeof keys === "string" ? undefined : names.get(keys);
    const preview = await engine()
      .previewImport({ keys, known: vault.keys, signal })
      .catch((error: unknown) => {
        // One of several files that holds no key keeps nobody from the keys in the others.
        if (signal.aborted || inputs.length === 1) throw error;
        failure ??= error;
      });
    if (preview === undefined || (preview.entries.length === 0 && name !== undefined && inputs.length > 1)) {
      reading.skipped.push(name === undefined ? app.words.problems["no-keys"] : app.words.noKeyInFile(name));
      continue;
    }
    const { entries, skipped } = preview;
    for (const entry of entries) take(reading, entry);
    reading.skipped.push(...skipped.map(({ code, offset }) => app.words.skippedPart(app.words.skippedReasons[code] ?? app.words.otherProblem(code), offset)));
  }
  if (reading.entries.length === 0 && failure !== undefined) throw failure;
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
    changes: changes.map(({ code }) => words.importChanges[code] ?? words.otherProblem(code)),
    weaknesses: weaknesses.map(({ code }) => words.weaknesses[code] ?? words.otherProblem(code)),
  });
}
