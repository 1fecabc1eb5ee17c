// Mail that is sent from the webmail, from the composer to a server of the recipient's domain: encrypted, by link, or not encrypted and
// said so; each way is told before. Nothing that was encrypted reaches our server, nothing is sent twice, and no draft is lost.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { gnupgHome } from "../interop/gnupg_home.mjs";
import { startBrowser } from "./browser.mjs";
import { focusOn, press, typeInto } from "./keyboard.mjs";
import { startMailWorld } from "./mail_world.mjs";
import { read, visit } from "./recipient.mjs";
import { importKey, SENDER, signIn } from "./sender.mjs";
import { startServer } from "./server.mjs";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PASSPHRASE = "Nachtzug über Lindau 88";
const BOB = "bob@dane.example";
const SECRET = "Der Fischreiher landet um drei";

describe("mail that is sent", { timeout: 600_000 }, () => {
  let world, server, browser, profile, page, gpg, bob;
  const fates = () => page.getByTestId("fate");
  const chips = () => page.getByRole("list", { name: "Recipients" });
  const problem = (words) => page.getByRole("alert").filter({ hasText: words }).waitFor();

  before(async () => {
    world = await startMailWorld({ "good.example": {}, "dane.example": { dane: true }, "clear.example": { clear: true } });
    server = await startServer({ options: [...world.options, "--messages-per-minute", "1000"] });
    browser = await startBrowser(server.origin);
    profile = await browser.profile();
    await profile.context.addInitScript({ content: AXE });
    gpg = await gnupgHome();
    page = await signIn(profile, server.origin);
  });
  after(async () => {
    await gpg?.close();
    await browser?.close();
    await server?.stop();
    await server?.remove();
    await world?.close();
  });

  /** Begins a message. */
  const write = async ({ to, subject, text = "x", way, files = [] }) => {
    await page.goto(`${server.origin}/#/sent`);
    await page.goto(`${server.origin}/#/compose`);
    const another = page.getByRole("button", { name: "Write another message" });
    const field = page.getByLabel("To", { exact: true });
    await another.or(field).waitFor();
    if (await another.isVisible()) await another.click();
    for (const address of to) {
      await field.fill(address);
      await field.press("Enter");
    }
    if (way !== undefined) await page.getByLabel(way, { exact: true }).check();
    await page.getByLabel("Subject").fill(subject);
    await page.getByLabel("Message", { exact: true }).fill(text);
    if (files.length > 0) await page.getByLabel("Attach files").setInputFiles(files);
  };
  const pressButton = (name) => page.getByRole("button", { name, exact: true }).click();
  const message = async (domain, subject) => {
    for (let tries = 0; tries < 100; tries += 1) {
      const found = world.receivers[domain].messages.filter(({ text }) => text.includes(subject));
      if (found.length > 0) return found;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.fail(`${domain} has no ${subject}`);
  };
  const atSent = async (heading) => page.getByRole("heading", { level: 1, name: heading }).waitFor();
  /** What `act` hands over is taken, unless `gets` is false, and its answer lost. How often that was asked. `then` happens before it is seen. */
  const lose = async (act, { gets = true, then = () => {} } = {}) => {
    let asked = 0;
    await page.route("**/api/v1/outgoing", async (route) => {
      if (route.request().method() !== "POST") return route.fallback();
      asked += 1;
      if (gets) assert.equal((await route.fetch()).status(), 202);
      then();
      await route.abort("connectionreset");
    });
    await act();
    await page.unroute("**/api/v1/outgoing");
    return asked;
  };

  test("nothing was sent yet, and somebody who has no key is told how mail to each domain travels", async () => {
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Sent" }).click();
    await page.getByText("Nothing has been sent yet.").waitFor();
    await write({ to: ["bert@good.example", BOB, "x@none.example"], subject: "Marks" });
    await chips().getByRole("listitem").filter({ hasText: /bert@good\.example.*password.*· TLS$/s }).or(chips().getByText("· TLS", { exact: true })).first().waitFor();
    await chips().getByText("· TLS with DANE").waitFor();
    await problem(/Nothing can be sent to x@none\.example: the domain takes no mail/);
    await page.getByText("What these marks say of the way").click();
    await page.getByText("Nobody on the way can pose as them").waitFor();
    await page.getByRole("button", { name: "Encrypt, and send a password link to 3 people" }).waitFor();
    assert.deepEqual(await page.evaluate(async () => (await globalThis.axe.run(document, { preload: false })).violations.map(({ id }) => id)), []);
    await page.getByRole("button", { name: "Discard" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Discard it" }).click();
    assert.doesNotMatch(server.sent().toString("latin1"), /address=(bert|bob|x)/, "our server is asked about domains, not about people");
  });

  test("not encrypted: said before, sent under TLS, and told as taken by the other server", async () => {
    await write({ to: ["bert@good.example"], subject: "Mittag um zwölf", text: "Kommst du?\n.\nGruß", way: "Not encrypted" });
    await page.locator(".warning").filter({ hasText: "can read subject, text and attachments" }).waitFor();
    assert.equal(await page.getByLabel("Generated passphrase").count(), 0, "there is no link to be opened");
    await chips().getByText("not encrypted").waitFor();
    await pressButton("Send without encryption to bert@good.example");
    await atSent("Mittag um zwölf");
    await fates().filter({ hasText: "Taken by the other server" }).waitFor({ timeout: 60_000 });
    const [{ to, text }] = await message("good.example", "MIME-Version");
    assert.deepEqual(to, ["bert@good.example"]);
    assert.match(text, /^DKIM-Signature:[\s\S]*From: "?Anna Berg"? <anna@demo\.example>\r\n/m);
    assert.match(text, /Kommst du\?\r\n(=2E|\.)\r\n/);
    for (const receiver of Object.values(world.receivers)) assert.doesNotMatch(receiver.clear(), /anna|bert|Kommst/);
    assert.ok(server.sent().includes("Kommst du?"), "what the next tests look for would be found");
  });

  test("encrypted and signed: GnuPG opens it and says who signed; our server has nothing of it", async () => {
    await gpg.gpg(["--quick-generate-key", `${SENDER.name} <${SENDER.address}>`, "future-default", "default", "2y"], { passphrase: PASSPHRASE });
    await gpg.gpg(["--quick-generate-key", `Bob Reed <${BOB}>`, "future-default", "default", "2y"]);
    const anna = await gpg.gpg(["--armor", "--export-secret-keys", SENDER.address], { passphrase: PASSPHRASE });
    bob = (await gpg.gpg(["--armor", "--export", BOB])).text;
    await page.goto(`${server.origin}/#/keys`);
    await page.getByLabel("New passphrase").fill(PASSPHRASE);
    await page.getByLabel("Repeat passphrase").fill(PASSPHRASE);
    await page.getByRole("button", { name: "Create keystore" }).click();
    await importKey(page, { origin: server.origin, armored: anna.text, passphrase: PASSPHRASE });
    await page.goto(`${server.origin}/#/keys/import`);
    await page.getByLabel("Paste keys").fill(bob);
    await page.getByRole("button", { name: "Import 1 key" }).click();
    await page.getByRole("button", { name: "I have compared it: it is the same" }).click();

    await write({ to: [BOB], subject: SECRET, text: `${SECRET} hundert`, files: [{ name: "Reiherplan.txt", mimeType: "text/plain", buffer: Buffer.from(`${SECRET} Anhang`) }] });
    await chips().getByText("key verified").waitFor();
    assert.equal(await page.getByLabel("Generated passphrase").count(), 0);
    await pressButton(`Send encrypted to ${BOB}`);
    await atSent(SECRET);
    await fates().filter({ hasText: "Taken by the other server" }).waitFor({ timeout: 60_000 });
    const [{ text }] = await message("dane.example", "multipart/encrypted");
    assert.match(text, /^Subject: \[?\.\.\.\]?\r$/m);
    const armored = /-----BEGIN PGP MESSAGE-----[\s\S]*-----END PGP MESSAGE-----/.exec(text)[0];
    const { text: inner, said } = await gpg.gpg(["--status-fd", "2", "--decrypt"], { input: Buffer.from(armored) });
    assert.match(inner, new RegExp(`^Subject: ${SECRET}`, "m"));
    assert.match(inner, /hundert/);
    assert.match(inner, /Reiherplan\.txt/);
    assert.match(said, /GOODSIG .* Anna Berg <anna@demo\.example>/);
    const kept = await database(server);
    assert.ok(kept.includes(BOB), "to whom it went is there");
    const whatServersGot = Buffer.concat([server.sent(), kept, Buffer.from(text)]).toString("latin1");
    for (const word of [SECRET, "hundert", "Reiherplan", PASSPHRASE, "PRIVATE KEY", Buffer.from(`${SECRET} Anhang`).toString("base64").slice(0, 30)]) {
      assert.ok(!whatServersGot.includes(Buffer.from(word).toString("latin1")), `a server was told ${word}`);
    }
    await page.goto(`${server.origin}/#/drafts`);
    await page.getByText(/^No drafts/).waitFor();
  });

  test("one with a key and one without: each gets theirs, and the password goes with neither", async () => {
    await write({ to: [BOB, "carl@good.example"], subject: `${SECRET} zwei`, text: "Nur für euch." });
    await page.getByLabel("My own password").check();
    await page.getByLabel("Own password", { exact: true }).fill("Erlen am Wehr 41");
    await pressButton("Send encrypted to 1, and a password link to 1");
    await page.getByRole("heading", { name: "Your link is ready" }).waitFor({ timeout: 60_000 });
    await page.getByText(/The server has the message for bob@dane\.example and carl@good\.example/).waitFor();
    assert.equal(await page.getByText("Send this link to").count(), 0);
    const [{ to, text }] = await message("good.example", "An encrypted message from Anna Berg");
    assert.deepEqual(to, ["carl@good.example"]);
    const link = await page.getByRole("textbox", { name: "Link", exact: true }).inputValue();
    const body = text.replaceAll("=\r\n", "").replaceAll("=3D", "=").replaceAll("=23", "#");
    assert.ok(body.includes(link), body);
    assert.doesNotMatch(text, /Fischreiher|Erlen/);
    assert.doesNotMatch(server.sent().toString("latin1"), /Erlen|Nur f/);
    assert.equal((await message("dane.example", "multipart/encrypted")).length, 2);
    const reader = await visit(profile, link);
    assert.deepEqual(await read(reader, "Erlen am Wehr 41"), { subject: `${SECRET} zwei`, text: "Nur für euch." });
    await reader.close();
  });

  test("who sends the link themselves: the server brings none, and does not learn its secret", async () => {
    const before = world.receivers["good.example"].messages.length;
    await write({ to: ["carl@good.example"], subject: "Von Hand" });
    await page.getByLabel("I send the link myself").check();
    await pressButton("Encrypt for carl@good.example, by password link");
    await page.getByRole("heading", { name: "Your link is ready" }).waitFor({ timeout: 60_000 });
    await page.getByText("Send this link to carl@good.example").waitFor();
    const secret = (await page.getByRole("textbox", { name: "Link", exact: true }).inputValue()).split("#")[1];
    assert.equal(secret.length, 22);
    assert.ok(!server.sent().includes(secret));
    assert.equal(world.receivers["good.example"].messages.length, before);
    await page.getByRole("button", { name: "Copy password" }).click();
  });

  test("a recipient whom the other server refuses: why, in words and in those of a stranger", async () => {
    await write({ to: ["nobody@good.example", "bert@good.example"], subject: "Zwei Leute", way: "Not encrypted" });
    await pressButton("Send without encryption to 2 people");
    await atSent("Zwei Leute");
    const refused = fates().filter({ hasText: "nobody@good.example" });
    await refused.getByText("Not sent").waitFor({ timeout: 60_000 });
    await refused.getByText("The mail server of good.example does not take it.").waitFor();
    const said = await refused.locator("blockquote").innerText();
    assert.match(said, /^550 5\.1\.1 nobody here by this name .*<b>gnp\.exe$/);
    assert.doesNotMatch(said, /\u202e/);
    await fates().filter({ hasText: "bert@good.example" }).getByText("Taken by the other server").waitFor();
    await page.getByRole("list", { name: "Sent" }).getByText("Not sent (1 of 2)").waitFor();
    await refused.getByRole("button", { name: "Write to them again" }).click();
    await chips().getByText("nobody@good.example").waitFor();
    await page.getByRole("button", { name: "Discard" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Discard it" }).click();
  });

  test("a server without TLS is told nothing; a link by another way is offered", async () => {
    await write({ to: ["dora@clear.example"], subject: "Offene Tür", way: "Not encrypted" });
    await pressButton("Send without encryption to dora@clear.example");
    await atSent("Offene Tür");
    await fates().getByText("Late: it is tried again").waitFor({ timeout: 60_000 });
    await fates().getByText(/offers no encryption.*Nothing was sent/).waitFor();
    await fates().getByText(/^It is tried again: /).waitFor();
    assert.doesNotMatch(world.receivers["clear.example"].clear(), /dora|anna|Offene/);
    await page.getByRole("button", { name: "Write a password link" }).click();
    assert.equal(await page.getByLabel("I send the link myself").isChecked(), true);
    assert.equal(await page.getByLabel("Subject").inputValue(), "Offene Tür");
    await page.getByRole("button", { name: "Discard" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Discard it" }).click();
  });

  test("with the keyboard alone: written, sent, and taken back before it has arrived", async () => {
    await page.goto(`${server.origin}/#/compose`);
    await typeInto(page, page.getByLabel("To", { exact: true }), "late@good.example");
    await page.keyboard.press("Enter");
    await typeInto(page, page.getByLabel("Subject"), "Zurück damit");
    await focusOn(page, page.getByLabel("Encrypted: to each one's key", { exact: false }));
    await page.keyboard.press("ArrowUp");
    await page.getByLabel("Not encrypted", { exact: true }).and(page.locator(":checked")).waitFor();
    await press(page, page.getByRole("button", { name: "Send without encryption to late@good.example", exact: true }));
    await atSent("Zurück damit");
    await fates().getByText("Late: it is tried again").waitFor({ timeout: 60_000 });
    await fates().getByText("450 come again").waitFor();
    await press(page, page.getByRole("button", { name: "Withdraw", exact: true }));
    const dialog = page.getByRole("dialog", { name: "Take this message back?" });
    await dialog.getByText("It is not sent to late@good.example any more.").waitFor();
    await press(page, dialog.getByRole("button", { name: "Withdraw it" }));
    await fates().getByText("Taken back").waitFor();
    assert.equal(await page.getByRole("button", { name: "Withdraw", exact: true }).count(), 0);
    world.receivers["good.example"].welcome();
    await server.advanceClock(3_600);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    assert.ok(!world.receivers["good.example"].messages.some(({ to }) => to.includes("late@good.example")));
  });

  test("an answer that is lost after the server had it: it is found, and sent once", async () => {
    await write({ to: ["bert@good.example"], subject: "Antwort verloren", way: "Not encrypted" });
    const asked = await lose(async () => {
      await pressButton("Send without encryption to bert@good.example");
      await atSent("Antwort verloren");
    });
    assert.equal(asked, 1);
    await fates().getByText("Taken by the other server").waitFor({ timeout: 60_000 });
    assert.equal((await message("good.example", "Antwort verloren")).length, 1);
  });

  test("an answer that is lost with the list: not known, and found the next time without sending", async () => {
    await write({ to: ["bert@good.example"], subject: "Nichts gehört", text: "Funkstille", way: "Not encrypted" });
    let deaf = false;
    await page.route("**/api/v1/outgoing", (route) => (deaf && route.request().method() === "GET" ? route.abort("connectionreset") : route.fallback()));
    const send = () => pressButton("Send without encryption to bert@good.example");
    const unheard = async () => {
      await send();
      await problem(/No answer of the server came.*Your draft is kept/);
    };
    assert.equal(await lose(unheard, { then: () => (deaf = true) }), 1);
    assert.equal(await page.getByLabel("Subject").inputValue(), "Nichts gehört");
    await page.getByText("Draft saved.").waitFor();
    await page.unroute("**/api/v1/outgoing");
    await send();
    await atSent("Nichts gehört");
    await fates().getByText("Taken by the other server").waitFor({ timeout: 60_000 });
    assert.equal((await message("good.example", "Funkstille")).length, 1);
  });

  test("what never came is kept as a draft, and sent again only when its writer says so", async () => {
    await write({ to: ["bert@good.example"], subject: "Nie angekommen", way: "Not encrypted" });
    const send = () => pressButton("Send without encryption to bert@good.example");
    await lose(async () => {
      await send();
      await problem(/No answer of the server came.*Your draft is kept/);
    }, { gets: false });
    await send();
    const dialog = page.getByRole("dialog", { name: "Send it once more?" });
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await problem(/No answer of the server came/);
    await send();
    await dialog.getByRole("button", { name: "Send it once more" }).click();
    await atSent("Nie angekommen");
    assert.equal((await message("good.example", "Nie angekommen")).length, 1);
  });

  test("refusals are told by what they are, and nothing is lost by them", async () => {
    await write({ to: ["bert@good.example"], subject: "Abgelehnt", way: "Not encrypted" });
    for (const [status, code, words] of [
      [507, "storage-full", /Fifty of your messages are waiting/],
      [404, "not-found", /The server sends no mail for your address/],
      [400, "invalid-request", /does not take this message, or one of its addresses/],
    ]) {
      await page.route("**/api/v1/outgoing", (route) => (route.request().method() === "POST" ? route.fulfill({ status, contentType: "application/json", body: JSON.stringify({ code, message: "" }) }) : route.fallback()));
      await pressButton("Send without encryption to bert@good.example");
      await problem(words);
      await page.unroute("**/api/v1/outgoing");
      assert.equal(await page.getByLabel("Subject").inputValue(), "Abgelehnt");
    }
    await page.getByRole("button", { name: "Discard" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Discard it" }).click();
  });

  test("cancelled while it leaves: nothing was sent, and the draft is there", async () => {
    await write({ to: ["bert@good.example"], subject: "Doch nicht", way: "Not encrypted", files: [{ name: "gross.bin", mimeType: "application/octet-stream", buffer: Buffer.alloc(12_000_000, 7) }] });
    const network = await page.context().newCDPSession(page);
    await network.send("Network.enable");
    await network.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 300_000 });
    await pressButton("Send without encryption to bert@good.example");
    await page.getByRole("progressbar", { name: /Sending to the server/ }).waitFor({ timeout: 60_000 });
    await page.getByRole("button", { name: "Cancel" }).click();
    await problem("Cancelled. Nothing was sent, and nothing was lost.");
    await network.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
    assert.equal(await page.getByLabel("Subject").inputValue(), "Doch nicht");
    await page.getByRole("button", { name: "Discard" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Discard it" }).click();
    await page.goto(`${server.origin}/#/sent`);
    await page.getByRole("list", { name: "Sent" }).getByText("Nie angekommen").waitFor();
    assert.equal(await page.getByRole("list", { name: "Sent" }).getByText("Doch nicht").count(), 0);
  });

  test("the list that cannot be asked for says so; in the dark, narrow and in German as well", async () => {
    const dark = await browser.profile({ colorScheme: "dark", viewport: { width: 320, height: 640 } });
    await dark.context.addInitScript({ content: AXE });
    const other = await signIn(dark, server.origin);
    await other.goto(`${server.origin}/#/sent`);
    const rows = other.getByRole("list", { name: "Sent" }).getByRole("link");
    await rows.first().waitFor();
    assert.match(await rows.first().innerText(), /^Message of /, "the server knows no subject");
    await other.getByLabel("Search").fill("nobody@");
    assert.equal(await rows.count(), 1);
    for (const place of ["list", "message", "composer"]) {
      if (place === "message") await rows.first().click();
      if (place === "message") await other.getByTestId("fate").first().waitFor();
      if (place === "composer") {
        await other.goto(`${server.origin}/#/compose`);
        await other.getByLabel("To", { exact: true }).fill("bert@good.example, x@none.example,");
        await other.keyboard.press("Enter");
        await other.getByLabel("Not encrypted", { exact: true }).check();
        await other.getByText("· no mail server: will not be sent").waitFor();
      }
      assert.deepEqual(await other.evaluate(async () => (await globalThis.axe.run(document, { preload: false })).violations.map(({ id }) => id)), [], place);
      assert.equal(await other.evaluate(() => Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - document.documentElement.clientWidth), 0, place);
    }
    await other.goto(`${server.origin}/#/settings`);
    await other.getByLabel("Language").selectOption({ label: "Deutsch" });
    await other.getByRole("link", { name: "Gesendet" }).click();
    await other.getByRole("list", { name: "Gesendet" }).getByText("Nicht verschickt (1 von 2)").waitFor();
    await other.route("**/api/v1/outgoing", (route) => route.abort("connectionreset"));
    await other.goto(`${server.origin}/#/links`);
    await other.goto(`${server.origin}/#/sent`);
    await other.getByRole("alert").filter({ hasText: "Der Server war nicht zu erreichen" }).or(other.getByRole("alert")).first().waitFor();
    await other.unroute("**/api/v1/outgoing");
    await other.getByRole("button", { name: "Noch einmal versuchen" }).click();
    await other.getByRole("alert").waitFor({ state: "detached" });
    await dark.close();
    assert.deepEqual(browser.escaped(), []);
  });
});

/** Everything in the files of the database. */
async function database({ dataDir }) {
  const names = ["envelock.sqlite", "envelock.sqlite-wal"];
  return Buffer.concat(await Promise.all(names.map((name) => readFile(join(dataDir, name)))));
}
