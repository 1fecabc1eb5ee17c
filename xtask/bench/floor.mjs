// The least that a job can take: what the platform's own calls need for it, alone; of Curve25519 also what ours needs. docs/benchmark.md quotes it where a goal is missed. Not part of
// `cargo xtask bench`: `node floor.mjs` from the folder that a bench has made, `node floor.mjs chromium` for Chromium, with `keystore` behind it for mails with
// an open keystore alone. Medians in milliseconds.
import * as envelock from "envelock";
import * as openpgp from "openpgp";
import { bytes, median, peerDecrypts, time } from "./measure.mjs";
import { generation, prepareKeys, small } from "./works_keys.mjs";

const MB = 1_000_000;
/** Of SEIPD v2, as both libraries write them by default. */
const CHUNK = 256 << 10;

export async function floors(only) {
  const found = {};
  await keystoreMails(found);
  if (only === "keystore") return found;
  const { subtle } = crypto;
  const node = globalThis.process?.getBuiltinModule?.("node:crypto");
  const measure = async (name, job, rounds = 15) => {
    await job();
    const times = [];
    while (times.length < rounds) times.push(await time(job));
    found[name] = median(times);
  };
  const data = bytes(50 * MB);
  const kilobyte = data.subarray(0, 1000);
  for (const size of [10, 50]) {
    const part = data.subarray(0, size * MB);
    await measure(`SHA-256 of ${size} MB`, () => (node ? node.createHash("sha256").update(part).digest() : subtle.digest("SHA-256", part)));
    await measure(`a copy of ${size} MB into a fresh array`, () => new Uint8Array(part).length);
  }
  const key = await subtle.importKey("raw", bytes(32), "AES-GCM", false, ["encrypt", "decrypt"]);
  const gcm = { name: "AES-GCM", iv: new Uint8Array(12) };
  for (const size of [1, 10, 50]) {
    const chunks = [];
    for (let at = 0; at < size * MB; at += CHUNK) chunks.push(data.subarray(at, Math.min(size * MB, at + CHUNK)));
    const sealed = await Promise.all(chunks.map((chunk) => subtle.encrypt(gcm, key, chunk)));
    await measure(`WebCrypto, AES-256-GCM of ${size} MB in chunks, encrypt`, () => Promise.all(chunks.map((chunk) => subtle.encrypt(gcm, key, chunk))));
    await measure(`WebCrypto, AES-256-GCM of ${size} MB in chunks, decrypt`, () => Promise.all(sealed.map((chunk) => subtle.decrypt(gcm, key, chunk))));
    if (!node) continue;
    const raw = bytes(32);
    const seal = (chunk) => {
      const cipher = node.createCipheriv("aes-256-gcm", raw, gcm.iv);
      return [cipher.update(chunk), cipher.final(), cipher.getAuthTag()];
    };
    const made = chunks.map(seal);
    await measure(`node:crypto, AES-256-GCM of ${size} MB in chunks, encrypt`, () => chunks.forEach(seal));
    await measure(`node:crypto, AES-256-GCM of ${size} MB in chunks, decrypt`, () => made.forEach(([text, , tag]) => {
      const cipher = node.createDecipheriv("aes-256-gcm", raw, gcm.iv);
      cipher.update(text);
      cipher.setAuthTag(tag);
      cipher.final();
    }));
  }
  for (const [name, algorithm] of Object.entries({
    "RSA-3072": { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 3072, publicExponent: new Uint8Array([1, 0, 1]) },
    "P-256": { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
    "Ed25519": { name: "Ed25519" },
  })) {
    const pair = await subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const [secret, open] = [await subtle.exportKey("pkcs8", pair.privateKey), await subtle.exportKey("spki", pair.publicKey)];
    const signature = await subtle.sign(algorithm, pair.privateKey, kilobyte);
    const rounds = 60;
    await measure(`WebCrypto, ${name} generate`, () => subtle.generateKey(algorithm, true, ["sign", "verify"]), name === "RSA-3072" ? 25 : rounds);
    await measure(`WebCrypto, ${name} sign 1 KB`, () => subtle.sign(algorithm, pair.privateKey, kilobyte), rounds);
    await measure(`WebCrypto, ${name} import and sign 1 KB`, async () => subtle.sign(algorithm, await subtle.importKey("pkcs8", secret, algorithm, false, ["sign"]), kilobyte), rounds);
    const jwk = await subtle.exportKey("jwk", pair.privateKey);
    await measure(`WebCrypto, ${name} import from JWK and sign 1 KB`, async () => subtle.sign(algorithm, await subtle.importKey("jwk", jwk, algorithm, false, ["sign"]), kilobyte), rounds);
    await measure(`WebCrypto, ${name} import and verify 1 KB`, async () => subtle.verify(algorithm, await subtle.importKey("spki", open, algorithm, false, ["verify"]), signature, kilobyte), rounds);
  }
  await curve25519(found);
  const keys = await prepareKeys(envelock, openpgp);
  for (const size of [1, 10, 50]) await decryption(found, keys.v6, data.subarray(0, size * MB), size);
  await platformShare(found, keys);
  return found;
}

/** Decrypting by WebCrypto, all chunks at once, each copied into one array; beside both libraries, with and without a signature. */
async function decryption(found, keys, data, size) {
  const { subtle } = crypto;
  const key = await subtle.importKey("raw", bytes(32), "AES-GCM", false, ["encrypt", "decrypt"]);
  const gcm = { name: "AES-GCM", iv: new Uint8Array(12) };
  const chunks = [];
  for (let at = 0; at < data.length; at += CHUNK) chunks.push(await subtle.encrypt(gcm, key, data.subarray(at, Math.min(data.length, at + CHUNK))));
  const open = async () => {
    const whole = new Uint8Array(data.length);
    let at = 0;
    for (const opened of await Promise.all(chunks.map((chunk) => subtle.decrypt(gcm, key, chunk)))) {
      whole.set(new Uint8Array(opened), at);
      at += opened.byteLength;
    }
    return whole;
  };
  const recipients = [keys.ours.certificate];
  const message = await envelock.encrypt({ data, recipients, format: "seipd-v2", armor: false });
  const signed = await envelock.encrypt({ data, recipients, signers: [{ key: keys.ours.key }], format: "seipd-v2", armor: false });
  const own = [{ key: keys.ours.key }];
  const theirs = { decryptionKeys: keys.peer.secret };
  await inTurn(found, {
    [`WebCrypto, AES-256-GCM of ${size} MB, decrypt, copied into one array`]: open,
    [`WebCrypto, AES-256-GCM of ${size} MB, decrypt, copied into one array and hashed`]: async () => subtle.digest("SHA-256", await open()),
    [`Envelock, decrypt ${size} MB`]: () => envelock.decrypt({ message, keys: own, as: "binary" }),
    [`Envelock, decrypt and verify ${size} MB`]: () => envelock.decrypt({ message: signed, keys: own, verifyWith: recipients, as: "binary" }),
    [`OpenPGP.js, decrypt ${size} MB`]: () => peerDecrypts(openpgp, message, theirs),
    [`OpenPGP.js, decrypt and verify ${size} MB`]: () => peerDecrypts(openpgp, signed, { ...theirs, verificationKeys: keys.peer.certificate, expectSigned: true }),
  }, { rounds: 25, calls: 1 });
}

/** Of what goes to WebCrypto, here and by OpenPGP.js: the whole, how many of its calls are in it, and the time in which none of them is under way. */
async function platformShare(found, keys) {
  const { subtle } = crypto;
  let calls = 0;
  let open = 0;
  let since = 0;
  let waited = 0;
  for (const name of ["generateKey", "exportKey", "importKey", "sign", "verify", "deriveBits", "encrypt", "decrypt", "digest"]) {
    const asked = subtle[name].bind(subtle);
    subtle[name] = async (...given) => {
      calls++;
      if (open++ === 0) since = performance.now();
      try {
        return await asked(...given);
      } finally {
        if (--open === 0) waited += performance.now() - since;
      }
    };
  }
  const jobs = [];
  for await (const job of generation(envelock, openpgp)) if (!job.work.startsWith("RSA")) jobs.push(job);
  for (const kind of ["p256", "rsa", "v6"]) for await (const job of small(envelock, openpgp, keys[kind])) jobs.push(job);
  for (const { work, ...sides } of jobs) {
    for (const [side, name] of [["ours", "Envelock"], ["peer", "OpenPGP.js"]]) {
      const [whole, own] = [[], []];
      for (let round = 0; round < 60; round++) {
        calls = waited = 0;
        const taken = await time(sides[side]);
        if (round < 10) continue;
        whole.push(taken);
        own.push(taken - waited);
      }
      found[`${name}, ${work} (${calls} calls of WebCrypto)`] = median(whole);
      found[`${name}, ${work}, outside those calls`] = median(own);
    }
  }
}

/** What is taken in turn, `calls` times a look at the clock: the median of what each takes on average. The first fifth is for the compiler. */
async function inTurn(found, jobs, { rounds = 240, calls = 5 } = {}) {
  const all = Object.entries(jobs).map(([name, job]) => ({ name, job, times: [] }));
  for (let round = 0; round < rounds; round++) {
    for (const { job, times } of round % 2 ? all : [...all].reverse()) {
      const taken = await time(async () => {
        for (let count = 0; count < calls; count++) await job();
      });
      if (round >= rounds / 5) times.push(taken / calls);
    }
  }
  for (const { name, times } of all) found[name] = median(times);
}

/**
 * X25519 by WebCrypto; and what a call of ours takes with one signature, or one session key encrypted to somebody unnamed, more: that is the curve in wasm, and
 * little else.
 */
async function curve25519(found) {
  const { subtle } = crypto;
  const pair = await subtle.generateKey("X25519", true, ["deriveBits"]);
  const [own, theirs] = [await subtle.exportKey("pkcs8", pair.privateKey), await subtle.exportKey("raw", pair.publicKey)];
  const agreement = async (key) => subtle.deriveBits({ name: "X25519", public: await subtle.importKey("raw", theirs, "X25519", false, []) }, key, 256);
  const [key, other] = await Promise.all(["a", "b"].map(async (name) => (await envelock.generateKey({ userIds: [{ email: `${name}@demo.example` }], profile: "rfc9580" })).key));
  const [data, signers] = [bytes(1024), [{ key }]];
  const sign = (by = signers) => envelock.sign({ data, signers: by, form: "detached", armor: false });
  const encrypt = (...recipients) => envelock.encrypt({ data, recipients, armor: false, hideRecipients: true });
  const verify = async (signature) => {
    const { signatures } = await envelock.verify({ data, signature, verifyWith: key.certificate });
    if (!signatures.every(({ status }) => status === "valid")) throw new Error("not valid");
  };
  const decrypt = (message) => envelock.decrypt({ message, keys: signers, as: "binary" });
  const [signature, message, behind] = [await sign(), await encrypt(key.certificate), await encrypt(other.certificate, key.certificate)];
  const twice = new Uint8Array([...signature, ...signature]);
  await inTurn(found, {
    "WebCrypto, X25519 draw, agree and export": async () => {
      const drawn = await subtle.generateKey("X25519", false, ["deriveBits"]);
      await Promise.all([agreement(drawn.privateKey), subtle.exportKey("raw", drawn.publicKey)]);
    },
    "WebCrypto, X25519 import and agree": async () => agreement(await subtle.importKey("pkcs8", own, "X25519", false, ["deriveBits"])),
    "Envelock, Curve25519 v6 sign 1 KB": () => sign(),
    "Envelock, Curve25519 v6 sign 1 KB twice": () => sign([...signers, ...signers]),
    "Envelock, Curve25519 v6 verify 1 KB": () => verify(signature),
    "Envelock, Curve25519 v6 verify 1 KB, signed twice": () => verify(twice),
    "Envelock, Curve25519 v6 encrypt 1 KB": () => encrypt(key.certificate),
    "Envelock, Curve25519 v6 decrypt 1 KB": () => decrypt(message),
    "Envelock, Curve25519 v6 decrypt 1 KB, encrypted to another first": () => decrypt(behind),
  });
}

/** A mail with a key in an open keystore, with one that has no passphrase, and what keeping something in the keystore takes: each use is written in its log. */
async function keystoreMails(found) {
  const entries = new Map();
  const storage = { get: (name) => entries.get(name), put: (name, octets) => void entries.set(name, octets), delete: (name) => void entries.delete(name), list: () => [...entries.keys()] };
  const passphrase = "correct horse battery staple";
  const keystore = await envelock.Keystore.open({ storage, passphrase });
  const userIds = [{ email: "bench@demo.example" }];
  for (const [name, profile] of [["v4", "compat"], ["v6", "rfc9580"]]) {
    const { key } = await envelock.generateKey({ userIds, profile, passphrase });
    const { key: bare } = await envelock.generateKey({ userIds, profile });
    const [message, other] = await Promise.all([key, bare].map(({ certificate }) => envelock.encrypt({ data: "A short message, as most are.", recipients: certificate, armor: false })));
    const unlocked = await openpgp.decryptKey({ privateKey: await openpgp.readPrivateKey({ binaryKey: key.binary }), passphrase });
    await inTurn(found, {
      [`Envelock, Curve25519 ${name} decrypt a mail, key in an open keystore`]: () => envelock.decrypt({ message, keys: { key, keystore } }),
      [`Envelock, Curve25519 ${name} decrypt a mail, key without a passphrase`]: () => envelock.decrypt({ message: other, keys: { key: bare } }),
      [`Envelock, keep a record in the keystore, beside a ${name} key`]: () => keystore.setRecord("bench", 1),
      [`OpenPGP.js, Curve25519 ${name} decrypt a mail, key unlocked before`]: () => peerDecrypts(openpgp, message, { decryptionKeys: unlocked }),
    });
  }
  await keystore.lock();
}

if (globalThis.process?.argv?.[1]?.endsWith("floor.mjs")) {
  let found;
  const [runtime, only] = process.argv[2] === "chromium" ? process.argv.slice(2) : ["node", process.argv[2]];
  if (runtime === "chromium") {
    const { launch, serve } = await import("./chromium.mjs");
    const [{ origin, close }, browser] = [await serve(), await launch()];
    const tab = await browser.newPage();
    await tab.goto(origin);
    found = await tab.evaluate(async (only) => (await import("/floor.mjs")).floors(only), only);
    await browser.close();
    close();
  } else found = await floors(only);
  for (const [name, ms] of Object.entries(found)) console.log(`${name}: ${ms.toFixed(3)} ms`);
}
