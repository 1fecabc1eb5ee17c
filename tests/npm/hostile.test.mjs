// Bad input to the packed npm package: every truncation and every flipped byte of a small envelope, messages, keys and
// signatures; oversized and absurd input; hostile heads; wrong types and unknown options. Each time a typed error (or, for
// a signature, a verdict that is not "valid"), and the next call works.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import {
  decrypt, deriveAccess, encrypt, errorCodes, generateKey, openEnvelope, PgpError, readKeys, sealEnvelope, sign, verify,
} from "envelock";
import * as reader from "envelock/reader";
import { createWorker } from "envelock/worker";
import { bytes, rows } from "./corpus.mjs";

const PASSWORD = "Ahornallee 17";
const utf8 = (text) => new TextEncoder().encode(text);
const lengthsBelow = (octets) => Array.from({ length: octets.length }, (_, length) => octets.subarray(0, length));
const flips = (octets) => Array.from(octets, (octet, place) => octets.with(place, octet ^ (1 << place % 8)));

/** The octets of a version 6 signature that it is not over: the unhashed subpackets with their length (RFC 9580 §5.2.3). */
function unhashed(signature) {
  const view = new DataView(signature.buffer, signature.byteOffset, signature.length);
  const body = signature[1] < 192 ? 2 : 3;
  assert.equal(signature[body], 6);
  const start = body + 8 + view.getUint32(body + 4);
  return Array.from({ length: 4 + view.getUint32(start) }, (_, index) => start + index);
}

let key;
let envelope;
let access;
before(async () => {
  ({ key } = await generateKey({ userIds: [{ name: "Anna Berg", email: "anna@example.org" }], profile: "rfc9580" }));
  envelope = await sealEnvelope({ subject: "s", text: "t", password: PASSWORD, recipients: [key] });
  access = await reader.deriveAccess({ salt: envelope.head.salt, password: PASSWORD, linkSecret: envelope.linkSecret });
});

/** The code of the typed error that `call` rejects with; fails on success, on other errors and on a broken instance. */
async function refused(call, what) {
  let value;
  try {
    value = await call();
  } catch (error) {
    assertTyped(error, what);
    return error.code;
  }
  return assert.fail(`${what}: no error but ${JSON.stringify(value)?.slice(0, 200)}`);
}

function assertTyped(error, what) {
  // The reader is a bundle of its own and brings its own copy of the class.
  assert.ok(error instanceof PgpError || error instanceof reader.PgpError, `${what}: not a PgpError but ${error?.stack ?? error}`);
  assert.ok(errorCodes.includes(error.code), `${what}: ${error.code} is not in the list`);
  assert.notEqual(error.code, "internal", `${what}: ${error.message}`);
  assert.ok(error.hint.length > 0, what);
}

async function stillWorks() {
  const opened = await openEnvelope({ ciphertext: envelope.ciphertext, keys: [{ key }] });
  assert.equal(opened.text, "t");
}

test("malformed messages and keys name packet and octet, in a worker as well; what does not decrypt names nothing", async () => {
  const placeOf = (call) => call().then(() => assert.fail("no error"), ({ code, place }) => ({ code, place }));
  const message = await encrypt({ data: "one", passwords: [PASSWORD], armor: false });
  const cut = { message: message.subarray(0, -1), passwords: [PASSWORD] };
  const worker = createWorker();
  for (const api of [{ decrypt }, worker]) {
    const { code, place } = await placeOf(() => api.decrypt(cut));
    assert.deepEqual({ code, place }, { code: "malformed", place: { packet: 18, offset: lengthOfFirstPacket(message), depth: 0 } });
    assert.deepEqual(await placeOf(() => api.decrypt({ message, passwords: ["another"] })), { code: "decryption-failed", place: undefined });
  }
  worker.terminate();
  assert.deepEqual((await placeOf(() => readKeys(utf8("\u00ff")))).code, "malformed");
});

describe("the reader, with the right password", () => {
  const open = (ciphertext) => reader.openEnvelope({ ciphertext, access });
  test("the envelope opens as it is", async () => assert.equal((await open(envelope.ciphertext)).text, "t"));

  test("cut at every length: refused", async () => {
    for (const cut of lengthsBelow(envelope.ciphertext)) await refused(() => open(cut), `cut to ${cut.length}`);
    assert.equal((await open(envelope.ciphertext)).text, "t");
  });
  test("every byte flipped: refused, except inside a recipient's packet, which a password does not use", async () => {
    const pkesk = lengthOfFirstPacket(envelope.ciphertext);
    const changed = flips(envelope.ciphertext);
    for (const [place, flipped] of changed.entries()) {
      if (place >= pkesk) await refused(() => open(flipped), `byte ${place} flipped`);
      else await open(flipped).then((opened) => assert.equal(opened.text, "t"), (error) => assertTyped(error, `byte ${place}`));
    }
    assert.equal((await open(envelope.ciphertext)).text, "t");
  });
  test("octets before, after and between: refused", async () => {
    const { ciphertext } = envelope;
    const odd = { after: [ciphertext, [0]], before: [[0xff], ciphertext], twice: [ciphertext, ciphertext], empty: [], text: [utf8("<!doctype html>")] };
    for (const [name, parts] of Object.entries(odd)) {
      await refused(() => open(Uint8Array.from(parts.flatMap((part) => [...part]))), name);
    }
  });
});

