/** The reader after a trap, and after what is none: keys are neither lost without need nor freed in another instance. */
import assert from "node:assert/strict";
import { createDecipheriv } from "node:crypto";
import { beforeEach, test } from "node:test";
import { sealEnvelope } from "envelock";

/** What became of the reader's instances. */
const seen = { instances: 0, freed: 0, trap: false };
const Instance = WebAssembly.Instance;
WebAssembly.Instance = function (...given) {
  const { exports } = new Instance(...given);
  if (!("opening_put" in exports)) return { exports };
  seen.instances += 1;
  const freeing = (name) => (...given) => {
    seen.freed += 1;
    return exports[name](...given);
  };
  const opening_put = (...given) => {
    if (seen.trap) throw new WebAssembly.RuntimeError("unreachable");
    return exports.opening_put(...given);
  };
  return { exports: { ...exports, opening_put, __wbg_access_free: freeing("__wbg_access_free"), __wbg_opening_free: freeing("__wbg_opening_free") } };
};
const { deriveAccess, openEnvelope } = await import("envelock/reader");

const attachments = [{ name: "a.bin", data: new Uint8Array(3_000_000) }];
const { head, ciphertext } = await sealEnvelope({ subject: "s", text: "t", attachments, password: "p", linkSecret: false });
const derive = () => deriveAccess({ salt: head.salt, password: "p" });
const works = async (access) => assert.equal((await openEnvelope({ ciphertext, access })).text, "t");
const restarted = async (access) => {
  seen.trap = true;
  await assert.rejects(openEnvelope({ ciphertext, access }), (error) => error.name === "PgpError" && error.code === "internal");
  seen.trap = false;
  seen.freed = 0;
};
beforeEach(async () => {
  (await derive()).free();
  Object.assign(seen, { instances: 1, freed: 0 });
});

test("what onProgress throws ends the call as it was thrown, and nothing else", async () => {
  const [mine, other] = [await derive(), await derive()];
  const thrown = new TypeError("of the caller");
  let calls = 0;
  const onProgress = () => { calls += 1; throw thrown; };
  await assert.rejects(openEnvelope({ ciphertext, access: mine, onProgress }), (error) => error === thrown);
  assert.equal(calls, 1);
  await Promise.all([works(mine), works(other)]);
  assert.equal(seen.instances, 1);
  seen.freed = 0;
  mine.free();
  other.free();
  assert.equal(seen.freed, 2, "both keys are wiped");
});

test("after a trap, keys of the instance before are not freed in the one that is there, and refused once for all", async () => {
  const stale = await derive();
  await restarted(stale);
  assert.equal(seen.instances, 2);
  const fresh = await derive();
  await assert.rejects(openEnvelope({ ciphertext, access: stale }), { code: "bad-option", message: /went with a restart/ });
  stale.free();
  assert.equal(seen.freed, 0);
  await works(fresh);
  assert.equal(seen.instances, 2, "the keys derived since were not lost");
  fresh.free();
});

test("a call under way in the instance that trapped ends as well, and touches nothing of the next", async () => {
  const access = await derive();
  const { decrypt } = crypto.subtle;
  let release;
  const gate = new Promise((resolve) => { release = resolve; });
  let waiting;
  const started = new Promise((resolve) => { waiting = resolve; });
  crypto.subtle.decrypt = async (...given) => { waiting(); await gate; return decrypt.apply(crypto.subtle, given); };
  const slow = openEnvelope({ ciphertext, access });
  await started;
  crypto.subtle.decrypt = decrypt;
  await restarted(access);
  const fresh = await derive();
  release();
  await assert.rejects(slow, { code: "internal" });
  assert.equal(seen.freed, 0);
  await works(fresh);
  assert.equal(seen.instances, 2);
});

test("the signal is heard where WebCrypto answers within the turn", async () => {
  const access = await derive();
  const { decrypt, importKey } = crypto.subtle;
  const raw = new WeakMap();
  crypto.subtle.importKey = async (format, octets, ...rest) => {
    const copy = octets.slice();
    const key = await importKey.call(crypto.subtle, format, octets, ...rest);
    raw.set(key, copy);
    return key;
  };
  crypto.subtle.decrypt = async ({ iv, additionalData }, key, data) => {
    const cipher = createDecipheriv("aes-256-gcm", raw.get(key), iv).setAAD(additionalData).setAuthTag(data.subarray(-16));
    return new Uint8Array(Buffer.concat([cipher.update(data.subarray(0, -16)), cipher.final()])).buffer;
  };
  try {
    await works(access);
    const large = await sealEnvelope({ subject: "s", text: "t", attachments: [{ name: "a.bin", data: new Uint8Array(100_000_000) }], password: "p", linkSecret: false });
    const other = await deriveAccess({ salt: large.head.salt, password: "p" });
    const controller = new AbortController();
    let due = Infinity;
    setTimeout(() => {
      due = performance.now();
      controller.abort("enough");
    }, 1);
    await assert.rejects(openEnvelope({ ciphertext: large.ciphertext, access: other, signal: controller.signal }), { code: "cancelled" });
    assert.ok(performance.now() - due < 100, `${performance.now() - due} ms`);
  } finally {
    Object.assign(crypto.subtle, { decrypt, importKey });
  }
});

test("a key that the platform does not take is overwritten all the same", async () => {
  const access = await derive();
  const { importKey } = crypto.subtle;
  const given = [];
  crypto.subtle.importKey = async (_, octets) => {
    given.push(octets);
    assert.ok(octets.some((octet) => octet !== 0));
    throw new DOMException("no", "DataError");
  };
  try {
    await assert.rejects(openEnvelope({ ciphertext, access }));
  } finally {
    crypto.subtle.importKey = importKey;
  }
  assert.equal(given.length, 1);
  assert.ok(given[0].every((octet) => octet === 0));
  await works(access);
  assert.equal(seen.instances, 1);
});
