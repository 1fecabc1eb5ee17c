// What is exchanged with every peer, in both directions. A peer is what `gnupg.mjs`, `openpgpjs.mjs` and `sop.mjs` make:
// `{ name, keyProfiles, formats, generate, encrypt, decrypt, sign, verifyDetached, verifyInline, close }`, bytes in and out.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { decrypt, encrypt, generateKey, readKeys, sign, verify } from "envelock";

const OUR_PASSPHRASE = "our passphrase, with ümlaut";
const PASSWORD = "shared passwörd 17";
const BINARY = new Uint8Array(randomBytes(70_001)); // over one 64 KiB chunk, not text in any encoding
const TEXT = "Dear reader,\n- a line that starts with a dash\nFrom here on\ttabs and ünïcode: €\n\n-----BEGIN PGP SIGNED MESSAGE-----\nlast line\n";
const LARGE = new Uint8Array(Buffer.concat(Array.from({ length: 50 }, () => randomBytes(65_000)))); // more than a part of a stream
const streamOf = (data) => new Blob([data]).stream();
const collected = async (stream) => new Uint8Array(await new Response(stream).arrayBuffer());
const utf8 = (text) => new TextEncoder().encode(text);
const octets = (message) => (typeof message === "string" ? utf8(message) : message);
const sameBytes = (got, wanted) => assert.ok(Buffer.compare(Buffer.from(got), Buffer.from(wanted)) === 0, "the octets differ");

/** Exactly one signature, valid, by this certificate. */
function assertSignedBy(signatures, certificate) {
  assert.deepEqual(
    signatures.map(({ status, signer }) => ({ status, signer })),
    [{ status: "valid", signer: certificate.fingerprint }],
  );
}

export function exchangesWith(name, makePeer) {
  describe(name, async () => {
    const peer = await makePeer();
    after(() => peer.close());
    for (const profile of Object.keys(peer.keyProfiles)) exchangesOfKeys(peer, profile);
    for (const format of peer.formats) exchangesOfPasswords(peer, format);
  });
}

