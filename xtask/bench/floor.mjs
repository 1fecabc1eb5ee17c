// What a job takes at least: the platform's own calls that it needs, alone, and of large data both libraries beside them. docs/benchmark.md says with these
// rows what the time is spent on where a goal is missed. For node and browsers alike.
import { floorsOfKeys } from "./floor_keys.mjs";
import { alone, inTurn, nodeCrypto } from "./floor_rows.mjs";
import { binary, bytes, lines, peerDecrypts, valid } from "./measure.mjs";
import { ARGON2, GCM as THEIR_GCM, aead, signatures } from "./works_data.mjs";
import { prepareKeys } from "./works_keys.mjs";

const MB = 1_000_000;
/** Of SEIPD v2, as both libraries write them by default. */
const CHUNK = 256 << 10;
const GCM = { name: "AES-GCM", iv: new Uint8Array(12) };

/** Every such row; medians in milliseconds. */
export async function* floors(ours, peer) {
  const keys = await prepareKeys(ours, peer);
  const data = bytes(50 * MB);
  yield* large(data);
  yield* cipher(data);
  for (const size of [1, 10, 50]) yield* decryption(ours, peer, keys.v6, data.subarray(0, size * MB), size);
  yield* inARow(ours, peer, keys);
  yield* text(ours, peer, keys.v4);
  yield* byPassword(ours, peer, data.subarray(0, 1000));
  yield* floorsOfKeys(ours, peer, keys);
}

async function* large(data) {
  const node = nodeCrypto();
  const digest = node ? (part) => node.createHash("sha256").update(part).digest() : (part) => crypto.subtle.digest("SHA-256", part);
  for (const size of [10, 50]) {
    const part = data.subarray(0, size * MB);
    yield await alone(`SHA-256 of ${size} MB`, () => digest(part));
    yield await alone(`a copy of ${size} MB into a fresh array`, () => new Uint8Array(part).length);
  }
  const text = lines(10 * MB);
  yield await alone("text of 10 MB as UTF-8 (TextEncoder)", () => new TextEncoder().encode(text).length);
}

async function* cipher(data) {
  const { subtle } = crypto;
  const node = nodeCrypto();
  const key = await subtle.importKey("raw", bytes(32), GCM.name, false, ["encrypt", "decrypt"]);
  for (const size of [1, 10, 50]) {
    const chunks = chunksOf(data.subarray(0, size * MB));
    const sealed = await Promise.all(chunks.map((chunk) => subtle.encrypt(GCM, key, chunk)));
    yield await alone(`AES-256-GCM of ${size} MB in chunks by WebCrypto, encrypt`, () => Promise.all(chunks.map((chunk) => subtle.encrypt(GCM, key, chunk))));
    yield await alone(`AES-256-GCM of ${size} MB in chunks by WebCrypto, decrypt`, () => Promise.all(sealed.map((chunk) => subtle.decrypt(GCM, key, chunk))));
    if (!node) continue;
    const raw = bytes(32);
    const seal = (chunk) => {
      const cipher = node.createCipheriv("aes-256-gcm", raw, GCM.iv);
      return [cipher.update(chunk), cipher.final(), cipher.getAuthTag()];
    };
    const made = chunks.map(seal);
    yield await alone(`AES-256-GCM of ${size} MB in chunks by node:crypto, encrypt`, () => chunks.forEach(seal));
    yield await alone(`AES-256-GCM of ${size} MB in chunks by node:crypto, decrypt`, () => made.forEach(([text, , tag]) => {
      const cipher = node.createDecipheriv("aes-256-gcm", raw, GCM.iv);
      cipher.update(text);
      cipher.setAuthTag(tag);
      cipher.final();
    }));
  }
}

function chunksOf(data) {
  const chunks = [];
  for (let at = 0; at < data.length; at += CHUNK) chunks.push(data.subarray(at, Math.min(data.length, at + CHUNK)));
  return chunks;
}

