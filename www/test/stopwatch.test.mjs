// What may be done for five minutes after something may be done no longer because a clock was changed, or stood still.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

const { stopwatch } = await load("app/stopwatch.ts");

test("the clock that went further counts, and one that was set back is not believed", (context) => {
  let [wall, steady] = [1_800_000_000_000, 5_000];
  context.mock.method(Date, "now", () => wall);
  context.mock.method(performance, "now", () => steady);
  const since = (byWall, bySteady) => {
    const went = stopwatch();
    wall += byWall;
    steady += bySteady;
    return went();
  };
  assert.equal(since(0, 0), 0);
  assert.equal(since(4_000, 4_000), 4_000);
  assert.equal(since(400_000, 0), 400_000, "it slept");
  assert.equal(since(1_000, 400_000), 400_000, "it was set back to a moment after");
  assert.equal(since(-1, 2_000), Number.POSITIVE_INFINITY, "it was set back to a moment before");
});
