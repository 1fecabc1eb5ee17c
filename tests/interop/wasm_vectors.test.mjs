// Argon2id, RSA and Base64 are written twice: for wasm's vectors, which ship, and for processors, where each crate's own tests compare it with
// another crate. Here the first are compared with other people's software.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import * as openpgp from "openpgp";

const { getBuiltinModule } = process;
let envelock;

before(async () => {
  // Without it the package finds no node:crypto and computes RSA by itself, as in a browser.
  process.getBuiltinModule = undefined;
  envelock = await import("envelock/inline");
  await envelock.init();
});
test.after(() => {
  process.getBuiltinModule = getBuiltinModule;
});

// Passes, lanes, memory as a power of two: segments of two blocks and up, addresses of one block and of several.
for (const [passes, parallelism, memoryExponent] of [[1, 1, 3], [2, 1, 4], [1, 2, 5], [3, 4, 6], [1, 3, 7], [2, 1, 10], [1, 1, 12], [3, 4, 11], [2, 5, 12]]) {
  test(`Argon2id of OpenPGP.js: ${passes} passes, ${parallelism} lanes, 2^${memoryExponent} KiB`, async () => {
    const config = { aeadProtect: true, s2kType: openpgp.enums.s2k.argon2, s2kArgon2Params: { passes, parallelism, memoryExponent } };
    const password = `Zürich ${memoryExponent}`;
    const message = await openpgp.encrypt({ message: await openpgp.createMessage({ text: "Guten Tag" }), passwords: password, config });
    const { data } = await envelock.decrypt({ message, passwords: password });
    assert.equal(data, "Guten Tag");
    await assert.rejects(envelock.decrypt({ message, passwords: `${password}!` }), { code: "decryption-failed" });
  });
}

for (const rsaBits of [2048, 3072, 4096]) {
  test(`RSA-${rsaBits} of OpenPGP.js, and back`, async () => {
    const { privateKey, publicKey } = await openpgp.generateKey({ userIDs: [{ email: "bob@demo.example" }], type: "rsa", rsaBits });
    const [theirs] = await envelock.readKeys(privateKey);
    const message = await openpgp.encrypt({
      message: await openpgp.createMessage({ text: "Guten Tag" }), encryptionKeys: await openpgp.readKey({ armoredKey: publicKey }),
      signingKeys: await openpgp.readPrivateKey({ armoredKey: privateKey }),
    });
    const opened = await envelock.decrypt({ message, keys: { key: theirs }, verifyWith: theirs });
    assert.deepEqual([opened.data, opened.signatures[0].status], ["Guten Tag", "valid"]);
    const signed = await envelock.sign({ data: "Grüezi", signers: { key: theirs }, form: "inline" });
    const read = await openpgp.verify({ message: await openpgp.readMessage({ armoredMessage: signed }), verificationKeys: await openpgp.readKey({ armoredKey: publicKey }) });
    assert.equal(read.data, "Grüezi");
    await read.signatures[0].verified;
  });
}

test("Base64 is that of Node, whatever the length", async () => {
  const octets = Uint8Array.from({ length: 100_003 }, (_, at) => (at * at) >> 3).fill(0xc1, 0, 1);
  for (const length of [...Array(270).keys(), 4095, 65_536, octets.length]) {
    const data = octets.subarray(0, length + 1);
    const armored = await envelock.armor({ data, kind: "message" });
    const body = armored.split(/\r?\n\r?\n/, 2)[1].split(/\r?\n(?:=|-----)/, 1)[0].replaceAll(/\s/g, "");
    assert.equal(body, Buffer.from(data).toString("base64"), `${length}`);
    const lines = Buffer.from(data).toString("base64").replaceAll(/.{1,64}/g, "$&\n");
    const { data: read } = await envelock.dearmor({ armored: `-----BEGIN PGP MESSAGE-----\n\n${lines}-----END PGP MESSAGE-----\n` });
    assert.deepEqual(Buffer.from(read), Buffer.from(data), `${length}`);
  }
});