/** Decrypting by WebCrypto, all chunks at once, each copied into one array; beside both libraries, with and without a signature. */
async function* decryption(ours, peer, keys, data, size) {
  const { subtle } = crypto;
  const key = await subtle.importKey("raw", bytes(32), GCM.name, false, ["encrypt", "decrypt"]);
  const chunks = await Promise.all(chunksOf(data).map((chunk) => subtle.encrypt(GCM, key, chunk)));
  const open = async () => {
    const whole = new Uint8Array(data.length);
    let at = 0;
    for (const opened of await Promise.all(chunks.map((chunk) => subtle.decrypt(GCM, key, chunk)))) {
      whole.set(new Uint8Array(opened), at);
      at += opened.byteLength;
    }
    return whole;
  };
  const recipients = [keys.ours.certificate];
  const own = [{ key: keys.ours.key }];
  const message = await ours.encrypt({ data, recipients, format: "seipd-v2", armor: false });
  const signed = await ours.encrypt({ data, recipients, signers: own, format: "seipd-v2", armor: false });
  const theirs = { decryptionKeys: keys.peer.secret };
  yield* inTurn({
    [`decrypt ${size} MB, WebCrypto copied into one array`]: open,
    [`decrypt ${size} MB, Envelock`]: () => ours.decrypt({ message, keys: own, as: "binary" }),
    [`decrypt ${size} MB, OpenPGP.js`]: () => peerDecrypts(peer, message, theirs),
    [`decrypt and verify ${size} MB, WebCrypto copied into one array and hashed`]: async () => subtle.digest("SHA-256", await open()),
    [`decrypt and verify ${size} MB, Envelock`]: () => ours.decrypt({ message: signed, keys: own, verifyWith: recipients, as: "binary" }),
    [`decrypt and verify ${size} MB, OpenPGP.js`]: () => peerDecrypts(peer, signed, { ...theirs, verificationKeys: keys.peer.certificate, expectSigned: true }),
  }, { rounds: 25, calls: 1 });
}

/** Jobs that both sides do in as good as the same time, each side alone: in turn, whoever gives its memory back gives it to the other. */
async function* inARow(ours, peer, keys) {
  for (const jobs of [aead(ours, peer, keys.v6, 1), signatures(ours, peer, keys.v4, 10), signatures(ours, peer, keys.v4, 50)]) {
    for await (const { work, ...sides } of jobs) {
      if (work.includes("password")) continue;
      yield await alone(`${work} in a row, Envelock`, sides.ours, 30);
      yield await alone(`${work} in a row, OpenPGP.js`, sides.peer, 30);
    }
  }
}

/** What text costs besides what octets do: becoming octets, and line ends that become CRLF where the signature is one over text. */
async function* text(ours, peer, keys) {
  const text = lines(10 * MB);
  const octets = new TextEncoder().encode(text);
  const [signers, verifyWith] = [[{ key: keys.ours.key }], [keys.ours.certificate]];
  const sign = (data) => ours.sign({ data, signers, form: "detached", armor: false });
  const overText = await peer.sign({ message: await peer.createMessage({ text }), signingKeys: keys.peer.secret, detached: true, format: "binary" });
  const overOctets = await sign(octets);
  const verify = async (data, signature) => valid(await ours.verify({ data, signature, verifyWith }));
  yield* inTurn({
    "sign 10 MB of text, Envelock": () => sign(text),
    "sign the same as octets, Envelock": () => sign(octets),
    "verify 10 MB of text, signed as text, Envelock": () => verify(text, overText),
    "verify the same as octets, signed as text, Envelock": () => verify(octets, overText),
    "verify the same as octets, signed as octets, Envelock": () => verify(octets, overOctets),
  }, { rounds: 25, calls: 1 });
}

/** Next to nothing encrypted by password: that is Argon2id over 64 MiB. */
async function* byPassword(ours, peer, data) {
  const password = "correct horse battery staple";
  yield* inTurn({
    "Argon2id, 64 MiB: encrypt 1 KB by password, Envelock": () => ours.encrypt({ data, passwords: [password], armor: false }),
    "Argon2id, 64 MiB: encrypt 1 KB by password, OpenPGP.js": async () =>
      peer.encrypt({ message: await binary(peer, data), passwords: [password], format: "binary", config: { ...THEIR_GCM, ...ARGON2 } }),
  }, { rounds: 15, calls: 1 });
  await ours.init({ threads: 2 });
  yield await alone("Argon2id, 64 MiB, 2 threads: encrypt 1 KB by password, Envelock", () => ours.encrypt({ data, passwords: [password], armor: false }));
  await ours.init({ threads: 1 });
}
