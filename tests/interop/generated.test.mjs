// New keys that the platform signed, as others see them: every signature good, and the revocation certificate ends the key.
import assert from "node:assert/strict";
import { before, describe, mock, test } from "node:test";
import { generateKey } from "envelock";
import * as openpgp from "openpgp";
import { run, workplace } from "./command.mjs";
import { gnupgHome } from "./gnupg_home.mjs";

const SQ = process.env.SQ ?? "sq";
const KINDS = {
  RSA: { profile: "rsa", bits: 2048 },
  "P-256": { profile: "nist", curve: "p256" },
  "P-384": { profile: "nist", curve: "p384" },
  "P-521": { profile: "nist", curve: "p521" },
  // These are signed in wasm, in the same frames.
  "Curve25519, v4": { profile: "compat" },
  "Curve25519, v6": { profile: "rfc9580" },
};
const NAMES = ["Anna", "Berg"];

/** Hides `node:crypto`, as in a browser. */
function hide() {
  const find = process.getBuiltinModule;
  mock.method(process, "getBuiltinModule", (name) => (name === "node:crypto" ? undefined : find(name)));
}

for (const [kind, options] of Object.entries(KINDS)) {
  for (const platform of ["node:crypto", "WebCrypto"]) {
    describe(`a new key, ${kind}, by ${platform}`, () => {
      let made;
      before(async () => {
        if (platform === "WebCrypto") hide();
        made = await generateKey({ userIds: NAMES.map((name) => ({ name })), ...options }).finally(() => mock.restoreAll());
      });

      test("OpenPGP.js", async () => {
        const key = await openpgp.readKey({ armoredKey: made.key.certificate.armored });
        assert.deepEqual((await key.verifyAllUsers()).map(({ userID, valid }) => [userID, valid]).sort(), NAMES.map((name) => [name, true]));
        await key.getSigningKey();
        await key.getEncryptionKey();
        const revoked = await openpgp.revokeKey({ key, revocationCertificate: made.revocationCertificate, format: "object" });
        assert.equal(await revoked.publicKey.isRevoked(), true);
      });
      // Neither GnuPG nor this Sequoia has keys of version 6.
      const skip = options.profile === "rfc9580";
      test("GnuPG", { skip }, async () => {
        const home = await gnupgHome();
        try {
          await home.take(made.key.certificate.binary);
          const listed = await home.key(made.key.fingerprint);
          const signatures = [listed, ...listed.userIds, ...listed.subkeys].flatMap((record) => record.signatures);
          assert.deepEqual(signatures.map(({ validity }) => validity), ["!", "!", "!"]);
          await home.take(made.revocationCertificate);
          assert.equal((await home.key(made.key.fingerprint)).validity, "r");
        } finally {
          await home.close();
        }
      });
      test("Sequoia", { skip }, async () => {
        const place = await workplace();
        try {
          const inspect = async (armored) => {
            const { code, stdout, stderr } = await run(SQ, ["inspect", await place.file(armored)]);
            assert.equal(code, 0, stderr);
            return new TextDecoder().decode(stdout);
          };
          const text = await inspect(made.key.certificate.armored);
          assert.doesNotMatch(text, /Revoked|Invalid|Bad/);
          for (const part of ["Subkey:", ...NAMES.map((name) => `UserID: ${name}`)]) assert.ok(text.includes(part), text);
        } finally {
          await place.remove();
        }
      });
    });
  }
}
