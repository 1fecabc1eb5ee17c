// Prints the matrix as the text of docs/interop.md; ends with 1 if an exchange with us fails. Called by `cargo xtask matrix`.
import { OURS, everybody, versions } from "./everybody.mjs";
import { inabilities, matrix, tables } from "./matrix.mjs";

const peers = await everybody();
const cells = await matrix(peers, (done) => console.error(done));
await Promise.all(peers.map((peer) => peer.close()));
const failures = cells.filter(({ outcome }) => outcome === "fails");

console.log(`# Who exchanges what with whom

Every program encrypts to and signs for every other, in every kind of key, armored and binary. Written by
\`cargo xtask matrix\`, which fails if an exchange with ${OURS} fails; \`cargo xtask test --only interop\` asserts the same.

A cell says *works*, or which of the two does not know that kind: it fails with itself too, and with a third program; what it said
stands at the end. **FAILS** is an exchange that both should be able to do.

| program | version |
| --- | --- |`);
for (const { name, version } of await versions()) console.log(`| ${name} | ${version} |`);
console.log(`\n${tables(cells).trimEnd()}`);
console.log("\n## Not supported\n");
for (const [what, why] of inabilities(cells)) console.log(`- ${what}: \`${why.replaceAll("`", "'")}\``);
if (failures.length > 0) {
  console.log("\n## Failures\n");
  for (const { job, kind, armor, from, to, why } of failures) {
    console.log(`- ${job}, ${kind}, ${armor ? "armored" : "binary"}, ${from} → ${to}: \`${why.replaceAll("`", "'")}\``);
  }
}
process.exitCode = failures.some(({ from, to }) => from === OURS || to === OURS) ? 1 : 0;
