/** Recovery codes under what the password of an account gives. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Keystore, openRecoveryCode, PgpError, sealRecoveryCode } from "envelock";
import { createWorker } from "envelock/worker";
import { memory } from "./memory-storage.mjs";

const key = (octet) => new Uint8Array(64).fill(octet);
const rejects = (promise, code) => assert.rejects(promise, (error) => {
  assert.ok(error instanceof PgpError, String(error));
  assert.equal(error.code, code, error.message);
  return true;
});

const worker = createWorker();
test.after(() => worker.terminate());

for (const [where, calls] of [["here", { sealRecoveryCode, openRecoveryCode, Keystore }], ["in a worker", worker]]) {
  test(`the same key gives the code again, another one does not, ${where}`, async () => {
    const { sealed, recoveryCode } = await calls.sealRecoveryCode({ exportKey: key(1) });
    assert.match(recoveryCode, /^([0-9A-HJKMNP-TV-Z]{5}-){6}[0-9A-HJKMNP-TV-Z]{5}$/);
    assert.equal(await calls.openRecoveryCode({ exportKey: key(1), sealed }), recoveryCode);
    await rejects(calls.openRecoveryCode({ exportKey: key(2), sealed }), "wrong-account-key");
    await rejects(calls.openRecoveryCode({ exportKey: key(1), sealed: sealed.slice(1) }), "malformed");
    const again = await calls.sealRecoveryCode({ exportKey: key(2), recoveryCode });
    assert.equal(again.recoveryCode, recoveryCode);
    assert.equal(await calls.openRecoveryCode({ exportKey: key(2), sealed: again.sealed }), recoveryCode);
    await rejects(calls.sealRecoveryCode({ exportKey: key(1), recoveryCode: `${recoveryCode}0` }), "recovery-code-mistyped");
  });

  test(`the key is overwritten, whatever comes of it, ${where}`, async () => {
    const [used, refused] = [key(1), key(2)];
    const { sealed } = await calls.sealRecoveryCode({ exportKey: used });
    await calls.openRecoveryCode({ exportKey: refused, sealed }).catch(() => undefined);
    assert.deepEqual([...new Set([...used, ...refused])], [0]);
  });

  test(`the code opens a keystore and what its devices share, ${where}`, async () => {
    const { sealed, recoveryCode } = await calls.sealRecoveryCode({ exportKey: key(1) });
    let file;
    const store = { read: async () => file, write: async (octets) => ((file = { file: octets, version: "1" }), "1") };
    const first = await calls.Keystore.open({ storage: memory(), passphrase: recoveryCode });
    await first.setRecord("note", "hello");
    await first.sync({ store, code: recoveryCode });
    const code = await calls.openRecoveryCode({ exportKey: key(1), sealed });
    const second = await calls.Keystore.open({ storage: memory(), passphrase: code });
    await second.sync({ store, code });
    assert.equal(await second.getRecord("note"), "hello");
  });
}

test("a key of another length is refused before anything is loaded", async () => {
  await rejects(sealRecoveryCode({ exportKey: new Uint8Array(32) }), "bad-option");
  await rejects(openRecoveryCode({ exportKey: key(1) }), "bad-option");
});
