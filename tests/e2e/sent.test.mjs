// Copies of what was sent: its writer reads them again, on every device that has the key; nobody else reads anything of them, and none is lost
// silently. Without a key there is none, and the page says so.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import { gnupgHome } from "../interop/gnupg_home.mjs";
import { startBrowser } from "./browser.mjs";
import { filesBelow } from "./disk.mjs";
import { startMailWorld } from "./mail_world.mjs";
import { importKey, SENDER, signIn } from "./sender.mjs";
import { startServer } from "./server.mjs";
import { traces } from "./traces.mjs";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PASSPHRASE = "Nachtzug über Lindau 88";
const SECRETS = { subject: "Der Plan vom Bootshaus", text: "Drei Latten fehlen am Steg", file: "Skizze mit Maßen, nur für uns", recipient: "jakob.winter@weiher.example" };
const COPIES = "**/api/v1/mailbox/sent/**";

describe("copies of what was sent", { timeout: 600_000 }, () => {
  let world, server, browser, gpg, secretKey, computer, page, phone, other;
  const rows = (on = page) => on.getByRole("list", { name: "Sent" }).getByRole("listitem");
  const row = (words, on = page) => rows(on).filter({ hasText: words });
  const text = (on = page) => on.getByTestId("mail-text");
  const button = (name, on = page) => on.getByRole("button", { name, exact: true });

  before(async () => {
    world = await startMailWorld({ "good.example": {} });
    server = await startServer({ options: [...world.options, "--messages-per-minute", "1000"] });
    browser = await startBrowser(server.origin);
    gpg = await gnupgHome();
    await gpg.gpg(["--quick-generate-key", `${SENDER.name} <${SENDER.address}>`, "future-default", "default", "2y"], { passphrase: PASSPHRASE });
    secretKey = (await gpg.gpg(["--armor", "--export-secret-keys", SENDER.address], { passphrase: PASSPHRASE })).text;
    computer = await browser.profile();
    await computer.context.addInitScript({ content: AXE });
    page = await signIn(computer, server.origin);
  });
  after(async () => {
    await gpg?.close();
    await browser?.close();
    await server?.stop();
    await server?.remove();
    await world?.close();
  });

  const keys = async (on) => {
    await on.goto(`${server.origin}/#/keys`);
    await on.getByLabel("New passphrase").fill(PASSPHRASE);
    await on.getByLabel("Repeat passphrase").fill(PASSPHRASE);
    await on.getByRole("button", { name: "Create keystore" }).click();
    await importKey(on, { origin: server.origin, armored: secretKey, passphrase: PASSPHRASE });
  };
  const write = async ({ to, subject, words = "x", files = [] }) => {
    await page.goto(`${server.origin}/#/sent`);
    await page.goto(`${server.origin}/#/compose`);
    const another = page.getByRole("button", { name: "Write another message" });
    const field = page.getByLabel("To", { exact: true });
    await another.or(field).waitFor();
    if (await another.isVisible()) await another.click();
    await field.fill(to);
    await field.press("Enter");
    await page.getByLabel("Subject").fill(subject);
    await page.getByLabel("Message", { exact: true }).fill(words);
    if (files.length > 0) await page.getByLabel("Attach files").setInputFiles(files);
  };
  const sendInClear = async (subject) => {
    await page.getByLabel("Not encrypted", { exact: true }).check();
    await button("Send without encryption to bert@good.example").click();
    await page.getByRole("heading", { level: 1, name: subject }).waitFor();
  };
  const sealByHand = async () => {
    await page.getByLabel("I send the link myself").check();
    await page.getByLabel("My own password").check();
    await page.getByLabel("Own password", { exact: true }).fill("Erlen am Wehr 41");
    await page.getByRole("button", { name: /^Encrypt/ }).click();
    await page.getByRole("heading", { name: "Your link is ready" }).waitFor({ timeout: 60_000 });
  };
  const unlock = async (on = page) => {
    await on.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
    await button("Unlock", on).click();
  };
  const copies = async (on = page) => (await on.evaluate(async () => (await fetch("/api/v1/mailbox?folder=sent")).json())).messages;
  const barrierFree = async (on) => {
    assert.deepEqual(await on.evaluate(async () => (await globalThis.axe.run(document, { preload: false })).violations.map(({ id }) => id)), []);
    assert.equal(await on.evaluate(() => Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - document.documentElement.clientWidth), 0);
  };
  const arrived = (words) => world.receivers["good.example"].messages.filter((one) => one.text.includes(words)).length;

  test("without a key none is kept, which is said before and after", async () => {
    await write({ to: "bert@good.example", subject: "Ohne Schlüssel" });
    await page.getByText("No copy is kept: you have no key.").waitFor();
    await sendInClear("Ohne Schlüssel");
    await page.getByRole("status").filter({ hasText: "The server has the message for bert@good.example" }).filter({ hasText: "No copy is kept: you have no key." }).waitFor();
    await row("Ohne Schlüssel").waitFor();
    assert.equal(await button("Delete copy").count(), 0);
    assert.deepEqual(await copies(), []);
  });

  test("with a key it is read again, text and attachments, also after the page was loaded anew", async () => {
    await keys(page);
    await write({ to: SECRETS.recipient, subject: SECRETS.subject, words: SECRETS.text, files: [{ name: "Steg.txt", mimeType: "text/plain", buffer: Buffer.from(SECRETS.file) }] });
    assert.equal(await page.getByText("No copy is kept").count(), 0);
    await page.getByText("Draft saved.").waitFor();
    await sealByHand();
    assert.equal(await page.getByText("No copy is kept").count(), 0);
    assert.equal((await copies()).length, 1);
    await page.goto(`${server.origin}/#/drafts`);
    await page.getByText(/^No drafts/).waitFor();

    await page.goto(`${server.origin}/#/sent`);
    await row(SECRETS.subject).filter({ hasText: SECRETS.recipient }).filter({ hasText: "By password link" }).waitFor();
    const [{ id }] = await copies();
    await page.reload();
    await page.getByText("Copies of what you sent are encrypted to your key.").waitFor();
    assert.equal(await row(SECRETS.subject).count(), 0);
    await page.goto(`${server.origin}/#/sent/${id}`);
    await page.getByText("The server keeps copies of what you sent, encrypted to you.").waitFor();
    assert.equal(await text().count(), 0);
    await unlock();
    await text().filter({ hasText: SECRETS.text }).waitFor();
    await page.getByRole("heading", { level: 1, name: SECRETS.subject }).waitFor();
    await page.getByRole("list", { name: "Recipients" }).getByRole("listitem").filter({ hasText: SECRETS.recipient }).filter({ hasText: "by password link" }).waitFor();
    const [file] = await Promise.all([page.waitForEvent("download"), button("Save Steg.txt").click()]);
    assert.equal(await readFile(await file.path(), "utf8"), SECRETS.file);
    await page.getByRole("link", { name: "See its state" }).click();
    await page.getByTestId("state").filter({ hasText: /waiting/i }).waitFor();
    await page.goto(`${server.origin}/#/sent/${id}`);
    await button("Write it once more").click();
    await page.getByRole("list", { name: "Recipients" }).getByText(SECRETS.recipient).waitFor();
    assert.deepEqual([await page.getByLabel("Subject").inputValue(), await page.getByLabel("Message", { exact: true }).inputValue()], [SECRETS.subject, SECRETS.text]);
    await page.getByText("Steg.txt").first().waitFor();
    await button("Discard").click();
    await page.getByRole("dialog").getByRole("button", { name: "Discard it" }).click();
  });

  test("a copy stands in one row with how far the mail got", async () => {
    await write({ to: "bert@good.example", subject: "Mittag um zwölf", words: "Kommst du?" });
    await sendInClear("Mittag um zwölf");
    const fate = page.getByTestId("fate").filter({ hasText: "bert@good.example" });
    await fate.filter({ hasText: "Taken by the other server" }).waitFor({ timeout: 60_000 });
    await fate.filter({ hasText: "not encrypted" }).waitFor();
    await text().filter({ hasText: "Kommst du?" }).waitFor();
    assert.equal(await row("Mittag um zwölf").count(), 1);
    await row("Mittag um zwölf").filter({ hasText: "Taken by the other server" }).waitFor();
    assert.equal(await rows().count(), 3);
    await page.getByLabel("Search").fill("weiher");
    assert.equal(await rows().count(), 1);
    await page.getByLabel("Search").fill("");
  });

  test("what the server has of it says nothing, on the disk or on the way there", async () => {
    const places = { ...(await filesBelow(server.dataDir)), "what browsers sent": server.sent() };
    assert.notDeepEqual(traces(places, { recipient: "bert@good.example" }), [], "what is there is found");
    assert.deepEqual(traces(places, SECRETS), []);
  });

  test("one in the place of another is told before anything of it is shown", async () => {
    const [newer, older] = await copies();
    await page.goto(`${server.origin}/#/sent`);
    await page.route(`**/api/v1/mailbox/${newer.id}`, async (route) => route.fulfill({ response: await route.fetch({ url: `${server.origin}/api/v1/mailbox/${older.id}` }) }));
    await row(SECRETS.subject).getByRole("link").click();
    await text().filter({ hasText: SECRETS.text }).waitFor();
    await row("Mittag um zwölf").getByRole("link").click();
    await page.getByRole("alert").filter({ hasText: "not the one that belongs here" }).waitFor();
    assert.equal(await text().count(), 0);
    await button("Open it all the same").click();
    await text().filter({ hasText: SECRETS.text }).waitFor();
    await page.unroute(`**/api/v1/mailbox/${newer.id}`);
  });

  test("GnuPG reads a copy; one that its owner did not sign is told before anything of it is shown", async () => {
    const [{ id }] = await copies();
    const octets = Buffer.from(await page.evaluate(async (name) => [...new Uint8Array(await (await fetch(`/api/v1/mailbox/${name}`)).arrayBuffer())], id));
    const { data, text: mail, said } = await gpg.gpg(["--status-fd", "2", "--decrypt"], { input: octets, passphrase: PASSPHRASE });
    assert.match(said, /GOODSIG .* Anna Berg <anna@demo\.example>/);
    assert.match(mail, /^Subject: =\?|^Subject: Mittag/m);
    assert.match(mail, /Kommst du\?/);
    const { data: unsigned } = await gpg.gpg(["--recipient", SENDER.address, "--encrypt"], { input: data });
    await page.goto(`${server.origin}/#/sent`);
    await row(SECRETS.subject).getByRole("link").click();
    await text().filter({ hasText: SECRETS.text }).waitFor();
    await page.route(`**/api/v1/mailbox/${id}`, (route) => route.fulfill({ contentType: "application/octet-stream", body: Buffer.from(unsigned) }));
    await row("Mittag um zwölf").getByRole("link").click();
    await page.getByRole("alert").filter({ hasText: "None of your keys signed this copy" }).waitFor();
    assert.equal(await text().count(), 0);
    assert.equal(await button("Write it once more").count(), 0);
    await page.unroute(`**/api/v1/mailbox/${id}`);
    computer.assertQuiet();
  });

  test("a copy in the place of a draft is told: what was sent is no draft", async () => {
    const [{ id }] = await copies();
    const octets = Buffer.from(await page.evaluate(async (name) => [...new Uint8Array(await (await fetch(`/api/v1/mailbox/${name}`)).arrayBuffer())], id));
    const place = `**/api/v1/account/drafts/${id}`;
    await page.route(place, (route) => route.fulfill({ status: 200, headers: { etag: '"AAAAAAAAAAAAAAAAAAAAAA"', "content-type": "application/octet-stream" }, body: octets }));
    await page.goto(`${server.origin}/#/drafts/${id}`);
    await page.getByRole("alert").filter({ hasText: "not the one that belongs here" }).waitFor();
    await page.unroute(place);
  });

  test("what the list says of a copy is nobody's word: its own subject and mails are shown with its text", async () => {
    const list = await page.evaluate(async () => (await fetch("/api/v1/mailbox?folder=sent&limit=200")).json());
    const told = { subject: "Bitte zahlen", recipients: ["eve@sender.example"], more: 0, at: new Date().toISOString(), mails: [] };
    const { data } = await gpg.gpg(["--recipient", SENDER.address, "--encrypt"], { input: Buffer.from(JSON.stringify(told)) });
    const [first, ...others] = list.messages;
    const forged = { ...list, messages: [{ ...first, summary: Buffer.from(data).toString("base64url") }, ...others] };
    await page.route("**/api/v1/mailbox?folder=sent*", (route) => route.fulfill({ json: forged }));
    await page.goto(`${server.origin}/#/links`);
    await page.reload();
    await page.goto(`${server.origin}/#/keys`);
    await unlock();
    await page.getByRole("list", { name: "My keys" }).waitFor();
    await page.goto(`${server.origin}/#/sent`);
    await row("Bitte zahlen").getByRole("link").first().click();
    await text().filter({ hasText: "Kommst du?" }).waitFor();
    await page.getByRole("heading", { level: 1, name: "Mittag um zwölf" }).waitFor();
    await page.getByTestId("fate").filter({ hasText: "bert@good.example" }).filter({ hasText: "Taken by the other server" }).waitFor();
    await page.unroute("**/api/v1/mailbox?folder=sent*");
  });

  test("who writes at once after signing in sees what was sent before, too", async () => {
    await page.goto(`${server.origin}/#/links`);
    await page.reload();
    await page.goto(`${server.origin}/#/keys`);
    await unlock();
    await page.getByRole("list", { name: "My keys" }).waitFor();
    await page.goto(`${server.origin}/#/compose`);
    await page.getByLabel("To", { exact: true }).fill("bert@good.example");
    await page.getByLabel("To", { exact: true }).press("Enter");
    await page.getByLabel("Subject").fill("Gleich danach");
    await page.getByLabel("Message", { exact: true }).fill("Sofort");
    await sendInClear("Gleich danach");
    await row("Mittag um zwölf").waitFor();
    await row(SECRETS.subject).waitFor();
    await button("Delete copy").click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete copy" }).click();
    await page.getByRole("status").filter({ hasText: "The copy is deleted." }).waitFor();
  });

  test("keys that are locked while it is sent cost neither the copy nor the draft", async () => {
    const before = (await copies()).length;
    await write({ to: "bert@good.example", subject: "Zu früh gesperrt", words: "Noch da" });
    await page.getByText("Draft saved.").waitFor();
    let goOn;
    const held = new Promise((resolve) => (goOn = resolve));
    let asked;
    const isAsked = new Promise((resolve) => (asked = resolve));
    await page.route("**/api/v1/outgoing", async (route) => {
      if (route.request().method() === "POST") {
        asked();
        await held;
      }
      await route.continue();
    });
    await page.getByLabel("Not encrypted", { exact: true }).check();
    await button("Send without encryption to bert@good.example").click();
    await isAsked;
    await page.evaluate(() => new BroadcastChannel("envelock-keystore").postMessage("lock"));
    goOn();
    const notice = page.getByTestId("copy-notice");
    await notice.getByText("no copy of it could be stored for you yet").waitFor();
    await page.unroute("**/api/v1/outgoing");
    await page.goto(`${server.origin}/#/keys`);
    await unlock();
    await notice.waitFor({ state: "detached" });
    assert.equal((await copies()).length, before + 1);
    await page.goto(`${server.origin}/#/drafts`);
    await page.getByText(/^No drafts/).waitFor();
    await page.goto(`${server.origin}/#/sent`);
    await row("Zu früh gesperrt").getByRole("link").click();
    await text().filter({ hasText: "Noch da" }).waitFor();
    await button("Delete copy").click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete copy" }).click();
    await page.getByRole("status").filter({ hasText: "The copy is deleted." }).waitFor();
  });

  test("another device with the key reads it, and deletes it for both", async () => {
    phone = await browser.profile({ viewport: { width: 320, height: 640 } });
    await phone.context.addInitScript({ content: AXE });
    other = await signIn(phone, server.origin);
    await keys(other);
    await other.goto(`${server.origin}/#/sent`);
    await row(SECRETS.subject, other).getByRole("link").click();
    await text(other).filter({ hasText: SECRETS.text }).waitFor();
    await barrierFree(other);
    await button("Delete copy", other).click();
    const dialog = other.getByRole("dialog", { name: `Delete your copy of “${SECRETS.subject}”?` });
    await dialog.getByRole("button", { name: "Cancel" }).click();
    assert.equal((await copies()).length, 2);
    await button("Delete copy", other).click();
    await dialog.getByRole("button", { name: "Delete copy" }).click();
    await other.getByRole("status").filter({ hasText: "The copy is deleted." }).waitFor();
    await row("Mittag um zwölf", other).waitFor();
    assert.equal(await row(SECRETS.subject, other).count(), 0);
    assert.equal((await copies()).length, 1);
    await page.goto(`${server.origin}/#/links`);
    await page.goto(`${server.origin}/#/sent`);
    await row(SECRETS.subject).waitFor({ state: "detached" });
    await row("Mittag um zwölf").waitFor();
    phone.assertQuiet();
    await phone.close();
  });

  test("a copy that cannot be stored: it was sent, once; the draft stays until the copy is there", async () => {
    await write({ to: "bert@good.example", subject: "Kopie verloren", words: "Funkstille am Weiher" });
    await page.getByText("Draft saved.").waitFor();
    let asked = 0;
    // The first one is stored, and its answer lost.
    await page.route(COPIES, async (route) => {
      asked += 1;
      if (asked === 1) assert.equal((await route.fetch()).status(), 201);
      await route.abort("connectionreset");
    });
    await sendInClear("Kopie verloren");
    const notice = page.getByTestId("copy-notice");
    await notice.getByText("no copy of it could be stored for you yet").waitFor();
    assert.ok(await notice.evaluate((element) => element.getBoundingClientRect().top >= 0), "it is in view");
    await barrierFree(page);
    await page.goto(`${server.origin}/#/drafts`);
    await page.getByRole("list", { name: "Drafts" }).getByText("Kopie verloren").waitFor();
    await button("Try again now").click();
    await page.waitForFunction(() => document.querySelector("[data-testid=copy-notice] button:not([disabled])") !== null);
    assert.ok(asked >= 2);
    // Whoever signs out is asked first.
    await button("Sign out").click();
    const dialog = page.getByRole("dialog", { name: "A copy is not stored yet" });
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await page.unroute(COPIES);
    await button("Try again now").click();
    await notice.waitFor({ state: "detached" });
    await page.getByText(/^No drafts/).waitFor();
    await page.goto(`${server.origin}/#/sent`);
    await row("Kopie verloren").filter({ hasText: "Taken by the other server" }).waitFor({ timeout: 60_000 });
    assert.equal((await copies()).length, 2, "stored once");
    assert.equal(arrived("Kopie verloren"), 1, "sent once");
  });

  test("a mailbox without room says so, and whoever does without a copy keeps the draft", async () => {
    await write({ to: "bert@good.example", subject: "Kein Platz", words: "Voll bis oben" });
    await page.getByText("Draft saved.").waitFor();
    await page.route(COPIES, (route) => route.fulfill({ status: 507, contentType: "application/json", body: JSON.stringify({ code: "storage-full", message: "" }) }));
    await sendInClear("Kein Platz");
    await page.getByTestId("copy-notice").getByText("Your mail takes all the room that the server gives it.").waitFor();
    await button("Do without a copy").click();
    await page.getByTestId("copy-notice").waitFor({ state: "detached" });
    await page.unroute(COPIES);
    await page.goto(`${server.origin}/#/drafts`);
    await page.getByRole("list", { name: "Drafts" }).getByText("Kein Platz").waitFor();
    assert.equal(arrived("Kein Platz"), 1);
    assert.equal((await copies()).length, 2);
  });
});
