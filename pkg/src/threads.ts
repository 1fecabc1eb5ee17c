/**
 * Argon2's memory, filled by several threads over one memory: a lane of it each, or some, a slice at a time.
 *
 * They start with the first derivation and end some seconds after the last. Where they cannot do it (no shared memory on this page, a script that is not
 * there, too little room, somebody else's derivation under way) the module fills a memory of its own.
 *
 * Not here: what a thread does (`threads-script.ts`). Password and key never leave the module; what is filled here would give the key away, and is wiped.
 */
import type { ThreadOptions, TrustedScriptUrl } from "./api.js";
import { type Script, startThread, type Thread } from "./thread.js";

/** To a thread. Each is answered with `true` when it is done. */
export type Task =
  /** The memory of all, and where the own stack begins, which grows downwards. */
  | { memory: WebAssembly.Memory; stack: number }
  /** What the module's `fill` takes. */
  | { fill: [start: number, passes: number, lanes: number, memoryKib: number, pass: number, slice: number, first: number, count: number] }
  /** Overwrites octets from one to another. */
  | { wipe: [from: number, to: number] };

/** Octets of the module's, which wipes them. Once it waits no longer they are `over`, and nothing may be written to them any more. */
export type Blocks = Uint8Array & { over?: true };

/** Fills a memory from the first two blocks of each lane, and writes the last of each over them. Whether that was done; it is not if nothing is promised. */
export type Fill = (blocks: Blocks, passes: number, lanes: number, memoryKib: number) => Promise<boolean> | undefined;

const BLOCK = 1024;
const SLICES = 4;
const PAGE = 64 * 1024;
/** Of the stacks, one for each thread, below the blocks. */
const STACK = PAGE;
/** More lanes than this no thread fills. */
const LANES = 16;
/** So long threads may take to start before a derivation goes on without them. */
const START_MS = 500;
/** So long a slice may take: whoever says nothing until then is gone. */
const SLICE_MS = 60_000;
/** So long they wait for the next derivation. */
const IDLE_MS = 10_000;
/** So long a thread that was ended may go on. */
const END_MS = 3_000;

/** Threads and their memory. */
class Crew {
  readonly #threads: Thread<Task>[] = [];
  readonly #waiting: (() => void)[][] = [];
  readonly #memory: WebAssembly.Memory;
  #isWiped = true;
  /** Of the threads' start: `true` once they are there, `false` once they are late. */
  #hasStarted: boolean | undefined;
  readonly #starting: Promise<unknown>;

  /** `died` is told when a thread has ended, whoever ended it. Throws if there is no thread to be had. */
  constructor(memory: WebAssembly.Memory, script: Script, count: number, died: (crew: Crew) => void) {
    this.#memory = memory;
    try {
      for (let thread = 0; thread < count; thread++) {
        const waiting: (() => void)[] = [];
        this.#waiting.push(waiting);
        this.#threads.push(startThread<Task, unknown>(script, () => waiting.shift()?.(), () => died(this)));
      }
      this.#starting = this.#ask(count, (thread) => ({ memory, stack: (thread + 1) * STACK }));
    } catch (cause) {
      this.end();
      throw cause;
    }
    this.#starting.then(() => (this.#hasStarted = true), () => undefined);
  }

  /** Whether so many threads with so many octets can work here, without keeping much more. */
  fits(threads: number, octets: number): boolean {
    const room = this.#memory.buffer.byteLength - this.#start;
    return this.#threads.length >= threads && room >= octets && room <= 4 * octets;
  }

  /** Whether they are there, waiting for them once. */
  async areReady(): Promise<boolean> {
    if (this.#hasStarted === undefined) {
      const hasStarted = await within(START_MS, this.#starting);
      this.#hasStarted ??= hasStarted;
    }
    return this.#hasStarted;
  }

  /** Fills `octets` of the memory by so many threads, `share` lanes each; see {@link Fill}. */
  async fill(blocks: Blocks, [passes, lanes, memoryKib]: [number, number, number], octets: number, threads: number, share: number): Promise<boolean> {
    const start = this.#start;
    const memory = new Uint8Array(this.#memory.buffer, start, octets);
    this.#isWiped = false;
    memory.set(blocks);
    for (let turn = 0; turn < passes * SLICES && !blocks.over; turn++) {
      const [pass, slice] = [Math.floor(turn / SLICES), turn % SLICES];
      const filling = this.#ask(threads, (thread) => {
        const first = thread * share;
        return { fill: [start, passes, lanes, memoryKib, pass, slice, first, Math.min(share, lanes - first)] };
      });
      if (!(await within(SLICE_MS, filling))) throw new Error("a thread does not answer");
    }
    const isFilled = !blocks.over;
    if (isFilled) blocks.set(memory.subarray(octets - lanes * BLOCK));
    // The stacks as well: the last block was made on one.
    const end = start + octets;
    const part = Math.ceil(end / threads);
    await this.#ask(threads, (thread) => ({ wipe: [thread * part, Math.min(end, (thread + 1) * part)] }));
    this.#isWiped = true;
    return isFilled;
  }

