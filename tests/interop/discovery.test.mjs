// Where GnuPG would look for a certificate, and what of GnuPG's keys is kept when they are found.
import assert from "node:assert/strict";
import { test } from "node:test";
import { lookupKey, wkdUrls } from "envelock";
import { run, workplace } from "./command.mjs";

const PROGRAM = process.env.GPG ?? "gpg";

async function gnupg() {
  const { folder, remove } = await workplace();
  const gpg = async (args, input) => {
    const { code, stdout, stderr } = await run(PROGRAM, ["--homedir", folder, "--batch", "--yes", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", "", ...args], input);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const close = async () => {
    await run("gpgconf", ["--homedir", folder, "--kill", "all"]);
    await remove();
  };
  return { gpg, close, text: async (...args) => new TextDecoder().decode(await gpg(...args)) };
}

test("names in a Web Key Directory are GnuPG's", async () => {
  const { gpg, text, close } = await gnupg();
  try {
    for (const address of ["Joe.Doe@example.org", "a+b=c@example.org", "x@sub.example.org", "o'hara@example.org", "UPPER_case-1@example.org"]) {
      await gpg(["--quick-generate-key", address, "ed25519", "sign", "never"]);
      const [hash] = /[a-z0-9]{32}(?=@)/.exec(await text(["--with-wkd-hash", "--list-keys", `=${address}`])) ?? [];
      const { advanced, direct } = await wkdUrls(address);
      for (const url of [advanced, direct]) assert.equal(new URL(url).pathname.split("/").at(-1), hash, address);
      assert.equal(new URL(advanced).searchParams.get("l"), address.split("@")[0]);
    }
  } finally {
    await close();
  }
});

test("a key of GnuPG's is reduced to the address, and GnuPG reads what is left", async () => {
  const [maker, reader] = [await gnupg(), await gnupg()];
  try {
    await maker.gpg(["--quick-generate-key", "Nora <nora@example.org>", "future-default", "default", "never"]);
    await maker.gpg(["--quick-add-uid", "nora@example.org", "Nora at home <nora@home.example>"]);
    const published = await maker.gpg(["--export", "nora@example.org"]);
    const { certificates } = await lookupKey({ address: "nora@example.org", endpoint: false, fetch: async () => new Response(published) });
    assert.deepEqual(certificates.map(({ userIds, status, canEncrypt }) => [userIds, status, canEncrypt]), [[["Nora <nora@example.org>"], "valid", true]]);
    await reader.gpg(["--import"], certificates[0].binary);
    const listed = await reader.text(["--with-colons", "--list-keys"]);
    assert.deepEqual([...listed.matchAll(/^uid:(?:[^:]*:){8}([^:]+)/gm)].map(([, userId]) => userId), ["Nora <nora@example.org>"]);
    assert.match(listed, new RegExp(`^fpr:+${certificates[0].fingerprint}:`, "m"));
    assert.match(listed, /^sub:/m);
  } finally {
    await maker.close();
    await reader.close();
  }
});
