// Argon2 on several threads beside OpenPGP.js', with costs of all kinds one after the other: memory and threads are kept from one to the next.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as envelock from "envelock";
import * as openpgp from "openpgp";

const passwords = "correct horse battery staple";
const config = { aeadProtect: true, preferredAEADAlgorithm: openpgp.enums.aead.gcm, s2kType: openpgp.enums.s2k.argon2 };
/** Passes, lanes, and the power of two that the KiB are. Small ones and one lane are left to one thread. */
const COSTS = [[3, 4, 16], [1, 4, 15], [2, 2, 13], [1, 5, 14], [3, 7, 13], [1, 1, 15], [1, 4, 17], [3, 4, 10], [2, 16, 14], [3, 4, 16]];

for (const threads of [2, 3, 4]) {
  test(`what OpenPGP.js encrypts by password is read on ${threads} threads, and what is written so it reads`, async () => {
    await envelock.init({ threads });
    for (const [passes, parallelism, memoryExponent] of COSTS) {
      const message = await openpgp.encrypt({
        message: await openpgp.createMessage({ text: "hello" }), passwords: [passwords], config: { ...config, s2kArgon2Params: { passes, parallelism, memoryExponent } },
      });
      assert.equal((await envelock.decrypt({ message, passwords })).data, "hello", `t=${passes} p=${parallelism} m=2^${memoryExponent}`);
      await assert.rejects(envelock.decrypt({ message, passwords: "another" }), envelock.PgpError);
    }
    const message = await openpgp.readMessage({ armoredMessage: await envelock.encrypt({ data: "back", passwords }) });
    assert.equal((await openpgp.decrypt({ message, passwords: [passwords] })).data, "back");
  });
}
