// What every Stateless OpenPGP program is asked about edited keys: does it encrypt to them, and believe their signatures,
// exactly when we meant it to?
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  addSubkey, addUserId, applyRevocation, certifyKey, changePassphrase, decrypt, encrypt, generateKey, generateRevocation, mergeKeys,
  minimizeKey, revokeCertification, revokeKey, revokeSubkey, revokeUserId, setExpiration, setPrimaryUserId, sign, verify,
} from "envelock";
import { added, subkeyFingerprints } from "./packets.mjs";

const DAY = 86_400_000;
const passphrase = "our passphrase, with ümlaut";
const BERG = "Berg <berg@demo.example>";
const NOW = Math.floor(Date.now() / 1000) * 1000;
const inDays = (days) => new Date(NOW + days * DAY);
const encoder = new TextEncoder();
const text = "to an edited key";

/** `makePeer` as in `sop.mjs`. `encryptsToRevoked`: it is known not to look at revocations of primary keys when it encrypts. */
export function editsReadBy(name, makePeer, { encryptsToRevoked = false } = {}) {
  describe(`${name} reads edited keys`, async () => {
    const peer = await makePeer();
    after(() => peer.close());
    for (const profile of Object.keys(peer.keyProfiles)) {
      describe(`of profile ${profile}`, () => edits(peer, profile, encryptsToRevoked));
    }
  });
}

