/**
 * Turns of the event loop. WebCrypto may answer within the turn it was asked in, as Chromium does: whoever only ever awaits it
 * keeps timers, input and a cancel waiting until all is done.
 */

/** How long one piece of work may go on before others get a turn, in milliseconds. */
const SHARE = 12;

const waiting: (() => void)[] = [];
let channel: MessageChannel | undefined;

/** The turns of one piece of work. */
export class Turns {
  #began = performance.now();

  /** Goes on with `step` soon: in this turn while there is time left of its share, else in the next. */
  go(step: () => void): void {
    if (performance.now() - this.#began < SHARE) return queueMicrotask(step);
    next(() => {
      this.#began = performance.now();
      step();
    });
  }
}

/** Does `step` in a turn of its own. Timers would wait for milliseconds. */
function next(step: () => void): void {
  const { setImmediate } = globalThis as { setImmediate?: (step: () => void) => void };
  if (setImmediate) return setImmediate(step);
  if (channel === undefined) {
    channel = new MessageChannel();
    channel.port1.onmessage = () => waiting.shift()?.();
  }
  waiting.push(step);
  channel.port2.postMessage(undefined);
}
