/**
 * Argon2's memory, filled by several threads over one memory: a lane of it each, or some.
 *
 * They start with the first derivation and end some seconds after the last. What they cannot do (no shared memory on this page, a script that is not
 * there, somebody else's derivation under way) is answered with nothing, and the module fills a memory of its own.
 *
 * Not here: what a thread does (`threads-script.ts`), and password and key, which never leave the module.
 */
import type { ThreadOptions, TrustedScriptUrl } from "./api.js";
import { type Script, startThread, type Thread } from "./thread.js";

/** To a thread. Each is answered with `true` when it is done. */
export type Task =
  | { start: WebAssembly.Memory; thread: number; turns: Int32Array }
  | { fill: { passes: number; lanes: number; memoryKib: number; first: number; count: number }; threads: number }
  /** Overwrites octets from one to another. */
  | { wipe: [from: number, to: number] };

/** Octets of the module's, which wipes them. Once it waits no longer they are `over`, and nothing may be written to them any more. */
export type Blocks = Uint8Array & { over?: true };

/** Fills a memory from the first two blocks of each lane, and writes the last of each over them. Whether that was done; it is not if nothing is promised. */
export type Fill = (blocks: Blocks, passes: number, lanes: number, memoryKib: number) => Promise<boolean> | undefined;

const BLOCK = 1024;
const PAGE = 64 * 1024;
/** Of the stacks, one for each thread, below the blocks. */
export const STACK = PAGE;
/** More lanes than this no thread fills. */
const LANES = 16;
/** So long threads may take to start before a derivation goes on without them. */
const START_MS = 500;
/** So long they wait for the next derivation. */
const IDLE_MS = 10_000;

/** Threads and their memory. */
class Crew {
  readonly #threads: Thread<Task>[] = [];
  readonly #waiting: (() => void)[][] = [];
  readonly #died: () => void;
  readonly memory: WebAssembly.Memory;
  readonly started: Promise<unknown>;

  constructor(script: Script, count: number, octets: number, died: () => void) {
    this.#died = died;
    const pages = Math.ceil(octets / PAGE) + count;
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    const turns = new Int32Array(new SharedArrayBuffer(8));
    for (let thread = 0; thread < count; thread++) {
      const waiting: (() => void)[] = [];
      this.#waiting.push(waiting);
      this.#threads.push(startThread<Task, unknown>(script, () => waiting.shift()?.(), () => this.#died()));
    }
    this.started = this.ask((thread) => ({ start: this.memory, thread, turns }));
  }

  get count(): number {
    return this.#threads.length;
  }

  /** Where the blocks begin. */
  get blocks(): number {
    return this.count * STACK;
  }

  /** Gives each thread a task; settles when all are done. */
  ask(task: (thread: number) => Task): Promise<unknown> {
    return Promise.all(this.#threads.map((thread, number) => new Promise<void>((resolve) => {
      this.#waiting[number]?.push(resolve);
      thread.post(task(number), []);
    })));
  }

  busy(isBusy: boolean): void {
    for (const thread of this.#threads) thread.busy(isBusy);
  }

  end(): void {
    for (const thread of this.#threads) thread.terminate();
    new Uint8Array(this.memory.buffer).fill(0);
  }
}

interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): TrustedScriptUrl };
}

/** The script's URL, as `new Worker` takes it where Trusted Types are demanded. */
function trusted({ url, policy }: ThreadOptions): Script["url"] {
  const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
  if (policy === undefined || url === undefined || !factory) return url;
  const place = String(url);
  return factory.createPolicy(policy, { createScriptURL: () => place }).createScriptURL(place);
}

/** What fills memories by these threads; nothing if there can be none here. */
export function fillByThreads(options: ThreadOptions): Fill | undefined {
  const { count } = options;
  const isShared = typeof SharedArrayBuffer === "function" && (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated !== false;
  if (!isShared || count < 2) return undefined;
  const script = {
    url: trusted(options),
    // Bundlers look for exactly this expression.
    inBrowser: () => new Worker(new URL("./threads-script.mjs", import.meta.url), { type: "module" }),
    file: "./threads-script.mjs",
    base: import.meta.url,
  };
  let crew: Crew | undefined;
  let isBusy = false;
  let hasFailed = false;
  let idle: ReturnType<typeof setTimeout> | undefined;
  let giveUp: () => void = () => undefined;

  const end = () => {
    crew?.end();
    crew = undefined;
  };

  async function fill(blocks: Blocks, passes: number, lanes: number, memoryKib: number): Promise<boolean> {
    const threads = Math.min(count, lanes);
    const share = Math.ceil(lanes / threads);
    // As the module counts them: four slices for each lane.
    const octets = Math.floor(memoryKib / (4 * lanes)) * 4 * lanes * BLOCK;
    if (crew && (crew.count !== threads || crew.memory.buffer.byteLength < crew.blocks + octets)) end();
    const mine = (crew ??= new Crew(script, threads, octets, () => {
      hasFailed = true;
      end();
      giveUp();
    }));
    mine.busy(true);
    if (!(await within(START_MS, mine.started)) || crew !== mine || blocks.over) return false;
    const memory = new Uint8Array(mine.memory.buffer, mine.blocks, octets);
    memory.set(blocks);
    await mine.ask((thread) => ({
      fill: { passes, lanes, memoryKib, first: thread * share, count: Math.max(0, Math.min(share, lanes - thread * share)) }, threads,
    }));
    if (!blocks.over) blocks.set(memory.subarray(octets - lanes * BLOCK));
    const part = Math.ceil(octets / threads);
    await mine.ask((thread) => ({ wipe: [mine.blocks + thread * part, mine.blocks + Math.min(octets, (thread + 1) * part)] }));
    return true;
  }

  return (blocks, passes, lanes, memoryKib) => {
    if (isBusy || hasFailed || lanes > count * LANES) return undefined;
    isBusy = true;
    clearTimeout(idle);
    return new Promise<boolean>((resolve) => {
      giveUp = () => resolve(false);
      fill(blocks, passes, lanes, memoryKib).then(resolve, () => {
        hasFailed = true;
        resolve(false);
      });
    }).finally(() => {
      isBusy = false;
      crew?.busy(false);
      idle = setTimeout(end, IDLE_MS);
      (idle as { unref?: () => void }).unref?.();
    });
  };
}

/** Whether it settles within so many milliseconds. */
function within(ms: number, settled: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(false), ms);
    void settled.then(() => {
      clearTimeout(late);
      resolve(true);
    });
  });
}
