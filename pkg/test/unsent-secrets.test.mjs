/** Secrets of calls that never start are overwritten as those of others are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as here from "envelock";
import { createWorker } from "envelock/worker";

const made = [];
const { encode } = TextEncoder.prototype;
TextEncoder.prototype.encode = function (text) {
  const octets = encode.call(this, text);
  if (text === "lighthouse") made.push(octets);
  return octets;
};
const stream = () => new Blob([new Uint8Array(10)]).stream();
const aborted = AbortSignal.abort();
const CALLS = {
  encrypt: (on, signal) => on.encrypt({ data: stream(), passwords: "lighthouse", signal }),
  decrypt: (on, signal) => on.decrypt({ message: stream(), passwords: "lighthouse", signal }),
};

for (const [name, call] of Object.entries(CALLS)) {
  test(`${name} of a stream wipes its password when it was cancelled before, or its worker ended`, async () => {
    const over = createWorker();
    over.terminate();
    const unstartable = createWorker({ url: new URL("file:///missing/worker-script.mjs") });
    for (const [where, on, signal, code] of [["here", here, aborted, "cancelled"], ["in a worker", createWorker(), aborted, "cancelled"], ["ended", over, undefined, "terminated"], ["missing", unstartable, undefined, "worker-failed"]]) {
      made.length = 0;
      await assert.rejects(call(on, signal), { code }, where);
      assert.equal(made.length, 1, where);
      assert.ok(made[0].every((octet) => octet === 0), where);
    }
  });
}
