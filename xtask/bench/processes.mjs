// Programs that a bench starts: where they listen, what they need, how they end.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";

/** The kernel's high-water mark of resident memory, in MiB. */
export function resident(pid) {
  return Number(/VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))[1]) / 1024;
}

export async function stop(child, signal) {
  if (child.exitCode !== null) return;
  child.kill(signal);
  await once(child, "exit");
}

/** A port that nobody listens on. */
export async function freePort() {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address();
  listener.close();
  await once(listener, "close");
  return port;
}
