// Cc, Bcc and answers to everybody: those in To and Cc see each other, whoever is in Bcc is seen by nobody but the writer: not in a header, not in
// what a message says of the keys it is for.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import { inspectMessage } from "envelock";
import { gnupgHome } from "../interop/gnupg_home.mjs";
import { startBrowser } from "./browser.mjs";
import { filesBelow } from "./disk.mjs";
import { focusOn, press, typeInto } from "./keyboard.mjs";
import { startMailWorld } from "./mail_world.mjs";
import { bring } from "./postman.mjs";
import { importKey, SENDER, signIn } from "./sender.mjs";
import { freePort, startServer } from "./server.mjs";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PASSPHRASE = "Nachtzug über Lindau 88";
const [BOB, CARL, DORA, EMIL] = ["bob@dane.example", "carl@good.example", "dora@good.example", "emil@good.example"];

describe("copies to others", { timeout: 600_000 }, () => {
  let world, server, browser, profile, page, gpg, smtp;
  const keyIds = {};
  const field = (name) => page.getByLabel(name, { exact: true });
  const chips = async (name) => (await page.getByRole("list", { name, exact: true }).locator("[dir=ltr]").allInnerTexts()).map((text) => text.trim());
  const button = (name) => page.getByRole("button", { name, exact: true });

  before(async () => {
    world = await startMailWorld({ "good.example": {}, "dane.example": { dane: true } });
    smtp = await freePort();
    server = await startServer({ options: [...world.options, "--smtp-listen", `127.0.0.1:${smtp}`, "--messages-per-minute", "1000"] });
    browser = await startBrowser(server.origin);
    profile = await browser.profile();
    await profile.context.addInitScript({ content: AXE });
    gpg = await gnupgHome();
    page = await signIn(profile, server.origin);
    await gpg.gpg(["--quick-generate-key", `${SENDER.name} <${SENDER.address}>`, "future-default", "default", "2y"], { passphrase: PASSPHRASE });
    for (const address of [BOB, CARL, DORA, EMIL]) {
      await gpg.gpg(["--quick-generate-key", `Somebody <${address}>`, "future-default", "default", "2y"]);
      keyIds[address] = (await gpg.key(address)).subkeys[0].keyId;
    }
    const anna = await gpg.gpg(["--armor", "--export-secret-keys", SENDER.address], { passphrase: PASSPHRASE });
    const others = await gpg.gpg(["--armor", "--export", BOB, CARL, DORA, EMIL]);
    await page.goto(`${server.origin}/#/keys`);
    await page.getByLabel("New passphrase").fill(PASSPHRASE);
    await page.getByLabel("Repeat passphrase").fill(PASSPHRASE);
    await page.getByRole("button", { name: "Create keystore" }).click();
    await importKey(page, { origin: server.origin, armored: anna.text, passphrase: PASSPHRASE });
    await page.goto(`${server.origin}/#/keys/import`);
    await page.getByLabel("Paste keys").fill(others.text);
    await button("Import 4 keys").click();
    await page.getByRole("list", { name: "Contacts" }).getByText(EMIL).first().waitFor();
  });
  after(async () => {
    await gpg?.close();
    await browser?.close();
    await server?.stop();
    await server?.remove();
    await world?.close();
  });

  /** Begins a message; `people` by the field they are in. */
  const write = async (people, subject) => {
    await page.goto(`${server.origin}/#/sent`);
    await page.goto(`${server.origin}/#/compose`);
    const another = button("Write another message");
    await another.or(field("To")).waitFor();
    if (await another.isVisible()) await another.click();
    await button("Cc/Bcc").click();
    for (const [name, addresses] of Object.entries(people)) await field(name).fill(addresses.join(", "));
    await page.getByLabel("Subject").fill(subject);
    await field("Message").fill("Um drei am Steg.");
  };
  /** What the server of the domain has got for exactly these, with these words. */
  const arrived = async (domain, to, words) => {
    for (let tries = 0; tries < 200; tries += 1) {
      const found = world.receivers[domain].messages.find((one) => one.to.toSorted().join() === to.toSorted().join() && one.text.includes(words));
      if (found !== undefined) return found.text;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.fail(`${domain} has nothing for ${to}: ${JSON.stringify(world.receivers[domain].messages.map((one) => one.to))}`);
  };
  const header = (text, name) => text.slice(0, text.indexOf("\r\n\r\n")).replace(/\r\n[ \t]/g, " ").split("\r\n").find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2).replace(/<([^<>]*@[^<>]*example)>/g, "$1");
  const armoredIn = (text) => Buffer.from(/-----BEGIN PGP MESSAGE-----[\s\S]*-----END PGP MESSAGE-----/.exec(text)[0]);
  /** For whose keys a message says that it is. */
  const readersOf = async (text) => {
    const { text: packets } = await gpg.gpg(["--list-packets"], { input: armoredIn(text), passphrase: PASSPHRASE });
    return [BOB, CARL, DORA, EMIL].filter((address) => packets.includes(keyIds[address]));
  };
  const discard = async () => {
    await button("Discard").click();
    await page.getByRole("dialog").getByRole("button", { name: "Discard it" }).click();
  };

  test("encrypted, with the keyboard alone: To and Cc get one message, each in Bcc one alone, and nobody sees them", async () => {
    await page.goto(`${server.origin}/#/compose`);
    assert.equal(await field("Bcc").count(), 0);
    await typeInto(page, field("To"), BOB);
    await press(page, button("Cc/Bcc"));
    await focusOn(page, field("Cc"));
    await page.keyboard.type(`${CARL},`);
    await typeInto(page, field("Bcc"), `${DORA}, ${EMIL}`);
    await typeInto(page, page.getByLabel("Subject"), "Vier Leute");
    await typeInto(page, field("Message"), "Um drei am Steg.");
    await page.getByText("Draft saved.").waitFor();
    assert.deepEqual([await chips("Recipients"), await chips("Copies to"), await chips("Blind copies to")], [[BOB], [CARL], [DORA, EMIL]]);
    assert.deepEqual(await page.evaluate(async () => (await globalThis.axe.run(document, { preload: false })).violations.map(({ id }) => id)), []);
    await button("Send encrypted to 4 people").click();
    await page.getByRole("heading", { level: 1, name: "Vier Leute" }).waitFor({ timeout: 60_000 });
    const ids = new Set();
    for (const [domain, to, readers] of [["dane.example", [BOB], [BOB, CARL]], ["good.example", [CARL], [BOB, CARL]], ["good.example", [DORA], [DORA]], ["good.example", [EMIL], [EMIL]]]) {
      const text = await arrived(domain, to, "multipart/encrypted");
      assert.deepEqual(await readersOf(text), readers);
      assert.deepEqual([header(text, "To"), header(text, "Cc"), header(text, "Bcc")], [BOB, CARL, undefined]);
      const { text: inner } = await gpg.gpg(["--decrypt"], { input: armoredIn(text), passphrase: PASSPHRASE });
      assert.match(inner, /Um drei am Steg\./);
      assert.doesNotMatch(text + inner, /dora|emil/i);
      ids.add(header(text, "Message-ID"));
    }
    assert.equal(ids.size, 1, "it is one message, whoever gets it");
  });

  test("the copy of it says who was in Cc and Bcc, and so does what is written of it once more", async () => {
    const people = page.getByRole("list", { name: "Recipients" }).getByRole("listitem");
    await people.filter({ hasText: CARL }).filter({ hasText: "encrypted · Cc" }).waitFor();
    for (const address of [DORA, EMIL]) await people.filter({ hasText: address }).filter({ hasText: "encrypted · Bcc" }).waitFor();
    await button("Write it once more").click();
    await page.getByRole("list", { name: "Blind copies to" }).getByText(DORA).waitFor();
    assert.deepEqual([await chips("Recipients"), await chips("Copies to"), await chips("Blind copies to")], [[BOB], [CARL], [DORA, EMIL]]);
    await discard();
  });

  test("what is sent later, since it could not be then, names those in To all the same", async () => {
    const atDoras = () => world.receivers["good.example"].messages.filter(({ to, text }) => to.join() === DORA && text.includes("multipart/encrypted"));
    const before = atDoras().length;
    await write({ To: [BOB], Bcc: [DORA] }, "Halb gesendet");
    let asked = 0;
    await page.route("**/api/v1/outgoing", (route) => {
      if (route.request().method() !== "POST" || (asked += 1) === 1) return route.fallback();
      return route.fulfill({ status: 507, contentType: "application/json", body: JSON.stringify({ code: "storage-full", message: "" }) });
    });
    await button("Send encrypted to 2 people").click();
    await page.getByRole("alert").filter({ hasText: "Fifty of your messages are waiting" }).waitFor();
    await page.unroute("**/api/v1/outgoing");
    assert.deepEqual([await page.getByRole("list", { name: "Recipients" }).count(), await chips("Blind copies to")], [0, [DORA]]);
    await button(`Send encrypted to ${DORA}`).click();
    await page.getByRole("heading", { level: 1, name: "Halb gesendet" }).waitFor({ timeout: 60_000 });
    for (let tries = 0; atDoras().length === before; tries += 1) {
      assert.ok(tries < 200, "nothing for Dora");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const { text } = atDoras().at(-1);
    assert.equal(header(text, "To"), BOB);
    assert.deepEqual(await readersOf(text), [DORA]);
  });

  test("a draft keeps them, also over a page that is loaded anew; whoever is named again in another field moves there", async () => {
    await write({ To: [BOB, CARL], Cc: [EMIL], Bcc: [DORA, CARL] }, "Entwurf mit Kopien");
    await page.getByText("Draft saved.").waitFor();
    assert.deepEqual([await chips("Recipients"), await chips("Copies to"), await chips("Blind copies to")], [[BOB], [EMIL], [DORA, CARL]]);
    await page.goto(`${server.origin}/#/drafts`);
    await page.reload();
    await page.goto(`${server.origin}/#/keys`);
    await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
    await button("Unlock").click();
    await page.getByRole("list", { name: "My keys" }).waitFor();
    await page.goto(`${server.origin}/#/drafts`);
    await page.getByRole("list", { name: "Drafts" }).getByRole("link", { name: "Entwurf mit Kopien" }).click();
    await page.getByRole("list", { name: "Blind copies to" }).getByText(DORA).waitFor();
    assert.deepEqual([await chips("Recipients"), await chips("Copies to"), await chips("Blind copies to")], [[BOB], [EMIL], [DORA, CARL]]);
    await discard();
  });

  test("not encrypted: one message for all, in which no field names those in Bcc", async () => {
    await write({ To: ["bert@good.example"], Cc: ["berta@good.example"], Bcc: ["blind@good.example"] }, "Offen");
    await page.getByLabel("Not encrypted", { exact: true }).check();
    await button("Send without encryption to 3 people").click();
    await page.getByRole("heading", { level: 1, name: "Offen" }).waitFor({ timeout: 60_000 });
    const text = await arrived("good.example", ["bert@good.example", "berta@good.example", "blind@good.example"], "Subject: Offen");
    assert.deepEqual([header(text, "To"), header(text, "Cc")], ["bert@good.example", "berta@good.example"]);
    assert.doesNotMatch(text, /blind@|^bcc:/im);
  });

  test("a password link: the message says for how many keys it is, and those in Bcc do not count; what the link may give away is said", async () => {
    const nameOf = (file) => file.replace(/ \(\d+\)$/, "");
    const before = new Set(Object.keys(await filesBelow(server.dataDir)).map(nameOf));
    await write({ To: [BOB], Bcc: [DORA] }, "Mit Link");
    await page.getByLabel("By password link to everybody").check();
    await page.getByText("There is only one password link").waitFor();
    await page.getByLabel("My own password").check();
    await field("Own password").fill("Erlen am Wehr 41");
    await button("Encrypt, and send a password link to 2 people").click();
    await page.getByRole("heading", { name: "Your link is ready" }).waitFor({ timeout: 60_000 });
    const stored = Object.entries(await filesBelow(server.dataDir)).filter(([file]) => !before.has(nameOf(file)));
    const inspected = await Promise.all(stored.map(([, octets]) => inspectMessage({ message: new Uint8Array(octets) }).catch(() => undefined)));
    const sealed = inspected.filter((one) => one?.passwords === 1);
    assert.deepEqual(sealed.map(({ recipients }) => recipients), [[{}, {}]], "Bob and Anna, neither named");
    for (const [domain, to] of [["dane.example", [BOB]], ["good.example", [DORA]]]) {
      const text = await arrived(domain, to, "An encrypted message from Anna Berg");
      assert.equal(header(text, "To"), BOB);
      assert.doesNotMatch(text, /dora@|^bcc:/im);
    }
  });

  test("an answer to everybody goes to each of them once, and not to oneself; to one alone there is none", async () => {
    const more = `To: Carl <${CARL}>, Anna <${SENDER.address.toUpperCase()}>\nCc: "Lind, Dora" <${DORA}>, CARL@good.example (again),\n ${BOB}\nMessage-ID: <plan@dane.example>`;
    await bring({ port: smtp, from: BOB, to: SENDER.address, message: `From: Bob <${BOB}>\n${more}\nSubject: Plan\n\nWho comes?` });
    await bring({ port: smtp, from: BOB, to: SENDER.address, message: `From: Bob <${BOB}>\nTo: ${SENDER.address}\nSubject: For you alone\n\nPst.` });
    const open = async (subject) => {
      const row = page.getByRole("list", { name: "Inbox" }).getByRole("listitem").filter({ hasText: subject });
      for (let tries = 0; tries < 40 && (await row.count()) === 0; tries += 1) {
        await page.goto(`${server.origin}/#/links`);
        await page.goto(`${server.origin}/#/inbox`);
        await row.waitFor({ timeout: 500 }).catch(() => undefined);
      }
      await row.getByRole("link").click();
      await page.getByTestId("mail-text").waitFor();
    };
    await open("For you alone");
    await button("Reply").waitFor();
    assert.equal(await button("Reply all").count(), 0);
    await open("Plan");
    await button("Reply all").click();
    await page.getByRole("list", { name: "Copies to", exact: true }).getByText(DORA).waitFor();
    assert.deepEqual([await chips("Recipients"), await chips("Copies to")], [[BOB, CARL], [DORA]]);
    assert.equal(await page.getByLabel("Subject").inputValue(), "Re: Plan");
    await button("Send encrypted to 3 people").click();
    await page.getByRole("heading", { level: 1, name: "Re: Plan" }).waitFor({ timeout: 60_000 });
    const text = await arrived("dane.example", [BOB], "In-Reply-To: <plan@dane.example>");
    assert.deepEqual([header(text, "To"), header(text, "Cc"), header(text, "References")], [`${BOB}, ${CARL}`, DORA, "plan@dane.example"]);
    await open("Plan");
    await button("Reply").click();
    await page.getByRole("list", { name: "Recipients" }).getByText(BOB).waitFor();
    assert.deepEqual(await chips("Recipients"), [BOB]);
    assert.equal(await field("Cc").count(), 0);
    await discard();
  });

  test("on a narrow screen in German, where nothing complained", async () => {
    await page.goto(`${server.origin}/#/settings`);
    await page.getByLabel("Language").selectOption({ label: "Deutsch" });
    await page.setViewportSize({ width: 320, height: 640 });
    await page.goto(`${server.origin}/#/compose`);
    await button("Cc/Bcc").click();
    await field("Bcc").fill("niemand");
    await field("Cc").click();
    await page.getByRole("alert").filter({ hasText: "niemand" }).waitFor();
    await page.getByText("kein Kopffeld nennt sie").waitFor();
    assert.equal(await page.evaluate(() => Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - document.documentElement.clientWidth), 0);
    profile.assertQuiet();
    assert.deepEqual(browser.escaped(), []);
  });
});