  /** Keeps a Node process alive while there is work. */
  busy(isBusy: boolean): void {
    for (const thread of this.#threads) thread.busy(isBusy);
  }

  /** Ends the threads. Whether they had ever started. */
  end(): boolean {
    for (const thread of this.#threads) thread.terminate();
    if (!this.#isWiped) {
      const wipe = () => new Uint8Array(this.#memory.buffer).fill(0);
      wipe();
      // One may go on to the end of its slice.
      later(wipe, END_MS);
    }
    return this.#hasStarted === true;
  }

  /** Where the blocks begin. */
  get #start(): number {
    return this.#threads.length * STACK;
  }

  /** Gives each of the first so many threads a task; settles when all are done. */
  #ask(threads: number, task: (thread: number) => Task): Promise<unknown> {
    return Promise.all(this.#threads.slice(0, threads).map((thread, number) => new Promise<void>((resolve) => {
      this.#waiting[number]?.push(resolve);
      thread.post(task(number), []);
    })));
  }
}

interface Policy {
  createScriptURL(url: string): TrustedScriptUrl;
}
interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): Policy;
}
/** Of each name a page may have one. */
const policies = new Map<string, Policy>();

/** The script's URL, as `new Worker` takes it where Trusted Types are demanded. */
function trusted({ url, policy: name }: ThreadOptions): Script["url"] {
  const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
  if (name === undefined || url === undefined || !factory) return url;
  try {
    const policy = policies.get(name) ?? factory.createPolicy(name, { createScriptURL: (same) => same });
    policies.set(name, policy);
    return policy.createScriptURL(String(url));
  } catch {
    return url; // the page allows no such policy: then no thread starts
  }
}

/** What fills memories by these threads; nothing if there can be none here. */
export function fillByThreads(options: ThreadOptions): Fill | undefined {
  const isShared = typeof SharedArrayBuffer === "function" && (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated !== false;
  if (!isShared || options.count < 2) return undefined;
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
  let stopIdling: () => void = () => undefined;
  let giveUp: () => void = () => undefined;

  const end = () => {
    const hadStarted = crew?.end() ?? true;
    crew = undefined;
    return hadStarted;
  };
  const fail = () => {
    hasFailed = true;
    end();
    giveUp();
  };

  async function fill(blocks: Blocks, passes: number, lanes: number, memoryKib: number): Promise<boolean> {
    const share = Math.ceil(lanes / Math.min(options.count, lanes));
    const threads = Math.ceil(lanes / share);
    // As the module counts them.
    const octets = Math.floor(memoryKib / (SLICES * lanes)) * SLICES * lanes * BLOCK;
    if (crew && !crew.fits(threads, octets)) end();
    if (!crew) {
      const memory = sharedMemory(threads * STACK + octets);
      if (!memory) return false;
      crew = new Crew(memory, script, threads, (who) => {
        if (crew === who) fail();
      });
    }
    crew.busy(true);
    return (await crew.areReady()) && !blocks.over && crew.fill(blocks, [passes, lanes, memoryKib], octets, threads, share);
  }

  return (blocks, passes, lanes, memoryKib) => {
    if (isBusy || hasFailed || lanes > options.count * LANES) return undefined;
    isBusy = true;
    stopIdling();
    return new Promise<boolean>((resolve) => {
      giveUp = () => resolve(false);
      fill(blocks, passes, lanes, memoryKib).then(resolve, fail);
    }).finally(() => {
      isBusy = false;
      crew?.busy(false);
      // Those that did not start until then never will.
      stopIdling = later(() => {
        if (!end()) hasFailed = true;
      }, IDLE_MS);
    });
  };
}

/** Memory of several threads; nothing if there is no room. */
function sharedMemory(octets: number): WebAssembly.Memory | undefined {
  const pages = Math.ceil(octets / PAGE);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch {
    return undefined;
  }
}

/** Does something after a while, without keeping a Node process alive for it. What it gives calls it off. */
function later(work: () => void, ms: number): () => void {
  const timer = setTimeout(work, ms);
  (timer as { unref?: () => void }).unref?.();
  return () => clearTimeout(timer);
}

/** Whether it settles within so many milliseconds, and well. A Node process is kept alive by the threads, not by this. */
function within(ms: number, settled: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const callOff = later(() => resolve(false), ms);
    const end = (isWell: boolean) => {
      callOff();
      resolve(isWell);
    };
    settled.then(() => end(true), () => end(false));
  });
}
