// Keys of GnuPG, certified by others, edited by us: gpg reads them again, and the certifications are still there and good.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import {
  addSubkey, addUserId, applyRevocation, certifyKey, changePassphrase, decrypt, encrypt, generateKey, readKeys, revokeCertification,
  revokeKey, revokeSubkey, revokeUserId, setExpiration, setPrimaryUserId, sign, unlockCheck,
} from "envelock";
import { gnupgHome } from "./gnupg_home.mjs";
import { added } from "./packets.mjs";

const DAY = 86_400_000;
const passphrase = "gnupg's own passphrase";
const IVO = "Ivo Ahorn <ivo@example.org>";
const SECOND = "Ivo <ivo@second.example>";
const NOW = Math.floor(Date.now() / 1000) * 1000;
const inDays = (days) => new Date(NOW + days * DAY);
const encoder = new TextEncoder();

describe("a gpg key with other people's certifications", () => {
  let home;
  let others;
  let ivo;
  const own = (key = ivo) => ({ key, passphrase });
  before(async () => {
    home = await gnupgHome();
    const quick = ["--faked-system-time", String(NOW / 1000 - 20 * 86_400)];
    for (const [id, algorithm] of [[IVO, "rsa2048"], ["Carl <carl@example.org>", "future-default"], ["Dora <dora@example.org>", "nistp256"]]) {
      await home.gpg([...quick, "--quick-generate-key", id, algorithm, algorithm === "future-default" ? "default" : "sign,cert", "1y"], { passphrase });
    }
    const { fingerprint } = await home.key(IVO);
    await home.gpg([...quick, "--quick-add-key", fingerprint, "rsa2048", "encrypt", "1y"], { passphrase });
    await home.gpg([...quick, "--quick-add-uid", fingerprint, SECOND], { passphrase });
    for (const signer of ["carl@example.org", "dora@example.org"]) {
      await home.gpg(["--local-user", signer, "--quick-sign-key", fingerprint], { passphrase });
    }
    const given = await home.give(fingerprint, passphrase);
    [ivo] = await readKeys(given.secret);
    added(given.secret, ivo.binary);
    added(given.certificate, ivo.certificate.binary);
    const people = await Promise.all(["carl@example.org", "dora@example.org"].map((name) => home.give(name, passphrase)));
    others = people.map(({ certificate }) => certificate);
  });
  after(() => home?.close());

  /** Lists the edited key in a fresh home that knows Carl and Dora: four certifications by them, and everything good. */
  async function seen(edited, use = async () => {}, certifications = 4) {
    added(ivo.binary, edited.binary);
    added(ivo.certificate.binary, edited.certificate.binary);
    const fresh = await gnupgHome();
    try {
      for (const certificate of others) await fresh.take(certificate);
      await fresh.take(edited.certificate.binary);
      const listed = await fresh.key(edited.fingerprint);
      const all = [listed, ...listed.userIds, ...listed.subkeys].flatMap(({ signatures }) => signatures);
      assert.deepEqual(all.filter(({ validity }) => validity !== "!"), [], "bad signatures");
      const foreign = listed.userIds.flatMap(({ signatures }) => signatures).filter(({ keyId }) => keyId !== listed.keyId);
      assert.equal(foreign.length, certifications, "certifications by others");
      await use(fresh);
      return listed;
    } finally {
      await fresh.close();
    }
  }
  const encryptsTo = async (fresh) => (await fresh.gpg(["--encrypt", "--recipient", ivo.fingerprint], { input: encoder.encode("for Ivo") })).data;
  const opens = async (message, key) => assert.equal((await decrypt({ message, keys: own(key) })).data, "for Ivo");

  test("as it came", async () => {
    assert.deepEqual(ivo.problems, []);
    const listed = await seen(ivo);
    assert.deepEqual(listed.userIds.map(({ text }) => text).sort(), [SECOND, IVO].sort());
  });
  test("a user ID added", async () => {
    const edited = await addUserId({ key: own(), userId: { email: "ivo@new.example" } });
    const listed = await seen(edited, async (fresh) => opens(await encryptsTo(fresh), edited));
    assert.equal(listed.userIds.length, 3);
    assert.equal(listed.userIds[0].text, (await seen(ivo)).userIds[0].text, "the primary one stays");
    const ends = (key) => key.expires?.getTime();
    assert.equal(listed.expires?.getTime(), ends(ivo));
  });
  test("a user ID revoked, and the other made the primary one", async () => {
    const edited = await revokeUserId({ key: own(), userId: SECOND, text: "gone" });
    assert.equal((await seen(edited)).userIds.find(({ text }) => text === SECOND).validity, "r");
    for (const userId of [IVO, SECOND]) {
      assert.equal((await seen(await setPrimaryUserId({ key: own(), userId }))).userIds[0].text, userId);
    }
  });
  test("its end moved", async () => {
    const expires = inDays(800);
    const edited = await setExpiration({ key: own(), expires });
    assert.deepEqual((await seen(edited)).expires, expires);
    assert.equal((await seen(await setExpiration({ key: own(edited), expires: null }))).expires, undefined);
    const [subkey] = (await seen(ivo)).subkeys;
    const listed = await seen(await setExpiration({ key: own(), expires, subkey: subkey.fingerprint }));
    assert.deepEqual(listed.subkeys[0].expires, expires);
  });
  test("subkeys added and revoked", async () => {
    const edited = await addSubkey({ key: own(), use: "encrypt", algorithm: "curve25519" });
    await seen(edited, async (fresh) => opens(await encryptsTo(fresh), edited));
    const [subkey] = (await seen(ivo)).subkeys;
    const revoked = await revokeSubkey({ key: own(), subkey: subkey.fingerprint, reason: "superseded" });
    await seen(revoked, (fresh) => assert.rejects(encryptsTo(fresh), /nusable public key/));
  });
  test("revoked by us, and by gpg's own revocation certificate", async () => {
    assert.equal((await seen(await revokeKey({ key: own(), reason: "retired" }))).validity, "r");
    const folder = join((await home.gpg(["--version"])).text.match(/^Home: (.+)$/m)[1], "openpgp-revocs.d");
    assert.equal((await readdir(folder)).length, 3);
    // As it lies there: prose, and a colon before the armor.
    const revocation = await readFile(join(folder, `${ivo.fingerprint}.rev`), "utf8");
    assert.match(revocation, /^:-----BEGIN/m);
    assert.equal((await seen(await applyRevocation({ key: ivo, revocation }))).validity, "r");
    const [carl] = await readKeys(others[0]);
    await assert.rejects(applyRevocation({ key: carl, revocation }), ({ code }) => code === "key-mismatch");
    await home.gpg(["--with-colons", "--list-keys"]);
  });
  test("certified by us, checked by gpg, and taken back", async () => {
    const { key: anna } = await generateKey({ userIds: [{ name: "Anna", email: "anna@demo.example" }], passphrase: "x", date: inDays(-1) });
    const signer = { key: anna, passphrase: "x" };
    others.push(anna.certificate.binary);
    try {
      const certificate = ivo.certificate;
      const certified = await certifyKey({ certificate, userIds: [IVO], signer, expires: inDays(30), trust: { depth: 1, amount: 120 } });
      assert.deepEqual(added(certificate.binary, certified.binary), [2]);
      const read = async (changed, count) => (await seen({ ...ivo, certificate: changed }, undefined, count)).userIds
        .find(({ text }) => text === IVO).signatures.filter(({ keyId }) => keyId === anna.keyId);
      const [signature] = await read(certified, 5);
      assert.deepEqual([signature.class, signature.expires, signature.trust], ["10x", inDays(30), "1 120"]);
      const back = await revokeCertification({ certificate: certified, userIds: [IVO], signer, text: "not Ivo" });
      const both = await read(back, 6);
      assert.deepEqual(both.map(({ type, validity }) => [type, validity]), [["sig", "!"], ["rev", "!"]]);
      // A local one is not taken from a file that comes from elsewhere.
      const local = await certifyKey({ certificate, userIds: [SECOND], signer, exportable: false });
      await read(local, 4);
      const kept = await gnupgHome();
      await kept.gpg(["--import-options", "import-local-sigs", "--import"], { input: local.binary });
      await kept.take(anna.certificate.binary);
      const second = (await kept.key(ivo.fingerprint)).userIds.find(({ text }) => text === SECOND);
      assert.deepEqual(second.signatures.filter(({ keyId }) => keyId === anna.keyId).map((it) => it.class), ["10l"]);
      await kept.close();
    } finally {
      others.pop();
    }
  });
  test("a new passphrase", async () => {
    const changed = await changePassphrase({ key: ivo, passphrase, newPassphrase: "lantern" });
    await seen({ ...changed, binary: ivo.binary }, async (fresh) => {
      await fresh.take(changed.binary, "lantern");
      await fresh.gpg(["--sign", "--local-user", ivo.fingerprint], { input: encoder.encode("x"), passphrase: "lantern" });
    });
  });

  describe("without its primary secret, as --export-secret-subkeys writes it", () => {
    let offline;
    before(async () => {
      await home.gpg(["--quick-add-key", ivo.fingerprint, "ed25519", "sign", "1y"], { passphrase });
      const { data } = await home.gpg(["--export-secret-subkeys", ivo.fingerprint], { passphrase });
      [offline] = await readKeys(data);
      added(data, offline.binary);
    });
    test("works, and says what it cannot do", async () => {
      assert.deepEqual(offline.problems.map(({ code }) => code), ["secret-absent"]);
      const key = own(offline);
      await opens(await encrypt({ data: "for Ivo", recipients: offline }), offline);
      const message = await sign({ data: "signed", signers: key, form: "inline" });
      assert.match((await home.gpg(["--verify", "--status-fd", "1"], { input: encoder.encode(message) })).text, /VALIDSIG/);
      const absent = (edit) => assert.rejects(edit, ({ code }) => code === "secret-absent");
      await absent(addUserId({ key, userId: { name: "x" } }));
      await absent(setExpiration({ key, expires: null }));
      await absent(addSubkey({ key, use: "sign" }));
      await absent(revokeKey({ key }));
      await absent(certifyKey({ certificate: (await readKeys(others[0]))[0], userIds: ["Carl <carl@example.org>"], signer: key }));
    });
    test("takes a new passphrase, and gpg takes it back", async () => {
      const changed = await changePassphrase({ key: offline, passphrase, newPassphrase: "lantern" });
      assert.equal(await unlockCheck({ key: changed, passphrase: "lantern" }), true);
      const fresh = await gnupgHome();
      await fresh.take(changed.binary, "lantern");
      const { text } = await fresh.gpg(["--with-colons", "--list-secret-keys"]);
      assert.match(text, /^sec:(?:[^:]*:){13}#:/m, "the primary secret is kept elsewhere");
      const { data } = await fresh.gpg(["--sign"], { input: encoder.encode("signed"), passphrase: "lantern" });
      assert.match((await home.gpg(["--verify", "--status-fd", "1"], { input: data })).text, /VALIDSIG/);
      await fresh.close();
    });
  });
});
