/** Finding certificates: where is asked, in which order, and what is kept of the answers. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { generateKey, lookupKey, PgpError, wkdUrls } from "envelock";

const rejects = (promise, code) => assert.rejects(promise, (error) => {
  assert.ok(error instanceof PgpError, String(error));
  assert.equal(error.code, code, error.message);
  return true;
});
const ADVANCED = "https://openpgpkey.example.org/.well-known/openpgpkey/example.org/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=Joe.Doe";
const DIRECT = "https://example.org/.well-known/openpgpkey/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=Joe.Doe";
const address = "Joe.Doe@example.org";

let joe, eve;
before(async () => {
  joe = (await generateKey({ userIds: [{ name: "Joe", email: "joe.doe@Example.org" }, { email: "joe@home.example" }] })).key;
  eve = (await generateKey({ userIds: [{ email: "eve@evil.example" }] })).key;
});

const noHost = () => Object.assign(new TypeError("fetch failed"), { cause: { code: "ENOTFOUND" } });
/** A `fetch` that knows these URLs and keeps a list of what was asked; everything else does not exist. */
function internet(hosts) {
  const asked = [];
  const fetch = async (url, options) => {
    asked.push(String(url));
    assert.equal(options.redirect, "manual");
    options.signal?.throwIfAborted();
    const answer = hosts[String(url)] ?? hosts[new URL(url).host];
    if (answer === undefined) throw noHost();
    if (answer instanceof Error) throw answer;
    return typeof answer === "function" ? answer() : new Response(answer);
  };
  return { fetch, asked };
}
const status = (code, body = "", headers = {}) => () => new Response(body || null, { status: code, headers });