function exchangesOfKeys(peer, profile) {
  describe(`${peer.name}, ${profile} keys`, () => {
    let ours;
    let theirs;
    before(async () => {
      const userIds = [{ name: "Our Person", email: "our@example.org" }];
      const { key } = await generateKey({ userIds, profile, passphrase: OUR_PASSPHRASE });
      const made = await peer.generate(profile);
      const [theirCertificate] = await readKeys(made.certificate);
      ours = { key, certificate: key.certificate, signers: [{ key, passphrase: OUR_PASSPHRASE }] };
      theirs = { ...made, read: theirCertificate };
    });
    const theirKey = async () => (await readKeys(theirs.secret))[0];

    test("their key is read, without a problem", async () => {
      assert.equal(theirs.read.kind, "certificate");
      assert.equal(theirs.read.version, profile === "compat" ? 4 : 6);
      assert.equal(theirs.read.status, "valid");
      assert.deepEqual(theirs.read.problems, []);
      assert.equal((await theirKey()).fingerprint, theirs.read.fingerprint);
    });

    for (const armor of [true, false]) {
      const how = armor ? "armored" : "binary";

      test(`we encrypt to their key, ${how}`, async () => {
        const message = octets(await encrypt({ data: BINARY, recipients: [theirs.read], armor }));
        sameBytes((await peer.decrypt({ message, secret: theirs.secret })).data, BINARY);
      });
      test(`they encrypt to our key, ${how}`, async () => {
        const certificates = [ours.certificate.armored];
        const message = await peer.encrypt({ data: BINARY, certificates, armor });
        const { data, signatures } = await decrypt({ message, keys: ours.signers, as: "binary" });
        sameBytes(data, BINARY);
        assert.deepEqual(signatures, []);
      });
      test(`we sign apart, ${how}`, async () => {
        const signature = octets(await sign({ data: BINARY, signers: ours.signers, form: "detached", armor }));
        const certificates = [ours.certificate.armored];
        const { signedBy } = await peer.verifyDetached({ data: BINARY, signature, certificates });
        assert.deepEqual(signedBy, [ours.certificate.fingerprint]);
        const changed = BINARY.with(5, BINARY[5] ^ 1);
        await assert.rejects(peer.verifyDetached({ data: changed, signature, certificates }), "changed data must not verify");
      });
      test(`they sign apart, ${how}`, async () => {
        const signature = await peer.sign({ data: BINARY, secret: theirs.secret, form: "detached", armor });
        const { signatures } = await verify({ data: BINARY, signature, verifyWith: [theirs.read] });
        assertSignedBy(signatures, theirs.read);
        const changed = BINARY.with(5, BINARY[5] ^ 1);
        const bad = await verify({ data: changed, signature, verifyWith: [theirs.read] });
        assert.deepEqual(bad.signatures.map(({ status }) => status), ["invalid"]);
      });
      test(`we sign inline, ${how}`, async () => {
        const message = octets(await sign({ data: BINARY, signers: ours.signers, form: "inline", armor }));
        const { data, signedBy } = await peer.verifyInline({ message, certificates: [ours.certificate.armored] });
        sameBytes(data, BINARY);
        assert.deepEqual(signedBy, [ours.certificate.fingerprint]);
      });
      test(`they sign inline, ${how}`, async () => {
        const message = await peer.sign({ data: BINARY, secret: theirs.secret, form: "inline", armor });
        const { data, signatures } = await verify({ message, verifyWith: [theirs.read], as: "binary" });
        sameBytes(data, BINARY);
        assertSignedBy(signatures, theirs.read);
      });
    }

    test("we sign as cleartext", async () => {
      const message = octets(await sign({ data: TEXT, signers: ours.signers, form: "cleartext" }));
      const { data, signedBy } = await peer.verifyInline({ message, certificates: [ours.certificate.armored] });
      assert.equal(withoutFinalNewline(data), withoutFinalNewline(utf8(TEXT)));
      assert.deepEqual(signedBy, [ours.certificate.fingerprint]);
    });
    test("they sign as cleartext", async () => {
      const message = await peer.sign({ data: utf8(TEXT), secret: theirs.secret, form: "cleartext" });
      const { data, signatures } = await verify({ message, verifyWith: [theirs.read], as: "binary" });
      assert.equal(withoutFinalNewline(data), withoutFinalNewline(utf8(TEXT)));
      assertSignedBy(signatures, theirs.read);
    });
    test("we encrypt and sign; they read and know us", async () => {
      const message = octets(await encrypt({ data: BINARY, recipients: [theirs.read], signers: ours.signers }));
      const opened = await peer.decrypt({ message, secret: theirs.secret, verifyWith: [ours.certificate.armored] });
      sameBytes(opened.data, BINARY);
      assert.deepEqual(opened.signedBy, [ours.certificate.fingerprint]);
    });
    test("they encrypt and sign; we read and know them", async () => {
      const certificates = [ours.certificate.armored];
      const message = await peer.encrypt({ data: BINARY, certificates, signWith: theirs.secret });
      const opened = await decrypt({ message, keys: ours.signers, verifyWith: [theirs.read], as: "binary" });
      sameBytes(opened.data, BINARY);
      assertSignedBy(opened.signatures, theirs.read);
    });
    for (const armor of [true, false]) {
      const how = armor ? "armored" : "binary";

      test(`we encrypt and sign a stream; they read and know us, ${how}`, async () => {
        for (const data of [LARGE, LARGE.subarray(0, 2_097_152), new Uint8Array()]) {
          const message = await collected(await encrypt({ data: streamOf(data), recipients: [theirs.read], signers: ours.signers, armor }));
          const opened = await peer.decrypt({ message, secret: theirs.secret, verifyWith: [ours.certificate.armored] });
          sameBytes(opened.data, data);
          assert.deepEqual(opened.signedBy, [ours.certificate.fingerprint]);
        }
      });
      test(`they encrypt and sign; we read a stream and know them, ${how}`, async () => {
        const certificates = [ours.certificate.armored];
        const message = octets(await peer.encrypt({ data: LARGE, certificates, signWith: theirs.secret, armor }));
        const opened = await decrypt({ message: streamOf(message), keys: ours.signers, verifyWith: [theirs.read] });
        sameBytes(await collected(opened.data), LARGE);
        assertSignedBy(await opened.signatures, theirs.read);
      });
    }
    test("our locked secret key opens with its passphrase there", async () => {
      const message = octets(await encrypt({ data: BINARY, recipients: [ours.certificate] }));
      const opened = await peer.decrypt({ message, secret: ours.key.armored, passphrase: OUR_PASSPHRASE });
      sameBytes(opened.data, BINARY);
    });
    test("their secret key signs and decrypts here", async () => {
      const key = await theirKey();
      const unlocking = { key, ...(theirs.passphrase === undefined ? {} : { passphrase: theirs.passphrase }) };
      const message = await encrypt({ data: BINARY, recipients: [key.certificate], signers: [unlocking] });
      const opened = await decrypt({ message, keys: [unlocking], verifyWith: [key.certificate], as: "binary" });
      sameBytes(opened.data, BINARY);
      assertSignedBy(opened.signatures, theirs.read);
    });
    test("armored keys and messages of any length are read there", async () => {
      // gpg 2.2 needs a checksum or padding at the end: it failed on every third length.
      for (const name of ["A", "An", "Ann"]) {
        const { key } = await generateKey({ userIds: [{ name, email: "our@example.org" }], profile, passphrase: OUR_PASSPHRASE });
        for (const data of ["1", "12", "123"]) {
          const message = octets(await encrypt({ data, recipients: [key], signers: [{ key, passphrase: OUR_PASSPHRASE }] }));
          const given = { message, secret: key.armored, passphrase: OUR_PASSPHRASE, verifyWith: [key.certificate.armored] };
          const opened = await peer.decrypt(given);
          sameBytes(opened.data, utf8(data));
          assert.deepEqual(opened.signedBy, [key.fingerprint]);
          const signature = octets(await sign({ data, signers: [{ key, passphrase: OUR_PASSPHRASE }], form: "detached" }));
          const certificates = [key.certificate.armored];
          assert.equal((await peer.verifyDetached({ data: utf8(data), signature, certificates })).signedBy.length, 1);
        }
      }
    });
    test("a message to a key and a password opens with either there", async () => {
      // A v6 certificate implies SEIPD v2; a v4 one says in its features what it reads.
      const message = octets(await encrypt({ data: BINARY, recipients: [theirs.read], passwords: [PASSWORD] }));
      sameBytes((await peer.decrypt({ message, secret: theirs.secret })).data, BINARY);
      sameBytes((await peer.decrypt({ message, passwords: [PASSWORD] })).data, BINARY);
    });
  });
}

