// Drafts: what is written on one device goes on on another; when both change it, both versions are kept; the server has ciphertext, and
// what it puts in the place of a draft is told.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { gnupgHome } from "../interop/gnupg_home.mjs";
import { startBrowser } from "./browser.mjs";
import { tables } from "./database.mjs";
import { filesBelow } from "./disk.mjs";
import { draftsRoom } from "./drafts_room.mjs";
import { importKey, makeKey, seal, SENDER, signIn } from "./sender.mjs";
import { startServer } from "./server.mjs";
import { traces } from "./traces.mjs";

const SECRETS = {
  subject: "Der Plan vom Steg am Weiher",
  text: "Um acht am Steg, die Laterne bleibt aus.",
  recipient: "bea.vom.weiher@example.org",
  attached: "Skizze vom Bootshaus, drei Latten fehlen.",
  fileName: "Bootshaus-Skizze.txt",
  hint: "Wo der Fischreiher stand",
  password: "Ahornallee 17, dritter Stock",
  passphrase: "Leuchtturm bei Nordost 31",
};
/** Clear text to the server by design: what is looked for below would be found. */
const CONTROL = "Hinweis fuer alle sichtbar";
const ARMOR = "-----BEGIN PGP MESSAGE-----\n\nwV4D\n-----END PGP MESSAGE-----\n- -----BEGIN PGP SIGNED MESSAGE-----\n";
const DRAFT = "**/api/v1/account/drafts/*";
const EDITS = { computer: "Fassung vom Rechner: um neun.", phone: "Fassung vom Telefon: um zehn." };

/** As Padmé has it: of the bits below the leading one, only so many may be set. */
function isPadme(length) {
  const exponent = Math.floor(Math.log2(length));
  return length % 2 ** (exponent - Math.floor(Math.log2(exponent)) - 1) === 0;
}

