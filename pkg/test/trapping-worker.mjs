/** The worker script, except that encrypting a large file named "wait" never ends, and one named "trap" traps. */
import { parentPort } from "node:worker_threads";
import "envelock/worker-script";

const { encrypt } = crypto.subtle;
let trap = false;
parentPort.on("message", ({ args }) => {
  if (args?.filename === "wait") {
    crypto.subtle.encrypt = (how, key, data) => (data.byteLength > 10_000 ? new Promise(() => undefined) : encrypt.call(crypto.subtle, how, key, data));
  }
  if (args?.filename === "trap") trap = true;
});
const Instance = WebAssembly.Instance;
WebAssembly.Instance = function (...given) {
  const { exports } = new Instance(...given);
  const job_poll = (...given) => {
    if (trap) throw new WebAssembly.RuntimeError("unreachable");
    return exports.job_poll(...given);
  };
  return { exports: exports.job_poll ? { ...exports, job_poll } : exports };
};
