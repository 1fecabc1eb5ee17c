// Mail that arrives, from a stranger's SMTP to its owner's screen: how far it can be relied on, who signed it, what is in it. What a stranger
// wrote is shown as text, and what they attached is saved.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { gnupgHome } from "../interop/gnupg_home.mjs";
import { startBrowser } from "./browser.mjs";
import { focusOn, press } from "./keyboard.mjs";
import { startNameServer } from "./name_server.mjs";
import { bring } from "./postman.mjs";
import { importKey, SENDER, signIn } from "./sender.mjs";
import { freePort, startServer } from "./server.mjs";

const PASSPHRASE = "Nachtzug über Lindau 88";
const BOB = { name: "Bob Reed", address: "bob@sender.example" };
const TEXTS = {
  "sender.example": "v=spf1 ip4:127.0.0.1 -all",
  "_dmarc.sender.example": "v=DMARC1; p=reject",
  "board.example": "v=spf1 -all",
  "_dmarc.board.example": "v=DMARC1; p=reject",
};
const SILENT = ["silent.example", "_dmarc.silent.example"];

describe("mail that arrives", { timeout: 600_000 }, () => {
  let names, server, browser, profile, page, gpg, smtp;
  const rows = () => page.getByRole("list", { name: "Inbox" }).getByRole("listitem");
  const row = (words) => rows().filter({ hasText: words });
  const origin = () => page.getByTestId("origin");
  const signature = () => page.getByTestId("signature");
  const text = () => page.getByTestId("mail-text");

  before(async () => {
    names = await startNameServer(TEXTS, SILENT);
    smtp = await freePort();
    server = await startServer({ options: ["--smtp-listen", `127.0.0.1:${smtp}`, "--mail-domain", "demo.example", "--mail-nameserver", names.address] });
    browser = await startBrowser(server.origin);
    profile = await browser.profile();
    gpg = await gnupgHome();
    page = await signIn(profile, server.origin);
  });
  after(async () => {
    await gpg?.close();
    await browser?.close();
    await server?.stop();
    await server?.remove();
    names?.close();
  });

  const send = (name, { from = BOB.address, by = BOB.address, type = "text/plain; charset=utf-8", body = "x", more = "" }) =>
    bring({ port: smtp, from: by, to: SENDER.address, message: `From: ${from}\nTo: ${SENDER.address}\nSubject: ${name}\nMessage-ID: <${encodeURIComponent(name)}@sender.example>\nMIME-Version: 1.0\nContent-Type: ${type}\n${more}\n${body}` });
  /** Has the list asked for again, until there is one like this; `alarm` is nothing that stands in the subject or in another alarm. */
  const arrives = async (subject, alarm) => {
    for (let tries = 0; tries < 40; tries += 1) {
      await page.goto(`${server.origin}/#/links`);
      await page.goto(`${server.origin}/#/inbox`);
      const found = row(subject).filter({ hasText: alarm });
      if (await found.waitFor({ timeout: 500 }).then(() => true, () => false)) return found;
    }
    assert.fail(`no ${subject} that is "${alarm}" among ${JSON.stringify(await rows().allInnerTexts())}`);
  };
  const open = async (subject) => {
    await page.goto(`${server.origin}/#/inbox`);
    await row(subject).getByRole("link").click();
    await page.getByRole("heading", { level: 1, name: subject }).waitFor();
    await text().or(page.locator(".warning")).first().waitFor();
  };

  test("a server that takes no mail has no inbox, and says so to whoever asks for it", async () => {
    const other = await startServer();
    const there = await startBrowser(other.origin);
    const quiet = await there.profile();
    const stranger = await signIn(quiet, other.origin);
    assert.equal(await stranger.getByRole("link", { name: "Inbox" }).count(), 0);
    await stranger.goto(`${other.origin}/#/inbox`);
    await stranger.getByText("This server takes no mail for your address.").waitFor();
    quiet.assertQuiet();
    await there.close();
    await other.stop();
    await other.remove();
  });

  test("an empty inbox says so, and one that cannot be asked for says that", async () => {
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Inbox" }).click();
    await page.getByText("No mail has arrived yet.").waitFor();
    const stuck = await signIn(await browser.profile(), server.origin);
    await stuck.route("**/api/v1/mailbox?*", (route) => route.abort("connectionreset"));
    await stuck.goto(`${server.origin}/#/inbox`);
    await stuck.reload();
    await stuck.getByRole("alert").filter({ hasText: "The server could not be reached" }).waitFor();
    await stuck.unroute("**/api/v1/mailbox?*");
    await stuck.getByRole("button", { name: "Try again" }).click();
    await stuck.getByText("No mail has arrived yet.").waitFor();
    await stuck.close();
  });

  test("how far each message can be relied on stands in the list, in words", async () => {
    await send("Lunch tomorrow", { from: `"Bob Reed" <${BOB.address}>`, body: "At noon?\n\n<b>not bold</b>" });
    await send("Urgent transfer", { from: "The board <chair@board.example>", body: "Pay at once." });
    await send("From nowhere", { from: "eve@nothing.example", by: "eve@nothing.example" });
    await send("Silence", { from: "sam@silent.example", by: "sam@silent.example" });
    await arrives("Lunch tomorrow", "Sender's domain validated");
    await arrives("Urgent transfer", "Probably forged");
    await arrives("From nowhere", "Sender cannot be validated");
    await arrives("Silence", "Sender not validated yet");
    assert.match(await row("Lunch tomorrow").innerText(), /New[\s\S]*Bob Reed <bob@sender\.example>[\s\S]*byte|kB/);
    await page.getByRole("link", { name: "Inbox (4)" }).waitFor();
    await page.getByLabel("Search").fill("forged");
    assert.equal(await rows().count(), 1);
    await page.getByLabel("Search").fill("");
  });

  test("a forged message is an alert, with its reason, apart from who signed", async () => {
    await open("Urgent transfer");
    const alert = page.getByRole("alert").filter({ hasText: "Probably forged" });
    await alert.waitFor();
    assert.match(await alert.innerText(), /board\.example says that messages like this one are not its own\.[\s\S]*Ask the sender by another way/);
    assert.match(await signature().innerText(), /Not signed/);
    assert.doesNotMatch(await signature().innerText(), /forged|board\.example/i);
    await page.getByText("What the checks found").click();
    await page.getByText("fail · p=reject").waitFor();
  });

  test("a message that its domain answers for is no alert, is text, and is not new any more", async () => {
    await open("Lunch tomorrow");
    assert.match(await origin().innerText(), /Sender's domain validated[\s\S]*sender\.example answers for this message/);
    assert.equal(await page.getByRole("alert").count(), 0);
    assert.equal((await text().innerText()).trim(), "At noon?\n\n<b>not bold</b>");
    await page.getByText("Not encrypted: the servers on its way could read it").waitFor();
    await page.getByRole("link", { name: "Inbox (2)" }).waitFor();
    await page.reload();
    await page.getByRole("link", { name: "Inbox (2)" }).waitFor();
    assert.doesNotMatch(await row("Lunch tomorrow").innerText(), /New/);
    await open("Silence");
    assert.match(await origin().innerText(), /not validated yet[\s\S]*did not answer/);
    await open("From nowhere");
    assert.match(await origin().innerText(), /cannot be validated/);
  });

  test("attachments are saved as octets, by a name that hides nothing, and are never opened", async () => {
    const file = (name, type, body) => `--b\nContent-Type: ${type}; name*=utf-8''${encodeURIComponent(name)}\nContent-Disposition: attachment; filename*=utf-8''${encodeURIComponent(name)}\n\n${body}\n`;
    const body = `--b\nContent-Type: text/plain\n\nSee below.\n${file("../\u202efdp.exe", "application/pdf", "MZ")}${file("page.html", "text/html", "<script>alert(1)</script>")}--b--\n`;
    await send("Two files", { type: 'multipart/mixed; boundary="b"', body });
    await arrives("Two files", "domain validated");
    await open("Two files");
    const files = page.getByRole("list", { name: "Attachments" });
    assert.equal(await files.getByRole("listitem").count(), 2);
    for (const [name, octets] of [[/fdp\.exe$/, "MZ"], [/^page\.html$/, "<script>alert(1)</script>"]]) {
      const item = files.getByRole("listitem").filter({ hasText: new RegExp(name.source.replace("$", "").replace("^", "")) });
      const shown = await item.locator(".file-name").innerText();
      assert.match(shown, name);
      assert.doesNotMatch(shown, /[/\\\u202e]/);
      const [download] = await Promise.all([page.waitForEvent("download"), item.getByRole("button", { name: `Save ${shown}` }).click()]);
      assert.equal(download.suggestedFilename().replace(/^_+/, ""), shown.replace(/^[._]+/, ""));
      assert.equal((await readFile(await download.path(), "utf8")).trim(), octets);
    }
    assert.equal(page.context().pages().length, 1, "nothing was opened");
    const [original] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save the original" }).click()]);
    assert.match(await readFile(await original.path(), "utf8"), /^Return-Path: [\s\S]*Authentication-Results: [\s\S]*Subject: Two files/);
  });

  test("signed and encrypted by GnuPG: closed without the key, open with it, with a badge of its own", async () => {
    for (const [{ name, address }, passphrase] of [[SENDER, PASSPHRASE], [BOB, ""]]) {
      await gpg.gpg(["--quick-generate-key", `${name} <${address}>`, "future-default", "default", "2y"], { passphrase });
    }
    const anna = await gpg.gpg(["--armor", "--export-secret-keys", SENDER.address], { passphrase: PASSPHRASE });
    const bob = await gpg.gpg(["--armor", "--export", BOB.address]);
    const inner = Buffer.from("Content-Type: text/plain; charset=utf-8\r\n\r\nDer Schlüssel liegt unter dem Topf.\r\n");
    const { text: armored } = await gpg.gpg(["--armor", "--sign", "--encrypt", "-u", BOB.address, "-r", SENDER.address], { input: inner });
    const body = `--p\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n\n--p\nContent-Type: application/octet-stream\n\n${armored}\n--p--\n`;
    await send("In an envelope", { type: 'multipart/encrypted; protocol="application/pgp-encrypted"; boundary="p"', body });
    await arrives("In an envelope", "domain validated");
    await open("In an envelope");
    await page.getByText("This is encrypted, and there are no keys in this browser yet.").waitFor();
    assert.equal(await signature().count(), 0, "what is not open says nothing of who signed");
    assert.match(await origin().innerText(), /validated/);

    await page.goto(`${server.origin}/#/keys`);
    await page.getByLabel("New passphrase").fill(PASSPHRASE);
    await page.getByLabel("Repeat passphrase").fill(PASSPHRASE);
    await page.getByRole("button", { name: "Create keystore" }).click();
    await importKey(page, { origin: server.origin, armored: anna.text, passphrase: PASSPHRASE });
    await open("In an envelope");
    assert.equal((await text().innerText()).trim(), "Der Schlüssel liegt unter dem Topf.");
    assert.match(await signature().innerText(), /Signed with an unknown key[\s\S]*Encrypted: on its way nobody could read it/);

    await page.goto(`${server.origin}/#/keys/import`);
    await page.getByLabel("Paste keys").fill(bob.text);
    await page.getByRole("button", { name: "Import 1 key" }).click();
    await page.getByRole("button", { name: "I have compared it: it is the same" }).click();
    await page.goto(`${server.origin}/#/links`);
    await open("Lunch tomorrow");
    await open("In an envelope");
    await signature().filter({ hasText: "Signed by Bob Reed <bob@sender.example>, whose key you have compared" }).waitFor();
    assert.match(await origin().innerText(), /Sender's domain validated/);
    assert.doesNotMatch(await origin().innerText(), /Bob|Signed/);
  });

  test("a valid signature by somebody else does not make the sender who is shown", async () => {
    const inner = "Content-Type: text/plain\r\n\r\nI am Carol.\r\n";
    const { text: detached } = await gpg.gpg(["--armor", "--detach-sign", "-u", BOB.address], { input: Buffer.from(inner) });
    const body = `--s\n${inner}\n--s\nContent-Type: application/pgp-signature\n\n${detached}\n--s--\n`;
    await send("Signed by another", { from: "carol@sender.example", type: 'multipart/signed; protocol="application/pgp-signature"; micalg=pgp-sha512; boundary="s"', body });
    await arrives("Signed by another", "domain validated");
    await open("Signed by another");
    await signature().filter({ hasText: "Signed by Bob Reed <bob@sender.example>, who is not the sender shown above" }).waitFor();
  });

  test("a sender's key that came along is offered, unless the message may be forged or the key claims more", async () => {
    const carol = { name: "Carol Moss", address: "carol@sender.example" };
    await gpg.gpg(["--quick-generate-key", `${carol.name} <${carol.address}>`, "future-default", "default", "2y"]);
    const told = async (address) => {
      const { data } = await gpg.gpg(["--export", carol.address]);
      return `Autocrypt: addr=${address}; keydata=\n ${Buffer.from(data).toString("base64").match(/.{1,70}/g).join("\n ")}\n`;
    };
    const offer = page.getByRole("heading", { name: "The writer enclosed a certificate" });
    const comes = async (subject, alarm, from, more) => {
      await send(subject, { from, more });
      await arrives(subject, alarm);
      await open(subject);
    };
    await comes("Key of a stranger", "domain validated", "dora@sender.example", await told("dora@sender.example"));
    assert.equal(await offer.count(), 0, "it is a key for another address");
    await gpg.gpg(["--quick-generate-key", "The board <chair@board.example>", "future-default", "default", "2y"]);
    const { data: board } = await gpg.gpg(["--export", "chair@board.example"]);
    await comes("Forged with a key", "Probably forged", "chair@board.example", `Autocrypt: addr=chair@board.example; keydata=\n ${Buffer.from(board).toString("base64").match(/.{1,70}/g).join("\n ")}\n`);
    assert.equal(await offer.count(), 0, "it is probably forged");
    await comes("Here is my key", "domain validated", carol.address, await told(carol.address));
    await offer.waitFor();
    await page.getByText("Compare the fingerprint with them first.").waitFor();
    await gpg.gpg(["--quick-add-uid", carol.address, `Bob Reed <${BOB.address}>`]);
    await comes("Here is more than my key", "domain validated", carol.address, await told(carol.address));
    assert.equal(await offer.count(), 0, "it would be kept for Bob as well");
    await open("Here is my key");
    await page.getByRole("button", { name: "Import certificate" }).click();
    await offer.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Reply" }).click();
    await page.getByRole("list", { name: "Recipients" }).getByText("key seen before").waitFor();
    await page.getByRole("button", { name: "Discard" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Discard it" }).click();
  });

  test("when the keys are locked, what they opened is gone, and comes back with them", async () => {
    await open("In an envelope");
    const own = await page.locator(".detail").innerText();
    assert.match(own, /unter dem Topf/);
    await page.evaluate(() => new BroadcastChannel("envelock-keystore").postMessage("lock"));
    await page.getByText("This is encrypted. Unlock your keys to read it.").waitFor();
    assert.doesNotMatch(await page.locator("body").innerText(), /unter dem Topf/);
    await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
    await page.getByRole("button", { name: "Unlock", exact: true }).click();
    await text().filter({ hasText: "unter dem Topf" }).waitFor();
  });

  test("whatever the octets are, there is something to see or a word that there is not, and the original", async () => {
    await send("No end", { type: 'multipart/mixed; boundary="never"', body: "no part at all" });
    await send("Not a charset", { type: "text/plain; charset=x-klingon", body: "nuqneH" });
    await send("Broken armor", { body: "-----BEGIN PGP MESSAGE-----\n\nAAAA\n-----END PGP MESSAGE-----" });
    for (const [subject, words] of [["No end", "cannot be shown"], ["Broken armor", "cannot be shown"]]) {
      await arrives(subject, "domain validated");
      await open(subject);
      await page.locator(".warning").filter({ hasText: words }).waitFor();
      await page.getByRole("button", { name: "Save the original" }).waitFor();
    }
    await arrives("Not a charset", "domain validated");
    await row("Not a charset").getByRole("link").click();
    await page.getByRole("list", { name: "Attachments" }).or(text()).first().waitFor();
    for (const [subject, type] of [["Empty text", "text/plain"], ["Empty HTML", "text/html"]]) {
      await send(subject, { type, body: "" });
      await (await arrives(subject, "domain validated")).getByRole("link").click();
      await page.getByRole("heading", { level: 1, name: subject }).waitFor();
      await page.getByText("This message has no text.").waitFor();
      assert.equal(await page.locator("iframe").count() + await text().count(), 0);
    }
    await send("Long header", { more: `X-Filler: ${"word word word\n ".repeat(70_000)}end\n` });
    await (await arrives("No clear sender", "Sender")).getByRole("link").click();
    await page.getByRole("alert").filter({ hasText: "The message, or its header, is larger than what is opened here." }).waitFor();
    await page.getByRole("button", { name: "Save the original" }).waitFor();
    assert.doesNotMatch(await page.locator(".detail").innerText(), /Nothing was sent/);
  });

  test("it is answered and handed on in the composer", async () => {
    const to = page.getByRole("list", { name: "Recipients" });
    const message = page.getByLabel("Message", { exact: true });
    await open("Lunch tomorrow");
    await page.getByRole("button", { name: "Reply" }).click();
    await to.getByText("bob@sender.example").waitFor();
    assert.equal(await page.getByLabel("Subject").inputValue(), "Re: Lunch tomorrow");
    assert.match(await message.inputValue(), /^\n\nOn .*, bob@sender\.example wrote:\n> At noon\?\n> \n> <b>/);
    await open("Two files");
    await page.getByRole("button", { name: "Forward" }).click();
    await page.getByRole("list", { name: "Attachments" }).getByText("page.html").waitFor();
    assert.equal(await page.getByLabel("Subject").inputValue(), "Fwd: Two files");
    assert.match(await message.inputValue(), /Forwarded, from bob@sender\.example, .*:\nSee below\.$/);
    await page.goto(`${server.origin}/#/links`);
  });

  test("with the keyboard alone it is opened and deleted, which is asked first", async () => {
    await page.goto(`${server.origin}/#/inbox`);
    await press(page, row("From nowhere").getByRole("link"));
    await page.getByRole("heading", { level: 1, name: "From nowhere" }).waitFor();
    await text().waitFor();
    const remove = page.getByRole("button", { name: "Delete message" });
    await press(page, remove);
    const dialog = page.getByRole("dialog", { name: "Delete the message “From nowhere”?" });
    await dialog.waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await focusOn(page, remove);
    await page.keyboard.press("Enter");
    await press(page, dialog.getByRole("button", { name: "Delete message" }));
    await page.getByRole("status").filter({ hasText: "The message is deleted." }).waitFor();
    assert.equal(await row("From nowhere").count(), 0);
    await page.reload();
    await row("Silence").waitFor();
    assert.equal(await row("From nowhere").count(), 0);
    await page.goto(`${server.origin}/#/inbox/AAAAAAAAAAAAAAAAAAAAAA`);
    await page.getByText("This message is not in your mailbox any more.").waitFor();
  });

  test("in German as well, and nothing was asked of anybody else", async () => {
    await page.goto(`${server.origin}/#/settings`);
    await page.getByLabel("Language").selectOption({ label: "Deutsch" });
    await page.getByRole("link", { name: /Posteingang/ }).click();
    await page.getByRole("list", { name: "Posteingang" }).getByText("Wahrscheinlich gefälscht").first().waitFor();
    profile.assertQuiet();
    assert.deepEqual(browser.escaped(), []);
  });
});
