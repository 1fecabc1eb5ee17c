// Mail that was sent: which of what the server has is the message whose answer was lost, and that every state and reason has its words.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { load } from "./load.mjs";

const { matching } = await load("app/outgoing/matching.ts");
const { listOf, readRoute } = await load("app/route.ts");
const catalogues = await Promise.all(["en", "de"].map(async (language) => (await load(`language/${language}.ts`)).default));
const wire = await readFile(new URL("../../crates/wire/src/outgoing.rs", import.meta.url), "utf8");

const record = (id, size, ...addresses) => ({ id, size, created: "", recipients: addresses.map((address) => ({ address, state: "queued", changed: "" })) });
const handover = (size, recipients, ...before) => ({ mail: new Blob(["x".repeat(size)]), recipients, before: new Set(before) });

test("the message is found by its size and its recipients, as the server writes them", () => {
  assert.equal(matching([record("a", 1_900, "bea@xn--mnchen-3ya.example", "carl@example.org")], handover(1_000, ["carl@Example.org", "Bea@MÜNCHEN.example"])), "a");
});

test("what the server had before, or is another's or of another size, is not the message", () => {
  const wanted = ["bea@example.org"];
  for (const other of [record("old", 1_500, ...wanted), record("b", 1_500, "carl@example.org"), record("b", 1_500, ...wanted, "carl@example.org"), record("b", 999, ...wanted), record("b", 9_000, ...wanted)]) {
    assert.equal(matching([other], handover(1_000, wanted, "old")), undefined, JSON.stringify(other));
  }
});

test("every reason, state and way that the server tells has its words in every language", () => {
  const reasons = [...wire.matchAll(/^ {4}\w+ = "([a-z-]+)",$/gm)].map(([, code]) => code);
  const kebab = (name) => name.replace(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
  const variants = (name) => [...new RegExp(`pub enum ${name} \\{([\\s\\S]*?)\\n\\}`).exec(wire)[1].matchAll(/^ {4}(\w+),$/gm)].map(([, variant]) => kebab(variant));
  assert.ok(reasons.includes("no-tls") && reasons.length > 15, reasons.join());
  assert.deepEqual(variants("OutgoingState").sort(), ["delayed", "failed", "queued", "sent", "withdrawn"]);
  assert.ok(variants("Transport").includes("mta-sts"));
  for (const words of catalogues) {
    for (const reason of reasons) assert.match(words.sentReasons[reason]?.("example.org") ?? "", /example\.org/, `${words.language}: ${reason}`);
    for (const state of variants("OutgoingState")) assert.equal(typeof words.sentStates[state], "string", `${words.language}: ${state}`);
    for (const way of variants("Transport")) assert.equal(typeof words.transports[way] + typeof words.transportNotes[way], "stringstring", `${words.language}: ${way}`);
  }
});

test("the pages of what was sent", () => {
  assert.deepEqual(readRoute("#/sent"), { page: "sent" });
  assert.deepEqual(readRoute("#/sent/abc"), { page: "sent-mail", id: "abc" });
  assert.equal(listOf(readRoute("#/sent/abc")), "#/sent");
});
