// Everything about a key, read once for each copy of it.
import type { KeyInspection, Key } from "envelock";
import { engine } from "../engine.ts";
import { update } from "../state.ts";
import { vault, whenLocked } from "../vault.ts";

const read = new WeakMap<Key, { found?: KeyInspection }>();
/** Of the last copy of each key, so that nothing on the page closes while a new one is read. */
let last = new Map<string, KeyInspection>();
whenLocked(() => {
  last = new Map();
});

/** What is known; undefined while it is being read for the first time. A key that cannot be inspected stays undefined. */
export function inspectionOf(key: Key): KeyInspection | undefined {
  const known = read.get(key);
  if (known !== undefined) return known.found ?? last.get(key.fingerprint);
  const entry: { found?: KeyInspection } = {};
  read.set(key, entry);
  void engine()
    .inspectKey({ key, known: vault.keys })
    .then((found) => {
      entry.found = found;
      last.set(key.fingerprint, found);
    })
    .catch((error: unknown) => console.error(error))
    .finally(update);
  return last.get(key.fingerprint);
}
