// The parts that decide without a page: links, routes, sizes, file names, HTML as text, passphrases, languages.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

const { readAddress: readLink } = await load("decrypt/address.ts");
const { htmlAsText } = await load("decrypt/html-as-text.ts");
const { pictureType } = await load("decrypt/attachment.ts");
const { borrow } = await load("decrypt/server.ts");
const { confidenceIn, mostDoubtful, signerOf } = await load("signature.ts");
const { groupsOf, readFingerprint } = await load("app/keys/fingerprint.ts");
const { nameOf, shownAddress } = await load("user-id.ts");
const { safeFileName } = await load("save-file.ts");
const { readRoute, listOf } = await load("app/route.ts");
const { generatePassphrase, canonicalPassphrase } = await load("passphrase.ts");
const { padme, readAddress, forecast, emptyDraft, openingsOf } = await load("app/compose/draft.ts");
const { strengthOf } = await load("app/compose/strength.ts");
const { plainLine } = await load("plain-line.ts");
const { languageFor, regional, grouped } = await load("language/formats.ts");
const { ApiError } = await load("app/api.ts");
const { timeFormatsOf } = await load("language/time-formats.ts");

const ID = "AAAAAAAAAAAAAAAAAAAAAA";

test("a link is an id and perhaps a secret; a cut secret is noticed", () => {
  assert.deepEqual(readLink(`/d/${ID}`, ""), { id: ID, damaged: false });
  assert.deepEqual(readLink(`/d/${ID}/`, `#${ID}`), { id: ID, secret: ID, damaged: false });
  assert.deepEqual(readLink(`/d/${ID}`, "#AAAA"), { id: ID, damaged: true });
  assert.equal(readLink("/d/short", ""), undefined);
  assert.equal(readLink(`/d/${ID}/more`, ""), undefined);
});

test("HTML becomes readable text, and markup never survives as markup", () => {
  assert.equal(htmlAsText("<p>One</p><p>two &amp; <b>three</b></p>"), "One\ntwo & three");
  assert.equal(htmlAsText("a<br>b<style>p{}</style>c<script>alert(1)</script>d"), "a\nbcd");
  assert.equal(htmlAsText("&lt;b&gt; &#228; &#xe4; &unknown; &#x110000;"), "<b> ä ä &unknown; &#x110000;");
  assert.equal(htmlAsText("kept<script>never closed"), "kept");
  assert.equal(htmlAsText("kept<!-- never closed"), "kept");
});

test("hostile HTML takes one pass", () => {
  const begin = performance.now();
  htmlAsText("<script>".repeat(200_000));
  htmlAsText("<!--".repeat(200_000));
  htmlAsText("<".repeat(500_000));
  assert.ok(performance.now() - begin < 2_000);
});

test("only real pictures are shown, whatever their name says", () => {
  assert.equal(pictureType(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)), "image/png");
  assert.equal(pictureType(new TextEncoder().encode("<svg onload=alert(1)>")), undefined);
  assert.equal(pictureType(new Uint8Array()), undefined);
});

test("file names cannot leave the folder or hide their ending", () => {
  assert.equal(safeFileName("../../etc/passwd"), ".._.._etc_passwd");
  assert.equal(safeFileName("invoice\u202Efdp.exe"), "invoice_fdp.exe");
  assert.equal(safeFileName(""), "attachment");
  assert.equal(safeFileName("Übersicht 数字.pdf"), "Übersicht 数字.pdf");
});

test("a line somebody else wrote cannot turn its direction or break", () => {
  assert.equal(plainLine("Pay\u202E001\u2069 now\nor\tnever"), "Pay 001  now or never");
  assert.equal(plainLine("Grüße, 数字"), "Grüße, 数字");
});

test("dates are written as in the reader's region", () => {
  assert.equal(regional("en", ["de-AT", "en-GB", "en-US"]), "en-GB");
  assert.equal(regional("en", ["de", "en"]), "en");
  assert.equal(regional("de", ["en-US", "de-at"]), "de-at");
});

test("routes", () => {
  assert.deepEqual(readRoute(""), { page: "links" });
  assert.deepEqual(readRoute("#/links/abc/replies/2"), { page: "reply", id: "abc", number: 2 });
  assert.deepEqual(readRoute("#/keys/ab12"), { page: "key", fingerprint: "AB12" });
  assert.deepEqual(readRoute("#/nonsense"), { page: "links" });
  assert.equal(listOf(readRoute("#/keys/import")), "#/keys");
});

test("a passphrase is five different draws from 4096 words", async () => {
  const { words } = await load("passphrase-words.ts");
  const list = words.trim().split(/\s+/);
  assert.equal(list.length, 4096);
  assert.equal(new Set(list).size, 4096);
  const seen = new Set();
  for (let round = 0; round < 200; round += 1) {
    const passphrase = generatePassphrase();
    assert.match(passphrase, /^[a-z]{3,7}(-[a-z]{3,7}){4}$/);
    seen.add(passphrase);
  }
  assert.equal(seen.size, 200);
});

