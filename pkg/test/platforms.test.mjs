/** RSA and NIST curves by node:crypto, by WebCrypto, and in wasm: what one of them makes, each of the others reads. */
import assert from "node:assert/strict";
import nodeCrypto from "node:crypto";
import { before, test } from "node:test";
import { decrypt, encrypt, generateKey, sign, verify } from "envelock";
import { createWorker } from "envelock/worker";

const PERSON = { email: "a@b.example" };
const KINDS = {
  rsa: { profile: "rsa", bits: 2048 }, p256: { profile: "nist", curve: "p256" }, p384: { profile: "nist", curve: "p384" }, p521: { profile: "nist", curve: "p521" },
};
const keys = {};
before(async () => {
  for (const [kind, options] of Object.entries(KINDS)) keys[kind] = (await generateKey({ userIds: [PERSON], ...options })).key;
});

const ASYMMETRIC = /^(ECDH|ECDSA|RSA)/;
const total = (asked) => asked.reduce((sum, { mock }) => sum + mock.callCount(), 0);
/** Each says how often its platform was asked for numbers. */
const platforms = {
  node(t) {
    const asked = ["createECDH", "createSign", "createVerify", "publicEncrypt", "privateDecrypt", "privateEncrypt"].map((name) => t.mock.method(nodeCrypto, name));
    return () => total(asked);
  },
  web(t) {
    const find = process.getBuiltinModule;
    t.mock.method(process, "getBuiltinModule", (name) => (name === "node:crypto" ? undefined : find(name)));
    const asked = ["deriveBits", "sign", "verify"].map((name) => t.mock.method(crypto.subtle, name));
    return () => total(asked);
  },
  wasm(t) {
    this.web(t);
    for (const [name, place] of [["importKey", 2], ["generateKey", 0]]) {
      const original = crypto.subtle[name].bind(crypto.subtle);
      t.mock.method(crypto.subtle, name, (...given) =>
        ASYMMETRIC.test(given[place].name) ? Promise.reject(new Error("no such keys")) : original(...given));
    }
    return () => 0;
  },
};
/** Does something with one platform at hand; answers what came of it and how often that was asked. */
async function by(t, platform, work) {
  const asked = platforms[platform](t);
  try {
    return [await work(), asked()];
  } finally {
    t.mock.restoreAll();
  }
}

/** Whether a key is good, and ended by its revocation certificate, for an instance that did not make it and remembers nothing of it. */
async function assertGood({ key: { certificate }, revocationCertificate }) {
  const worker = createWorker();
  try {
    const [{ status, userIds, canEncrypt, canSign }] = await worker.readKeys({ keys: certificate.binary });
    assert.deepEqual({ status, userIds, canEncrypt, canSign }, { status: "valid", userIds: ["<a@b.example>", "B"], canEncrypt: true, canSign: true });
    assert.equal((await worker.applyRevocation({ key: certificate, revocation: revocationCertificate })).status, "revoked");
  } finally {
    worker.terminate();
  }
}

