// Keys of ours, edited by us: GnuPG reads what we meant, and uses it.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import {
  addSubkey, addUserId, applyRevocation, certifyKey, changePassphrase, decrypt, generateKey, generateRevocation, mergeKeys, minimizeKey, revokeKey,
  revokeSubkey, revokeUserId, setExpiration, setPrimaryUserId, sign,
} from "envelock";
import { gnupgHome } from "./gnupg_home.mjs";
import { added } from "./packets.mjs";

const DAY = 86_400_000;
const passphrase = "our passphrase, with ümlaut";
const ANNA = "Anna Berg <anna@demo.example>";
const BERG = "Berg <berg@demo.example>";
const NEW = "Anna: neu <neu@demo.example>";
const NOW = Math.floor(Date.now() / 1000) * 1000;
const inDays = (days) => new Date(NOW + days * DAY);
const encoder = new TextEncoder();

for (const profile of [{ profile: "compat" }, { profile: "nist", curve: "p256" }, { profile: "rsa", bits: 2048 }]) {
  describe(`gpg reads an edited key of profile ${profile.profile}`, () => {
    let key;
    const own = (edited = key) => ({ key: edited, passphrase });
    before(async () => {
      const userIds = [{ name: "Anna Berg", email: "anna@demo.example" }, { name: "Berg", email: "berg@demo.example" }];
      ({ key } = await generateKey({ userIds, passphrase, date: inDays(-10), ...profile }));
    });

    /** Lists the edited certificate in a fresh home. Every signature on it must be good. */
    async function seen(edited, use = async () => {}) {
      const home = await gnupgHome();
      try {
        await home.take(edited.certificate.binary);
        const listed = await home.key(edited.fingerprint);
        const all = [listed, ...listed.userIds, ...listed.subkeys].flatMap((record) => record.signatures);
        assert.deepEqual(all.filter((signature) => signature.validity !== "!"), [], "bad signatures");
        await use(home);
        return listed;
      } finally {
        await home.close();
      }
    }
    const encryptsTo = async (home, name) => {
      const { data } = await home.gpg(["--encrypt", "--recipient", name], { input: encoder.encode("to an edited key") });
      const { text } = await home.gpg(["--list-packets", "--list-only"], { input: data });
      return { message: data, keyIds: [...text.matchAll(/pubkey enc packet: .* keyid (\w+)/g)].map((hit) => hit[1]) };
    };
    const opens = async (message, edited) => assert.equal((await decrypt({ message, keys: own(edited) })).data, "to an edited key");

    test("a user ID added", async () => {
      const edited = await addUserId({ key: own(), userId: { name: "Anna: neu", email: "neu@demo.example" } });
      assert.deepEqual(added(key.certificate.binary, edited.certificate.binary), [13, 2]);
      assert.deepEqual(added(key.binary, edited.binary), [13, 2]);
      const listed = await seen(edited, async (home) => opens((await encryptsTo(home, "neu@demo.example")).message, edited));
      assert.deepEqual(listed.userIds.map(({ text, validity }) => [text, validity]).sort(), [[ANNA, "-"], [NEW, "-"], [BERG, "-"]].sort());
      assert.equal(listed.userIds[0].text, ANNA, "the primary one stays");
    });

    test("a user ID revoked", async () => {
      const edited = await revokeUserId({ key: own(), userId: BERG, text: "moved house" });
      assert.deepEqual(added(key.certificate.binary, edited.certificate.binary), [2]);
      const listed = await seen(edited, async (home) => {
        await assert.rejects(encryptsTo(home, "berg@demo.example"), /No public key|Unusable/);
        await opens((await encryptsTo(home, "anna@demo.example")).message, edited);
      });
      const berg = listed.userIds.find(({ text }) => text === BERG);
      assert.equal(berg.validity, "r");
      const revocation = berg.signatures.find(({ type }) => type === "rev");
      assert.deepEqual([revocation.class, revocation.comment], ["30x,20", "moved house"]);
    });

    test("another primary user ID", async () => {
      const edited = await setPrimaryUserId({ key: own(), userId: BERG });
      assert.deepEqual(added(key.certificate.binary, edited.certificate.binary), [2, 2]);
      const listed = await seen(edited);
      assert.deepEqual([listed.userIds[0].text, listed.capabilities], [BERG, "scESC"]);
    });

    test("an end set, prolonged after it passed, and taken away", async () => {
      const short = await setExpiration({ key: own(), expires: inDays(-2), date: inDays(-9) });
      const listed = await seen(short, (home) => assert.rejects(encryptsTo(home, key.fingerprint), /nusable public key/));
      assert.deepEqual([listed.validity, listed.expires], ["e", inDays(-2)]);
      const expires = inDays(365);
      const long = await setExpiration({ key: own(short), expires });
      added(short.certificate.binary, long.certificate.binary);
      const again = await seen(long, async (home) => opens((await encryptsTo(home, key.fingerprint)).message, long));
      assert.deepEqual([again.validity, again.expires, again.userIds[0].text], ["-", expires, ANNA]);
      const never = await setExpiration({ key: own(long), expires: null });
      assert.equal((await seen(never)).expires, undefined);
    });

    test("a subkey that ends", async () => {
      const { subkeys: [subkey] } = await seen(key);
      const expires = inDays(5);
      const edited = await setExpiration({ key: own(), expires, subkey: subkey.fingerprint });
      assert.deepEqual(added(key.certificate.binary, edited.certificate.binary), [2]);
      const listed = await seen(edited);
      assert.deepEqual([listed.expires, listed.subkeys[0].expires], [undefined, expires]);
    });

    test("a subkey to encrypt to", async () => {
      const edited = await addSubkey({ key: own(), use: "encrypt", expires: inDays(90), algorithm: "curve25519" });
      assert.deepEqual(added(key.binary, edited.binary), [7, 2]);
      const listed = await seen(edited, async (home) => {
        const { message, keyIds } = await encryptsTo(home, key.fingerprint);
        assert.deepEqual(keyIds, [(await home.key(key.fingerprint)).subkeys[1].keyId], "gpg takes the newest");
        await opens(message, edited);
        await home.take(edited.binary, passphrase);
        const { text } = await home.gpg(["--decrypt"], { input: message, passphrase });
        assert.equal(text, "to an edited key");
      });
      assert.deepEqual(listed.subkeys.map(({ capabilities }) => capabilities), ["e", "e"]);
      assert.deepEqual(listed.subkeys[1].expires, inDays(90));
    });

    test("a subkey that signs", async () => {
      const edited = await addSubkey({ key: own(), use: "sign" });
      const listed = await seen(edited, async (home) => {
        const message = await sign({ data: "signed", signers: own(edited), form: "inline" });
        const { text, said } = await home.gpg(["--verify", "--status-fd", "1"], { input: encoder.encode(message) });
        const [, signer, primary] = /VALIDSIG (\w+) (?:\S+ ){8}(\w+)/.exec(text) ?? assert.fail(said);
        assert.deepEqual([signer, primary], [(await home.key(key.fingerprint)).subkeys[1].fingerprint, key.fingerprint]);
      });
      assert.equal(listed.subkeys[1].capabilities, "s");
    });

    test("a subkey revoked", async () => {
      const { subkeys: [subkey] } = await seen(key);
      const edited = await revokeSubkey({ key: own(), subkey: subkey.fingerprint, reason: "retired", text: "worn out" });
      assert.deepEqual(added(key.certificate.binary, edited.certificate.binary), [2]);
      const listed = await seen(edited, (home) => assert.rejects(encryptsTo(home, key.fingerprint), /nusable public key/));
      assert.deepEqual([listed.validity, listed.subkeys[0].validity], ["-", "r"]);
      const revocation = listed.subkeys[0].signatures.find(({ type }) => type === "rev");
      assert.deepEqual([revocation.class, revocation.comment], ["28x,03", "worn out"]);
    });

    for (const [reason, code] of [["no-reason", "00"], ["superseded", "01"], ["compromised", "02"], ["retired", "03"]]) {
      test(`the key revoked: ${reason}`, async () => {
        const edited = await revokeKey({ key: own(), reason, text: "see elsewhere" });
        assert.deepEqual(added(key.certificate.binary, edited.certificate.binary), [2]);
        const listed = await seen(edited, (home) => assert.rejects(encryptsTo(home, key.fingerprint), /nusable public key/));
        assert.equal(listed.validity, "r");
        const revocation = listed.signatures.find(({ type }) => type === "rev");
        assert.deepEqual([revocation.class, revocation.comment], [`20x,${code}`, "see elsewhere"]);
      });
    }

    test("a revocation made for later, imported by gpg and applied by us", async () => {
      const revocation = await generateRevocation({ key: own(), reason: "compromised" });
      await seen(key, async (home) => {
        assert.match((await home.take(encoder.encode(revocation))).said, /revocation certificate imported/);
        assert.equal((await home.key(key.fingerprint)).validity, "r");
      });
      assert.equal((await seen(await applyRevocation({ key, revocation }))).validity, "r");
    });

    test("copies merged, and reduced for others", async () => {
      const { key: other } = await generateKey({ userIds: [{ name: "Carl" }], ...profile });
      const certificate = await certifyKey({ certificate: key.certificate, userIds: [ANNA], signer: { key: other } });
      const one = await addUserId({ key: own(), userId: { name: "Anna: neu", email: "neu@demo.example" } });
      const two = await revokeUserId({ key: own(), userId: BERG });
      const merged = await mergeKeys({ key: await mergeKeys({ key: one, update: two }), update: certificate });
      for (const part of [one.certificate, two.certificate, certificate]) added(part.binary, merged.certificate.binary);
      const validity = ({ userIds }) => Object.fromEntries(userIds.map((it) => [it.text, it.validity]));
      const expected = { [ANNA]: "-", [NEW]: "-", [BERG]: "r" };
      const reduced = { ...merged, certificate: await minimizeKey({ key: merged }) };
      for (const edited of [merged, reduced]) {
        const home = await gnupgHome();
        await home.take(other.certificate.binary);
        await home.take(edited.certificate.binary);
        const listed = await home.key(key.fingerprint);
        assert.deepEqual(validity(listed), expected);
        const all = [listed, ...listed.userIds, ...listed.subkeys].flatMap((record) => record.signatures);
        assert.deepEqual(all.filter((signature) => signature.validity !== "!"), [], "bad signatures");
        assert.equal(all.filter(({ keyId }) => keyId === other.keyId).length, edited === merged ? 1 : 0);
        await opens((await encryptsTo(home, "neu@demo.example")).message, merged);
        await home.close();
      }
    });

    test("an edited key under another passphrase signs in gpg", async () => {
      const edited = await addUserId({ key: own(), userId: { name: "Anna: neu", email: "neu@demo.example" }, primary: true });
      const changed = await changePassphrase({ key: edited, passphrase, newPassphrase: "lantern" });
      added(edited.certificate.binary, changed.certificate.binary);
      const listed = await seen(changed, async (home) => {
        await home.take(changed.binary, "lantern");
        await home.gpg(["--sign", "--local-user", key.fingerprint], { input: encoder.encode("x"), passphrase: "lantern" });
      });
      assert.equal(listed.userIds[0].text, NEW);
    });
  });
}
