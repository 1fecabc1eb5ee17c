// Seals text and files for somebody without OpenPGP, stores them on your Envelock server, and prints the link. For scripts: no browser, no login.
//
// Once, in the webmail: Settings, Programs, New token, with "make links, and change or withdraw them one by one".
// Then: npm install envelock, and
//
//   read -r ENVELOCK_TOKEN && export ENVELOCK_TOKEN      (paste it)
//   echo "All is well." | node seal-with-token.mjs https://mail.example.org "Results" report.pdf
//
// The link is for the mail, the password for the telephone. It is made here, unless ENVELOCK_PASSWORD has one.
import { randomInt } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { text } from "node:stream/consumers";
import { sealEnvelope } from "envelock";

const { ENVELOCK_TOKEN: token, ENVELOCK_PASSWORD: chosen } = process.env;
const [origin, subject, ...files] = process.argv.slice(2);
if (token === undefined || origin === undefined || subject === undefined) {
  console.error("ENVELOCK_TOKEN=envelock_… node seal-with-token.mjs ORIGIN SUBJECT [FILE…] < TEXT");
  process.exit(2);
}

if (new URL(origin).protocol !== "https:") {
  console.error("The origin has to be https: a token is for nobody in between.");
  process.exit(2);
}

/** Asks the server; says in its words why it refuses. */
async function call(method, path, type, body) {
  const response = await fetch(new URL(`/api/v1/${path}`, origin), { method, headers: { authorization: `Bearer ${token}`, "content-type": type }, body, redirect: "error" });
  if (response.ok) return response;
  const { code, message } = await response.json();
  throw new Error(`${code}: ${message}`);
}

/** 100 random bits, in letters and digits that are not taken for each other. */
function makePassword() {
  const letter = () => "abcdefghjkmnpqrstuvwxyz023456789"[randomInt(32)];
  return Array.from({ length: 4 }, () => Array.from({ length: 5 }, letter).join("")).join("-");
}

const password = chosen ?? makePassword();
const sealed = await sealEnvelope({
  subject,
  text: await text(process.stdin),
  attachments: await Promise.all(files.map(async (file) => ({ name: basename(file), type: "application/octet-stream", data: await readFile(file) }))),
  password,
});

// Of all this the server gets ciphertext, and the hash of what opens it.
const { ciphertext, head, tokenHash, linkSecret } = sealed;
const announcement = { ...head, tokenHash, size: ciphertext.length, expiresInSeconds: 7 * 24 * 3600, maxOpenings: 3 };
const { id } = await (await call("POST", "envelopes", "application/json", JSON.stringify(announcement))).json();
await call("PUT", `envelopes/${id}/ciphertext`, "application/octet-stream", ciphertext);

console.log(new URL(`/d/${id}#${linkSecret}`, origin).href);
if (chosen === undefined) console.error(`Password: ${password}`);
