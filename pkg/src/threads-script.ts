/**
 * `envelock/threads-script`: one of the threads that fill Argon2's memory together (`threads.ts`). The module is in here; its memory is given to it.
 */
import { listen } from "./port.js";
import { STACK, type Task } from "./threads.js";
import bytes from "../wasm/lanes_bg.wasm";

interface Lanes {
  __stack_pointer: WebAssembly.Global;
  fill(start: number, passes: number, lanes: number, memoryKib: number, pass: number, slice: number, first: number, count: number): number;
}

const SLICES = 4;
/** In `turns`: how many wait, and the number of the turn. */
const WAITING = 0;
const TURN = 1;

let memory: WebAssembly.Memory;
let lanes: Lanes;
let turns: Int32Array;

listen<Task, true>((task, port) => {
  if ("start" in task) start(task);
  else if ("fill" in task) fill(task);
  else new Uint8Array(memory.buffer).fill(0, ...task.wipe);
  port.postMessage(true, []);
});

function start({ start, thread, turns: shared }: Extract<Task, { start: unknown }>): void {
  memory = start;
  turns = shared;
  lanes = new WebAssembly.Instance(new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>), { env: { memory } }).exports as unknown as Lanes;
  lanes.__stack_pointer.value = (thread + 1) * STACK;
}

function fill({ fill: { passes, lanes: all, memoryKib, first, count }, threads }: Extract<Task, { fill: unknown }>): void {
  for (let pass = 0; pass < passes; pass++) {
    for (let slice = 0; slice < SLICES; slice++) {
      if (count > 0 && lanes.fill(threads * STACK, passes, all, memoryKib, pass, slice, first, count) !== 1) throw new Error("no such lanes");
      meet(threads);
    }
  }
}

/** Waits until all threads are here. */
function meet(threads: number): void {
  const turn = Atomics.load(turns, TURN);
  if (Atomics.add(turns, WAITING, 1) + 1 === threads) {
    Atomics.store(turns, WAITING, 0);
    Atomics.add(turns, TURN, 1);
    Atomics.notify(turns, TURN);
  } else {
    while (Atomics.load(turns, TURN) === turn) Atomics.wait(turns, TURN, turn);
  }
}
