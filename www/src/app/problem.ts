// Errors in words: what happened, what was kept, what to do next. Codes come from the server and the package.
import { app } from "./state.ts";

/** A sentence for any error. */
export function problemText(error: unknown): string {
  const { problems, tooManyTries, formats } = app.words;
  const { code, wait } = (error ?? {}) as { code?: unknown; wait?: unknown };
  // In whole minutes, and at least one.
  if (code === "too-many-requests" && typeof wait === "number") return tooManyTries(formats.duration(Math.ceil(wait / 60) * 60));
  if (typeof code === "string" && Object.hasOwn(problems, code)) return problems[code as keyof typeof problems];
  // Not foreseen: the cause is for whoever looks into it.
  console.error(error);
  const hint = (error as { hint?: unknown } | undefined)?.hint;
  return typeof hint === "string" && app.words.language === "en" ? hint : problems.failed;
}
