/**
 * The names of options, where the entry is so small that it goes without the rules of `options.ts`.
 */
import { PgpError } from "./error.js";

/** Rejects what is no object, and names that are not among the `known` ones. */
export function checkNames(options: unknown, known: string): void {
  if (typeof options !== "object" || options === null) throw new PgpError("bad-option", "give one options object");
  for (const name of Object.keys(options)) {
    if (!known.split(" ").includes(name)) throw new PgpError("unknown-option", `unknown option "${name}"; it knows ${known}`);
  }
}