test("the two URLs of an address, also in another script", async () => {
  assert.deepEqual(await wkdUrls("Joe.Doe@Example.ORG"), { advanced: ADVANCED, direct: DIRECT });
  assert.match((await wkdUrls({ address: "anna@exämple.org" })).direct, /^https:\/\/xn--exmple-cua\.org\//);
});

test("addresses without a public host are refused before anybody is asked", async () => {
  const { fetch, asked } = internet({});
  for (const bad of [
    "", "joe", "@example.org", "joe@", "joe@localhost", "joe@127.0.0.1", "joe@127.1", "joe@[::1]", "joe@0x7f000001", "joe@example.org:8443",
    "joe@example.org/x", "joe@example.org?x", "joe@example.org#x", "joe@printer.local", "a b@example.org", "joe@user:pass@example.org",
    "joe@example.org\n", "joe@exam%70le.org", "joe@example.org\\x",
  ]) {
    await rejects(wkdUrls(bad), "bad-address");
    await rejects(lookupKey({ address: bad, endpoint: false, fetch }), "bad-address");
  }
  assert.deepEqual(asked, []);
});

test("in Node the domain is asked: advanced, and direct only without the advanced host", async () => {
  const advanced = internet({ [ADVANCED]: joe.certificate.binary });
  const found = await lookupKey({ address, fetch: advanced.fetch });
  assert.deepEqual([found.origin, found.host, found.rejected], ["wkd-advanced", "openpgpkey.example.org", []]);
  assert.equal(found.certificates[0].fingerprint, joe.fingerprint);
  assert.deepEqual(found.certificates[0].userIds, ["Joe <joe.doe@Example.org>"], "user IDs with other addresses are dropped");
  assert.equal(found.certificates[0].canEncrypt, true);
  assert.ok(found.certificates[0].created instanceof Date);
  assert.deepEqual(advanced.asked, [ADVANCED]);

  const direct = internet({ [DIRECT]: joe.certificate.armored });
  assert.equal((await lookupKey({ address, fetch: direct.fetch })).origin, "wkd-direct");
  assert.deepEqual(direct.asked, [ADVANCED, DIRECT]);

  const empty = internet({ [ADVANCED]: status(404), [DIRECT]: joe.certificate.binary });
  assert.deepEqual(await lookupKey({ address, fetch: empty.fetch }), { certificates: [], rejected: [] });
  assert.deepEqual(empty.asked, [ADVANCED]);
});

test("keyservers are asked last, in their order, and the first usable answer counts", async () => {
  const hkp = "https://b.example:8443/pks/lookup?op=get&options=mr&search=Joe.Doe%40example.org";
  const { fetch, asked } = internet({ [DIRECT]: eve.certificate.binary, "a.example": status(404), [hkp]: joe.certificate.armored });
  const found = await lookupKey({ address, fetch, keyservers: ["https://a.example", "hkps://b.example:8443", "https://c.example"] });
  assert.deepEqual([found.origin, found.host, found.certificates.length], ["keyserver", "b.example:8443", 1]);
  assert.deepEqual(found.rejected.map(({ code, fingerprint }) => [code, fingerprint]), [["other-address", eve.fingerprint]]);
  assert.deepEqual(asked, [ADVANCED, DIRECT, "https://a.example/vks/v1/by-email/Joe.Doe%40example.org", hkp]);
  await rejects(lookupKey({ address, fetch, keyservers: ["http://a.example"] }), "bad-option");
});

test("what is not for the address is told and not given", async () => {
  for (const [body, code] of [[eve.certificate.binary, "other-address"], [joe.binary, "secret-key"], ["<!doctype html>", "unreadable"]]) {
    const { fetch } = internet({ [ADVANCED]: body });
    const found = await lookupKey({ address, fetch });
    assert.deepEqual([found.certificates, found.rejected.map((key) => key.code)], [[], [code]]);
  }
});

test("failures are not 'nothing published', and nothing is followed or read without end", async () => {
  const endless = () => new Response(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65536).fill(0x98)) }));
  for (const answer of [status(500), new TypeError("fetch failed"), endless]) {
    const { fetch, asked } = internet({ [ADVANCED]: answer, [DIRECT]: joe.certificate.binary });
    await rejects(lookupKey({ address, fetch }), "lookup-failed");
    assert.deepEqual(asked, [ADVANCED], "a host that is there is not passed over");
  }
  const moved = internet({ [ADVANCED]: status(302, "", { location: DIRECT }), [DIRECT]: joe.certificate.binary });
  assert.deepEqual(await lookupKey({ address, fetch: moved.fetch }), { certificates: [], rejected: [] });
  assert.deepEqual(moved.asked, [ADVANCED]);
  await rejects(lookupKey({ address, fetch: moved.fetch, signal: AbortSignal.abort() }), "cancelled");
});

test("a server's lookup asks on behalf of a page", async () => {
  const endpoint = "https://mail.example/api/v1/lookup";
  const url = `${endpoint}?address=Joe.Doe%40example.org`;
  const json = (code, body) => () => Response.json(body, { status: code });
  const certificates = Buffer.from(joe.certificate.binary).toString("base64url");
  const ask = (answer) => lookupKey({ address, endpoint, fetch: internet({ [url]: answer }).fetch });

  const found = await ask(json(200, { origin: "wkd-direct", host: "example.org", certificates }));
  assert.deepEqual([found.origin, found.host, found.certificates[0].fingerprint], ["wkd-direct", "example.org", joe.fingerprint]);
  assert.deepEqual(found.certificates[0].userIds, ["Joe <joe.doe@Example.org>"], "the server's word is not enough");
  assert.deepEqual(await ask(json(404, { code: "no-certificate", message: "None." })), { certificates: [], rejected: [] });
  await rejects(ask(json(502, { code: "lookup-failed", message: "No." })), "lookup-failed");
  for (const [code, name] of [[401, "login-required"], [404, "lookup-off"], [429, "too-many-requests"]]) {
    await rejects(ask(json(code, { code: name, message: "No." })), "lookup-refused");
  }
  for (const answer of [status(200, "<!doctype html>"), status(404), json(200, { certificates: 1 }), json(200, { origin: "wkd-direct", host: "example.org", certificates: "*" }), new TypeError("fetch failed")]) await rejects(ask(answer), "lookup-failed");
  await rejects(lookupKey({ address, endpoint, keyservers: ["https://a.example"] }), "bad-option");
});
