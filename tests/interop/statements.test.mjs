// Notations and session keys, both ways: OpenPGP.js, gpg, Sequoia.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { decrypt, decryptSessionKeys, encrypt, encryptSessionKey, generateKey, generateSessionKey, sign, verify } from "envelock";
import * as openpgp from "openpgp";
import { run, workplace } from "./command.mjs";
import { gnupgHome } from "./gnupg_home.mjs";

const passphrase = "x";
const NAME = "ticket@example.org";
const data = "text\n";
let gpg, place, anna;
before(async () => {
  [gpg, place] = [await gnupgHome(), await workplace()];
  anna = (await generateKey({ userIds: [{ email: "anna@example.org" }], passphrase })).key;
  await gpg.gpg(["--import"], { input: Buffer.from(anna.armored), passphrase });
});
after(async () => {
  await gpg.close();
  await place.remove();
});
const ours = (notations) => sign({ data, signers: { key: anna, passphrase }, form: "detached", notations });

test("gpg reads our notations and writes its own", async () => {
  const signature = await place.file(await ours([{ name: NAME, value: "seven" }]));
  const { said } = await gpg.gpg(["--status-fd", "2", "--verify", signature, await place.file(data)]);
  assert.match(said, /NOTATION_NAME ticket@example.org/);
  assert.match(said, /NOTATION_DATA seven/);
  for (const [mark, critical] of [["", false], ["!", true]]) {
    const made = await gpg.gpg(["--local-user", anna.fingerprint, "--sig-notation", `${mark}${NAME}=acht`, "--armor", "--detach-sign"], { input: Buffer.from(data), passphrase });
    const { signatures: [unknown] } = await verify({ data, signature: made.data, verifyWith: anna });
    assert.equal(unknown.status, critical ? "invalid" : "valid");
    const { signatures: [known] } = await verify({ data, signature: made.data, verifyWith: anna, knownNotations: [NAME] });
    assert.deepEqual([known.status, known.notations], ["valid", [{ name: NAME, value: "acht", critical }]]);
  }
});

test("OpenPGP.js reads our notations and writes its own", async () => {
  const verificationKeys = await openpgp.readKey({ armoredKey: anna.certificate.armored });
  const check = async (signature, config) => {
    const message = await openpgp.createMessage({ binary: Buffer.from(data) });
    const read = await openpgp.verify({ message, signature: await openpgp.readSignature({ armoredSignature: signature }), verificationKeys, config });
    await read.signatures[0].verified;
    return (await read.signatures[0].signature).packets[0];
  };
  const plain = await check(await ours([{ name: NAME, value: "seven" }]));
  assert.equal(plain.notations[NAME], "seven");
  const critical = await ours([{ name: NAME, value: Uint8Array.of(0, 255), critical: true }]);
  await assert.rejects(check(critical));
  const [raw] = (await check(critical, { knownNotations: [NAME] })).rawNotations.filter(({ name }) => name === NAME);
  assert.deepEqual([raw.humanReadable, [...raw.value]], [false, [0, 255]]);

  const locked = await openpgp.readPrivateKey({ armoredKey: anna.armored });
  const signature = await openpgp.sign({
    message: await openpgp.createMessage({ binary: Buffer.from(data) }), signingKeys: await openpgp.decryptKey({ privateKey: locked, passphrase }), detached: true,
    signatureNotations: [{ name: NAME, value: Buffer.from("neun"), humanReadable: true, critical: true }],
  });
  assert.equal((await verify({ data, signature, verifyWith: anna })).signatures[0].reason, "unknown-critical");
  const { signatures: [known] } = await verify({ data, signature, verifyWith: anna, knownNotations: [NAME] });
  assert.equal(known.status, "valid");
  assert.deepEqual(known.notations.find(({ name }) => name === NAME), { name: NAME, value: "neun", critical: true });
});

for (const [format, config] of [["seipd-v1", {}], ["seipd-v2", { aeadProtect: true }]]) {
  test(`session keys of ${format} go to OpenPGP.js and come back`, async () => {
    const sessionKey = await generateSessionKey({ recipients: anna, format });
    const message = await encrypt({ data, recipients: anna, sessionKey, format });
    const theirs = await openpgp.readMessage({ armoredMessage: message });
    const locked = await openpgp.readPrivateKey({ armoredKey: anna.armored });
    const decryptionKeys = await openpgp.decryptKey({ privateKey: locked, passphrase });
    const [found] = await openpgp.decryptSessionKeys({ message: theirs, decryptionKeys });
    assert.deepEqual([...found.data], [...sessionKey.data]);
    const again = await openpgp.readMessage({ armoredMessage: message });
    assert.equal((await openpgp.decrypt({ message: again, sessionKeys: { ...sessionKey } })).data, data);

    const encryptionKeys = await openpgp.readKey({ armoredKey: anna.certificate.armored });
    const drawn = { data: sessionKey.data, algorithm: "aes256", ...(format === "seipd-v2" && { aeadAlgorithm: "gcm" }) };
    const packets = await openpgp.encryptSessionKey({ ...drawn, encryptionKeys, format: "binary", config });
    assert.deepEqual((await decryptSessionKeys({ message: packets, keys: { key: anna, passphrase } }))[0].data, sessionKey.data);
    const own = await openpgp.readMessage({ binaryMessage: await encryptSessionKey({ sessionKey, recipients: anna, format }) });
    assert.deepEqual([...(await openpgp.decryptSessionKeys({ message: own, decryptionKeys }))[0].data], [...sessionKey.data]);
  });
}

test("session keys go to Sequoia and come back", async () => {
  const message = await encrypt({ data, recipients: anna });
  const [sessionKey] = await decryptSessionKeys({ message, keys: { key: anna, passphrase } });
  const hex = Buffer.from(sessionKey.data).toString("hex").toUpperCase();
  const opened = await run("sqop", ["decrypt", `--with-session-key=${await place.file(`9:${hex}`)}`], Buffer.from(message));
  assert.equal(opened.code, 0, opened.stderr);
  assert.equal(new TextDecoder().decode(opened.stdout), data);
  const out = `${await place.file("")}.session`;
  const encrypted = await run("sqop", ["encrypt", await place.file(anna.certificate.armored)], Buffer.from(data));
  const told = await run("sqop", ["decrypt", `--session-key-out=${out}`, `--with-key-password=${await place.file(passphrase)}`, await place.file(anna.armored)], encrypted.stdout);
  assert.equal(told.code, 0, told.stderr);
  const [cipher, key] = (await readFile(out, "utf8")).trim().split(":");
  const algorithm = { 7: "aes128", 8: "aes192", 9: "aes256" }[cipher];
  const read = await decrypt({ message: encrypted.stdout, sessionKeys: { algorithm, data: Uint8Array.from(Buffer.from(key, "hex")) } });
  assert.equal(read.data, data);
});