for (const [kind, options] of Object.entries(KINDS)) {
  test(`${kind}: a new key is good, whoever signs it`, async (t) => {
    for (const platform of Object.keys(platforms)) {
      const [made, asked] = await by(t, platform, () => generateKey({ userIds: [PERSON, { name: "B" }], ...options }));
      // Two user IDs, a subkey and the revocation, each signed and looked at.
      assert.equal(asked, platform === "wasm" ? 0 : 8, platform);
      await assertGood(made);
    }
  });

  test(`${kind}: a platform that signs wrongly makes no bad key`, async (t) => {
    platforms.web(t);
    const original = crypto.subtle.sign.bind(crypto.subtle);
    t.mock.method(crypto.subtle, "sign", async (...given) => {
      const signature = new Uint8Array(await original(...given));
      signature[7] ^= 1;
      return signature.buffer;
    });
    const made = await generateKey({ userIds: [PERSON, { name: "B" }], ...options }).finally(() => t.mock.restoreAll());
    await assertGood(made);
  });

  for (const format of ["seipd-v1", "seipd-v2"]) {
    test(`${kind}, ${format}: whoever encrypts, all decrypt`, async (t) => {
      const [key, data] = [keys[kind], `${kind} ${format}`];
      for (const from of Object.keys(platforms)) {
        const [message, asked] = await by(t, from, () => encrypt({ data, recipients: [key.certificate], format, armor: false }));
        assert.equal(asked, { node: 1, web: kind === "rsa" ? 0 : 1, wasm: 0 }[from], from);
        for (const to of Object.keys(platforms)) {
          const [opened, asked] = await by(t, to, () => decrypt({ message, keys: [{ key }] }));
          assert.equal(opened.data, data, `${from} to ${to}`);
          assert.equal(asked, { node: 1, web: kind === "rsa" ? 0 : 1, wasm: 0 }[to], to);
        }
      }
    });
  }

  test(`${kind}: signatures are valid, and of other data or damaged are not, whoever looks`, async (t) => {
    const [key, data] = [keys[kind], new Uint8Array([1, 2, 3])];
    const signature = await sign({ data, signers: [{ key }], form: "detached", armor: false });
    const damaged = signature.slice();
    damaged[damaged.length - 9] ^= 1;
    for (const platform of Object.keys(platforms)) {
      for (const [given, signed, wanted] of [[data, signature, "valid"], [new Uint8Array([1, 2, 4]), signature, "invalid"], [data, damaged, "invalid"]]) {
        const [{ signatures }, asked] = await by(t, platform, () => verify({ data: given, signature: signed, verifyWith: [key.certificate] }));
        assert.equal(signatures[0].status, wanted, platform);
        if (given === data) assert.equal(asked, platform === "wasm" ? 0 : 1, platform);
      }
    }
  });
}

test("a point off its curve, or in a form that OpenPGP has not, opens nothing, whoever computes", async (t) => {
  const key = keys.p256;
  const message = await encrypt({ data: "x", recipients: [key.certificate], format: "seipd-v1", armor: false });
  // An MPI of 515 bits that begins with 4.
  const start = Buffer.from(message).indexOf(Buffer.from([2, 3, 4])) + 2;
  const last = start + 64;
  for (const [what, change] of [["off the curve", (octets) => (octets[last] ^= 1)], ["hybrid", (octets) => (octets[start] = 6 + (octets[last] & 1))]]) {
    const changed = message.slice();
    change(changed);
    for (const platform of Object.keys(platforms)) {
      await assert.rejects(by(t, platform, () => decrypt({ message: changed, keys: [{ key }] })), { code: "decryption-failed" }, `${what}, ${platform}`);
    }
  }
});

test("SEIPD v1 of every length around the border of a piece, whoever encrypts and decrypts", async (t) => {
  const { key } = await generateKey({ userIds: [PERSON] });
  /** Node's ciphers and hashes, WebCrypto's with AES in the module, and all of it in the module. */
  const places = {
    node: () => undefined,
    web: () => platforms.web(t),
    module: () => {
      platforms.web(t);
      for (const name of ["importKey", "digest"]) t.mock.method(crypto.subtle, name, () => Promise.reject(new Error("not here")));
    },
  };
  const at = async (place, work) => {
    places[place]();
    return work().finally(() => t.mock.restoreAll());
  };
  const all = new Uint8Array(65_536 + 64).map((_, at) => (at * at) >> 3);
  for (let length = 65_536 - 60; length <= 65_536 + 5; length++) {
    const data = all.subarray(0, length);
    for (const from of Object.keys(places)) {
      const message = await at(from, () => encrypt({ data, recipients: key, format: "seipd-v1", armor: false }));
      for (const to of Object.keys(places)) {
        const opened = await at(to, () => decrypt({ message, keys: { key }, as: "binary" }));
        assert.ok(Buffer.from(data).equals(opened.data), `${length} bytes, ${from} to ${to}`);
      }
      // The code at the end is checked, wherever it lies.
      const changed = message.slice();
      changed[changed.length - 1 - (length % 22)] ^= 1;
      await assert.rejects(at(from, () => decrypt({ message: changed, keys: { key } })), { code: "decryption-failed" }, `${length} bytes, ${from}`);
    }
  }
});
