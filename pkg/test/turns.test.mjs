/** Work on the main thread: others have their turns meanwhile, and a cancel is heard. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decrypt, encrypt, generateKey, PgpError } from "envelock";

const { key } = await generateKey({ userIds: [{ email: "anna@demo.example" }] });
const data = new Uint8Array(48_000_000).map((_, at) => at * 7);

for (const format of ["seipd-v2", "seipd-v1"]) {
  const message = await encrypt({ data, recipients: key, format, armor: false });
  for (const [name, run] of Object.entries({
    encrypting: (signal) => encrypt({ data, recipients: key, format, armor: false, signal }),
    decrypting: (signal) => decrypt({ message, keys: { key }, as: "binary", signal }),
  })) {
    test(`${name} leaves others their turns, ${format}`, async () => {
      let turns = 0;
      let over = false;
      const count = () => {
        turns++;
        if (!over) setImmediate(count);
      };
      setImmediate(count);
      await run();
      over = true;
      // Every 12 ms or so; the work takes several times that on any machine.
      assert.ok(turns > 1, `${turns} turns`);
    });

    test(`${name} stops when the signal fires in a turn of somebody else, ${format}`, async () => {
      const controller = new AbortController();
      const late = { from: Infinity };
      setImmediate(() => {
        late.from = performance.now();
        controller.abort("enough");
      });
      await assert.rejects(run(controller.signal), (error) => error instanceof PgpError && error.code === "cancelled" && error.cause === "enough");
      assert.ok(performance.now() - late.from < 100, `${performance.now() - late.from} ms`);
    });
  }
}