describe("drafts on two devices", { timeout: 600_000 }, () => {
  let server;
  let browser;
  let gpg;
  const profiles = {};
  let computer;
  let phone;

  before(async () => {
    server = await startServer({ options: ["--draft-bytes", "65536"] });
    browser = await startBrowser(server.origin);
    gpg = await gnupgHome();
    for (const name of ["computer", "phone"]) profiles[name] = await browser.profile();
    computer = draftsRoom(await signIn(profiles.computer, server.origin), server.origin);
    phone = draftsRoom(await signIn(profiles.phone, server.origin), server.origin);
  });
  after(async () => {
    await gpg?.close();
    await browser?.close();
    await server?.stop();
    await server?.remove();
  });

  /** From now on drafts are stored, and nobody hears of it. */
  const loseWrites = () =>
    computer.page.route(DRAFT, async (route) => {
      if (route.request().method() !== "PUT") return route.continue();
      await route.fetch();
      await route.abort("connectionreset");
    });

  test("without a key nothing is kept, and that is said; with one it is kept at once", async () => {
    await computer.compose();
    await computer.page.getByLabel("To", { exact: true }).fill(SECRETS.recipient);
    await computer.subject.fill(SECRETS.subject);
    await computer.text.fill(`${SECRETS.text}\n${ARMOR}`);
    await computer.said("drafts are encrypted to your key, and you have none yet");
    await computer.page.waitForTimeout(3_000);
    assert.deepEqual(await computer.listed(), []);
    await makeKey(computer.page, { origin: server.origin, passphrase: SECRETS.passphrase });
    await computer.compose();
    assert.equal(await computer.subject.inputValue(), SECRETS.subject);
    await computer.isKept();
    await computer.number(1);
  });

  test("another device with the key has all of it, but no password", async () => {
    await computer.page.getByLabel("Attach files").setInputFiles([
      { name: SECRETS.fileName, mimeType: "text/plain", buffer: Buffer.from(SECRETS.attached) },
      { name: "nobody-opens-this.pgp", mimeType: "application/pgp-encrypted", buffer: Buffer.from(`${ARMOR}`) },
    ]);
    await computer.page.getByLabel("Hint (optional)").fill(SECRETS.hint);
    await computer.page.getByLabel("My own password").check();
    await computer.page.getByLabel("Own password", { exact: true }).fill(SECRETS.password);
    await computer.isKept();

    await computer.page.goto(`${server.origin}/#/keys`);
    await computer.page.getByRole("list", { name: "My keys" }).getByRole("link").first().click();
    const [download] = await Promise.all([computer.page.waitForEvent("download"), computer.button("Export secret key").click()]);
    const armored = await readFile(await download.path(), "utf8");
    await gpg.take(Buffer.from(armored), SECRETS.passphrase);
    await phone.list();
    await phone.said("Drafts are encrypted to your key.");
    await phone.page.goto(`${server.origin}/#/keys`);
    await phone.page.getByLabel("New passphrase").fill(SECRETS.passphrase);
    await phone.page.getByLabel("Repeat passphrase").fill(SECRETS.passphrase);
    await phone.button("Create keystore").click();
    await importKey(phone.page, { origin: server.origin, armored, passphrase: SECRETS.passphrase });

    await phone.list();
    await phone.row(SECRETS.recipient).waitFor();
    await phone.open(SECRETS.subject);
    assert.equal(await phone.text.inputValue(), `${SECRETS.text}\n${ARMOR}`);
    assert.equal(await phone.page.getByRole("list", { name: "Recipients" }).getByText(SECRETS.recipient).count(), 1);
    const files = phone.page.getByRole("list", { name: "Attachments" });
    assert.equal(await files.getByText(SECRETS.fileName).count(), 1);
    assert.equal(await files.getByText("nobody-opens-this.pgp").count(), 1);
    assert.equal(await phone.page.getByLabel("Hint (optional)").inputValue(), SECRETS.hint);
    assert.equal(await phone.page.getByLabel("My own password").isChecked(), true);
    assert.equal(await phone.page.getByLabel("Own password", { exact: true }).inputValue(), "");
  });

  test("GnuPG opens what the server keeps: a mail, signed, padded", async () => {
    const [{ id, size }] = await computer.listed();
    const ciphertext = await computer.ciphertext(id);
    assert.equal(ciphertext.length, size);
    const { data, said } = await gpg.gpg(["--status-fd", "2", "--decrypt"], { input: ciphertext, passphrase: SECRETS.passphrase });
    assert.match(said, /\[GNUPG:\] GOODSIG /);
    const mail = Buffer.from(data).toString("latin1");
    for (const part of [`\nSubject: ${SECRETS.subject}\r\n`, `<${SECRETS.recipient}>`, "multipart/mixed", Buffer.from(SECRETS.attached).toString("base64").slice(0, 40)]) assert.ok(mail.includes(part), part);
    assert.ok(isPadme(data.length), `${data.length} octets`);
    assert.equal(mail.includes(encodeURIComponent(SECRETS.password)) || mail.includes(SECRETS.password), false);
  });

  test("both change it: both versions are kept, and whoever was slower is told", async () => {
    await computer.open(SECRETS.subject);
    await computer.text.fill(EDITS.computer);
    await computer.isKept();
    await phone.text.fill(EDITS.phone);
    await phone.said("Another device changed this draft. Nothing is lost");
    await phone.isKept();
    await computer.list();
    await computer.said("Second version: two devices changed the same draft");
    await computer.number(2);
    await phone.page.getByRole("link", { name: "Show the other version" }).click();
    await phone.page.waitForURL(/#\/compose$/);
    assert.equal(await phone.text.inputValue(), EDITS.computer);
    await computer.list();
    await computer.rows.filter({ hasText: "Second version" }).getByRole("link").click();
    await computer.page.waitForURL(/#\/compose$/);
    assert.equal(await computer.text.inputValue(), EDITS.phone);
  });

  test("deleted on one device it stays deleted; what the other goes on writing is a new draft, and it is told", async () => {
    await computer.discard();
    await computer.number(1);
    await computer.list();
    await computer.page.getByRole("list", { name: "Drafts" }).getByRole("listitem").nth(1).waitFor({ state: "detached" });
    await computer.button(`Delete draft: ${SECRETS.subject}`).click();
    await computer.page.getByRole("dialog").getByRole("button", { name: "Delete draft" }).click();
    await computer.said("No drafts.");
    await phone.text.fill("Ich schreibe im Zug weiter.");
    await phone.said("This draft was sent or deleted on another device.");
    await phone.isKept();
    await phone.number(1);
    await phone.discard();
    await phone.number(0);
    // What follows breaks connections, which the browser reports.
    profiles.computer.assertQuiet();
  });

  test("an answer that is lost makes no second draft; without a connection it says so and tries again", async () => {
    await loseWrites();
    await computer.compose();
    await computer.subject.fill("Im Tunnel");
    await computer.said("Not saved: The server could not be reached.");
    await computer.number(1); // it is stored, but nobody heard
    await computer.page.unroute(DRAFT);
    await computer.text.fill("und wieder draussen");
    await computer.button("Try again").click();
    await computer.isKept();
    const [draft] = await computer.listed();
    await computer.number(1);
    // And nothing of it is missing.
    const { data } = await gpg.gpg(["--decrypt"], { input: await computer.ciphertext(draft.id), passphrase: SECRETS.passphrase });
    assert.match(Buffer.from(data).toString(), /und wieder draussen/);
    await computer.discard();
  });

  test("discarded or sent, it is gone, also when nobody heard that it was stored", async () => {
    const message = { origin: server.origin, recipient: SECRETS.recipient, subject: "Im Tunnel", text: SECRETS.text, password: SECRETS.password };
    for (const goes of [() => computer.discard(), () => seal(computer.page, message)]) {
      await computer.compose();
      await loseWrites();
      await computer.subject.fill("Im Tunnel");
      await computer.said("Not saved: The server could not be reached.");
      await computer.number(1);
      await goes();
      await computer.number(0);
      await computer.page.unroute(DRAFT);
      assert.equal(await computer.page.getByText("It is still among your drafts").count(), 0);
      await computer.list();
    }
  });

  test("attachments that are too large are named, the text is kept, and signing out stores what was typed a moment ago", async () => {
    await computer.write({ subject: "Mit Bild", text: "Siehe Bild." });
    await computer.page.getByLabel("Attach files").setInputFiles([{ name: "bild.raw", mimeType: "application/octet-stream", buffer: Buffer.alloc(80_000, 7) }]);
    await computer.said("Not in it, and lost when this page is closed: bild.raw.");
    await phone.open("Mit Bild");
    await phone.said("Not in this draft, because they were too large: bild.raw");
    assert.equal(await phone.text.inputValue(), "Siehe Bild.");
    await phone.text.fill("Im letzten Augenblick");
    await phone.button("Sign out").click();
    await phone.button("Use the demo account").waitFor();
    await phone.button("Use the demo account").click();
    await phone.page.getByRole("navigation", { name: "Main" }).waitFor();
    await phone.page.goto(`${server.origin}/#/keys`);
    await phone.page.getByLabel("Passphrase", { exact: true }).fill(SECRETS.passphrase);
    await phone.button("Unlock").click();
    await phone.page.getByRole("list", { name: "My keys" }).waitFor();
    await phone.open("Mit Bild");
    assert.equal(await phone.text.inputValue(), "Im letzten Augenblick");
    await phone.discard();
    await computer.discard();
    await computer.number(0);
  });

  test("what the server puts in the place of a draft is told, and nothing of it is opened unasked", async () => {
    await computer.write({ subject: "Der erste", text: "erste Fassung" });
    const [{ id }] = await computer.listed();
    const older = await computer.ciphertext(id);
    await computer.text.fill("zweite Fassung");
    await computer.isKept();
    const newer = await computer.ciphertext(id);
    await computer.page.reload();
    await computer.page.goto(`${server.origin}/#/keys`);
    await computer.page.getByLabel("Passphrase", { exact: true }).fill(SECRETS.passphrase);
    await computer.button("Unlock").click();
    await computer.page.getByRole("list", { name: "My keys" }).waitFor();
    await computer.write({ subject: "Der zweite", text: "ganz anders" });
    const other = (await computer.listed()).find((draft) => draft.id !== id);

    const { data: mail } = await gpg.gpg(["--decrypt"], { input: newer, passphrase: SECRETS.passphrase });
    const changed = Buffer.from(Buffer.from(mail).toString("latin1").replace("zweite Fassung", "Bitte zahlen!!"), "latin1");
    const { data: forged } = await gpg.gpg(["--encrypt", "-r", SENDER.address], { input: changed });
    const { data: nonsense } = await gpg.gpg(["--encrypt", "--sign", "-r", SENDER.address], { input: Buffer.from("Subject: no draft\r\n\r\nx"), passphrase: SECRETS.passphrase });
    for (const [answer, words] of [
      [await computer.ciphertext(other.id), "not the one that belongs here"],
      [older, "gave an older version of this draft"],
      [Buffer.from(forged), "None of your keys signed this draft"],
      [Buffer.from(nonsense), "This is no draft"],
    ]) {
      await computer.page.route(`**/api/v1/account/drafts/${id}`, (route) => route.fulfill({ status: 200, headers: { etag: '"AAAAAAAAAAAAAAAAAAAAAA"', "content-type": "application/octet-stream" }, body: answer }));
      await computer.page.goto(`${server.origin}/#/drafts`);
      await computer.page.goto(`${server.origin}/#/drafts/${id}`);
      await computer.page.getByRole("alert").filter({ hasText: words }).waitFor();
      assert.equal(await computer.page.getByText("Bitte zahlen").count() + (await computer.text.count()), 0);
      await computer.page.unroute(`**/api/v1/account/drafts/${id}`);
    }
    // What a stranger wrote can be opened by whoever insists; it is another draft then.
    const answered = `**/api/v1/account/drafts/${id}`;
    await computer.page.route(answered, (route) => route.fulfill({ status: 200, headers: { etag: '"AAAAAAAAAAAAAAAAAAAAAA"' }, body: Buffer.from(forged) }));
    await computer.page.goto(`${server.origin}/#/drafts`);
    await computer.page.goto(`${server.origin}/#/drafts/${id}`);
    await computer.button("Open it all the same").click();
    await computer.page.waitForURL(/#\/compose$/);
    assert.match(await computer.text.inputValue(), /Bitte zahlen/);
    await computer.isKept();
    await computer.page.unroute(answered);
    assert.deepEqual(await computer.ciphertext(id), newer);
    await computer.discard();
    // The positive control: the same way, with an honest server, it opens.
    await computer.page.goto(`${server.origin}/#/drafts/${id}`);
    await computer.page.waitForURL(/#\/compose$/);
    assert.equal(await computer.text.inputValue(), "zweite Fassung");
    await computer.discard();
  });

  test("what is sealed is no draft any more", async () => {
    await computer.write({ subject: "Wird gesendet", text: SECRETS.text });
    await computer.number(2);
    await seal(computer.page, { origin: server.origin, recipient: SECRETS.recipient, subject: "Wird gesendet", text: SECRETS.text, password: SECRETS.password, hint: CONTROL });
    await computer.number(1);
    await computer.list();
    await computer.row("Wird gesendet").waitFor({ state: "detached" });
    await computer.row("Der zweite").waitFor();
  });

  test("neither the server's disk nor what was sent has anything of it", async () => {
    profiles.phone.assertQuiet();
    const sent = server.sent();
    await server.stop();
    const places = { sent, ...(await tables(server.dataDir)), ...(await filesBelow(server.dataDir)) };
    assert.ok(traces(places, { control: CONTROL }).some((found) => found.includes("in sent")), "the positive control");
    assert.deepEqual(traces(places, SECRETS), []);
    assert.ok("table drafts" in places);
  });
});
