/**
 * `envelock/threads-script`: one of the threads that fill Argon2's memory together (`threads.ts`). The module is in here; its memory is given to it.
 */
import { listen } from "./port.js";
import type { Task } from "./threads.js";
import bytes from "../wasm/lanes_bg.wasm";

/** The exports of `crates/lanes`. */
interface Lanes {
  __stack_pointer: WebAssembly.Global;
  fill(...slice: Extract<Task, { fill: unknown }>["fill"]): number;
}

let octets: Uint8Array;
let lanes: Lanes;

listen<Task, true>((task, port) => {
  if ("memory" in task) {
    const { memory, stack } = task;
    octets = new Uint8Array(memory.buffer);
    lanes = new WebAssembly.Instance(new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>), { env: { memory } }).exports as unknown as Lanes;
    lanes.__stack_pointer.value = stack;
  } else if ("fill" in task) {
    if (lanes.fill(...task.fill) !== 1) throw new Error("there is no such slice");
  } else {
    octets.fill(0, ...task.wipe);
  }
  port.postMessage(true, []);
});
