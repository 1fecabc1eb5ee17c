// The story from end to end: a sender seals messages with passwords, people without OpenPGP open them from links, and
// afterwards nothing that was secret is found in the database, on disk or in what the browsers sent.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { startBrowser } from "./browser.mjs";
import { stored } from "./browser_storage.mjs";
import { tables } from "./database.mjs";
import { filesBelow } from "./disk.mjs";
import { foreignKey, OWNER } from "./foreign_key.mjs";
import { GONE, read, reply, save, tryPassword, visit } from "./recipient.mjs";
import { expectState, importKey, makeKey, readReply, seal, SENDER, signIn, unlock, withdraw } from "./sender.mjs";
import { startServer } from "./server.mjs";
import { traces } from "./traces.mjs";

const DAY = 24 * 60 * 60;
const SECRETS = {
  password: "Quittenbaum-4711-Ölberg",
  wrongPassword: "Apfelbaum-4712-Talweg",
  keyPassphrase: "Nachtzug über Lindau 88",
  subject: "Übergabe der Wohnung am Freitag",
  text: "Der Schlüssel liegt unter dem dritten Stein links.",
  fileName: "Grundriss-Öberlingen.bin",
  reply: "Danke, ich bringe den Vertrag mit.",
  foreignPassphrase: "Wellblechhütte im Regen 12",
};
const HINT = "the street we grew up in"; // stored in clear, and the composer says so: the search's positive control
const ATTACHMENT = randomBytes(10 * 1024 * 1024);