/** New-format header with a one or two octet length (RFC 9580 §4.2.1). */
function lengthOfFirstPacket(octets) {
  const first = octets[1];
  return first < 192 ? 2 + first : 3 + ((first - 192) << 8) + octets[2] + 192;
}

describe("envelopes in the full module", () => {
  test("cut at every length, opened with a key: refused", async () => {
    for (const cut of lengthsBelow(envelope.ciphertext)) {
      await refused(() => openEnvelope({ ciphertext: cut, keys: [{ key }] }), `cut to ${cut.length}`);
    }
    await stillWorks();
  });
  test("every byte flipped, opened with a key: refused or the same content, never another", async () => {
    for (const [place, flipped] of flips(envelope.ciphertext).entries()) {
      await openEnvelope({ ciphertext: flipped, keys: [{ key }] }).then(
        ({ subject, text }) => assert.deepEqual({ subject, text }, { subject: "s", text: "t" }, `byte ${place}`),
        (error) => assertTyped(error, `byte ${place}`),
      );
    }
    await stillWorks();
  });
  test("wrong password and damaged bytes look the same", async () => {
    const { ciphertext, linkSecret } = envelope;
    const last = ciphertext.with(-1, ciphertext.at(-1) ^ 1);
    assert.equal(await refused(() => openEnvelope({ ciphertext, linkSecret, password: "other" }), "password"), "decryption-failed");
    assert.equal(await refused(() => openEnvelope({ ciphertext, password: PASSWORD }), "no secret"), "decryption-failed");
    assert.equal(await refused(() => openEnvelope({ ciphertext: last, linkSecret, password: PASSWORD }), "damage"), "decryption-failed");
  });
  test("a head with another salt than the message is refused", async () => {
    const { ciphertext, linkSecret, head } = envelope;
    const other = `${head.salt[0] === "A" ? "B" : "A"}${head.salt.slice(1)}`;
    await refused(() => openEnvelope({ ciphertext, linkSecret, password: PASSWORD, salt: other }), "other salt");
    const elsewhere = await reader.deriveAccess({ salt: other, password: PASSWORD, linkSecret });
    assert.notEqual(elsewhere.token, access.token);
    await refused(() => reader.openEnvelope({ ciphertext, access: elsewhere }), "other salt, reader");
    elsewhere.free();
    for (const salt of ["", "AA", `${head.salt}AA`, "not base64url!", head.salt.slice(0, -1) + "="]) {
      await refused(() => deriveAccess({ salt, password: PASSWORD }), `salt ${salt}`);
      await refused(() => reader.deriveAccess({ salt, password: PASSWORD }), `salt ${salt}, reader`);
    }
  });
  test("a message with cheap Argon2 parameters is no envelope", async () => {
    const { ciphertext, linkSecret } = envelope;
    const cheap = ciphertext.slice();
    const skesk = lengthOfFirstPacket(ciphertext);
    const specifier = cheap.indexOf(4, skesk + 6); // S2K type 4 (RFC 9580 §3.7.1.4): type, salt 16, t, p, m
    const parameters = specifier + 17;
    assert.deepEqual([...cheap.subarray(parameters, parameters + 3)], [3, 4, 16], "the parameters are where they belong");
    for (const [t, p, m] of [[1, 4, 16], [3, 1, 16], [3, 4, 15], [1, 1, 3], [3, 4, 31], [0, 4, 16], [3, 0, 16], [255, 255, 255]]) {
      cheap.set([t, p, m], parameters);
      await refused(() => openEnvelope({ ciphertext: cheap, linkSecret, password: PASSWORD }), `t=${t} p=${p} m=${m}`);
      await refused(() => reader.openEnvelope({ ciphertext: cheap, access }), `t=${t} p=${p} m=${m}, reader`);
    }
    await stillWorks();
  });
  test("link secrets of another form are refused", async () => {
    const { ciphertext, linkSecret } = envelope;
    for (const wrong of ["", "x", `${linkSecret}=`, ` ${linkSecret}`, linkSecret.slice(1), `${linkSecret}A`]) {
      await refused(() => openEnvelope({ ciphertext, linkSecret: wrong, password: PASSWORD }), `link secret "${wrong}"`);
    }
  });
});