test("the end that is chosen already never shortens what there is", async () => {
  const { longer } = await load("app/keys/key-end.ts");
  const now = new Date("2026-11-28T08:00:00Z");
  const choices = [["2026-12-01", 2], ["2028-11-28", 2], ["2028-12-01", 3], ["2029-11-28", 3], ["2030-01-01", 5], ["2040-01-01", 0], ["2020-01-01", 2]];
  for (const [end, years] of choices) assert.equal(longer(new Date(end), now), years, end);
  assert.equal(longer(undefined, now), 0);
});

test("five words are read however they are typed, and nothing else is", async () => {
  const { words } = await load("passphrase-words.ts");
  const list = words.trim().split(/\s+/).sort();
  for (let at = 1; at < list.length; at += 1) assert.ok(!list[at].startsWith(list[at - 1]), `${list[at - 1]} begins ${list[at]}`);
  const made = generatePassphrase();
  const [a, b, c, d, e] = made.split("-");
  for (const typed of [made, made.toUpperCase(), made.replaceAll("-", " "), ` ${a}  ${b}-${c} – ${d}\t${e}\n`, made.replaceAll("-", ""), `${a}, ${b}, ${c}, ${d}, ${e}.`, `${a[0].toUpperCase()}${made.slice(1)}`]) {
    assert.equal(canonicalPassphrase(typed), made, typed);
  }
  for (const typed of ["", `${a}-${b}-${c}-${d}`, `${made}-${a}`, `${made}7`, `${a}-${b}-${c}-${d}-${e}x`, "Quittenbaum-4711-Ölberg", "seven quiet herons", made.replace(a, "qqqq"), "a".repeat(1_000_000)]) {
    assert.equal(canonicalPassphrase(typed), undefined, typed.slice(0, 40));
  }
});

test("a hint gives five words away however it writes them", async () => {
  const { givesAway } = await load("app/compose/password.ts");
  const draft = emptyDraft(3_600);
  assert.equal(givesAway({ ...draft, hint: "the usual" }), false);
  assert.equal(givesAway({ ...draft, hint: `It is ${draft.generated.replaceAll("-", " ").toUpperCase()}!` }), true);
  assert.equal(givesAway({ ...draft, passwordKind: "own", own: "Ab1", hint: "ab1?" }), true);
});

test("Padmé lengths grow, waste at most 12 percent and repeat", () => {
  assert.equal(padme(9), 10);
  assert.equal(padme(1000), 1024);
  for (const length of [2, 77, 4095, 123_456, 10_485_760, 26_214_400]) {
    assert.ok(padme(length) >= length && padme(length) <= length * 1.12 + 1, String(length));
    assert.equal(padme(padme(length)), padme(length));
  }
});

test("the forecast counts what base64 adds", () => {
  const draft = emptyDraft(3_600);
  draft.files.push(new File([new Uint8Array(10_485_760)], "big.bin"));
  assert.ok(forecast(draft) > 10_485_760 * 1.36 && forecast(draft) < 10_485_760 * 1.6);
});

test("the link opens once for each recipient unless the writer chose", () => {
  const draft = emptyDraft(3_600);
  assert.equal(openingsOf(draft, 1000), 1);
  draft.recipients.push("bob@example.org", "bea@example.org", "ben@example.org");
  assert.equal(openingsOf(draft, 1000), 3);
  assert.equal(openingsOf(draft, 2), 2);
  draft.maxOpenings = 1;
  assert.equal(openingsOf(draft, 1000), 1);
  draft.maxOpenings = null;
  assert.equal(openingsOf(draft, 1000), null);
});

test("addresses are read with or without a name", () => {
  assert.equal(readAddress(" Bob <Bob@Example.org> "), "bob@example.org");
  assert.equal(readAddress("bob@example.org"), "bob@example.org");
  assert.equal(readAddress("bob"), undefined);
  assert.equal(readAddress("two@example.org more@example.org"), undefined);
});

test("strength in three steps", () => {
  assert.equal(strengthOf(60), "weak");
  assert.equal(strengthOf(86_400 * 30), "fair");
  assert.equal(strengthOf(Number.POSITIVE_INFINITY), "strong");
});

test("languages, sizes and fingerprints", () => {
  assert.equal(languageFor(["fr-FR", "de-AT", "en"]), "de");
  assert.equal(languageFor(["fr"]), "en");
  const formats = timeFormatsOf("en");
  assert.equal(formats.bytes(12_400_000), "12.4 MB");
  assert.equal(formats.bytes(0), "0 bytes");
  assert.equal(formats.bytesOf(12_400_000, 25_000_000, "{done} of {total}"), "12.4 of 25 MB");
  assert.equal(formats.duration(604_800), "7 days");
  assert.equal(grouped("ABCD1234EF"), "ABCD 1234 EF");
});

