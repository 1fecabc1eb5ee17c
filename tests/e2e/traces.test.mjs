// The search itself must find what is there, or an empty result says nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { forms, traces } from "./traces.mjs";

const SECRET = "pässword-of-18-chars";

test("each form is found, at each base64 alignment, and nothing in other octets", () => {
  for (const shift of [0, 1, 2]) {
    const around = Buffer.concat([Buffer.alloc(shift, 0x5a), Buffer.from(SECRET), Buffer.from("tail")]);
    for (const encoding of ["base64", "base64url"]) {
      const found = traces({ file: Buffer.from(`x${around.toString(encoding)}y`) }, { SECRET });
      assert.ok(found.includes(`SECRET as ${encoding}+${shift} in file`), `${encoding} ${shift}`);
    }
  }
  for (const [form, needle] of Object.entries(forms(SECRET))) {
    const place = Buffer.concat([Buffer.from("before"), needle, Buffer.from("after")]);
    assert.ok(traces({ place }, { SECRET }).includes(`SECRET as ${form} in place`), form);
  }
  assert.deepEqual(traces({ other: Buffer.from("nothing of that kind here".repeat(50)) }, { SECRET }), []);
});
