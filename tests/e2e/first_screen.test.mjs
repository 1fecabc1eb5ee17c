/** What the decrypt page loads before a password can be typed and its message shown: little, and all of it asked for with the page. */
import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

const dist = join(import.meta.dirname, "../../www/dist");
const page = await readFile(join(dist, "decrypt.html"), "utf8");
const asked = [...page.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path);
/** docs/benchmark.md; the bench weighs the same with a browser. */
const GOAL = 45_000;

test("it is within its goal", async () => {
  const sizes = await Promise.all(["/decrypt.html", ...asked].map(async (path) => (await stat(join(dist, `${path}.gz`))).size));
  const sum = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(sum > 30_000 && sum <= GOAL, `${sum} octets`);
});

test("no script of it is found only by reading another", async () => {
  for (const path of asked.filter((path) => path.endsWith(".js"))) {
    const script = await readFile(join(dist, path), "utf8");
    for (const [, name] of script.matchAll(/(?:^|[;}])(?:import|export)\b[^"'`()]*?["'`]\.\/([^"'`]+)["'`]/g)) assert.ok(asked.includes(`/assets/${name}`), `${name}, which ${path} imports`);
  }
});
