// One password suffices: whoever registers, makes a key and signs in elsewhere has it there and reads what was sealed with it; also after the
// password was changed, after a change that broke off, and with what the server has nobody opens anything.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { accountRooms } from "./account_rooms.mjs";
import { totp } from "./authenticators.mjs";
import { tables } from "./database.mjs";

const [FIRST, SECOND] = ["vier Kraniche im Moor", "neun Otter unter Eis"];
const ADDRESS = "ella@example.org";
const SUBJECT = "Der Plan vom Steg";

describe("one password for account and keys", { timeout: 600_000 }, () => {
  let server;
  let browser;
  let profile;
  let page;
  /** A second browser that knows the keystore. */
  let elsewhere;
  const { alert, button, change, changed, compare, enter, isIn, makeKeyAndLink, newDevice, reads, register, turn, unlock } = accountRooms({
    address: ADDRESS,
    subject: SUBJECT,
    ready: (started) => {
      ({ server, browser, profile, page } = started);
    },
  });

  test("a new account's keystore opens with the account's password unless its owner wants another one", async () => {
    await register(page, "Ella Storm", FIRST);
    await page.getByLabel("A passphrase of its own").check();
    await page.getByLabel("New passphrase").waitFor();
    await page.getByLabel("The password of my account").check();
    await page.getByLabel("Password of your account").fill(SECOND);
    await button(page, "Create keystore").click();
    await alert(page, /password of your account does not fit/);
    await page.getByLabel("Password of your account").fill(FIRST);
    await button(page, "Create keystore").click();
    await makeKeyAndLink(page);
    await reads(page);
    await page.waitForFunction(() => Object.values(JSON.parse(localStorage.getItem("envelock-synced") ?? "{}")).length > 0);
  });

  test("a browser that was never used has the key after signing in, and nothing else is typed", async () => {
    // What was made last has to be on the server.
    await compare(page);
    const { device, tab } = await newDevice(FIRST);
    await reads(tab);
    device.assertQuiet();
    await device.close();
  });

  test("it does not say that there are no keys before it has asked", async () => {
    const device = await browser.profile();
    const tab = await device.newPage();
    let answer;
    const answered = new Promise((resolve) => (answer = resolve));
    await tab.route("**/api/v1/keyring", (route) => answered.then(() => route.continue()));
    await enter(tab, FIRST);
    await isIn(tab);
    await tab.goto(`${server.origin}/#/keys`);
    await tab.getByRole("link", { name: "New key" }).waitFor();
    await tab.locator("main").getByRole("status").filter({ hasText: "Loading" }).waitFor();
    assert.equal(await tab.getByText("No keys yet").count(), 0);
    answer();
    await reads(tab);
    await device.close();
  });

  test("locked, it opens with the account's password, here without a new sign-in, and with the code of the devices", async () => {
    await page.goto(`${server.origin}/#/keys/settings`);
    await page.getByRole("region", { name: "One password" }).getByText(/opens your keys, here and on a new device/).waitFor();
    await button(page, "Show the code").click();
    await page.getByRole("dialog").getByRole("button", { name: "Show the code" }).click();
    const code = (await page.getByTestId("sync-code").innerText()).trim();
    await page.reload();
    await unlock(page, SECOND);
    assert.equal(await page.getByText("Choose something from the list").count(), 0, "there is none at the door");
    await alert(page, /password of your account does not fit/);
    await unlock(page, FIRST);
    await page.getByRole("list", { name: "My keys" }).waitFor();
    await page.reload();
    await page.getByText("Without the account's password").click();
    await page.getByLabel("Code or passphrase").fill(code.toLowerCase().replaceAll("-", " "));
    await button(page, "Unlock").last().click();
    await page.getByRole("list", { name: "My keys" }).waitFor();
    profile.assertQuiet();
  });

  test("a change of the password that does not get there changes neither, and one whose answer is lost changes both", async () => {
    await page.route("**/api/v1/account/password", (route) => route.abort("internetdisconnected"));
    await change(page, FIRST, SECOND);
    await alert(page, /may have been changed/);
    await page.unroute("**/api/v1/account/password");
    const before = await newDevice(FIRST);
    await reads(before.tab);
    await before.device.close();

    await page.route("**/api/v1/account/password", async (route) => {
      await route.fetch();
      await route.abort("connectionreset");
    });
    await change(page, FIRST, SECOND);
    await alert(page, /may have been changed/);
    await page.unroute("**/api/v1/account/password");
    const { device, tab } = await newDevice(SECOND);
    await reads(tab);
    await device.close();
    // This browser got the new session, and remembers what the old password opened: it asks the server for what the new one does.
    await page.reload();
    await unlock(page, SECOND);
    await reads(page);
  });

  test("after the password was changed a new browser has the key with the new one, and one of before as well", async () => {
    const other = await newDevice(SECOND);
    await reads(other.tab);
    await change(page, SECOND, FIRST);
    await changed(page);
    const { device, tab } = await newDevice(FIRST);
    await reads(tab);
    await device.close();
    await enter(other.tab, FIRST);
    await reads(other.tab);
    await other.device.close();
  });

  test("with a second step it opens after both, and taking the code off the server asks for both again, the password once", async () => {
    let ahead = 0;
    const code = () => totp(secret, Date.now() / 1000 + ahead);
    const nextCode = () => server.advanceClock((ahead += 30));
    await page.goto(`${server.origin}/#/settings`);
    await button(page, "Set up an app").click();
    const secret = await page.getByTestId("app-secret").innerText();
    await page.getByLabel("The six digits the app shows now").fill(code());
    await button(page, "Switch on").click();
    await page.getByLabel("I have kept the codes").check();
    await button(page, "Done").click();

    const device = await browser.profile();
    const tab = await device.newPage();
    await nextCode();
    await enter(tab, FIRST);
    await tab.getByLabel("Code from your authenticator app").fill(code());
    await button(tab, "Sign in with the code").click();
    await isIn(tab);
    await reads(tab);
    elsewhere = { device, tab };

    ahead += 301;
    await nextCode();
    await page.goto(`${server.origin}/#/keys/settings`);
    const section = page.getByRole("region", { name: "One password" });
    await turn(section, "Give them a passphrase of their own", { password: FIRST, passphrase: SECOND });
    const dialog = page.getByRole("dialog", { name: "Is it still you?" });
    await dialog.getByLabel(/^Code from your authenticator app/).waitFor();
    assert.equal(await dialog.getByLabel("Account password").count(), 0, "it was typed a moment ago");
    await dialog.getByLabel(/^Code from your authenticator app/).fill(code());
    await dialog.getByRole("button", { name: "Confirm" }).click();
    await dialog.waitFor({ state: "detached" });
    await section.getByText(/Your keys have a passphrase of their own\. You can/).waitFor();
    await server.user("remove-factors", ADDRESS);
  });

  test("what was taken off the server on one device stays off when the password changes on another, which goes on opening its own", async () => {
    const tab = elsewhere.tab;
    await enter(tab, FIRST);
    await isIn(tab);
    await change(tab, FIRST, SECOND);
    await changed(tab);
    const stored = () => tab.evaluate(() => fetch("/api/v1/account/keystore-backup").then(({ status }) => status));
    assert.equal(await stored(), 404);
    await tab.reload();
    await unlock(tab, SECOND);
    await tab.getByRole("list", { name: "My keys" }).waitFor();
    await change(tab, SECOND, FIRST);
    await changed(tab);
    assert.equal(await stored(), 404);
    await elsewhere.device.close();

    await enter(page, FIRST);
    await isIn(page);
    await page.goto(`${server.origin}/#/keys`);
    await page.getByLabel("Passphrase", { exact: true }).fill(SECOND);
    await button(page, "Unlock").first().click();
    await page.getByRole("list", { name: "My keys" }).waitFor();
    await page.goto(`${server.origin}/#/keys/settings`);
    const section = page.getByRole("region", { name: "One password" });
    await turn(section, "Let the account's password open them", { password: FIRST });
    await section.getByText(/opens your keys, here and on a new device/).waitFor();
  });

  test("a password that the operator sets opens no keys and says so; a device that has the code opens all the same", async () => {
    const lost = await newDevice(await server.user("password", ADDRESS));
    await lost.tab.goto(`${server.origin}/#/keys`);
    await lost.tab.getByText(/was set anew, so it does not open your keys any more/).waitFor();
    assert.equal(await lost.tab.getByRole("list", { name: "My keys" }).count(), 0);
    // Whoever has nothing else begins anew, and the password opens that.
    await lost.tab.getByLabel("Password of your account").waitFor();
    await lost.device.close();
  });

  test("neither the passwords nor the code are in what was sent, and the database has ciphertext alone", async () => {
    const sent = server.sent();
    assert.ok(sent.includes('"sealed":"'), "the positive control: the sealed code was sent");
    for (const password of [FIRST, SECOND]) assert.equal(sent.includes(password), false);
    assert.doesNotMatch(sent.toString("latin1"), /(?:[0-9A-Z]{5}-){6}[0-9A-Z]{5}/);
    await server.stop();
    const kept = (await tables(server.dataDir))["table keystore_backups"];
    assert.ok(kept.length > 60, "one is there");
    assert.equal(kept.includes("sealed"), false);
  });
});
