// Makes two keys, signs and encrypts from one to the other, and judges the signature. Run: node sign-and-verify.mjs
import { decrypt, encrypt, generateKey, readKeys } from "envelock";

const passphrase = "only for this example";
const { key: anna, revocationCertificate } = await generateKey({ userIds: [{ name: "Anna", email: "anna@example.org" }], passphrase });
const { key: ben } = await generateKey({ userIds: [{ name: "Ben", email: "ben@example.org" }], profile: "rfc9580", passphrase });
console.log("Keep this apart from the key:", revocationCertificate.split("\n")[0]);

// What Ben's mail program got from Anna: her certificate, as text.
const [certificate] = await readKeys(anna.certificate.armored);

const message = await encrypt({ data: "Hello Ben", recipients: ben.certificate, signers: { key: anna, passphrase } });
const { data, signatures } = await decrypt({ message, keys: { key: ben, passphrase }, verifyWith: certificate });
for (const { status, signerUserId, created } of signatures) console.log(data, "–", status, signerUserId, created);
