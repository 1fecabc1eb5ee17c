// Drafts at their limits: what is too large is said before it is lost, what is refused is not tried for ever, nobody who signs out waits in the
// dark, and what did not open a moment ago is tried again.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startBrowser } from "./browser.mjs";
import { draftsRoom } from "./drafts_room.mjs";
import { makeKey, signIn } from "./sender.mjs";
import { startServer } from "./server.mjs";

const PASSPHRASE = "Leuchtturm bei Nordost 31";
const DRAFT = "**/api/v1/account/drafts/*";
const file = (name, octets) => ({ name, mimeType: "application/octet-stream", buffer: Buffer.alloc(octets, 7) });

describe("drafts at their limits", { timeout: 600_000 }, () => {
  let server;
  let browser;
  let profile;
  let room;

  before(async () => {
    server = await startServer({ options: ["--draft-bytes", "1048576"] });
    browser = await startBrowser(server.origin);
    profile = await browser.profile();
    // A worker that has no memory left, while this is set.
    await profile.context.addInitScript(() => {
      const post = Worker.prototype.postMessage;
      Worker.prototype.postMessage = function (message, ...more) {
        if (globalThis.noMemory !== true || message?.call !== "decrypt") return post.call(this, message, ...more);
        const data = { id: message.id, error: { code: "out-of-memory", message: "no memory" }, trapped: false };
        queueMicrotask(() => this.dispatchEvent(new MessageEvent("message", { data })));
      };
    });
    room = draftsRoom(await signIn(profile, server.origin), server.origin);
    await makeKey(room.page, { origin: server.origin, passphrase: PASSPHRASE });
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    await server?.remove();
  });

  async function unlock({ noMemory = false } = {}) {
    await room.page.reload();
    await room.page.goto(`${server.origin}/#/keys`);
    await room.page.evaluate((none) => (globalThis.noMemory = none), noMemory);
    await room.page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
    await room.button("Unlock").click();
    await room.page.getByRole("list", { name: "My keys" }).waitFor();
  }

  /** The only draft there is, which is too large for the list to look into. */
  async function openOnly() {
    await unlock();
    await room.list();
    await room.rows.getByRole("link").click();
    await room.page.waitForURL(/#\/compose$/);
    await room.text.waitFor();
  }

  /** Answers every write so, and counts them; `undefined` never answers. */
  async function answerWrites(answer) {
    const counted = { writes: 0 };
    await room.page.route(DRAFT, async (route) => {
      if (route.request().method() !== "PUT") return route.continue();
      counted.writes += 1;
      if (answer !== undefined) await route.fulfill({ contentType: "application/json", ...answer });
    });
    return counted;
  }
  const answerHonestly = () => room.page.unroute(DRAFT);
  const until = async (counted, writes) => {
    for (let tries = 0; tries < 80 && counted.writes < writes; tries += 1) await room.page.waitForTimeout(250);
    assert.equal(counted.writes, writes);
  };

  test("what its header cannot hold is refused before it is stored, and what it can hold opens again", async () => {
    await room.compose();
    await room.subject.fill("Steg am Weiher ".repeat(20_000));
    await room.said("Recipients, subject, hint and names of attachments are too long together for a draft.");
    await room.said("This is tried again when you write on, or when you ask for it.");
    assert.deepEqual(await room.listed(), []);
    const most = "Steg am Weiher ".repeat(9_500).trim();
    await room.subject.fill(most);
    await room.text.fill("und ein Satz");
    await room.isKept();
    await openOnly();
    assert.equal(await room.subject.inputValue(), most);
    await room.discard();
  });

  test("attachments that fit are kept beside one that does not, which is named", async () => {
    await room.write({ subject: "Mit Bildern", text: "Siehe Bilder." });
    const attach = room.page.getByLabel("Attach files");
    await attach.setInputFiles([file("vorher.raw", 300_000)]);
    await room.isKept();
    await attach.setInputFiles([file("zu-gross.raw", 900_000), file("nachher.raw", 200_000)]);
    await room.said("Not in it, and lost when this page is closed: zu-gross.raw.");
    await openOnly();
    const files = room.page.getByRole("list", { name: "Attachments" });
    assert.deepEqual(await files.locator(".file-name").allInnerTexts(), ["vorher.raw", "nachher.raw"]);
    await room.said("Not in this draft, because they were too large: zu-gross.raw.");
    // What is written on does not forget it, and attaching it again settles it.
    await room.text.fill("Siehe Bilder, es sind zwei.");
    await room.isKept();
    await openOnly();
    await room.said("Not in this draft, because they were too large: zu-gross.raw.");
    await attach.setInputFiles([file("zu-gross.raw", 1_000)]);
    await room.isKept();
    await room.page.getByText("Not in this draft, because they were too large").waitFor({ state: "detached" });
    await room.discard();
  });

  test("a refusal that does not pass is not tried again until somebody writes on or asks", async () => {
    await room.page.clock.install();
    const counted = await answerWrites({ status: 507, body: '{"code":"too-many-drafts"}' });
    await room.compose();
    await room.text.fill("Einer zu viel");
    await room.said("Not saved: You have as many drafts as the server keeps.");
    await room.said("This is tried again when you write on, or when you ask for it.");
    await room.page.clock.fastForward("10:00");
    await room.page.evaluate(() => dispatchEvent(new Event("online")));
    await room.page.waitForTimeout(1_000);
    assert.equal(counted.writes, 1);
    await room.text.fill("Einer zu viel, und noch ein Wort");
    await room.page.clock.fastForward("00:10");
    await until(counted, 2);
    await room.button("Try again").click();
    await until(counted, 3);
    await answerHonestly();
    await room.button("Try again").click();
    await room.isKept();
    await room.discard();
  });

  test("one that may pass is tried again, less and less often", async () => {
    const counted = await answerWrites({ status: 503, body: '{"code":"unavailable"}' });
    await room.compose();
    await room.text.fill("Bei Wartung");
    await room.page.clock.fastForward("00:10");
    await until(counted, 1);
    await room.said("This is tried again by itself, after a while.");
    await room.page.clock.fastForward("00:16");
    await until(counted, 2);
    await room.page.waitForTimeout(500);
    await room.page.clock.fastForward("00:16");
    await room.page.waitForTimeout(1_000);
    assert.equal(counted.writes, 2, "twice as long");
    await room.page.clock.fastForward("00:16");
    await until(counted, 3);
    await answerHonestly();
    await room.page.waitForTimeout(500);
    await room.page.clock.fastForward("01:01");
    await room.isKept();
    await room.discard();
  });

  test("what did not open for want of memory opens at the next look", async () => {
    await room.write({ subject: "Der blinde Fleck", text: "Um acht am Steg." });
    await unlock({ noMemory: true });
    await room.list();
    await room.rows.first().waitFor();
    await room.page.waitForTimeout(1_500);
    assert.equal(await room.page.getByText("Does not open with the keys you have here").count(), 0);
    assert.equal(await room.row("Der blinde Fleck").count(), 0);
    await room.page.evaluate(() => (globalThis.noMemory = false));
    await room.list();
    await room.row("Der blinde Fleck").waitFor();
  });

  test("whoever signs out hears that a draft is being saved, and need not wait for it", async () => {
    await answerWrites(undefined);
    await room.open("Der blinde Fleck");
    await room.text.fill("Um neun am Steg.");
    await room.button("Sign out").click();
    await room.page.getByRole("status").filter({ hasText: "You are signed out once everything is saved" }).waitFor();
    await room.button("Sign out without waiting").focus();
    await room.page.keyboard.press("Enter");
    const dialog = room.page.getByRole("dialog");
    await dialog.waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    assert.equal(await room.button("Sign out without waiting").count(), 0);
    assert.equal(await room.text.inputValue(), "Um neun am Steg.", "nothing is lost unasked");
    await room.button("Sign out").click();
    await room.button("Sign out without waiting").click();
    await dialog.getByRole("button", { name: "Sign out" }).click();
    await room.button("Use the demo account").waitFor();
  });
});
