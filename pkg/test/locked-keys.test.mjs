/** Keys with a passphrase: the platform hashes for them, every platform reads what another wrote, and an open keystore derives once. */
import assert from "node:assert/strict";
import nodeCrypto from "node:crypto";
import { test } from "node:test";
import { changePassphrase, decrypt, encrypt, generateKey, Keystore, sign, unlockCheck } from "envelock";
import { memory } from "./memory-storage.mjs";

const userIds = [{ email: "anna@demo.example" }];
const passphrase = "harbour 7";
const PLATFORMS = {
  node: (t) => t.mock.method(nodeCrypto, "createHash"),
  web(t) {
    const find = process.getBuiltinModule;
    t.mock.method(process, "getBuiltinModule", (name) => (name === "node:crypto" ? undefined : find(name)));
    return t.mock.method(crypto.subtle, "digest");
  },
  wasm(t) {
    this.web(t).mock.mockImplementation(() => Promise.reject(new Error("no such hash")));
    return undefined;
  },
};
/** Does something with one platform at hand; answers what came of it and how often that hashed. */
async function by(t, platform, work) {
  const asked = PLATFORMS[platform](t);
  try {
    const made = await work();
    return [made, asked?.mock.callCount()];
  } finally {
    t.mock.restoreAll();
  }
}
const opens = async (key, passphrase) => {
  await sign({ data: "x", signers: { key, passphrase }, form: "detached" });
  return unlockCheck({ key, passphrase });
};

for (const maker of Object.keys(PLATFORMS)) {
  test(`what ${maker} locks opens everywhere`, async (t) => {
    const [{ key }, asked] = await by(t, maker, () => generateKey({ userIds, passphrase }));
    if (asked !== undefined) assert.equal(asked, 2, "once for each component");
    for (const opener of Object.keys(PLATFORMS)) {
      const [opened, asked] = await by(t, opener, () => opens(key, passphrase));
      assert.ok(opened, opener);
      if (asked !== undefined) assert.equal(asked, 3, `${opener}: to sign, and for each component`);
      const [wrong] = await by(t, opener, () => unlockCheck({ key, passphrase: "harbour 8" }));
      assert.equal(wrong, false, opener);
    }
    const [changed] = await by(t, maker, () => changePassphrase({ key, passphrase, newPassphrase: "lantern" }));
    assert.ok(await opens(changed, "lantern"));
    assert.equal(await unlockCheck({ key: changed, passphrase }), false);
  });
}

test("an open keystore derives the keys of its keys once, and another time when it was locked", async (t) => {
  const storage = memory();
  let keystore = await Keystore.open({ storage, passphrase });
  const { key } = await generateKey({ userIds, passphrase });
  await keystore.add(key);
  const message = await encrypt({ data: "Hello", recipients: key });
  const use = async () => {
    await sign({ data: "x", signers: { key, keystore }, form: "detached" });
    assert.equal((await decrypt({ message, keys: { key, keystore } })).data, "Hello");
  };
  for (const derived of [2, 0, 0]) assert.equal((await by(t, "node", use))[1], derived);
  await keystore.lock();
  keystore = await Keystore.open({ storage, passphrase });
  for (const derived of [2, 0]) assert.equal((await by(t, "node", use))[1], derived);
  const { key: made } = await generateKey({ userIds, keystore });
  const signed = await by(t, "node", () => sign({ data: "x", signers: { key: made, keystore }, form: "detached" }));
  assert.equal(signed[1], 0, "the key was made here");
  await keystore.lock();
});

test("a passphrase that is given with each call derives each time", async (t) => {
  const { key } = await generateKey({ userIds, passphrase });
  for (let count = 0; count < 2; count += 1) {
    assert.equal((await by(t, "node", () => sign({ data: "x", signers: { key, passphrase }, form: "detached" })))[1], 1);
  }
});
