// When a key is to end: what is offered, what is chosen already, and what a choice means.

/** The ends that are offered, in years from now. */
export const YEARS = [1, 2, 3, 5] as const;

/** What is chosen already: the shortest end, from two years on, that shortens nothing; 0 is never. */
export function longer(end: Date | undefined, now = new Date()): number {
  if (end === undefined) return 0;
  return YEARS.find((years) => years >= 2 && (chosenExpiry(String(years), "", now)?.getTime() ?? 0) >= end.getTime()) ?? 0;
}

/** What was chosen; `null` is never, undefined is nothing usable. */
export function chosenExpiry(choice: string, day: string, now = new Date()): Date | null | undefined {
  if (choice === "day") {
    const end = new Date(`${day}T23:59:59`);
    return end > now ? end : undefined;
  }
  const years = Number(choice);
  if (years === 0) return null;
  const end = new Date(now);
  end.setFullYear(end.getFullYear() + years);
  return end;
}
