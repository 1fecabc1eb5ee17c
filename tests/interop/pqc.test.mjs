// Post-quantum keys (RFC 9980) exchanged with rPGP's rsop, both ways: ML-DSA-65+Ed25519 signs, ML-KEM-768+X25519 decrypts.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { decrypt, encrypt, generateKey, readKeys, sign, verify } from "envelock/pqc";
import { sopPeer } from "./sop.mjs";

const program = process.env.RSOP ?? "rsop";
const keyProfiles = { pqc: ["--profile=rfc9980"], "pqc-v4": ["--profile=rfc9980-v4"] };
const data = "The heron stands still.";
let peer;
before(async () => {
  peer = await sopPeer({ program, name: "rsop", keyProfiles, formats: ["seipd-v1", "seipd-v2"] });
});
after(() => peer.close());

for (const profile of ["pqc", "pqc-v4"]) {
  test(`a key of rsop's (${profile}): it decrypts what we encrypt, we decrypt and verify what it made`, async () => {
    const { secret, certificate } = await peer.generate(profile);
    const [key] = await readKeys(secret);
    assert.equal(key.kind, "secret-key");
    assert.match(key.algorithm, /ML-KEM-768\+X25519/);
    const message = await encrypt({ data, recipients: key.certificate, signers: { key } });
    const theirs = await peer.decrypt({ message, secret, verifyWith: [certificate] });
    assert.equal(new TextDecoder().decode(theirs.data), data);
    assert.equal(theirs.signedBy.length, 1);
    const ours = await decrypt({ message: await peer.encrypt({ data, certificates: [certificate], signWith: secret }), keys: { key }, verifyWith: key });
    assert.equal(ours.data, data);
    assert.equal(ours.signatures[0].status, "valid");
  });
}

test("a key of ours: rsop encrypts to it, signs with it and verifies its signatures", async () => {
  const { key } = await generateKey({ userIds: [{ name: "Anna", email: "anna@demo.example" }], profile: "pqc" });
  const { armored: secret, certificate } = key;
  const opened = await decrypt({ message: await peer.encrypt({ data, certificates: [certificate.armored], signWith: secret }), keys: { key }, verifyWith: key });
  assert.equal(opened.data, data);
  assert.equal(opened.signatures[0].status, "valid");
  const signature = await sign({ data, signers: { key }, form: "detached" });
  assert.equal((await verify({ data, signature, verifyWith: key })).signatures[0].status, "valid");
  const inline = await sign({ data, signers: { key }, form: "inline" });
  assert.ok(inline.includes("BEGIN PGP"));
  const theirs = await peer.decrypt({ message: await encrypt({ data, recipients: certificate, signers: { key } }), secret, verifyWith: [certificate.armored] });
  assert.equal(theirs.signedBy.length, 1);
});
