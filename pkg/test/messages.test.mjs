/** Messages: encrypt, decrypt, sign, verify; in every form data comes in. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { decrypt, encrypt, generateKey, inspectMessage, PgpError, sign, verify } from "envelock";

const userIds = [{ name: "Anna Berg", email: "anna@demo.example" }];
const passphrase = "harbour";
let anna, ben, open;
before(async () => {
  anna = (await generateKey({ userIds, passphrase })).key;
  ben = (await generateKey({ userIds: [{ email: "ben@demo.example" }], profile: "rfc9580", passphrase })).key;
  open = (await generateKey({ userIds, profile: "rfc9580" })).key;
});
const rejects = (promise, code) => assert.rejects(promise, (error) => {
  assert.ok(error instanceof PgpError, String(error));
  assert.equal(error.code, code, error.message);
  return true;
});

test("a password message goes there and back", async () => {
  const message = await encrypt({ data: "Grüße", passwords: ["eins", "zwei"] });
  assert.match(message, /^-----BEGIN PGP MESSAGE-----/);
  for (const password of ["eins", "zwei"]) {
    const { data, signatures, notes } = await decrypt({ message, passwords: password });
    assert.equal(data, "Grüße");
    assert.deepEqual(signatures, []);
    assert.deepEqual(notes, []);
  }
  await rejects(decrypt({ message, passwords: "drei" }), "decryption-failed");
});

test("nothing is written that would not be read: passwords and signers", async () => {
  const passwords = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `heron ${n}`);
  for (const format of ["seipd-v1", "seipd-v2"]) {
    const message = await encrypt({ data: "hello", passwords: passwords.slice(0, 8), format });
    assert.equal((await decrypt({ message, passwords: "heron 8" })).data, "hello");
    for (const data of ["hello", new Blob(["hello"]).stream()]) {
      await rejects(encrypt({ data, passwords, format }), "too-many-passwords");
    }
  }
  const signers = Array(33).fill({ key: open });
  for (const form of ["detached", "inline", "cleartext"]) await rejects(sign({ data: "hello", signers, form }), "too-many-signers");
  for (const data of ["hello", new Blob(["hello"]).stream()]) {
    await rejects(encrypt({ data, recipients: ben, signers }), "too-many-signers");
  }
});

test("what is only signed is for verify, and nothing stands before a cleartext signature", async () => {
  for (const form of ["detached", "inline", "cleartext"]) {
    await rejects(decrypt({ message: await sign({ data: "hello", signers: { key: open }, form }), keys: { key: open } }), "not-encrypted");
  }
  const message = `> quoted\n\n${await sign({ data: "hello", signers: { key: open }, form: "cleartext" })}`;
  for (const call of [() => verify({ message, verifyWith: open }), () => inspectMessage({ message })]) {
    await rejects(call(), "malformed");
    await assert.rejects(call, /before its header line/);
  }
});

test("a signed message to keys names its signer", async () => {
  for (const [recipient, format] of [[anna, "auto"], [ben, "auto"], [anna, "seipd-v1"], [ben, "seipd-v2"]]) {
    const message = await encrypt({ data: "hello", filename: "a.txt", recipients: [recipient], signers: [{ key: anna, passphrase }], format });
    const { data, filename, signatures } = await decrypt({ message, keys: [{ key: recipient, passphrase }], verifyWith: [anna.certificate] });
    assert.equal(data, "hello");
    assert.equal(filename, "a.txt");
    assert.equal(signatures.length, 1);
    assert.equal(signatures[0].status, "valid");
    assert.equal(signatures[0].signer, anna.fingerprint);
    assert.equal(signatures[0].certificate, "known");
    assert.ok(signatures[0].created instanceof Date);
  }
});

test("a key that was not written to, and a wrong passphrase, are told apart", async () => {
  const message = await encrypt({ data: "hello", recipients: anna });
  await rejects(decrypt({ message, keys: { key: ben, passphrase } }), "no-matching-key");
  await rejects(decrypt({ message, keys: { key: anna, passphrase: "wrong" } }), "wrong-passphrase");
});

for (const form of ["detached", "inline", "cleartext"]) {
  test(`a ${form} signature is valid, and is not after a change`, async () => {
    const text = "Hello Ben\nsee you at eight\n";
    const signed = await sign({ data: text, signers: { key: anna, passphrase }, form });
    const input = form === "detached" ? { data: text, signature: signed } : { message: signed };
    const good = await verify({ ...input, verifyWith: [anna.certificate, ben.certificate] });
    assert.equal(good.signatures[0].status, "valid", good.signatures[0].reason);
    assert.equal(good.signatures[0].signer, anna.fingerprint);
    assert.equal(good.data?.trimEnd(), form === "detached" ? undefined : text.trimEnd());

    const stranger = await verify({ ...input, verifyWith: ben.certificate });
    assert.equal(stranger.signatures[0].status, "unknown-signer");

    if (form === "inline") return;
    const forged = form === "detached" ? { data: text.replace("eight", "nine!"), signature: signed } : { message: signed.replace("eight", "nine!") };
    const bad = await verify({ ...forged, verifyWith: anna.certificate });
    assert.equal(bad.signatures[0].status, "invalid");
  });
}

test("binary data comes back byte for byte, from every form of input", async () => {
  const bytes = Uint8Array.from({ length: 700_000 }, (_, at) => at * 7);
  for (const data of [bytes, new Blob([bytes])]) {
    const message = await encrypt({ data, passwords: "p", armor: false });
    assert.ok(message instanceof Uint8Array);
    const opened = await decrypt({ message: new Blob([message]), passwords: "p", as: "binary" });
    assert.deepEqual(Buffer.from(opened.data), Buffer.from(bytes));
  }
  assert.equal(bytes.length, 700_000, "the caller's array was not moved away");
});

test("data that is no text is refused as text and given as binary", async () => {
  const message = await encrypt({ data: Uint8Array.of(0xff, 0xfe), passwords: "p" });
  await rejects(decrypt({ message, passwords: "p" }), "not-text");
  assert.deepEqual((await decrypt({ message, passwords: "p", as: "binary" })).data, Uint8Array.of(0xff, 0xfe));
});

test("a date is judged at", async () => {
  const date = new Date(Date.now() + 3_600_000);
  const signature = await sign({ data: "x", signers: { key: anna, passphrase }, form: "detached", date });
  const now = await verify({ data: "x", signature, verifyWith: anna });
  assert.notEqual(now.signatures[0].status, "valid");
  const then = await verify({ data: "x", signature, verifyWith: anna, date });
  assert.equal(then.signatures[0].status, "valid");
});

test("every flipped byte of a message is an error, and the next call works", async () => {
  const session = await encrypt({ data: "short", recipients: open, armor: false });
  const seen = new Set();
  for (let at = 0; at < session.length; at += 1) {
    const changed = session.slice();
    changed[at] ^= 0x20;
    const error = await decrypt({ message: changed, keys: { key: open } }).then(() => undefined, (thrown) => thrown);
    assert.ok(error instanceof PgpError && error.code !== "internal", `byte ${at}: ${error}`);
    seen.add(error.code);
  }
  assert.ok(seen.has("decryption-failed"));
  assert.equal((await decrypt({ message: session, keys: { key: open } })).data, "short");
});

test("cut and empty input is an error, and the next call works", async () => {
  const message = await encrypt({ data: "short", recipients: open, armor: false });
  for (const length of [0, 1, 2, 10, message.length - 1]) {
    const error = await decrypt({ message: message.subarray(0, length), keys: { key: open } }).catch((thrown) => thrown);
    assert.ok(error instanceof PgpError && error.code !== "internal", `length ${length}: ${error}`);
  }
  assert.equal((await decrypt({ message, keys: { key: open } })).data, "short");
});

test("the exact size is hidden unless that is turned off", async () => {
  const size = async (length, padding) => (await encrypt({ data: new Uint8Array(length), recipients: open, armor: false, padding })).length;
  assert.equal(await size(100_000), await size(100_100));
  assert.notEqual(await size(100_000, false), await size(100_100, false));
});
