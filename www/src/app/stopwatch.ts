// How long ago something was, for what may be done only soon after it.

/**
 * Begins to count; gives the milliseconds since. The wall clock can be set back (that counts as for ever), the steady one stands still on some
 * systems while the computer sleeps: the one that went further counts.
 */
export function stopwatch(): () => number {
  const [wall, steady] = [Date.now(), performance.now()];
  return () => {
    const went = Date.now() - wall;
    return went < 0 ? Number.POSITIVE_INFINITY : Math.max(went, performance.now() - steady);
  };
}
