// The generated passphrase as somebody types it who heard it on the phone: on the decrypt page, and in the saved copy.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { startBrowser } from "./browser.mjs";
import { read, tryPassword, visit } from "./recipient.mjs";
import { expectState, signIn } from "./sender.mjs";
import { startServer } from "./server.mjs";

describe("a passphrase said on the phone", { timeout: 300_000 }, () => {
  let server;
  let browser;
  let profile;
  let page;
  before(async () => {
    server = await startServer();
    browser = await startBrowser(server.origin);
    profile = await browser.profile();
    page = await signIn(profile, server.origin);
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    await server?.remove();
  });

  async function sealed() {
    await page.goto(`${server.origin}/#/compose`);
    const another = page.getByRole("button", { name: "Write another message" });
    const message = page.getByLabel("Message", { exact: true });
    await another.or(message).waitFor();
    if (await another.isVisible()) await another.click();
    await message.fill("as it was said");
    const passphrase = (await page.getByTestId("passphrase").innerText()).trim();
    await page.getByRole("button", { name: /^Encrypt/ }).click();
    const link = await page.getByRole("textbox", { name: "Link", exact: true }).inputValue();
    await page.getByRole("button", { name: "Copy password" }).click();
    return { passphrase, link, id: link.split("/d/")[1].split("#")[0] };
  }

  for (const [how, typed] of [
    ["blanks and capitals", (words) => words.replaceAll("-", " ").toUpperCase()],
    ["no blanks at all", (words) => words.replaceAll("-", "")],
    ["a blank too many", (words) => ` ${words.replace("-", " - ")} `],
  ]) {
    test(`opens with ${how}`, async () => {
      const { passphrase, link } = await sealed();
      const reader = await browser.profile();
      const tab = await visit(reader, link);
      assert.equal((await read(tab, typed(passphrase))).text.trim(), "as it was said");
      reader.assertQuiet();
      await reader.close();
    });
  }

  test("the saved copy takes it as well", async () => {
    const { passphrase, link } = await sealed();
    const reader = await browser.profile();
    const tab = await visit(reader, link);
    await read(tab, passphrase);
    const [download] = await Promise.all([tab.waitForEvent("download"), tab.getByRole("button", { name: "Save a copy" }).click()]);
    const copy = await reader.newPage();
    const path = `${await download.path()}.html`;
    await download.saveAs(path);
    await copy.goto(pathToFileURL(path).href);
    await tryPassword(copy, `${passphrase}x`);
    await copy.getByText("That password does not fit").waitFor();
    assert.equal((await read(copy, passphrase.replaceAll("-", " "))).text.trim(), "as it was said");
    await reader.close();
  });

  test("what does not have the form is tried once: a wrong password costs one try", async () => {
    const { passphrase, link, id } = await sealed();
    const reader = await browser.profile();
    const tab = await visit(reader, link);
    await tryPassword(tab, `${passphrase} indeed`);
    await tab.getByText(/\b9 tries left/).first().waitFor();
    await tryPassword(tab, passphrase.toUpperCase());
    await tab.getByTestId("text").waitFor();
    await expectState(page, { origin: server.origin, id }, /opened/i);
    await reader.close();
  });
});
