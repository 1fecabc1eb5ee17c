/** RSA's numbers by doubles that are multiplied and added with one rounding, where the engine has that, as browsers have; and by whole numbers where it has not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import v8 from "node:v8";

/** A module with one such instruction. */
const FUSED = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 20, 1, 18, 0, 65, 0, 253, 15, 65, 0, 253, 15, 65, 0, 253, 15, 253, 135, 2, 26, 11,
]);
// Node 20 has it behind a flag.
if (!WebAssembly.validate(FUSED)) v8.setFlagsFromString("--experimental-wasm-relaxed-simd");

const { Instance } = WebAssembly;
const multiplied = { index: 0, inline: 0 };
let current = "index";
/** Counts what is multiplied; of the inline module it says that the engine rounds twice. */
WebAssembly.Instance = function (module, imports) {
  const instance = new Instance(module, imports);
  const { fused, multiply } = instance.exports;
  if (!fused) return instance;
  const name = current;
  const count = (...given) => {
    multiplied[name]++;
    multiply(...given);
  };
  return { exports: { fused: name === "inline" ? () => 0 : fused, multiply: count } };
};

const builtin = process.getBuiltinModule;
process.getBuiltinModule = (name) => (name === "node:crypto" ? undefined : builtin(name));
const fused = await import("envelock");
const whole = await import("envelock/inline");

for (const bits of [2048, 3072, 4096]) {
  test(`RSA-${bits} by doubles and by whole numbers is the same`, async () => {
    const { key } = await fused.generateKey({ userIds: [{ email: "a@b.example" }], profile: "rsa", bits });
    const recipients = [key.certificate];
    const libraries = { index: fused, inline: whole };
    for (const [from, { encrypt }] of Object.entries(libraries)) {
      for (const [to, { decrypt }] of Object.entries(libraries)) {
        const text = `${bits} from ${from} to ${to}`;
        current = from;
        const message = await encrypt({ data: text, recipients });
        current = to;
        const before = multiplied[to];
        assert.equal((await decrypt({ message, keys: [{ key }] })).data, text);
        assert.equal(multiplied[to] > before, to === "index", text);
      }
    }
  });
}

test("an engine that rounds twice multiplies nothing", () => {
  assert.ok(multiplied.index > 1000);
  assert.equal(multiplied.inline, 0);
});