describe("messages, keys and signatures", () => {
  test("a message to a key, cut at every length and with every byte flipped: refused", async () => {
    const message = await encrypt({ data: "small", recipients: [key], armor: false });
    for (const cut of lengthsBelow(message)) await refused(() => decrypt({ message: cut, keys: [{ key }] }), `cut to ${cut.length}`);
    for (const [place, flipped] of flips(message).entries()) {
      await decrypt({ message: flipped, keys: [{ key }] }).then(
        ({ data }) => assert.equal(data, "small", `byte ${place}: another plaintext`),
        (error) => assertTyped(error, `byte ${place}`),
      );
    }
    await stillWorks();
  });
  test("an armored message, every character changed: refused or the same text", async () => {
    const message = utf8(await encrypt({ data: "small", recipients: [key] }));
    for (const [place, flipped] of flips(message).entries()) {
      await decrypt({ message: flipped, keys: [{ key }] }).then(
        ({ data }) => assert.equal(data, "small", `character ${place}: another plaintext`),
        (error) => assertTyped(error, `character ${place}`),
      );
    }
  });
  test("a detached signature, cut and flipped: never valid for other data, never a crash", async () => {
    const signature = await sign({ data: "small", signers: [{ key }], form: "detached", armor: false });
    const status = async (data, damaged) => {
      const { signatures } = await verify({ data, signature: damaged, verifyWith: [key] }).catch((error) => {
        assertTyped(error, "verify");
        return { signatures: [] };
      });
      return signatures.map((one) => one.status);
    };
    assert.deepEqual(await status("small", signature), ["valid"]);
    for (const cut of lengthsBelow(signature)) assert.ok(!(await status("small", cut)).includes("valid"), `cut to ${cut.length}`);
    const unsigned = unhashed(signature);
    for (const [place, flipped] of flips(signature).entries()) {
      const valid = (await status("small", flipped)).includes("valid");
      assert.ok(!valid || unsigned.includes(place), `octet ${place} is signed`);
      assert.ok(!(await status("smalL", flipped)).includes("valid"));
    }
  });
  test("a certificate, cut at every length and with every byte flipped: read with problems or refused", async () => {
    const certificate = key.certificate.binary;
    for (const damaged of [...lengthsBelow(certificate), ...flips(certificate)]) {
      await readKeys(damaged).catch((error) => assertTyped(error, `${damaged.length} octets`));
    }
    assert.equal((await readKeys(certificate))[0].status, "valid");
  });
  test("every file of the corpus at every entrance", async () => {
    const own = { keys: [{ key }], passwords: ["x"] };
    for (const { id, file } of rows()) {
      const octets = bytes(file);
      const entrances = {
        readKeys: () => readKeys(octets),
        verify: () => verify({ message: octets, verifyWith: [key] }),
        signature: () => verify({ data: "x", signature: octets, verifyWith: [key] }),
        decrypt: () => decrypt({ message: octets, keys: own.keys }),
        openEnvelope: () => openEnvelope({ ciphertext: octets, keys: own.keys }),
      };
      for (const [name, call] of Object.entries(entrances)) await call().catch((error) => assertTyped(error, `${id} at ${name}`));
    }
    await stillWorks();
  });
  test("noise of every size is refused everywhere", async () => {
    for (const size of [0, 1, 2, 5, 100, 10_000, 1_000_000]) {
      const noise = Uint8Array.from({ length: size }, (_, i) => (i * 2_654_435_761) >>> 24);
      await refused(() => readKeys(noise), `readKeys ${size}`);
      await refused(() => decrypt({ message: noise, passwords: ["x"] }), `decrypt ${size}`);
      await refused(() => verify({ message: noise, verifyWith: [key] }), `verify ${size}`);
      await refused(() => openEnvelope({ ciphertext: noise, password: "x" }), `openEnvelope ${size}`);
    }
  });
  test("oversized: a packet that claims more than there is, and 300 MiB of octets", async () => {
    const claims = Uint8Array.from([0xd2, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 9, 3, 6]);
    await refused(() => decrypt({ message: claims, passwords: ["x"] }), "claims 4 GiB");
    const huge = new Uint8Array(300 * 1024 * 1024);
    await refused(() => decrypt({ message: huge, passwords: ["x"] }), "300 MiB message");
    await refused(() => readKeys(huge), "300 MiB of keys");
    await stillWorks();
  });
});

describe("wrong options", () => {
  const calls = { decrypt, deriveAccess, encrypt, generateKey, openEnvelope, sealEnvelope, sign, verify };
  test("an unknown option is named", async () => {
    for (const [name, call] of Object.entries(calls)) {
      const error = await call({ pasword: "x" }).then(assert.fail, (thrown) => thrown);
      assertTyped(error, name);
      assert.equal(error.code, "unknown-option", name);
      assert.match(error.message, /pasword/, name);
    }
  });
  test("wrong types are refused, whatever they are", async () => {
    const odd = [undefined, null, 0, -1, NaN, true, [], {}, () => {}, Symbol("s"), new Date(NaN), new Map(), 10n];
    for (const value of odd) {
      for (const [name, call] of Object.entries(calls)) await refused(() => call(value), `${name}(${String(value?.constructor?.name)})`);
      await refused(() => decrypt({ message: value, passwords: ["x"] }), "message");
      await refused(() => encrypt({ data: value, passwords: ["x"] }), "data");
      await refused(() => openEnvelope({ ciphertext: value, password: "x" }), "ciphertext");
      if (value !== undefined) await refused(() => encrypt({ data: "x", recipients: [value] }), "recipients");
      if (value !== undefined) await refused(() => generateKey({ userIds: [{ name: value }] }), "name");
    }
    await stillWorks();
  });
});