test("only a certificate that was known before makes a signature good", () => {
  const valid = { status: "valid", certificate: "known", signer: "AA" };
  assert.equal(confidenceIn(valid), "good");
  assert.equal(confidenceIn({ ...valid, certificate: "enclosed" }), "careful");
  assert.equal(confidenceIn({ ...valid, status: "expired-key" }), "careful");
  assert.equal(confidenceIn({ ...valid, status: "invalid" }), "bad");
});

test("of several signatures the most doubtful speaks", () => {
  const known = { status: "valid", certificate: "known" };
  const enclosed = { status: "valid", certificate: "enclosed" };
  const invalid = { status: "invalid", certificate: "known" };
  assert.equal(mostDoubtful([]), undefined);
  assert.equal(mostDoubtful([known, enclosed]), enclosed);
  assert.equal(mostDoubtful([enclosed, known, invalid]), invalid);
  const unreadable = { status: "invalid", certificate: "known", reason: "unsupported-signature" };
  assert.equal(mostDoubtful([unreadable, known]), known, "one that cannot be read beside another says nothing");
  assert.equal(mostDoubtful([unreadable]), unreadable);
});

test("user IDs as they are shown", () => {
  assert.equal(shownAddress("Anna Berg <Anna@Bücher.example>"), "Anna@Bücher.example");
  assert.equal(shownAddress("anna@example.org"), "anna@example.org");
  assert.equal(nameOf("Anna Berg <anna@example.org>"), "Anna Berg");
});

test("a badge names only whom the key had when it was compared", () => {
  const [eve, anna] = ["Eve <eve@example.org>", "Anna <anna@example.org>"];
  const key = { kind: "certificate", userIds: [eve, anna], primaryUserId: anna, keyId: "EE" };
  const trust = (ofEve, ofAnna) => [{ address: "eve@example.org", trust: ofEve, rivals: [] }, { address: "anna@example.org", trust: ofAnna, rivals: [] }];
  assert.deepEqual(signerOf(key, trust("verified", "changed"), anna), { userId: eve, trust: "verified" });
  assert.deepEqual(signerOf(key, trust("known", "changed"), anna), { userId: anna, trust: "changed" });
  assert.deepEqual(signerOf(key, trust("verified", "verified"), anna), { userId: anna, trust: "verified" });
  assert.deepEqual(signerOf(key, trust("known", "known"), undefined), { userId: anna, trust: "known" });
});

test("a download that broke off or was cancelled goes on under its lease", async (t) => {
  const asked = [];
  const parts = [
    // Ends after three of five bytes.
    () => new Response(Uint8Array.of(1, 2, 3), { headers: { "Envelock-Lease": "first" } }),
    // Cancelled while the answer is on its way.
    () => new Promise((resolve) => setTimeout(() => resolve(new Response(Uint8Array.of(1, 2, 3, 4, 5), { headers: { "Envelock-Lease": "first" } })), 20)),
    () => new Response(Uint8Array.of(1, 2, 3, 4, 5), { headers: { "Envelock-Lease": "first" } }),
  ];
  t.mock.method(globalThis, "fetch", async (_address, { body }) => {
    asked.push(JSON.parse(body));
    return parts[asked.length - 1]();
  });
  let lease;
  const attempt = (signal) => borrow(ID, 5, { token: "t", lease }, (lent) => (lease = lent), () => undefined, signal);
  await assert.rejects(attempt(new AbortController().signal), { code: "offline" });
  assert.equal(lease, "first");
  lease = undefined;
  const abort = new AbortController();
  const cancelled = attempt(abort.signal);
  abort.abort();
  await assert.rejects(cancelled, { name: "AbortError" });
  await new Promise((resolve) => setTimeout(resolve, 40));
  assert.equal(lease, "first");
  assert.deepEqual([...(await attempt(new AbortController().signal))], [1, 2, 3, 4, 5]);
  assert.deepEqual(asked.map((loan) => loan.lease), [undefined, undefined, "first"]);
});

test("fingerprints are read in every usual spelling", () => {
  const v4 = "ABCD1234".repeat(5);
  const v6 = "ABCD1234".repeat(8);
  assert.equal(readFingerprint(` OPENPGP4FPR:${v4.toLowerCase()} `), v4);
  assert.equal(readFingerprint(`0x${groupsOf(v6).join(":")}`), v6);
  assert.equal(readFingerprint(groupsOf(v6).join(" ")), v6);
  assert.equal(readFingerprint(`${v4.slice(1)}O`), undefined);
  assert.equal(readFingerprint(v4.slice(8)), undefined);
  assert.equal(readFingerprint(""), undefined);
  assert.deepEqual(groupsOf("ABCD1234EF"), ["ABCD", "1234", "EF"]);
});

test("whoever has no room, or is told to come again, knows that nothing was done", () => {
  for (const [code, status] of [["storage-full", 507], ["too-many-drafts", 507], ["unavailable", 503], ["wrong-code", 401]]) assert.ok(new ApiError(code, status).isRefusal, code);
  for (const [code, status] of [["server-failed", 500], ["server-failed", 503], ["failed", 502], ["offline", 0]]) assert.ok(!new ApiError(code, status).isRefusal, `${code} ${status}`);
});
