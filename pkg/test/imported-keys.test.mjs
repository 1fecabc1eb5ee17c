/** Keys that the platform has read are kept by what they were read from: none passes for another, and more than are kept are read again. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { generateKey, sign, verify } from "envelock";

const KINDS = { rsa: { profile: "rsa", bits: 2048 }, p256: { profile: "nist", curve: "p256" }, p384: { profile: "nist", curve: "p384" } };
/** More than the platform's keys that are kept. */
const MANY = 17;
const keys = [];
before(async () => {
  const made = (options) => generateKey({ userIds: [{ email: "a@b.example" }], ...options });
  const wanted = [KINDS.rsa, KINDS.rsa, KINDS.p384, KINDS.p384, ...Array(MANY).fill(KINDS.p256)];
  for (const options of wanted) keys.push((await made(options)).key);
});

async function status(data, signature, key) {
  return (await verify({ data, signature, verifyWith: [key.certificate] })).signatures[0].status;
}

for (const platform of ["node", "web"]) {
  test(`many keys in turn, by ${platform}`, async (t) => {
    if (platform === "web") {
      const find = process.getBuiltinModule;
      t.mock.method(process, "getBuiltinModule", (name) => (name === "node:crypto" ? undefined : find(name)));
    }
    const data = new TextEncoder().encode("Hello");
    const other = new TextEncoder().encode("Hallo");
    const signatures = [];
    for (const key of keys) signatures.push(await sign({ data, signers: [{ key }], form: "detached", armor: false }));
    for (let round = 0; round < 2; round++) {
      for (const [place, key] of keys.entries()) {
        assert.equal(await status(data, signatures[place], key), "valid", `${place}`);
        assert.equal(await status(other, signatures[place], key), "invalid", `${place}`);
      }
    }
    // One call with all of them, each by its own key.
    const together = await sign({ data, signers: keys.map((key) => ({ key })), form: "detached", armor: false });
    const { signatures: found } = await verify({ data, signature: together, verifyWith: keys.map((key) => key.certificate) });
    assert.deepEqual(found.map((one) => one.status), keys.map(() => "valid"));
  });
}
