/** Octets are written to memory that was not emptied where Node has a cipher: whatever that gives less than it should never reaches anybody. */
import assert from "node:assert/strict";
import nodeCrypto from "node:crypto";
import { test } from "node:test";
import { decrypt, encrypt } from "envelock";

const data = new Uint8Array(100_000).map((_, at) => at);

/** Node's crypto, whose ciphers keep the last octet of each answer to themselves. */
function shortened(t, name) {
  const original = nodeCrypto[name];
  t.mock.method(nodeCrypto, name, (...given) => {
    const cipher = original(...given);
    const update = cipher.update.bind(cipher);
    cipher.update = (octets) => update(octets).subarray(0, -1);
    return cipher;
  });
}

for (const [container, options] of Object.entries({ "SEIPD v2": { format: "seipd-v2" }, "SEIPD v1": { format: "seipd-v1" } })) {
  test(container, async (t) => {
    const message = await encrypt({ data, passwords: "p", armor: false, ...options });
    assert.deepEqual(await opened(message), data);
    shortened(t, "createDecipheriv");
    await assert.rejects(opened(message));
    shortened(t, "createCipheriv");
    await assert.rejects(encrypt({ data, passwords: "p", armor: false, ...options }));
    t.mock.restoreAll();
    assert.deepEqual(await opened(message), data);
  });
}

async function opened(message) {
  return (await decrypt({ message, passwords: "p", as: "binary" })).data;
}
