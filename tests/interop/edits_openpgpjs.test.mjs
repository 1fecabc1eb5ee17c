// OpenPGP.js says who vouches for which user ID, across key versions too, and when edited keys end.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import {
  addUserId, certifyKey, generateKey, revokeCertification, revokeKey, revokeUserId, setExpiration, setPrimaryUserId,
} from "envelock";
import * as openpgp from "openpgp";

const passphrase = "x";
const NOW = Math.floor(Date.now() / 1000) * 1000;
const inDays = (days) => new Date(NOW + days * 86_400_000);
const read = (certificate) => openpgp.readKey({ armoredKey: certificate.armored });
const make = async (profile, ...names) =>
  (await generateKey({ userIds: names.map((name) => ({ name })), profile, passphrase, date: inDays(-10) })).key;

/** Whether `authority` vouches for the user ID: `true`, `false`, or `null` if it says nothing. */
async function vouched(certificate, userId, authority) {
  const users = (await read(certificate)).users;
  const user = users.find((it) => it.userID.userID === userId);
  const key = await read(authority);
  const its = user.otherCertifications.filter((it) => it.issuerKeyID.equals(key.getKeyID()));
  if (its.length === 0) return null;
  for (const certification of its) {
    if (await user.verifyCertificate(certification, [key]).catch(() => false)) return true;
  }
  return false;
}

for (const profile of ["compat", "rfc9580"]) {
  describe(`OpenPGP.js reads edited keys of profile ${profile}`, () => {
    let key;
    const own = (edited = key) => ({ key: edited, passphrase });
    before(async () => (key = await make(profile, "Anna", "Berg")));

    test("user IDs", async () => {
      const edited = await addUserId({ key: own(), userId: { name: "New" } });
      assert.equal((await (await read(edited.certificate)).getPrimaryUser()).user.userID.userID, "Anna");
      const moved = await read((await setPrimaryUserId({ key: own(edited), userId: "New" })).certificate);
      assert.equal((await moved.getPrimaryUser()).user.userID.userID, "New");
      const revoked = await read((await revokeUserId({ key: own(edited), userId: "Berg" })).certificate);
      const verdicts = await revoked.verifyAllUsers();
      assert.deepEqual(verdicts.map(({ userID, valid }) => [userID, valid]).sort(), [["Anna", true], ["Berg", false], ["New", true]]);
    });
    test("expiry and revocation", async () => {
      const edited = await setExpiration({ key: own(), expires: inDays(20) });
      assert.deepEqual(await (await read(edited.certificate)).getExpirationTime(), inDays(20));
      const never = await setExpiration({ key: own(edited), expires: null });
      assert.equal(await (await read(never.certificate)).getExpirationTime(), Infinity);
      assert.equal(await (await read((await revokeKey({ key: own(), reason: "superseded" })).certificate)).isRevoked(), true);
    });
    for (const other of ["compat", "rfc9580"]) {
      test(`it certifies a key of profile ${other}`, async () => {
        const carl = await make(other, "Carl", "Other");
        assert.equal(await vouched(carl.certificate, "Carl", key.certificate), null);
        // Yesterday, since what is taken back in the same second is dated a second ahead, where OpenPGP.js does not look yet.
        const certified = await certifyKey({ certificate: carl, userIds: ["Carl"], signer: own(), date: inDays(-1) });
        assert.equal(await vouched(certified, "Carl", key.certificate), true);
        assert.equal(await vouched(certified, "Other", key.certificate), null);
        const back = await revokeCertification({ certificate: certified, userIds: ["Carl"], signer: own() });
        assert.equal(await vouched(back, "Carl", key.certificate), false);
      });
    }
  });
}
