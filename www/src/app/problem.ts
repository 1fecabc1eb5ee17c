// Errors in words: what happened, what was kept, what to do next. Codes come from the server and the package.
import { app } from "./state.ts";

/** A sentence for any error. */
export function problemText(error: unknown): string {
  const { problems, tooMany, tooManyOf, unavailableFor, formats } = app.words;
  const { code, wait, tooMany: what } = (error ?? {}) as { code?: unknown; wait?: unknown; tooMany?: unknown };
  if ((code === "too-many-requests" || code === "unavailable") && typeof wait === "number") {
    // In whole minutes, unless it is a moment.
    const time = formats.duration(wait <= 10 ? Math.max(1, Math.ceil(wait)) : Math.ceil(wait / 60) * 60);
    if (code === "unavailable") return unavailableFor(time);
    const of = typeof what === "string" && Object.hasOwn(tooManyOf, what) ? tooManyOf[what as keyof typeof tooManyOf] : tooManyOf.attempts;
    return tooMany(of, time);
  }
  if (typeof code === "string" && Object.hasOwn(problems, code)) return problems[code as keyof typeof problems];
  // Not foreseen: the cause is for whoever looks into it.
  console.error(error);
  const hint = (error as { hint?: unknown } | undefined)?.hint;
  return typeof hint === "string" && app.words.language === "en" ? hint : problems.failed;
}
