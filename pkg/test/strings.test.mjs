/** Large strings on their way in and out: in pieces, with others having their turns, and the same as in one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decrypt, encrypt, generateKey, PgpError } from "envelock";

const { key } = await generateKey({ userIds: [{ email: "anna@demo.example" }] });
const PIECE = 1024 * 1024;
const there = async (data, options) => decrypt({ message: await encrypt({ data, recipients: key, armor: false, ...options }), keys: { key }, ...options });

for (const [name, data] of Object.entries({
  "of ASCII": "a".repeat(3 * PIECE + 5),
  "of two octets a character": "ü".repeat(2 * PIECE + 1),
  "of three octets a character": "€".repeat(3 * PIECE + 1),
  "with a pair across the end of a piece": "a".repeat(PIECE - 1) + "😀".repeat(PIECE) + "b",
  "with pairs at the ends of pieces": "😀".repeat(2 * PIECE),
  "of ASCII that becomes longer at its end": "a".repeat(3 * PIECE) + "😀",
  "with a byte order mark": `\ufeff${"x".repeat(2 * PIECE)}`,
})) {
  test(`a string ${name} comes back`, async () => {
    const { data: back } = await there(data);
    assert.ok(back === data, `${back.length} instead of ${data.length}`);
  });
}

test("half a pair is what TextEncoder makes of it, wherever it stands", async () => {
  for (const at of [0, PIECE - 1, PIECE, 2 * PIECE - 1]) {
    const data = `${"a".repeat(at)}\ud83d${"b".repeat(2 * PIECE - 1 - at)}`;
    assert.ok((await there(data)).data === new TextDecoder().decode(new TextEncoder().encode(data)), `at ${at}`);
  }
});

test("what is not UTF-8 is told, at any place", async () => {
  for (const at of [0, PIECE - 1, PIECE, 2 * PIECE]) {
    const data = new Uint8Array(2 * PIECE + 1).fill(97);
    data[at] = 0xc3;
    await assert.rejects(there(data), (error) => error instanceof PgpError && error.code === "not-text", `at ${at}`);
  }
});

test("a cancel is heard while a string is turned into bytes, and while it is made of them", async () => {
  const data = "text ".repeat(8_000_000);
  const message = await encrypt({ data, recipients: key });
  let done = 0;
  const onProgress = ({ done: now, total }) => (done = now / total);
  for (const run of [
    (signal) => encrypt({ data, recipients: key, armor: false, signal, onProgress }),
    (signal) => decrypt({ message, keys: { key }, signal, onProgress }),
  ]) {
    done = 0;
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    await assert.rejects(run(controller.signal), (error) => error.code === "cancelled");
    assert.equal(done, 0, "the work on the bytes had begun");
  }
  const bytes = await encrypt({ data, recipients: key, armor: false });
  const controller = new AbortController();
  const { decode } = TextDecoder.prototype;
  let pieces = 0;
  // All is decrypted: what is left is the string.
  TextDecoder.prototype.decode = function (input, options) {
    if (input?.byteLength === PIECE) pieces += 1;
    if (pieces === 2) controller.abort();
    return decode.call(this, input, options);
  };
  try {
    await assert.rejects(decrypt({ message: bytes, keys: { key }, signal: controller.signal, onProgress }), (error) => error.code === "cancelled");
  } finally {
    TextDecoder.prototype.decode = decode;
  }
  assert.equal(pieces, 2);
  assert.ok(done < 1, "all was told to be done");
});
