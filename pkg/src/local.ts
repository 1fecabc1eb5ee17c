/**
 * Runs calls in the wasm module on this thread.
 *
 * A trap (a defect: no input may reach one) is reported as `internal`, and the module is started again, so the
 * next call works. Whatever else was under way in it rejects with `internal` as well: it went with the instance.
 * Work that waits for WebCrypto is polled from here rather than from a microtask of the module, so that a trap in it
 * is caught too instead of leaving a promise that never settles.
 *
 * A call that comes to need the module's second part, say for a key of an old algorithm, is given up and made once more
 * with that part. Until it has been there a call has given nothing out, and its arguments stay as they are; those of a stream do not, which
 * waits for both parts before it begins (`xtask/src/build/wasm.rs` sees to that).
 */
import type { InitOptions, ThreadOptions } from "./api.js";
import { checkPresent } from "./data.js";
import type { DividedLoader } from "./divided-loader.js";
import { cancelled, isTrap, PgpError, toPgpError } from "./error.js";
import type { Backend, CallName, Control, Ends, Glue, Job, Report, StreamName } from "./module.js";
import { wipe } from "./secrets.js";
import type { Fill } from "./threads.js";
import { Turns } from "./turns.js";

/** The errors that were traps: whoever runs the module may want to start over altogether. */
export const traps = new WeakSet<PgpError>();

/** The module on this thread. */
export class LocalBackend implements Backend {
  readonly #loader: DividedLoader<Glue>;
  /** What is under way in the module, as what ends it without touching it. */
  readonly #jobs = new Set<(lost: PgpError) => void>();
  readonly #threads: ((options: ThreadOptions) => Fill | undefined) | undefined;
  #fill: Fill | undefined;
  /** The threads that were asked for last. */
  #asked: string | undefined;
  /** The instance that knows of the threads. */
  #told = NaN;

  constructor(loader: DividedLoader<Glue>, threads?: (options: ThreadOptions) => Fill | undefined) {
    this.#loader = loader;
    this.#threads = threads;
  }

  async init({ threads, ...options }: InitOptions): Promise<void> {
    const asked = JSON.stringify(threads);
    if (threads !== undefined && asked !== this.#asked) {
      this.#asked = asked;
      this.#fill = this.#threads?.(typeof threads === "number" ? { count: threads } : threads);
      this.#told = NaN; // it has to be told anew
    }
    await this.#loader.ready(options);
  }

  call(name: CallName, args: object, control: Control): Promise<unknown> {
    return this.#run(name, (glue, report) => glue[name](args, report), args, control);
  }

  stream(name: StreamName, args: object, control: Control, { take, give, open }: Ends): Promise<unknown> {
    return this.#run(name, (glue, report) => {
      const job = glue[name](args, report, take, give, open);
      wipe(args); // a stream may take long, and the module has its own copy now
      return job;
    }, args, control);
  }

  async #run(name: CallName | StreamName, begin: (glue: Glue, report: Report) => unknown, args: object, { signal, onProgress }: Control): Promise<unknown> {
    let generation = NaN;
    let listenerFailed: { thrown: unknown } | undefined;
    const report = (done: number, total: number): boolean => {
      try {
        onProgress?.({ done, total });
      } catch (thrown) {
        listenerFailed = { thrown };
      }
      return !listenerFailed && !signal?.aborted;
    };
    try {
      const glue = await this.#loader.readyFor(name);
      const attempt = async () => {
        if (signal?.aborted) throw cancelled(signal);
        checkPresent(args);
        generation = this.#loader.generation;
        if (this.#threads && this.#told !== generation) {
          glue.useThreads(this.#fill);
          this.#told = generation;
        }
        const result = turn(glue, () => begin(glue, report));
        return result instanceof glue.Job ? await drive(glue, result, signal, this.#jobs) : result;
      };
      try {
        return await attempt();
      } catch (thrown) {
        if (!(thrown instanceof Missed)) throw thrown;
      }
      await this.#loader.complete();
      return await attempt();
    } catch (thrown) {
      const error = this.#judge(thrown, generation, signal);
      throw listenerFailed ? listenerFailed.thrown : error;
    } finally {
      wipe(args);
    }
  }

  #judge(thrown: unknown, generation: number, signal: AbortSignal | undefined): PgpError {
    const error = toPgpError(thrown);
    if (isTrap(thrown)) {
      traps.add(error);
      if (this.#loader.restart(generation)) {
        for (const lose of [...this.#jobs]) lose(new PgpError("internal", "the module was started again after a defect in another call"));
      }
    }
    return error.code === "cancelled" ? cancelled(signal) : error;
  }
}

/** The call needs the second part: it is made once more when that is there. Nobody else sees this. */
class Missed extends Error {
  readonly code = "missed";
}

/** Whatever comes out of a turn that missed the second part means nothing. */
function turn<T>(glue: Glue, work: () => T): T {
  let outcome: { value: T } | { thrown: unknown };
  try {
    outcome = { value: work() };
  } catch (thrown) {
    outcome = { thrown };
  }
  if ("thrown" in outcome && isTrap(outcome.thrown)) throw outcome.thrown;
  if (glue.missedRest()) throw new Missed();
  if ("thrown" in outcome) throw outcome.thrown;
  return outcome.value;
}

function drive(glue: Glue, job: Job, signal: AbortSignal | undefined, jobs: Set<(lost: PgpError) => void>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let over = false;
    let polling = false;
    const turns = new Turns();
    const finish = (settle: () => void) => {
      over = true;
      signal?.removeEventListener("abort", abort);
      jobs.delete(lose);
      settle();
    };
    const lose = (lost: PgpError) => finish(() => reject(lost));
    const abort = () => {
      if (polling) return; // the job is running and learns it from its next report
      finish(() => {
        job.free();
        reject(cancelled(signal));
      });
    };
    const step = () => {
      if (over) return;
      try {
        polling = true;
        const ready = turn(glue, () => job.poll(() => turns.go(step)));
        polling = false;
        if (signal?.aborted) abort();
        else if (ready) finish(() => {
          job.free();
          resolve(ready.value);
        });
      } catch (thrown) {
        finish(() => {
          if (!isTrap(thrown)) job.free();
          reject(thrown);
        });
      }
    };
    signal?.addEventListener("abort", abort, { once: true });
    jobs.add(lose);
    step();
  });
}
