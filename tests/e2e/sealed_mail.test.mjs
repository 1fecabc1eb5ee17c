// Mail that the server encrypts to its owner: turned on in the settings, read with the key, and with nothing else.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { startBrowser } from "./browser.mjs";
import { startNameServer } from "./name_server.mjs";
import { bring } from "./postman.mjs";
import { makeKey, SENDER, signIn } from "./sender.mjs";
import { freePort, startServer } from "./server.mjs";

const PASSPHRASE = "Nachtzug über Lindau 88";
const EVE = "eve@sender.example";
const TEXTS = { "sender.example": "v=spf1 ip4:127.0.0.1 -all", "_dmarc.sender.example": "v=DMARC1; p=reject" };

describe("mail that is encrypted to its owner", { timeout: 300_000 }, () => {
  let names, server, browser, profile, page, smtp;
  const row = (words) => page.getByRole("list", { name: "Inbox" }).getByRole("listitem").filter({ hasText: words });
  const section = () => page.getByRole("region", { name: "Mail that arrives" });

  before(async () => {
    names = await startNameServer(TEXTS, []);
    smtp = await freePort();
    server = await startServer({ options: ["--smtp-listen", `127.0.0.1:${smtp}`, "--mail-domain", "demo.example", "--mail-nameserver", names.address] });
    browser = await startBrowser(server.origin);
    profile = await browser.profile();
    page = await signIn(profile, server.origin);
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    await server?.remove();
    names?.close();
  });

  const send = (subject, body) =>
    bring({ port: smtp, from: EVE, to: SENDER.address, message: `From: ${EVE}\nTo: ${SENDER.address}\nSubject: ${subject}\nMessage-ID: <${subject.replaceAll(" ", "-")}@sender.example>\n\n${body}` });
  /** Has the server asked until it says that so many are encrypted. */
  const sealed = async (number) => {
    for (let tries = 0; tries < 100; tries += 1) {
      const { messages } = await page.evaluate(async () => (await fetch("/api/v1/mailbox")).json());
      if (messages.filter((one) => one.sealed).length === number) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.fail(`not ${number} are encrypted`);
  };
  const settings = async () => {
    await page.goto(`${server.origin}/#/settings`);
    await section().waitFor();
  };

  test("without a key there is nothing to turn on", async () => {
    await settings();
    await section().getByText("Mail is kept as it arrives.").waitFor();
    await section().getByText("There is no key in this browser that mail could be encrypted to.").waitFor();
    assert.equal(await section().getByRole("button").count(), 0);
  });

  test("turned on, it holds for what lies there and for what arrives", async () => {
    await send("Rent is due", "On the first.");
    await makeKey(page, { origin: server.origin, passphrase: PASSPHRASE });
    await settings();
    await section().getByRole("button", { name: "Encrypt my mail" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("without a backup of it, it is lost").waitFor();
    await dialog.getByRole("button", { name: "Encrypt my mail" }).click();
    await section().getByText("Mail is encrypted to this key:").waitFor();
    assert.match(await section().getByTestId("sealing-key").innerText(), /^([0-9a-f]{4} ?)+$/i);
    await sealed(1);
    await send("Tea at five", "Bring biscuits.");
    await sealed(2);
    await page.goto(`${server.origin}/#/inbox`);
    for (const subject of ["Rent is due", "Tea at five"]) await row(subject).filter({ hasText: EVE }).filter({ hasText: "Sender's domain validated" }).waitFor();
  });

  test("with the keystore locked nothing of it is shown, and it opens where it is read", async () => {
    await page.goto(`${server.origin}/#/inbox`);
    await page.reload();
    await row("(encrypted to you: unlock your keys)").first().waitFor();
    assert.equal(await row("(encrypted to you: unlock your keys)").count(), 2);
    assert.equal(await row("Tea at five").count(), 0);
    await row("(encrypted to you: unlock your keys)").first().getByRole("link").click();
    await page.getByText("The server keeps this message encrypted to you. Your keys open it.").waitFor();
    assert.equal(await page.getByTestId("mail-text").count(), 0);
    await page.getByRole("link", { name: "Inbox (2)" }).waitFor();
    await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
    await page.getByRole("button", { name: "Unlock", exact: true }).click();
    await page.getByTestId("mail-text").waitFor();
    await row("Rent is due").getByRole("link").click();
    await page.getByTestId("mail-text").filter({ hasText: "On the first." }).waitFor();
    await row("Tea at five").getByRole("link").click();
    await page.getByTestId("mail-text").filter({ hasText: "Bring biscuits." }).waitFor();
    assert.match(await page.getByTestId("origin").innerText(), /sender\.example answers for this message/);
    const [original] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save the original" }).click()]);
    assert.match(await readFile(await original.path(), "utf8"), /^Return-Path: [\s\S]*Authentication-Results: [\s\S]*Subject: Tea at five/);
  });

  test("turned off, what arrives is kept as it came, and the rest stays encrypted", async () => {
    await settings();
    await section().getByRole("button", { name: "Keep mail as it arrives" }).click();
    await section().getByText("Mail is kept as it arrives.").waitFor();
    await send("In clear", "For everybody.");
    await page.goto(`${server.origin}/#/inbox`);
    await page.reload();
    await row("In clear").waitFor();
    assert.equal(await row("(encrypted to you: unlock your keys)").count(), 2);
    profile.assertQuiet();
  });
});
