// OpenPGP.js 6 as a peer. It reads both key versions and both SEIPD versions; what it writes is set per call.
import * as openpgp from "openpgp";

const ALGORITHMS = {
  compat: { type: "ecc" },
  rfc9580: { type: "curve25519" },
  rsa: { type: "rsa", rsaBits: 3072 },
  p256: { type: "ecc", curve: "nistP256" },
};
const text = (octets) => (typeof octets === "string" ? octets : new TextDecoder().decode(octets));
const isArmored = (octets) => typeof octets === "string" || octets[0] === 0x2d;
const message = (octets) =>
  openpgp.readMessage(isArmored(octets) ? { armoredMessage: text(octets) } : { binaryMessage: octets });
const keys = async (list = []) =>
  Promise.all(list.map((key) => openpgp.readKey(isArmored(key) ? { armoredKey: text(key) } : { binaryKey: key })));
const format = (armor) => (armor ? "armored" : "binary");

async function privateKey(key, passphrase) {
  const locked = await openpgp.readPrivateKey(isArmored(key) ? { armoredKey: text(key) } : { binaryKey: key });
  return passphrase === undefined ? locked : openpgp.decryptKey({ privateKey: locked, passphrase });
}

/** Fingerprints of the certificates whose signatures OpenPGP.js found valid; it throws for one that is not. */
async function signedBy(signatures, certificates) {
  const found = [];
  for (const { keyID, verified } of signatures) {
    await verified;
    const signer = certificates.find((certificate) => certificate.getKeys(keyID).length > 0);
    found.push(signer.getFingerprint().toUpperCase());
  }
  return found;
}

export async function openpgpjsPeer() {
  return {
    name: "OpenPGP.js 6",
    keyProfiles: { compat: [], rfc9580: [] },
    keyKinds: Object.keys(ALGORITHMS),
    formats: ["seipd-v1", "seipd-v2"],
    async close() {},

    async generate(profile) {
      const config = profile === "rfc9580" ? { v6Keys: true, aeadProtect: true } : {};
      const userIDs = [{ name: "Peer Person", email: "peer@example.org" }];
      const { privateKey: secret, publicKey: certificate } = await openpgp.generateKey({ userIDs, ...ALGORITHMS[profile], config });
      return { secret, certificate };
    },
    writes: { "seipd-v1": {}, "seipd-v2": { config: { aeadProtect: true, s2kType: openpgp.enums.s2k.argon2 } } },
    async encrypt({ data, certificates = [], passwords = [], signWith, armor = true, config = {} }) {
      return openpgp.encrypt({
        message: await openpgp.createMessage({ binary: data }),
        encryptionKeys: await keys(certificates),
        passwords,
        signingKeys: signWith === undefined ? [] : [await privateKey(signWith)],
        format: format(armor),
        config,
      });
    },
    async decrypt({ message: octets, secret, passphrase, passwords = [], verifyWith = [] }) {
      const verificationKeys = await keys(verifyWith);
      const { data, signatures } = await openpgp.decrypt({
        message: await message(octets),
        ...(secret === undefined ? { passwords } : { decryptionKeys: [await privateKey(secret, passphrase)] }),
        verificationKeys,
        format: "binary",
      });
      return { data, signedBy: verifyWith.length === 0 ? [] : await signedBy(signatures, verificationKeys) };
    },
    async sign({ data, secret, form, armor = true }) {
      const signingKeys = [await privateKey(secret)];
      if (form === "cleartext") {
        return openpgp.sign({ message: await openpgp.createCleartextMessage({ text: text(data) }), signingKeys });
      }
      const plain = await openpgp.createMessage({ binary: data });
      return openpgp.sign({ message: plain, signingKeys, detached: form === "detached", format: format(armor) });
    },
    async verifyDetached({ data, signature, certificates }) {
      const verificationKeys = await keys(certificates);
      const { signatures } = await openpgp.verify({
        message: await openpgp.createMessage({ binary: data }),
        signature: await openpgp.readSignature(
          isArmored(signature) ? { armoredSignature: text(signature) } : { binarySignature: signature },
        ),
        verificationKeys,
        format: "binary",
      });
      return { signedBy: await signedBy(signatures, verificationKeys) };
    },
    async verifyInline({ message: octets, certificates }) {
      const verificationKeys = await keys(certificates);
      const cleartext = isArmored(octets) && text(octets).startsWith("-----BEGIN PGP SIGNED MESSAGE");
      const { data, signatures } = cleartext
        ? await openpgp.verify({ message: await openpgp.readCleartextMessage({ cleartextMessage: text(octets) }), verificationKeys })
        : await openpgp.verify({ message: await message(octets), verificationKeys, format: "binary" });
      const octetsOut = typeof data === "string" ? new TextEncoder().encode(data) : data;
      return { data: octetsOut, signedBy: await signedBy(signatures, verificationKeys) };
    },
  };
}
