/** No secret number of a key, session key or plaintext stays behind in the memory of the module. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { occurrences } from "./module-memory.mjs";
import {
  addSubkey, addUserId, composeMail, decrypt, decryptSessionKeys, encrypt, generateKey, inspectKey, lockKey, mergeKeys, openEnvelope, previewImport, readKeys, readMail,
  sealEnvelope, sign, verify,
} from "envelock";

const RSA = 1, ECDH = 18, ECDSA = 19, EDDSA = 22, ED25519 = 27;

/** What stands in an unlocked secret key packet behind its public part (RFC 9580 §5.5.3), number by number, and what EdDSA multiplies by. */
function* secretNumbers(body) {
  const [version, algorithm] = [body[0], body[5]];
  let at = 6;
  const mpi = () => {
    const [start, octets] = [at + 2, (body.readUInt16BE(at) + 7) >> 3];
    at = start + octets;
    return body.subarray(start, at);
  };
  const counted = () => void (at += 1 + body[at]);
  const found = [];
  if (version === 6) {
    at += 4 + body.readUInt32BE(at);
    assert.equal(body[at], 0, "unlocked");
    found.push(body.subarray(at + 1));
  } else {
    if (algorithm === RSA) mpi();
    else counted();
    mpi();
    if (algorithm === ECDH) counted();
    assert.equal(body[at], 0, "unlocked");
    at += 1;
    while (at < body.length - 2) found.push(mpi());
  }
  if (version !== 6 && algorithm === RSA) {
    const [d, p, q] = found.map((number) => BigInt(`0x${number.toString("hex")}`));
    for (const prime of [p, q]) {
      const reduced = (d % (prime - 1n)).toString(16);
      found.push(Buffer.from(reduced.padStart(reduced.length + (reduced.length & 1), "0"), "hex"));
    }
  }
  if (algorithm === ED25519 || algorithm === EDDSA) {
    const hash = createHash("sha512").update(found[0]).digest();
    const scalar = hash.subarray(0, 32);
    yield* [Buffer.from(scalar), hash.subarray(32)];
    scalar[0] &= 248;
    scalar[31] = (scalar[31] & 63) | 64;
    yield scalar;
  }
  for (const number of found) yield* [number, Buffer.from(number).reverse()];
}

function* ofKey(binary) {
  const octets = Buffer.from(binary);
  for (let at = 0; at < octets.length;) {
    const tag = octets[at] & 63;
    const first = octets[at + 1];
    const [start, length] = first < 192 ? [at + 2, first] : first < 255 ? [at + 3, ((first - 192) << 8) + octets[at + 2] + 192] : [at + 6, octets.readUInt32BE(at + 2)];
    at = start + length;
    if (tag === 5 || tag === 7) yield* secretNumbers(octets.subarray(start, at));
  }
}

const userIds = [{ email: "a@b.example" }];
const text = "what-stands-in-the-letter ".repeat(200_000);
const passphrase = "of-the-lighthouse";

/** Whether a call that counts its progress has any of it in memory meanwhile: that the scan finds what is there. */
async function seen(numbers, call) {
  let most = 0;
  await call({ onProgress: () => void (most = Math.max(most, ...numbers.map(occurrences))) });
  return most > 0;
}

for (const profile of ["compat", "rfc9580", "rsa", "nist"]) {
  test(`numbers of a key of the profile ${profile} are gone after each call`, async () => {
    const { key } = await generateKey({ userIds, profile, ...(profile === "rsa" && { bits: 2048 }) });
    const numbers = [...ofKey(key.binary)];
    assert.ok(numbers.length >= 4 && numbers.every((number) => number.length >= 30), String(numbers.map((number) => number.length)));
    const gone = (what) => assert.deepEqual(numbers.map(occurrences), numbers.map(() => 0), what);
    gone("generateKey");
    await readKeys(key.armored);
    gone("readKeys");
    const keys = { key };
    assert.ok(await seen(numbers, (more) => sign({ data: text, signers: keys, form: "detached", ...more })), "the scan finds what is there");
    gone("sign");
    const message = await encrypt({ data: text, recipients: key, signers: keys });
    gone("encrypt and sign");
    assert.equal((await decrypt({ message, keys, verifyWith: key })).signatures[0].status, "valid");
    gone("decrypt and verify");
    await assert.rejects(decrypt({ message: message.slice(0, -80), keys }));
    gone("a failed decrypt");
    await verify({ message: await sign({ data: "x", signers: keys, form: "inline" }), verifyWith: key });
    gone("sign and verify");
    for (const [what, begin] of [
      ["sign", (more) => sign({ data: text, signers: keys, form: "detached", ...more })],
      ["encrypt and sign", (more) => encrypt({ data: text, recipients: key, signers: keys, ...more })],
      ["decrypt", (more) => decrypt({ message, keys, ...more })],
    ]) {
      const stop = new AbortController();
      await assert.rejects(begin({ signal: stop.signal, onProgress: () => stop.abort() }), { code: "cancelled" }, what);
      gone(`a cancelled ${what}`);
    }
    for (const [what, call] of [
      ["inspectKey", () => inspectKey({ key })],
      ["mergeKeys", () => mergeKeys({ key, update: key })],
      ["previewImport", () => previewImport({ keys: key.armored, known: [key] })],
    ]) {
      await call();
      gone(what);
    }
    const { mail } = await composeMail({ from: { address: "a@b.example" }, to: [{ address: "a@b.example" }], subject: "s", text: "t", recipients: key, signers: keys });
    gone("composeMail");
    await readMail({ mail, keys, verifyWith: key });
    gone("readMail");
    const { ciphertext } = await sealEnvelope({ subject: "s", text: "t", password: passphrase, recipients: key, signers: keys });
    gone("sealEnvelope");
    await openEnvelope({ ciphertext, keys });
    gone("openEnvelope");
    const stream = await encrypt({ data: new Blob([text]).stream(), recipients: key, signers: keys, armor: false });
    await new Response(stream).arrayBuffer();
    gone("encrypt of a stream");
    await addUserId({ key: keys, userId: { name: "A" } });
    gone("addUserId");
    await addSubkey({ key: keys, use: "sign" });
    gone("addSubkey");
    const locked = await lockKey({ key, newPassphrase: passphrase });
    gone("lockKey");
    await sign({ data: "x", signers: { key: locked, passphrase }, form: "detached" });
    gone("sign with a passphrase");
    await decrypt({ message, keys: { key: locked, passphrase } });
    gone("decrypt with a passphrase");
  });
}

test("session keys and plaintexts are gone after each call", async () => {
  for (const format of ["seipd-v1", "seipd-v2"]) {
    const message = await encrypt({ data: text, passwords: passphrase, format });
    const sessionKeys = await decryptSessionKeys({ message, passwords: passphrase });
    const secrets = [Buffer.from(sessionKeys[0].data), Buffer.from("stands-in-the-letter")];
    const gone = (what) => assert.deepEqual(secrets.map(occurrences), [0, 0], `${what} ${format}`);
    gone("decryptSessionKeys");
    assert.equal((await decrypt({ message, passwords: passphrase })).data.length, text.length);
    gone("decrypt");
    await decrypt({ message, sessionKeys });
    gone("decrypt with the session key");
  }
});
