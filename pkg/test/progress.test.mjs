/** Signing and verifying tell how far they are, and stop when the signal fires: on the page's own thread and in a worker. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import * as here from "envelock";
import { createWorker } from "envelock/worker";

const { key } = await here.generateKey({ userIds: [{ email: "anna@demo.example" }] });
const worker = createWorker();
after(() => worker.terminate());

const line = "- a line of text, as mail has it; some are escaped and some end in blanks \t\n";
const bytes = (length) => new Uint8Array(length).map((_, at) => at * 7);
const text = (length) => line.repeat(Math.ceil(length / line.length)).slice(0, length);

/** Every call, over so many bytes, with what its progress counts. */
async function jobs(length) {
  const [data, mail, signers, verifyWith] = [bytes(length), text(length), { key }, key.certificate];
  const signature = await here.sign({ data, signers, form: "detached" });
  const inline = await here.sign({ data, signers, form: "inline" });
  const binary = await here.sign({ data, signers, form: "inline", armor: false });
  const cleartext = await here.sign({ data: mail, signers, form: "cleartext" });
  return {
    "signing, detached": [length, (on, control) => on.sign({ data, signers, form: "detached", ...control })],
    "signing inline": [length, (on, control) => on.sign({ data, signers, form: "inline", ...control })],
    "signing inline, binary": [length, (on, control) => on.sign({ data, signers, form: "inline", armor: false, ...control })],
    "signing cleartext": [length, (on, control) => on.sign({ data: mail, signers, form: "cleartext", ...control })],
    "verifying, detached": [length, (on, control) => on.verify({ data, signature, verifyWith, ...control })],
    "verifying inline": [inline.length, (on, control) => on.verify({ message: inline, verifyWith, as: "binary", ...control })],
    "verifying inline, binary": [binary.length, (on, control) => on.verify({ message: binary, verifyWith, as: "binary", ...control })],
    "verifying cleartext": [cleartext.length, (on, control) => on.verify({ message: cleartext, verifyWith, ...control })],
  };
}

// All before the first test: who waits between two of them has the end called in between.
const [small, medium, large] = [await jobs(2_000_000), await jobs(4_000_000), await jobs(48_000_000)];
const PLACES = [["on this thread", here], ["in a worker", worker]];

for (const [name, [total, run]] of Object.entries(medium)) {
  for (const [where, on] of PLACES) {
    test(`${name} tells its progress ${where}`, async () => {
      const seen = [];
      await run(on, { onProgress: (state) => seen.push(state) });
      assert.ok(seen.length >= 3, `${seen.length} reports`);
      assert.ok(seen.every((state) => state.total === total), `totals ${seen.map((state) => state.total)} instead of ${total}`);
      assert.ok(seen.every(({ done }, at) => at === 0 || done >= seen[at - 1].done), `${seen.map((state) => state.done)}`);
      assert.ok(seen[0].done < total / 2, `the first report is of ${seen[0].done}`);
      assert.equal(seen.at(-1).done, total);
    });
  }
}

test("what onProgress throws ends signing and verifying", async () => {
  for (const [name, [, run]] of Object.entries(small)) {
    for (const [where, on] of PLACES) {
      const thrown = new Error("enough");
      await assert.rejects(run(on, { onProgress: () => { throw thrown; } }), (error) => error === thrown, `${name} ${where}`);
    }
  }
});

for (const [name, [total, run]] of Object.entries(large)) {
  for (const [where, on] of PLACES) {
    test(`${name} stops when the signal fires ${where}`, async () => {
      const controller = new AbortController();
      let fired = Infinity;
      let last = 0;
      const onProgress = ({ done }) => {
        if (last === 0) {
          // In a turn of its own, while the call is at work.
          setImmediate(() => {
            fired = performance.now();
            controller.abort("enough");
          });
        }
        last = done;
      };
      const call = run(on, { signal: controller.signal, onProgress });
      await assert.rejects(call, (error) => error instanceof here.PgpError && error.code === "cancelled" && error.cause === "enough");
      const late = performance.now() - fired;
      assert.ok(late < 100, `${late} ms`);
      assert.ok(last < total, `the call was at ${last} of ${total}`);
      // Whoever goes on working answers nobody.
      await on.sign({ data: "next", signers: { key }, form: "detached" });
      assert.ok(performance.now() - fired < 200, `the next call was answered after ${performance.now() - fired} ms`);
    });
  }
}
