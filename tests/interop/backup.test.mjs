// A backup of a keystore without Envelock: rsop opens the file with the recovery code, gpg and sqop take the keys.
import assert from "node:assert/strict";
import { test } from "node:test";
import { encrypt, generateKey, Keystore } from "envelock";
import { run, workplace } from "./command.mjs";

const RSOP = process.env.RSOP ?? "rsop";
const GPG = process.env.GPG ?? "gpg";

test("rsop opens a backup, and gpg decrypts with a key that was in it", async () => {
  const kept = new Map();
  const storage = { get: (name) => kept.get(name), put: (name, bytes) => void kept.set(name, bytes), delete: (name) => void kept.delete(name), list: () => [...kept.keys()] };
  const keystore = await Keystore.open({ storage, passphrase: "harbour" });
  const { key } = await generateKey({ userIds: [{ name: "Anna Berg", email: "anna@demo.example" }], keystore });
  await keystore.add(key);
  const { key: ben } = await generateKey({ userIds: [{ name: "Ben", email: "ben@demo.example" }] });
  await keystore.add(ben.certificate);
  await keystore.setRecord("note", "hello");
  const { file, recoveryCode } = await keystore.backup();

  const { folder, file: written, remove } = await workplace();
  try {
    const opened = await run(RSOP, ["decrypt", `--with-password=${await written(recoveryCode)}`], file);
    assert.equal(opened.code, 0, opened.stderr);
    const text = new TextDecoder().decode(opened.stdout);
    assert.match(text, /^Envelock keystore backup 1\n/);
    assert.match(text, new RegExp(`^Record: ${Buffer.from("record:note").toString("base64")} ${Buffer.from('"hello"').toString("base64")}$`, "m"));

    const home = ["--homedir", folder, "--batch", "--yes", "--no-tty", "--trust-model", "always", "--pinentry-mode", "loopback", "--passphrase-file", await written(recoveryCode)];
    const imported = await run(GPG, [...home, "--import"], opened.stdout);
    assert.equal(imported.code, 0, imported.stderr);
    const listed = new TextDecoder().decode((await run(GPG, [...home, "--with-colons", "--list-secret-keys"])).stdout);
    assert.ok(listed.includes(key.fingerprint) && !listed.includes(ben.fingerprint), listed);
    const publicKeys = new TextDecoder().decode((await run(GPG, [...home, "--with-colons", "--list-keys"])).stdout);
    assert.ok(publicKeys.includes(ben.fingerprint), publicKeys);
    const message = await encrypt({ data: "for Anna", recipients: key });
    const decrypted = await run(GPG, [...home, "--decrypt"], new TextEncoder().encode(message));
    assert.equal(new TextDecoder().decode(decrypted.stdout), "for Anna", decrypted.stderr);

    const wrong = await run(RSOP, ["decrypt", `--with-password=${await written(recoveryCode.toLowerCase())}`], file);
    assert.notEqual(wrong.code, 0, "the code counts as printed");
  } finally {
    await run("gpgconf", ["--homedir", folder, "--kill", "all"]);
    await remove();
  }
});
