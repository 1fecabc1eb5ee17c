/** Base64 as the module reads and writes it, on vectors, against Node's own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { generateKey, PgpError, sign, verify } from "envelock";

const { key } = await generateKey({ userIds: [{ email: "anna@demo.example" }], profile: "rfc9580" });
const bytes = (length) => Uint8Array.from({ length }, (_, at) => (at * at * 31) >> 3);

/** A literal data packet (RFC 9580 §5.9) without a name, of an old length so that it is short. */
function literal(data) {
  const head = Buffer.alloc(6);
  head[0] = 0xcb;
  head[1] = 0xff;
  head.writeUInt32BE(6 + data.length, 2);
  return Buffer.concat([head, Buffer.from("b"), Buffer.alloc(5), data]);
}

const framed = (body, end = "\n") => Buffer.concat([Buffer.from(`-----BEGIN PGP MESSAGE-----${end}${end}`), body, Buffer.from(`-----END PGP MESSAGE-----${end}`)]);
const lines = (text, width, end = "\n") => Buffer.from(text.match(new RegExp(`.{1,${width}}`, "g")).map((line) => line + end).join(""));
const read = async (message) => (await verify({ message, verifyWith: key.certificate, as: "binary" })).data;

test("armor of any length and width is read", async () => {
  for (const width of [4, 60, 63, 64, 76, 5000]) {
    for (const end of ["\n", "\r\n", " \n"]) {
      for (const length of [0, 1, 2, 35, 36, 37, 47, 48, 49, 1000, 50_000]) {
        const data = bytes(length);
        const text = literal(data).toString("base64");
        assert.deepEqual(await read(framed(lines(text, width, end), end)), data, `${length} bytes in lines of ${width}`);
      }
    }
  }
});

test("every octet in a line means what it means to Node, or is refused", async () => {
  const packet = literal(bytes(300));
  const body = lines(packet.toString("base64"), 64);
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (let octet = 0; octet < 256; octet++) {
    for (const place of [70, 97, 128]) {
      const damaged = Buffer.from(body);
      damaged[place] = octet;
      const call = read(framed(damaged));
      if (alphabet.includes(String.fromCharCode(octet))) {
        const expected = Buffer.from(damaged.toString("latin1"), "base64").subarray(12);
        assert.deepEqual(Buffer.from(await call), expected, `${octet} at ${place}`);
      } else if (![9, 10, 11, 12, 13, 32].includes(octet)) {
        await assert.rejects(call, (error) => error instanceof PgpError && error.code === "malformed", `${octet} at ${place}`);
      } else {
        await call.catch((error) => assert.equal(error.code, "malformed"));
      }
    }
  }
});

test("what is written is what Node writes", async () => {
  for (const length of [0, 1, 47, 48, 5000, 300_000]) {
    const data = bytes(length);
    const armored = await sign({ data, signers: { key }, form: "inline" });
    const body = armored.split("\n\n")[1].split("\n-----END")[0];
    const octets = Buffer.from(body, "base64");
    assert.equal(`${body}\n`, lines(octets.toString("base64"), 64).toString(), `${length} bytes`);
    assert.ok(octets.includes(Buffer.from(data)));
    assert.deepEqual(await read(armored), data);
  }
});
