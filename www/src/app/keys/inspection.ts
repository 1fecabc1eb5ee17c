// Everything about a key, read once for each copy of it.
import type { KeyInspection, Key } from "envelock";
import { engine } from "../engine.ts";
import { update } from "../state.ts";
import { vault } from "../vault.ts";

const read = new WeakMap<Key, { found?: KeyInspection }>();

/** What is known; undefined while it is being read. A key that cannot be inspected stays undefined. */
export function inspectionOf(key: Key): KeyInspection | undefined {
  const known = read.get(key);
  if (known !== undefined) return known.found;
  const entry: { found?: KeyInspection } = {};
  read.set(key, entry);
  void engine()
    .inspectKey({ key, known: vault.keys })
    .then((found) => {
      entry.found = found;
    })
    .catch((error: unknown) => console.error(error))
    .finally(update);
  return undefined;
}
