/** RSA and X25519 by doubles that are multiplied and added with one rounding, where the engine has that, as browsers have; and as ever where it has not. */
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
/** How often each library had something computed; the one at work. */
const asked = { fused: 0, other: 0 };
let current = "fused";
/** Counts; of the other library's module it says that the engine rounds twice. */
WebAssembly.Instance = function (module, imports) {
  const instance = new Instance(module, imports);
  const { fused, ...computing } = instance.exports;
  if (!fused) return instance;
  const name = current;
  const counted = ([job, compute]) => [job, (...given) => {
    asked[name]++;
    return compute(...given);
  }];
  const functions = Object.entries(computing).filter(([, value]) => typeof value === "function");
  return { exports: { ...Object.fromEntries(functions.map(counted)), fused: name === "other" ? () => 0 : fused } };
};

const builtin = process.getBuiltinModule;
process.getBuiltinModule = (name) => (name === "node:crypto" ? undefined : builtin(name));
const libraries = { fused: await import("envelock"), other: await import("envelock/inline") };

const KINDS = {
  "RSA-2048": { profile: "rsa", bits: 2048 }, "RSA-3072": { profile: "rsa", bits: 3072 }, "RSA-4096": { profile: "rsa", bits: 4096 },
  "X25519, version 4": { profile: "compat" }, "X25519, version 6": { profile: "rfc9580" },
};
for (const [kind, options] of Object.entries(KINDS)) {
  test(`${kind}: whatever one encrypts, the other decrypts`, async () => {
    const key = {};
    for (const name of Object.keys(libraries)) {
      current = name;
      key[name] = (await libraries[name].generateKey({ userIds: [{ email: "a@b.example" }], ...options })).key;
    }
    for (const to of Object.values(key)) {
      for (const [from, { encrypt }] of Object.entries(libraries)) {
        for (const [reader, { decrypt }] of Object.entries(libraries)) {
          const data = `from ${from} to ${reader}`;
          const before = { ...asked };
          current = from;
          const message = await encrypt({ data, recipients: [to.certificate] });
          assert.equal(asked[from] > before[from], from === "fused");
          current = reader;
          const between = asked[reader];
          assert.equal((await decrypt({ message, keys: [{ key: to }] })).data, data);
          assert.equal(asked[reader] > between, reader === "fused");
        }
      }
    }
  });
}

test("an engine that rounds twice computes nothing", () => {
  assert.equal(asked.other, 0);
});