function exchangesOfPasswords(peer, format) {
  describe(`${peer.name}, passwords, ${format}`, () => {
    for (const armor of [true, false]) {
      const how = armor ? "armored" : "binary";
      test(`we encrypt with a password, ${how}`, async () => {
        const message = octets(await encrypt({ data: BINARY, passwords: [PASSWORD], format, armor }));
        sameBytes((await peer.decrypt({ message, passwords: [PASSWORD] })).data, BINARY);
        await assert.rejects(peer.decrypt({ message, passwords: ["another"] }), "another password must not open it");
        for (const data of ["1", "12", "123"]) {
          const short = octets(await encrypt({ data, passwords: [PASSWORD], format, armor, padding: false }));
          sameBytes((await peer.decrypt({ message: short, passwords: [PASSWORD] })).data, utf8(data));
        }
      });
      test(`they encrypt with a password, ${how}`, async () => {
        const message = await peer.encrypt({ data: BINARY, passwords: [PASSWORD], armor, ...peer.writes?.[format] });
        sameBytes((await decrypt({ message, passwords: [PASSWORD], as: "binary" })).data, BINARY);
        await assert.rejects(decrypt({ message, passwords: ["another"] }), { code: "decryption-failed" });
      });
    }
  });
}

function withoutFinalNewline(data) {
  return new TextDecoder().decode(data).replaceAll("\r\n", "\n").replace(/\n+$/, "");
}
