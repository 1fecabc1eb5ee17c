// The key that the last sign-in gave: it waits here until whoever is being signed in is, a second factor included, and is overwritten
// once it was used, or after ten minutes.
const LONGEST_MILLISECONDS = 600_000;

let held: Uint8Array | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Keeps it until it is taken. */
export function holdKey(key: Uint8Array): void {
  takeKey()?.fill(0);
  held = key;
  timer = setTimeout(() => takeKey()?.fill(0), LONGEST_MILLISECONDS);
}

/** Gives it to whoever overwrites it then. */
export function takeKey(): Uint8Array | undefined {
  clearTimeout(timer);
  const key = held;
  held = undefined;
  return key;
}
