// A secret key made by another program, whose bare secret octets the test knows: so it can look for them afterwards.
import * as openpgp from "openpgp";

export const OWNER = { name: "Archive of the Bergs", email: "archive@demo.example" };

/** The armored key, locked, and the octets that must never lie around in clear. */
export async function foreignKey(passphrase) {
  const { privateKey } = await openpgp.generateKey({ userIDs: [OWNER], type: "ecc", format: "object" });
  const octets = {};
  for (const [name, key] of [["primary", privateKey], ["subkey", privateKey.subkeys[0]]]) {
    for (const [parameter, value] of Object.entries(key.keyPacket.privateParams)) {
      octets[`secret ${parameter} of the ${name} key`] = value;
      octets[`secret ${parameter} of the ${name} key, turned round`] = Uint8Array.from(value).reverse();
    }
  }
  if (Object.keys(octets).length !== 4) throw new Error(`four secrets expected, got ${Object.keys(octets)}`);
  const locked = await openpgp.encryptKey({ privateKey, passphrase });
  return { armored: locked.armor(), fingerprint: privateKey.getFingerprint().toUpperCase(), octets };
}
