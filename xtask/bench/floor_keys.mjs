// What a job on a key takes at least: WebCrypto alone; what of a call is WebCrypto's, on both sides; what one more signature or agreement takes in wasm; what a
// mail takes beside an open keystore; what of an RSA key is the search for its primes.
import { alone, floor, inTurn, nodeCrypto } from "./floor_rows.mjs";
import { bytes, median, peerDecrypts, time } from "./measure.mjs";
import { generation, small } from "./works_keys.mjs";

const USER_IDS = [{ email: "bench@example.org" }];
/** RSA keys that are drawn: single draws scatter. */
const DRAWN = 20;

export async function* floorsOfKeys(ours, peer, keys) {
  yield* webCrypto(bytes(1024));
  yield* agreement();
  yield* oneMore(ours);
  yield* keystoreMails(ours, peer);
  yield* withoutWebCrypto(ours, peer, keys);
  yield* primes(ours);
}

async function* webCrypto(data) {
  const { subtle } = crypto;
  const node = nodeCrypto();
  for (const [name, algorithm, drawn] of [
    ["RSA-3072", { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 3072, publicExponent: new Uint8Array([1, 0, 1]) }, 25],
    ["P-256", { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" }, 60],
    ["Ed25519", { name: "Ed25519" }, 60],
  ]) {
    const pair = await subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const [secret, jwk, open] = [await subtle.exportKey("pkcs8", pair.privateKey), await subtle.exportKey("jwk", pair.privateKey), await subtle.exportKey("spki", pair.publicKey)];
    const signature = await subtle.sign(algorithm, pair.privateKey, data);
    const imported = (format, key, use) => subtle.importKey(format, key, algorithm, false, [use]);
    const signs = async (format, key) => subtle.sign(algorithm, await imported(format, key, "sign"), data);
    yield await alone(`${name} generate, WebCrypto`, () => subtle.generateKey(algorithm, true, ["sign", "verify"]), drawn);
    yield await alone(`${name} sign 1 KB, WebCrypto with the key imported before`, () => subtle.sign(algorithm, pair.privateKey, data), 60);
    yield await alone(`${name} sign 1 KB, WebCrypto with the import`, () => signs("pkcs8", secret), 60);
    yield await alone(`${name} sign 1 KB, WebCrypto with the import from JWK`, () => signs("jwk", jwk), 60);
    if (node && name !== "Ed25519") {
      const key = { key: Buffer.from(secret), format: "der", type: "pkcs8" };
      yield await alone(`${name} sign 1 KB, node:crypto with the import`, () => node.sign("sha256", data, key), 60);
    }
    yield await alone(`${name} verify 1 KB, WebCrypto with the import`, async () => subtle.verify(algorithm, await imported("spki", open, "verify"), signature, data), 60);
  }
}

async function* agreement() {
  const { subtle } = crypto;
  const pair = await subtle.generateKey("X25519", true, ["deriveBits"]);
  const [own, theirs] = [await subtle.exportKey("pkcs8", pair.privateKey), await subtle.exportKey("raw", pair.publicKey)];
  const agree = async (key) => subtle.deriveBits({ name: "X25519", public: await subtle.importKey("raw", theirs, "X25519", false, []) }, key, 256);
  yield* inTurn({
    "X25519 draw, agree and export, WebCrypto": async () => {
      const drawn = await subtle.generateKey("X25519", false, ["deriveBits"]);
      await Promise.all([agree(drawn.privateKey), subtle.exportKey("raw", drawn.publicKey)]);
    },
    "X25519 import and agree, WebCrypto": async () => agree(await subtle.importKey("pkcs8", own, "X25519", false, ["deriveBits"])),
  });
}

/** Calls of ours, and the same with one signature, or one session key encrypted to somebody unnamed, more: that is the curve in wasm, and little else. */
async function* oneMore(ours) {
  const [key, other] = await Promise.all([USER_IDS, USER_IDS].map(async (userIds) => (await ours.generateKey({ userIds, profile: "rfc9580" })).key));
  const [data, signers] = [bytes(1024), [{ key }]];
  const sign = (by = signers) => ours.sign({ data, signers: by, form: "detached", armor: false });
  const encrypt = (...recipients) => ours.encrypt({ data, recipients, armor: false, hideRecipients: true });
  const verify = async (signature) => {
    const { signatures } = await ours.verify({ data, signature, verifyWith: key.certificate });
    if (!signatures.every(({ status }) => status === "valid")) throw new Error("not valid");
  };
  const decrypt = (message) => ours.decrypt({ message, keys: signers, as: "binary" });
  const [signature, message, behind] = [await sign(), await encrypt(key.certificate), await encrypt(other.certificate, key.certificate)];
  const twice = new Uint8Array([...signature, ...signature]);
  yield* inTurn({
    "Curve25519 v6 sign 1 KB": () => sign(),
    "Curve25519 v6 sign 1 KB twice": () => sign([...signers, ...signers]),
    "Curve25519 v6 verify 1 KB": () => verify(signature),
    "Curve25519 v6 verify 1 KB, signed twice": () => verify(twice),
    "Curve25519 v6 encrypt 1 KB": () => encrypt(key.certificate),
    "Curve25519 v6 decrypt 1 KB": () => decrypt(message),
    "Curve25519 v6 decrypt 1 KB, encrypted to another first": () => decrypt(behind),
    "Curve25519 v6 generate": () => ours.generateKey({ userIds: USER_IDS, profile: "rfc9580" }),
  });
}

/** A mail with a key in an open keystore, with one that has no passphrase, and what keeping something in the keystore takes: each use is written in its log. */
async function* keystoreMails(ours, peer) {
  const entries = new Map();
  const storage = { get: (name) => entries.get(name), put: (name, octets) => void entries.set(name, octets), delete: (name) => void entries.delete(name), list: () => [...entries.keys()] };
  const passphrase = "correct horse battery staple";
  const keystore = await ours.Keystore.open({ storage, passphrase });
  for (const [name, profile] of [["v4", "compat"], ["v6", "rfc9580"]]) {
    const { key } = await ours.generateKey({ userIds: USER_IDS, profile, passphrase });
    const { key: bare } = await ours.generateKey({ userIds: USER_IDS, profile });
    const [message, other] = await Promise.all([key, bare].map(({ certificate }) => ours.encrypt({ data: "A short message, as most are.", recipients: certificate, armor: false })));
    const unlocked = await peer.decryptKey({ privateKey: await peer.readPrivateKey({ binaryKey: key.binary }), passphrase });
    yield* inTurn({
      [`Curve25519 ${name} decrypt a mail, key in an open keystore`]: () => ours.decrypt({ message, keys: { key, keystore } }),
      [`Curve25519 ${name} decrypt a mail, key without a passphrase`]: () => ours.decrypt({ message: other, keys: { key: bare } }),
      [`Curve25519 ${name} decrypt a mail, key unlocked before, OpenPGP.js`]: () => peerDecrypts(peer, message, { decryptionKeys: unlocked }),
      [`keep a record in the keystore, beside a ${name} key`]: () => keystore.setRecord("bench", 1),
    });
  }
  await keystore.lock();
}

/** Jobs that WebCrypto has a part in, on both sides: the whole, and the time in which none of its calls is under way. */
async function* withoutWebCrypto(ours, peer, keys) {
  const jobs = [];
  for await (const job of generation(ours, peer)) if (!job.work.startsWith("RSA")) jobs.push(job);
  for (const kind of ["p256", "rsa", "v6"]) for await (const job of small(ours, peer, keys[kind])) jobs.push(job);
  const { subtle } = crypto;
  const watched = ["generateKey", "exportKey", "importKey", "sign", "verify", "deriveBits", "encrypt", "decrypt", "digest"];
  let [open, since, waited] = [0, 0, 0];
  for (const name of watched) {
    const asked = subtle[name].bind(subtle);
    subtle[name] = async (...given) => {
      if (open++ === 0) since = performance.now();
      try {
        return await asked(...given);
      } finally {
        if (--open === 0) waited += performance.now() - since;
      }
    };
  }
  try {
    for (const { work, ...sides } of jobs) {
      for (const [side, name] of [["ours", "Envelock"], ["peer", "OpenPGP.js"]]) {
        const [whole, own] = [[], []];
        for (let round = 0; round < 60; round++) {
          waited = 0;
          const taken = await time(sides[side]);
          if (round < 10) continue;
          whole.push(taken);
          own.push(taken - waited);
        }
        yield floor(`${work} in a row, ${name}`, median(whole));
        yield floor(`${work} in a row, ${name} outside WebCrypto`, median(own));
      }
    }
  } finally {
    for (const name of watched) delete subtle[name]; // the platform's own is on the prototype
  }
}

/** Of making an RSA key: the whole, what is left of it without the platform's two draws, and how far single draws lie apart. */
async function* primes(ours) {
  const { subtle } = crypto;
  const asked = subtle.generateKey.bind(subtle);
  const [whole, rest, single] = [[], [], []];
  let draws = [];
  subtle.generateKey = async (...given) => {
    const begun = performance.now();
    const pair = await asked(...given);
    draws.push([begun, performance.now()]);
    return pair;
  };
  try {
    for (let round = 0; round <= DRAWN; round++) {
      draws = [];
      const taken = await time(() => ours.generateKey({ userIds: USER_IDS, profile: "rsa", bits: 3072 }));
      if (round === 0) continue;
      whole.push(taken);
      rest.push(taken - (Math.max(...draws.map(([, end]) => end)) - Math.min(...draws.map(([start]) => start))));
      single.push(...draws.map(([start, end]) => end - start));
    }
  } finally {
    delete subtle.generateKey;
  }
  single.sort((one, other) => one - other);
  const quartile = (share) => single[Math.floor(single.length * share)];
  yield floor("RSA-3072 generate, Envelock", median(whole));
  yield floor("RSA-3072 generate, Envelock without the platform's two draws", median(rest));
  yield floor("RSA-3072 generate, a quarter of the platform's draws are below", quartile(0.25));
  yield floor("RSA-3072 generate, a quarter of the platform's draws are above", quartile(0.75));
}