function edits(peer, profile, encryptsToRevoked) {
  let key;
  const own = (edited = key) => ({ key: edited, passphrase });
  before(async () => {
    const userIds = [{ name: "Anna", email: "anna@demo.example" }, { name: "Berg", email: "berg@demo.example" }];
    ({ key } = await generateKey({ userIds, profile, passphrase, date: inDays(-10) }));
  });

  const encrypts = (edited) => peer.encrypt({ data: encoder.encode(text), certificates: [edited.certificate.armored] });
  const believes = async (edited, signature) => (await peer.verifyDetached({ data: encoder.encode(text), signature, certificates: [edited.certificate.armored] })).signedBy;
  const signed = async (signer, date) => encoder.encode(await sign({ data: text, signers: own(signer), form: "detached", ...(date && { date }) }));

  /** Everything is still there; the peer encrypts to it, we open that, and the peer believes what we sign. */
  async function works(edited, before = key) {
    added(before.certificate.binary, edited.certificate.binary);
    const message = await encrypts(edited);
    assert.equal((await decrypt({ message, keys: own(edited) })).data, text);
    assert.deepEqual(await believes(edited, await signed(edited)), [edited.fingerprint]);
    return message;
  }
  /** The peer does not encrypt to it any more; `earlier` says whether it believes what was signed before. */
  async function ended(edited, { earlier }) {
    added(key.certificate.binary, edited.certificate.binary);
    if (!(encryptsToRevoked && edited.status === "revoked")) await assert.rejects(encrypts(edited), "encrypted to an ended key");
    await assert.rejects(believes(edited, await signed(key)), "believed a signature made after the end");
    const believed = believes(edited, await signed(key, inDays(-5)));
    if (earlier) assert.deepEqual(await believed, [key.fingerprint]);
    else await assert.rejects(believed, "believed a signature of a key that is not to be believed");
  }

  test("user IDs added, revoked, made the primary one", async () => {
    await works(await addUserId({ key: own(), userId: { email: "new@demo.example" }, primary: true }));
    await works(await revokeUserId({ key: own(), userId: BERG }));
    await works(await setPrimaryUserId({ key: own(), userId: BERG }));
  });
  test("an end that passed, and prolonged", async () => {
    const short = await setExpiration({ key: own(), expires: inDays(-1), date: inDays(-9) });
    await ended(short, { earlier: true });
    await works(await setExpiration({ key: own(short), expires: inDays(400) }), short);
    await works(await setExpiration({ key: own(short), expires: null }), short);
  });
  test("a subkey to encrypt to and one to sign", async () => {
    const two = await addSubkey({ key: own(), use: "encrypt", algorithm: "p256" });
    await works(two);
    await works(await addSubkey({ key: own(two), use: "sign" }), two);
    await works(await addSubkey({ key: own(two), use: "sign", algorithm: "p384", expires: inDays(40) }), two);
  });
  test("the new subkey is encrypted to when the old one is revoked, or ended", async () => {
    const two = await addSubkey({ key: own(), use: "encrypt" });
    const [old] = subkeyFingerprints(two.certificate.binary);
    for (const edited of [
      await revokeSubkey({ key: own(two), subkey: old, reason: "superseded" }),
      await setExpiration({ key: own(two), subkey: old, expires: inDays(-1), date: inDays(-2) }),
    ]) {
      await works(edited, two);
      const without = await decrypt({ message: await encrypts(edited), keys: own() }).catch(({ code }) => code);
      assert.equal(without, "no-matching-key", "the old subkey does not open it");
    }
  });
  test("the only encryption subkey revoked", async () => {
    const edited = await revokeSubkey({ key: own(), subkey: subkeyFingerprints(key.certificate.binary)[0], reason: "retired" });
    await assert.rejects(encrypts(edited));
    assert.deepEqual(await believes(edited, await signed(edited)), [key.fingerprint], "the primary key signs on");
  });
  test("certified by others, taken back, merged, reduced", async () => {
    const { key: other } = await generateKey({ userIds: [{ name: "Carl" }], profile, date: inDays(-10) });
    const userIds = [BERG];
    const certified = await certifyKey({ certificate: key.certificate, userIds, signer: { key: other }, date: inDays(-3) });
    const back = await revokeCertification({ certificate: certified, userIds, signer: { key: other } });
    for (const certificate of [certified, back]) await works({ ...key, certificate });
    const one = await addSubkey({ key: own(), use: "encrypt" });
    const two = await revokeUserId({ key: own(), userId: BERG });
    const merged = await mergeKeys({ key: await mergeKeys({ key: one, update: two }), update: back });
    for (const part of [one, two, { certificate: back }]) added(part.certificate.binary, merged.certificate.binary);
    await works(merged, one);
    const reduced = await minimizeKey({ key: merged });
    assert.ok(reduced.binary.length < merged.certificate.binary.length);
    const alone = { ...merged, certificate: reduced };
    assert.equal((await decrypt({ message: await encrypts(alone), keys: own(merged) })).data, text);
    assert.deepEqual(await believes(alone, await signed(merged)), [key.fingerprint]);
    // A revocation is never reduced away.
    const revoked = await minimizeKey({ key: await revokeKey({ key: own(), reason: "compromised" }) });
    await assert.rejects(believes({ certificate: revoked }, await signed(key, inDays(-5))));
  });
  test("under another passphrase, it signs and decrypts", async () => {
    const edited = await addSubkey({ key: own(), use: "sign" });
    const changed = await changePassphrase({ key: edited, passphrase, newPassphrase: "lantern" });
    assert.deepEqual(added(edited.certificate.binary, changed.certificate.binary), []);
    const secret = changed.armored;
    const signature = await peer.sign({ data: encoder.encode(text), secret, passphrase: "lantern", form: "detached" });
    const { signatures: [verdict] } = await verify({ data: text, signature, verifyWith: key });
    assert.equal((await verify({ data: text, signature, verifyWith: changed })).signatures[0].status, "valid", verdict.reason);
    const message = encoder.encode(await encrypt({ data: text, recipients: changed }));
    const opened = await peer.decrypt({ message, secret, passphrase: "lantern" });
    assert.equal(new TextDecoder().decode(opened.data), text);
    await assert.rejects(peer.decrypt({ message, secret, passphrase }));
  });
  test("revoked softly and for good", async () => {
    for (const reason of ["superseded", "retired"]) await ended(await revokeKey({ key: own(), reason }), { earlier: true });
    for (const reason of ["compromised", "no-reason"]) await ended(await revokeKey({ key: own(), reason }), { earlier: false });
    const revocation = await generateRevocation({ key: own(), reason: "compromised", text: "stolen" });
    await ended(await applyRevocation({ key, revocation }), { earlier: false });
  });
}
