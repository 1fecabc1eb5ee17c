// The catalogues against what the package can say: every code has its words in every language, so that nobody reads a code, or
// English on a page that is not.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { load } from "./load.mjs";

const read = (path) => readFile(new URL(`../../${path}`, import.meta.url), "utf8");
/** The catalogues there are: a new language is tested without being named here. */
const languages = (await readdir(new URL("../src/language/", import.meta.url))).map((name) => /^([a-z]{2})\.ts$/.exec(name)?.[1]).filter(Boolean);
const catalogues = await Promise.all(languages.map(async (language) => [language, (await load(`language/${language}.ts`)).default]));

/** What `code` of a Rust type can give: the arms of its `match`. */
async function codesOf(path, type) {
  const source = await read(path);
  const block = new RegExp(`impl ${type} \\{[\\s\\S]*?fn code\\([\\s\\S]*?\\n    \\}\\n`).exec(source)?.[0] ?? "";
  const codes = [...block.matchAll(/=> "([a-z0-9-]+)"/g)].map(([, code]) => code);
  assert.ok(codes.length > 2, `${type} in ${path}`);
  return codes;
}

function missing(codes, words) {
  return codes.filter((code) => typeof words[code] !== "string" && typeof words[code] !== "function");
}

test("there are at least two languages", () => {
  assert.ok(languages.includes("en") && languages.includes("de"), languages.join());
});

test("every code that a call rejects with", async () => {
  const codes = [...(await read("pkg/src/advice.ts")).matchAll(/^ {2}"?([a-z][a-z-]+)"?: \{/gm)].map(([, code]) => code);
  assert.ok(codes.length > 60, `${codes.length} codes`);
  for (const [language, { problems }] of catalogues) assert.deepEqual(missing(codes, problems), [], language);
});

for (const [what, list, path, type] of [
  ["what is unusual about a key, or left out of an import", "skippedReasons", "src/keyring/problem.rs", "Problem"],
  ["how a key stands", "skippedReasons", "src/certificate/status.rs", "Status"],
  ["how a key stands, in the list", "keyStates", "src/certificate/status.rs", "Status"],
  ["what a copy changes", "importChanges", "src/preview.rs", "ChangeDetail"],
  ["what is weak about a key", "weaknesses", "src/inspect/weakness.rs", "WeaknessKind"],
  ["what is deceiving about a name", "userIdWarnings", "src/inspect/user_id.rs", "UserIdWarning"],
  ["how a name stands", "userIdStates", "src/certificate/status.rs", "Status"],
  ["where the secret part is", "secretStates", "src/inspect.rs", "SecretPart"],
  ["how a certification stands", "certificationStates", "src/certificate/certifications.rs", "ThirdPartyStatus"],
  ["why a key was revoked", "revocationReasons", "src/certificate/status.rs", "RevocationReason"],
]) {
  test(what, async () => {
    const codes = (await codesOf(path, type)).filter((code) => list !== "skippedReasons" || code !== "valid");
    for (const [language, words] of catalogues) assert.deepEqual(missing(codes, words[list]), [], `${list}, ${language}`);
  });
}

test("everything that there may be too many of", async () => {
  const kinds = /enum TooMany \{([^}]*)\}/.exec(await read("crates/wire/src/error.rs"))?.[1].match(/^ {4}\w+/gm).map((kind) => kind.trim().toLowerCase()) ?? [];
  assert.ok(kinds.includes("uploads"), kinds.join());
  for (const [language, { tooManyOf }] of catalogues) assert.deepEqual(missing(kinds, tooManyOf), [], language);
});

test("every kind of use in the log, and every call that stands there by its own name", async () => {
  const uses = /what: ((?:"\w+"(?: \| )?)+);/.exec(await read("pkg/src/keystore.ts"))?.[1].match(/\w+/g) ?? [];
  assert.ok(uses.length > 4, uses.join());
  const edits = [...(await read("pkg/src/edit-calls.ts")).matchAll(/^ {4}async (\w+)\(/gm)].map(([, call]) => call).filter((call) => call !== "applyRevocation");
  assert.ok(edits.length > 4, edits.join());
  for (const [language, { logActions, logCalls }] of catalogues) {
    assert.deepEqual(missing(uses, logActions), [], language);
    assert.deepEqual(missing([...edits, "backup", "restore", "changePassphrase"], logCalls), [], language);
  }
});

test("where a key came from", async () => {
  const origins = /CertificateOrigin = ((?:"[\w-]+"(?: \| )?)+);/.exec(await read("pkg/src/lookups.ts"))?.[1].match(/[\w-]+/g) ?? [];
  assert.ok(origins.length > 1, origins.join());
  for (const [language, { origins: words, originNames }] of catalogues) {
    assert.deepEqual(missing(origins, words), [], language);
    assert.deepEqual(missing(origins, originNames), [], language);
  }
});