describe("from sealing to reading", { timeout: 900_000 }, () => {
  let server;
  let browser;
  let sender;
  let senderPage;
  const recipients = [];
  const loaded = [];
  const message = (changes = {}) => ({
    origin: server.origin,
    subject: SECRETS.subject,
    text: SECRETS.text,
    password: SECRETS.password,
    sign: SENDER.name,
    ...changes,
  });
  /** A person with a browser of their own. */
  const somebody = async (options) => {
    const profile = await browser.profile(options);
    recipients.push(profile);
    return profile;
  };
  const address = (envelope) => ({ origin: server.origin, id: envelope.id });

  before(async () => {
    server = await startServer();
    browser = await startBrowser(server.origin);
    sender = await browser.profile();
    sender.context.on("response", (response) => loaded.push(new URL(response.url()).pathname));
    senderPage = await signIn(sender, server.origin);
    await makeKey(senderPage, { origin: server.origin, passphrase: SECRETS.keyPassphrase });
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    await server?.remove();
  });

  test("whoever waits for a passphrase in the webmail has threads that share the work", async () => {
    assert.equal(await senderPage.evaluate(() => crossOriginIsolated), true);
    assert.ok(loaded.some((path) => /\/threads-script[^/]*\.js$/.test(path)), loaded.join(" "));
  });

  let story;
  test("the sender seals a signed message with a 10 MiB attachment", async () => {
    const files = [{ name: SECRETS.fileName, mimeType: "application/octet-stream", buffer: ATTACHMENT }];
    story = await seal(senderPage, message({ files, hint: HINT }));
    SECRETS.linkSecret = story.linkSecret;
    SECRETS.linkSecretOctets = Buffer.from(story.linkSecret, "base64url");
    await expectState(senderPage, address(story), /waiting/i);
  });

  test("link previews burn nothing", async () => {
    const bot = await somebody({ userAgent: "LinkPreview/1.0 (bot)", javaScriptEnabled: false });
    for (let visits = 0; visits < 3; visits++) {
      const response = await bot.context.request.get(story.link.split("#")[0]);
      assert.equal(response.status(), 200);
      assert.match(response.headers()["content-type"], /^text\/html/);
      await response.dispose();
    }
    await expectState(senderPage, address(story), /waiting/i);
  });

  test("the first screen says who claims to have sent it, and the hint", async () => {
    const page = await visit(await somebody(), story.link);
    for (const words of [SENDER.name, HINT]) await page.getByText(words).first().waitFor();
    assert.ok(!(await page.content()).includes(SECRETS.subject));
    await page.close();
  });

  let reader;
  test("a wrong password leaves the message intact and is counted", async () => {
    reader = await visit(await somebody(), story.link);
    await tryPassword(reader, SECRETS.wrongPassword);
    await reader.getByText(/\b9 tries left/).first().waitFor();
    await tryPassword(reader, SECRETS.wrongPassword);
    await reader.getByText(/\b8 tries left/).first().waitFor();
  });

  test("the right password shows subject, text, attachment and signer", async () => {
    const seen = await read(reader, SECRETS.password);
    assert.equal(seen.subject, SECRETS.subject);
    assert.equal(seen.text.trim(), SECRETS.text);
    const saved = await save(reader, SECRETS.fileName);
    assert.equal(saved.name, SECRETS.fileName);
    assert.ok(saved.data.equals(ATTACHMENT), "the attachment differs");
    assert.deepEqual(reader.workers().map((worker) => worker.url()).filter((url) => url.includes("opener-worker")), [], "the worker with the key has ended");
    const signature = reader.getByTestId("signature");
    await signature.getByText(SENDER.name).first().waitFor();
    assert.doesNotMatch(await signature.innerText(), /invalid|not signed|not fit|damaged/i);
  });

  test("the reader answers encrypted and the sender reads it", async () => {
    assert.equal(await reply(reader, SECRETS.reply), 201);
    assert.equal(await readReply(senderPage, address(story), 1), SECRETS.reply);
  });

  test("opened its last time: gone for everybody else", async () => {
    const page = await visit(await somebody(), story.link);
    assert.ok(await page.getByText(GONE).isVisible());
    await expectState(senderPage, address(story), /opened/i);
  });

  test("ten wrong passwords lock it; the sender unlocks it; it opens", async () => {
    const envelope = await seal(senderPage, message());
    const page = await visit(await somebody(), envelope.link);
    for (let left = 9; left > 0; left--) {
      await tryPassword(page, `${SECRETS.wrongPassword}${left}`);
      await page.getByText(new RegExp(`\\b${left} (tries|try) left`)).first().waitFor();
    }
    await tryPassword(page, SECRETS.wrongPassword);
    await page.getByText(/locked/i).first().waitFor();
    const other = await somebody();
    const late = await other.newPage();
    await late.goto(envelope.link);
    await late.getByText(/locked/i).first().waitFor();
    await expectState(senderPage, address(envelope), /locked/i);
    await unlock(senderPage, address(envelope));
    assert.equal((await read(await visit(await somebody(), envelope.link), SECRETS.password)).text.trim(), SECRETS.text);
  });

  test("an imported key signs, and reads the reply", async () => {
    const foreign = await foreignKey(SECRETS.foreignPassphrase);
    Object.assign(SECRETS, foreign.octets);
    await importKey(senderPage, { origin: server.origin, armored: foreign.armored, passphrase: SECRETS.foreignPassphrase });
    const envelope = await seal(senderPage, message({ sign: OWNER.name }));
    const page = await visit(await somebody(), envelope.link);
    await read(page, SECRETS.password);
    await page.getByTestId("signature").getByText(OWNER.name).first().waitFor();
    assert.equal(await reply(page, SECRETS.reply), 201);
    assert.equal(await readReply(senderPage, address(envelope), 1), SECRETS.reply);
  });

  test("withdrawn: gone at once, also for a page that was open already", async () => {
    const envelope = await seal(senderPage, message());
    const waiting = await visit(await somebody(), envelope.link);
    await withdraw(senderPage, address(envelope));
    await tryPassword(waiting, SECRETS.password);
    await waiting.getByText(GONE).waitFor();
    assert.ok(await (await visit(await somebody(), envelope.link)).getByText(GONE).isVisible());
    await expectState(senderPage, address(envelope), /withdrawn/i);
  });

  test("two tabs open a one-time envelope at once: exactly one gets it", async () => {
    const envelope = await seal(senderPage, message());
    const profile = await somebody();
    const pages = await Promise.all([visit(profile, envelope.link), visit(await somebody(), envelope.link)]);
    const answers = pages.map((page) =>
      page.waitForResponse((response) => response.url().endsWith(`/${envelope.id}/open`), { timeout: 60_000 }),
    );
    await Promise.all(pages.map((page) => tryPassword(page, SECRETS.password)));
    const statuses = (await Promise.all(answers)).map((response) => response.status()).sort();
    assert.equal(statuses[0], 200, `both were refused: ${statuses}`);
    assert.ok([404, 409].includes(statuses[1]), `both got it: ${statuses}`);
    await Promise.any(pages.map((page) => page.getByTestId("text").waitFor()));
    await pages[0].waitForTimeout(1_000);
    const shown = await Promise.all(pages.map((page) => page.getByTestId("text").isVisible()));
    assert.deepEqual(shown.sort(), [false, true]);
  });

  test("handed out and not confirmed: the sender sees it", async () => {
    const envelope = await seal(senderPage, message());
    const thief = await somebody();
    await thief.context.route(/\/confirm$/, (route) => route.fulfill({ json: { openingsLeft: 0 } }));
    await read(await visit(thief, envelope.link), SECRETS.password);
    await server.advanceClock(601);
    await expectState(senderPage, address(envelope), /waiting/i);
    await senderPage.getByText(/^Handed out once without being confirmed .+ may have read it\.$/).waitFor();
    assert.equal((await read(await visit(await somebody(), envelope.link), SECRETS.password)).text.trim(), SECRETS.text);
    await expectState(senderPage, address(envelope), /opened/i);
  });

  test("an envelope for three openings opens three times", async () => {
    const envelope = await seal(senderPage, message({ openings: /\b3\b|three/i }));
    for (let opening = 0; opening < 3; opening++) {
      const page = await visit(await somebody(), envelope.link);
      assert.equal((await read(page, SECRETS.password)).text.trim(), SECRETS.text);
      await page.close();
    }
    assert.ok(await (await visit(await somebody(), envelope.link)).getByText(GONE).isVisible());
  });

  test("expired: gone, and its bytes are removed without a visit", async () => {
    // One that waits on with its hint, which ended ones have lost: the positive control of the search below.
    await seal(senderPage, message({ hint: HINT, expires: /month|year|30/ }));
    const before = await sizeOnDisk(server.dataDir);
    const files = [{ name: SECRETS.fileName, mimeType: "application/octet-stream", buffer: ATTACHMENT }];
    const envelope = await seal(senderPage, message({ files }));
    const full = await sizeOnDisk(server.dataDir);
    assert.ok(full - before > ATTACHMENT.length, "the ciphertext is on disk first");
    await server.advanceClock(8 * DAY);
    await until(async () => (await sizeOnDisk(server.dataDir)) < full - ATTACHMENT.length, "the purge");
    assert.ok(await (await visit(await somebody(), envelope.link)).getByText(GONE).isVisible());
  });

  test("nothing left the origin, no policy was violated, no console error, no uncaught error", () => {
    for (const profile of [sender, ...recipients]) profile.assertQuiet();
    assert.deepEqual(browser.escaped(), []);
  });

  test("database, disk, log, browser storage and everything the browsers sent hold no secret in clear", async () => {
    const kept = await stored(senderPage);
    assert.ok(Object.keys(kept).length > 3, `the keystore is among ${Object.keys(kept)}`);
    for (const profile of recipients) {
      for (const page of profile.context.pages()) Object.assign(kept, prefixed(`reader ${Object.keys(kept).length} `, await stored(page)));
    }
    const live = await filesBelow(server.dataDir); // as a thief of the running machine finds it, journal included
    await server.stop();
    const places = {
      "sent by browsers": server.sent(),
      "server output": Buffer.from(server.output()),
      ...kept,
      ...live,
      ...(await filesBelow(server.dataDir)),
      ...(await tables(server.dataDir)),
    };
    const anywhere = Object.keys(places);
    assert.ok(anywhere.some((place) => place.startsWith("table ")), `no table among ${anywhere}`);
    const control = traces(places, { HINT }).filter((trace) => trace.startsWith("HINT as raw"));
    assert.ok(control.some((trace) => trace.includes("table ")), `the hint is not found where it must be: ${control}`);
    assert.ok(control.some((trace) => trace.endsWith("sent by browsers")), `the hint was sent: ${control}`);
    const uploaded = traces(places, { control: ATTACHMENT.subarray(1_000_000, 1_000_032) });
    assert.deepEqual(uploaded, [], "the attachment's octets");
    assert.deepEqual(traces(places, SECRETS), []);
    const keys = { armored: "PRIVATE KEY BLOCK" };
    const notTls = Object.fromEntries(Object.entries(places).filter(([place]) => !place.endsWith(".pem")));
    assert.deepEqual(traces(notTls, keys), [], "secret key material");
  });
});

const prefixed = (prefix, places) => Object.fromEntries(Object.entries(places).map(([name, octets]) => [prefix + name, octets]));

async function sizeOnDisk(folder) {
  return Object.values(await filesBelow(folder)).reduce((sum, octets) => sum + octets.length, 0);
}

async function until(condition, what, limit = 60_000) {
  const deadline = Date.now() + limit;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${limit / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
