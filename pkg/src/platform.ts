/**
 * Node's own modules without an import that a bundler would trip over.
 */

/** A module of Node's; undefined in browsers. */
export const builtin = (name: string): unknown =>
  (globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }).process?.getBuiltinModule?.(name);
