/**
 * The timer of a keystore that locks itself.
 *
 * Time asleep counts: timers stand still while a computer sleeps, so the clocks are compared each time the keystore is
 * used and every few seconds.
 */

/** How often the clocks are compared, at most. */
const STEP = 15_000;

const clocks = () => [Date.now(), performance.now()] as const;

/** Counts the time since the last use. */
export class Idle {
  readonly #expire: () => void;
  #limit = Number.POSITIVE_INFINITY;
  #last = clocks();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(expire: () => void) {
    this.#expire = expire;
  }

  /** Begins to count; `false` ends it. */
  start(minutes: number | false): void {
    this.stop();
    this.#limit = minutes === false ? Number.POSITIVE_INFINITY : minutes * 60_000;
    this.#last = clocks();
    if (minutes === false) return;
    this.#timer = setInterval(() => this.#check(), Math.min(STEP, Math.max(this.#limit / 4, 50)));
    // In Node a waiting keystore keeps no process alive.
    (this.#timer as { unref?: () => void }).unref?.();
  }

  /** Somebody uses it now; `false` if that is too late. */
  touch(): boolean {
    if (!this.#check()) return false;
    this.#last = clocks();
    return true;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** The wall clock may have been set back, the other one may stand still during sleep: the one that went further counts. */
  #check(): boolean {
    const [wall, steady] = clocks();
    if (Math.max(wall - this.#last[0], steady - this.#last[1]) < this.#limit) return true;
    this.stop();
    this.#expire();
    return false;
  }
}
