// Sequoia reads edited keys: sqop uses them, sq says what it sees.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { addUserId, certifyKey, generateKey, readKeys, revokeCertification, revokeKey, revokeSubkey, revokeUserId, setExpiration } from "envelock";
import { run, workplace } from "./command.mjs";
import { editsReadBy } from "./edits_sop.mjs";
import { subkeyFingerprints } from "./packets.mjs";
import { sopPeer } from "./sop.mjs";

const SQ = process.env.SQ ?? "sq";

// sqop 0.27 encrypts to every revoked key, whoever revoked it; `sq inspect` tells below what Sequoia thinks of those.
editsReadBy("sqop", () =>
  sopPeer({ program: process.env.SQOP ?? "sqop", name: "sqop", keyProfiles: { compat: [] }, formats: [] }),
  { encryptsToRevoked: true },
);

describe("sq inspects edited keys", () => {
  let place;
  let key;
  const own = (edited = key) => ({ key: edited, passphrase: "x" });
  before(async () => {
    place = await workplace();
    ({ key } = await generateKey({ userIds: [{ name: "Anna" }, { name: "Berg" }], passphrase: "x", date: new Date(Date.now() - 86_400_000) }));
  });
  after(() => place.remove());
  const inspect = async (edited) => {
    const { code, stdout, stderr } = await run(SQ, ["inspect", "--certifications", await place.file(edited.certificate.armored)]);
    assert.equal(code, 0, stderr);
    return new TextDecoder().decode(stdout);
  };
  const part = (text, heading) => text.split(/\n\n+/).find((paragraph) => paragraph.includes(heading)) ?? assert.fail(`no ${heading} in ${text}`);

  test("user IDs", async () => {
    const added = await addUserId({ key: own(), userId: { name: "New" } });
    const text = await inspect(await revokeUserId({ key: own(added), userId: "Berg", text: "moved house" }));
    assert.match(part(text, "UserID: Berg"), /Revoked:[^]*no longer valid[^]*moved house/);
    for (const name of ["Anna", "New"]) assert.doesNotMatch(part(text, `UserID: ${name}`), /Revoked|Invalid/);
  });
  test("expiry", async () => {
    const expires = new Date("2033-05-06T07:08:10Z");
    assert.match(await inspect(await setExpiration({ key: own(), expires })), /Expiration time: 2033-05-06 07:08:10 UTC/);
    const [subkey] = subkeyFingerprints(key.certificate.binary);
    const text = await inspect(await setExpiration({ key: own(), expires, subkey }));
    assert.match(part(text, "Subkey:"), /Expiration time: 2033-05-06 07:08:10 UTC/);
    assert.doesNotMatch(part(text, "Fingerprint:"), /Expiration/);
  });
  test("revocations", async () => {
    assert.match(await inspect(await revokeKey({ key: own(), reason: "superseded", text: "see my new key" })), /Revoked:[^]*superseded[^]*see my new key/);
    const [subkey] = subkeyFingerprints(key.certificate.binary);
    const text = await inspect(await revokeSubkey({ key: own(), subkey, reason: "compromised", text: "stolen" }));
    assert.match(part(text, "Subkey:"), /Revoked:[^]*compromised[^]*stolen/);
    assert.doesNotMatch(part(text, "Fingerprint:"), /Revoked/);
  });
  test("certifications: made, with trust, and taken back", async () => {
    const { key: carl } = await generateKey({ userIds: [{ name: "Carl" }] });
    const plain = await certifyKey({ certificate: carl, userIds: ["Carl"], signer: own(), trust: { depth: 2, amount: 60 } });
    const shown = part(await inspect({ certificate: plain }), "UserID: Carl");
    assert.match(shown, new RegExp(`Certifications: 1|Alleged certifier: ${key.fingerprint}|${key.fingerprint}`));
    assert.match(shown, /Trust depth: 2/);
    assert.match(shown, /Trust amount: 60/);
    const back = await revokeCertification({ certificate: plain, userIds: ["Carl"], signer: own() });
    assert.equal((await readKeys(back.binary))[0].status, "valid");
    await inspect({ certificate: back });
  });
});
