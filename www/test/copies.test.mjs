// Copies of what was sent: what their summaries tell and hide, and how they come together with how far the mails got.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

const { readSummary, writeSummary } = await load("app/sent/summary.ts");
const { entryOf, joined } = await load("app/sent/joined.ts");
const { draftOf } = await load("app/drafts/content.ts");

const AT = "2026-11-30T10:00:00.000Z";
const summary = (more = {}) => ({ subject: "Der Plan", recipients: ["bea@example.org"], more: 0, at: AT, mails: ["m"], ...more });

test("a summary comes back as it was, and its length tells little", () => {
  for (const one of [summary(), summary({ link: "L" }), summary({ subject: "", recipients: [], mails: [] }), summary({ subject: "grün 😀 \u202e" })]) {
    const octets = writeSummary(one);
    assert.deepEqual(readSummary(octets), one);
    assert.equal(octets.length, 512);
  }
});

test("of very much there is a part, which the server takes", () => {
  const long = `${"a".repeat(60)}@${"b".repeat(60)}.${"c".repeat(60)}.${"d".repeat(60)}.example`;
  for (const [recipients, subject, least] of [
    [Array.from({ length: 100 }, () => long), "\u0001".repeat(5_000), 1],
    [Array.from({ length: 100 }, (_, index) => `n${index}@example.org`), "x".repeat(998), 10],
    [["\u{1f600}".repeat(5_000)], "x", 0],
  ]) {
    const octets = writeSummary(summary({ recipients, subject }));
    assert.ok(octets.length <= 4_096, `${octets.length}`);
    const read = readSummary(octets);
    assert.ok(read.recipients.length >= least && read.recipients.length <= 10, `${read.recipients.length}`);
    assert.equal(read.recipients.length + read.more, recipients.length);
    assert.equal([...read.subject].length, Math.min(300, [...subject].length));
  }
});

test("what is no summary is told as none", () => {
  for (const text of ["", "x", "null", "[]", "{}", '{"subject":1,"at":"2026-01-01"}', '{"subject":"a","at":"soon"}']) {
    assert.throws(() => readSummary(new TextEncoder().encode(text)), { code: "malformed" }, text);
  }
  assert.throws(() => readSummary(Uint8Array.of(0xff, 0xfe)), { code: "malformed" });
  // A later one says more, and leaves other things out.
  assert.deepEqual(readSummary(new TextEncoder().encode(`{"subject":"a","at":"${AT}","later":1,"more":-3}`)), { subject: "a", recipients: [], more: 0, at: AT, mails: [] });
});

const copy = (id, receivedAt) => ({ id, receivedAt, size: 1, summary: "" });
const mail = (id, created) => ({ id, created, size: 2, recipients: [] });

test("a copy stands with the mails that it became, and what has no copy alone", () => {
  const known = { c1: summary({ mails: ["m1", "m3", "gone"] }), c2: null };
  const entries = joined([copy("c1", "2026-01-03T00:00:00Z"), copy("c2", "2026-01-01T00:00:00Z")], [mail("m1", "2026-01-03T00:00:00Z"), mail("m2", "2026-01-02T00:00:00Z"), mail("m3", "2026-01-03T00:00:00Z")], (id) => known[id]);
  assert.deepEqual(entries.map(({ id, mails }) => [id, mails.map((one) => one.id)]), [["c1", ["m1", "m3"]], ["m2", ["m2"]], ["c2", []]]);
  for (const [id, found] of [["c1", "c1"], ["m3", "c1"], ["m2", "m2"], ["c2", "c2"], ["gone", undefined]]) assert.equal(entryOf(entries, id)?.id, found, id);
});

test("what a copy says of how it was sent is read, and a draft says nothing of that", () => {
  const read = (sent) => {
    const value = encodeURIComponent(JSON.stringify({ id: "A", number: 1, write: "B", sent }));
    return draftOf({ fields: [{ name: "Envelock-Draft", value }], subject: "s", parts: [] }, 1).facts.sent;
  };
  const sent = { at: AT, to: [{ address: "bea@example.org", way: "key" }, { address: "carl@example.org", way: "link" }], mails: ["m"], link: "L" };
  assert.deepEqual(read(sent), sent);
  assert.deepEqual(read({ at: AT }), { at: AT, to: [], mails: [] });
  assert.deepEqual(read({ at: AT, to: [null, { address: 1, way: "key" }, { address: "x", way: "pigeon" }], mails: [1, "m"], link: 3, later: 1 }), { at: AT, to: [], mails: ["m"] });
  for (const none of [undefined, null, 1, "x", {}, { at: 1 }, { at: "soon" }]) assert.equal(read(none), undefined, JSON.stringify(none));
});
