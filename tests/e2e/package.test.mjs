// The packed npm package in real Chromium: what it loads when, and that a page with large data in hand still hears its user.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startPackagePages } from "./package_page.mjs";

let pages;
before(async () => {
  pages = await startPackagePages();
});
after(() => pages?.close());

/** A secret key, made in a browser of its own: making one needs both parts. */
async function newKey() {
  const { profile, page } = await pages.open();
  const secret = await page.evaluate(async () => (await window.envelock.generateKey({ userIds: [{ email: "anna@demo.example" }] })).key.armored);
  await profile.close();
  return secret;
}

for (const where of ["envelock", "worker"]) {
  test(`the second part of the module is loaded by the first call that needs it, and once (${where})`, async () => {
    const secret = await newKey();
    const { profile, page } = await pages.open();
    const before = pages.asked.length;
    const loaded = () => pages.asked.slice(before).filter((path) => path.endsWith(".wasm")).map((path) => path.split("/").at(-1));
    await page.evaluate(async ({ where, secret }) => {
      const { readKeys, encrypt, decrypt, sign } = window[where];
      const [key] = await readKeys(secret);
      const message = await encrypt({ data: "Hello", recipients: key, signers: { key } });
      await decrypt({ message, keys: { key }, verifyWith: key });
      await sign({ data: "Hello", signers: { key }, form: "detached" });
    }, { where, secret });
    assert.deepEqual(loaded(), ["envelock_bg.wasm"]);
    await page.evaluate((where) => window[where].sealEnvelope({ subject: "s", text: "t", password: "lantern" }), where);
    assert.deepEqual(loaded(), ["envelock_bg.wasm", "envelock_rest_bg.wasm"]);
    await page.evaluate((where) => window[where].sealEnvelope({ subject: "s", text: "t", password: "lantern" }), where);
    assert.equal(loaded().length, 2);
    profile.assertQuiet();
    await profile.close();
  });
}

test("what the platform verifies is verified with each signer's own key, however many there are", async () => {
  const { profile, page } = await pages.open();
  const found = await page.evaluate(async () => {
    const { generateKey, sign, verify } = window.envelock;
    const data = "Hello";
    const letters = [];
    // More than are kept imported.
    for (let count = 0; count < 20; count++) {
      const { key } = await generateKey({ userIds: [{ email: "anna@demo.example" }], profile: "nist", curve: "p256" });
      letters.push({ key, signature: await sign({ data, signers: { key }, form: "detached" }) });
    }
    const status = async (signature, verifyWith, over = data) => (await verify({ data: over, signature, verifyWith })).signatures.map(({ status }) => status).join();
    const all = { own: [], altered: [], another: [] };
    for (const round of [letters, [...letters].reverse()]) {
      for (const [at, { key, signature }] of round.entries()) {
        all.own.push(await status(signature, key.certificate));
        all.altered.push(await status(signature, key.certificate, "Hallo"));
        all.another.push(await status(signature, round[(at + 1) % round.length].key.certificate));
      }
    }
    return Object.fromEntries(Object.entries(all).map(([which, found]) => [which, [...new Set(found)]]));
  });
  assert.deepEqual(found, { own: ["valid"], altered: ["invalid"], another: ["unknown-signer"] });
  profile.assertQuiet();
  await profile.close();
});

// Less than would be hashed for long in one go, which nothing can interrupt (docs/benchmark.md, Limits); several times what fits into the allowed time.
const MB = 24;
const ALLOWED = 100;

for (const [name, format] of [["SEIPD v2", "seipd-v2"], ["SEIPD v1", "seipd-v1"]]) {
  test(`encrypting and decrypting in a page leaves others their turns, and stops within ${ALLOWED} ms (${name})`, async () => {
    const { profile, page } = await pages.open();
    const found = await page.evaluate(async ({ length, format }) => {
      const { generateKey, encrypt, decrypt, init } = window.envelock;
      await init();
      const { key } = await generateKey({ userIds: [{ email: "anna@demo.example" }] });
      const data = new Uint8Array(length).map((_, at) => at * 7);
      const work = { encrypt: (signal) => encrypt({ data, recipients: key, format, armor: false, signal }) };
      const message = await work.encrypt();
      work.decrypt = (signal) => decrypt({ message, keys: { key }, as: "binary", signal });
      const found = {};
      for (const [job, run] of Object.entries(work)) {
        let turns = 0;
        const counting = setInterval(() => turns++, 0);
        const begun = performance.now();
        await run();
        const whole = performance.now() - begun;
        clearInterval(counting);
        const controller = new AbortController();
        const due = performance.now() + whole / 3;
        setTimeout(() => controller.abort(), whole / 3);
        const code = await run(controller.signal).then(() => "done", (error) => error.code);
        found[job] = { turns, code, late: performance.now() - due };
      }
      return found;
    }, { length: MB * 1_000_000, format });
    for (const [job, { turns, code, late }] of Object.entries(found)) {
      assert.ok(turns > 2, `${job}: ${turns} turns for others`);
      assert.equal(code, "cancelled", job);
      assert.ok(late < ALLOWED, `${job}: ${late} ms`);
    }
    await profile.close();
  });
}

test("what a reader drops of a stream is collected while it goes on, not behind it", async () => {
  const { profile, page } = await pages.open();
  const most = await page.evaluate(async () => {
    const { generateKey, encrypt, decrypt } = window.worker;
    const { key } = await generateKey({ userIds: [{ email: "anna@demo.example" }], profile: "rfc9580" });
    const part = new Blob([new Uint8Array(150_000_000)]);
    const message = await encrypt({ data: new Blob([part, part, part, part]).stream(), recipients: key, armor: false });
    const { data } = await decrypt({ message, keys: { key } });
    // References, and no registry: that is told in tasks of its own, for which a fast machine leaves no time.
    const [held, turn] = [[], () => new Promise((resolve) => setTimeout(resolve))];
    let [since, most] = [0, 0];
    for (const reader = data.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) return most / 1_000_000;
      held.push({ length: value.length, buffer: new WeakRef(value.buffer) });
      since += value.length;
      if (since < 10_000_000) continue;
      since = 0;
      await turn();
      most = Math.max(most, held.reduce((sum, { length, buffer }) => sum + (buffer.deref() ? length : 0), 0));
      await turn();
    }
  });
  // 84. Left to itself, Chromium holds 260 to 500 of the 600.
  assert.ok(most < 130, `${most} MB`);
  await profile.close();
});

for (const isolated of [true, false]) {
  test(`Argon2 ${isolated ? "has its threads on a page that may share memory" : "does without threads on any other page"}`, async () => {
    const there = await startPackagePages({ isolated });
    try {
      const { profile, page } = await there.open();
      for (const where of ["envelock", "worker"]) {
        const before = there.asked.length;
        const found = await page.evaluate(async (where) => {
          const passwords = "correct horse battery staple";
          const message = await window.envelock.encrypt({ data: "one", passwords });
          await window[where].init({ threads: 2 });
          const opened = await window[where].decrypt({ message, passwords });
          const other = await window[where].encrypt({ data: "two", passwords });
          await window[where].init({ threads: 1 });
          return [opened.data, (await window[where].decrypt({ message: other, passwords })).data];
        }, where);
        assert.deepEqual(found, ["one", "two"]);
        const scripts = there.asked.slice(before).filter((path) => path.endsWith("/threads-script.mjs"));
        assert.equal(scripts.length > 0, isolated, `${where}: ${scripts.length} scripts`);
      }
      profile.assertQuiet();
      await profile.close();
    } finally {
      await there.close();
    }
  });
}
