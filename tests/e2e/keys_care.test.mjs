// The keystore page as people use it day by day: on one screen, with two keys for one address, in two tabs, with keys of no use in
// the import, and with a recovery code that nobody may lose by a slip of the hand.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { generateKey, joinRecoveryShares, splitRecoveryCode } from "envelock";
import { startBrowser } from "./browser.mjs";
import { keysRooms } from "./keys_rooms.mjs";
import { makeKey, SENDER, signIn } from "./sender.mjs";
import { startServer } from "./server.mjs";

const PASSPHRASE = "Nachtzug über Lindau 88";
const CONTACTS = ["carol", "dora", "emil"].map((name) => `${name}@example.org`);
const YEAR = 31_536_000_000;

describe("the keystore page, day by day", { timeout: 600_000 }, () => {
  let server;
  let browser;
  let profile;
  let page;
  let go, button, said, row;
  before(async () => {
    server = await startServer();
    browser = await startBrowser(server.origin);
    profile = await browser.profile({ viewport: { width: 1280, height: 800 } });
    page = await signIn(profile, server.origin);
    ({ go, button, said, row } = keysRooms(page, server.origin));
    await makeKey(page, { origin: server.origin, passphrase: PASSPHRASE });
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    await server?.remove();
  });

  const paste = async (text) => {
    await go("/import", page.getByLabel("Paste keys"));
    await page.getByLabel("Paste keys").fill(text);
    await page.getByRole("region", { name: "What will change" }).waitFor();
  };
  const dialog = () => page.getByRole("dialog");

  test("what is of no use is not ticked, and says why", async () => {
    const date = new Date(Date.now() - 2 * YEAR);
    const { key } = await generateKey({ userIds: [{ name: "Long Gone", email: "gone@example.org" }], date, expires: new Date(Date.now() - YEAR) });
    await paste(key.certificate.armored);
    const tick = page.getByLabel("Import the key of Long Gone");
    assert.equal(await tick.isChecked(), false);
    await said("Not ticked: this key has expired");
    assert.ok(await button("Import 0 keys").isDisabled());
    await tick.check();
    assert.ok(await button("Import 1 key").isEnabled(), "who wants it all the same gets it");
  });

  test("one own key and a few contacts are on one screen, in both languages", async () => {
    const keys = await Promise.all(CONTACTS.map((email) => generateKey({ userIds: [{ name: email.split("@")[0], email }] })));
    await paste(keys.map(({ key }) => key.certificate.armored).join("\n"));
    await button("Import 3 keys").click();
    for (const address of CONTACTS) await row(address).waitFor();
    const tooHigh = async (where) => {
      await page.locator(".rows a").first().waitFor();
      const beyond = await page.evaluate(() => Math.max(document.documentElement.scrollHeight - innerHeight, document.querySelector(".list").scrollHeight - innerHeight));
      assert.ok(beyond <= 0, `${where}: ${beyond} px too high`);
    };
    const everywhere = async (language) => {
      await page.goto(`${server.origin}/#/keys`);
      await tooHigh(`${language}, list`);
      for (const address of [SENDER.address, CONTACTS[0]]) {
        await row(address).click();
        await page.getByTestId("fingerprint").waitFor();
        await tooHigh(`${language}, ${address}`);
      }
    };
    await everywhere("en");
    await page.evaluate(() => localStorage.setItem("envelock-language", "de"));
    await unlockAnew(page);
    await everywhere("de");
    await page.evaluate(() => localStorage.removeItem("envelock-language"));
    await unlockAnew(page);
  });

  /** By what does not depend on the language. */
  async function unlockAnew(tab) {
    await tab.goto(`${server.origin}/#/keys`);
    await tab.reload();
    await tab.locator("#passphrase").fill(PASSPHRASE);
    await tab.keyboard.press("Enter");
    await tab.locator(".rows a").first().waitFor({ timeout: 60_000 });
  }

  test("labels set in two tabs are both there", async () => {
    const other = await profile.newPage();
    await unlockAnew(other);
    for (const tab of [page, other]) {
      await tab.goto(`${server.origin}/#/keys`);
      await tab.getByRole("link", { name: new RegExp(CONTACTS[1]) }).click();
      await tab.getByText("Labels", { exact: true }).click();
      await tab.getByLabel("New label").fill(tab === page ? "work" : "choir");
    }
    for (const tab of [page, other]) await tab.getByRole("button", { name: "Add label" }).click();
    for (const tab of [page, other]) await tab.getByRole("link", { name: /Labels: work and choir/ }).waitFor();
    await page.getByRole("button", { name: "Remove label work" }).click();
    await other.getByRole("link", { name: /Labels: choir/ }).waitFor();
    await other.close();
  });

  test("another own key for an address does not take the place of the first unasked", async () => {
    const signsWith = async () => {
      await page.goto(`${server.origin}/#/compose`);
      return page.getByLabel("Sign with").locator("option:checked").innerText();
    };
    const first = await signsWith();
    await go("/new", button("Generate key"));
    await button("Generate key").click();
    await button("Remind me later").click();
    await said(`What you write from ${SENDER.address} is signed with another key of yours.`);
    const second = page.url();
    assert.equal(await signsWith(), first);
    await page.goto(second);
    await button(`Use this key for ${SENDER.address}`).click();
    await dialog().getByRole("button", { name: "Use this key" }).click();
    await said(`Key for ${SENDER.address} chosen.`);
    assert.notEqual(await signsWith(), first);
  });

  test("a recovery code that is not on paper is not left behind unasked, whichever the way", async () => {
    await go("", row(CONTACTS[0]));
    await page.getByRole("link", { name: "Back up", exact: true }).click();
    await button("Make a backup").click();
    const code = page.getByTestId("code").first();
    await code.waitFor();
    const sheet = await page.locator(".sheet").first().innerText();
    for (const told of [`${server.origin}/#/keys/restore`, SENDER.name, "envelock-backup-", String(new Date().getFullYear())]) assert.ok(sheet.includes(told), `${told} in: ${sheet}`);

    const ways = {
      "a link": () => page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Links" }).click(),
      "Back": () => page.evaluate(() => history.back()),
      "an address": () => page.evaluate(() => void (location.hash = "#/help")),
      "Escape": () => page.keyboard.press("Escape"),
      "Lock": () => button("Lock").click(),
      "signing out": () => button("Sign out").click(),
    };
    for (const [way, leave] of Object.entries(ways)) {
      await leave();
      await dialog().getByText("Leave this recovery code behind?").waitFor().catch((cause) => assert.fail(`${way}: ${cause.message}`));
      await dialog().getByRole("button", { name: "Cancel" }).click();
      await dialog().waitFor({ state: "detached" });
      // Nobody types an address a millisecond after going back, and then Chromium does not always tell the page of it.
      await page.waitForTimeout(500);
      assert.ok(await code.isVisible(), way);
      assert.ok(page.url().endsWith("#/keys/backup"), `${way}: ${page.url()}`);
    }
    await ways.Back();
    await dialog().getByRole("button", { name: "Leave it" }).click();
    await page.waitForURL(/#\/keys$/);
    assert.equal(await code.count(), 0);
  });

  test("each page has a title of its own, and none names a person", async () => {
    const titles = new Set();
    for (const route of ["", "/new", "/import", "/find", "/backup", "/restore", "/settings", "/log"]) {
      await page.goto(`${server.origin}/#/keys${route}`);
      await page.waitForFunction((seen) => !seen.includes(document.title), [...titles]);
      titles.add(await page.title());
    }
    await go("", row(CONTACTS[0]));
    await row(CONTACTS[0]).click();
    await page.getByTestId("fingerprint").waitFor();
    assert.equal(await page.title(), "Keys · Envelock");
  });

  test("every sheet says what it is for and where to bring it", async () => {
    await go("/backup", button("Make a backup"));
    await button("Make a backup").click();
    await page.getByText("Split the code on several sheets").click();
    await button("Split").click();
    await page.getByRole("heading", { name: "3 sheets" }).waitFor();
    const sheets = await page.locator("#sheets-shares .sheet").allInnerTexts();
    assert.equal(sheets.length, 3);
    for (const sheet of sheets) {
      for (const told of ["Any 2 of the 3 sheets", `${server.origin}/#/keys/restore`, "envelock-backup-", SENDER.name]) assert.ok(sheet.includes(told), `${told} in: ${sheet}`);
    }
    codes = await page.locator("#sheets-shares").getByTestId("code").allInnerTexts();
    const [download] = await Promise.all([page.waitForEvent("download"), button("Save backup file").click()]);
    backup = await readFile(await download.path());
    await page.getByLabel("I have the recovery code on paper").check();
  });

  let codes;
  let backup;
  test("the sheet and the group with a typing error are named, a sheet of another set, and how many it takes", async () => {
    await go("/restore", button("Restore"));
    await page.getByLabel("Choose the backup file").setInputFiles({ name: "backup.pgp", mimeType: "application/octet-stream", buffer: backup });
    await page.getByLabel("Several sheets").check();
    await page.getByLabel("Passphrase of this keystore").fill(PASSPHRASE);
    const sheet = (number) => page.getByLabel(`Code of sheet ${number}`);
    const problem = (number) => page.locator(`#share-${number}-problem`);
    const other = (code, at) => code.slice(0, at) + (code[at] === "7" ? "8" : "7") + code.slice(at + 1);

    await sheet(1).fill(other(codes[0], 12));
    await sheet(2).fill(codes[1].slice(0, -8));
    await button("Restore").click();
    await problem(1).getByText("Group 3 has a typing error.").waitFor();
    assert.match(await problem(2).innerText(), /it takes 45: 9 groups of five/);
    assert.ok(await sheet(1).evaluate((field) => field === document.activeElement && field.getAttribute("aria-invalid") === "true"));

    await sheet(1).fill(codes[0]);
    assert.equal(await problem(1).innerText(), "", "what is being corrected is no longer called wrong");
    await sheet(2).fill("");
    await button("Restore").click();
    await problem(2).getByText("It takes 2 different sheets, and 1 is here.").waitFor();

    const recoveryCode = await joinRecoveryShares([codes[0], codes[2]]);
    const [stranger] = await splitRecoveryCode({ recoveryCode, shares: 3, threshold: 2 });
    await button("Another sheet").click();
    await sheet(2).fill(stranger);
    await sheet(3).fill(codes[2].toLowerCase().replaceAll("-", " "));
    await button("Restore").click();
    await problem(2).getByText("This sheet does not belong to the others").waitFor();
    assert.equal(await page.locator("[aria-invalid=true]").count(), 1);

    await sheet(2).fill("");
    await button("Restore").click();
    await said(/^Restored\./);
    profile.assertQuiet();
  });
});
