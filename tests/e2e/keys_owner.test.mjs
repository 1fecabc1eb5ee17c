// A screen that was left open: whoever is not the owner gets no secret key out, nothing that opens them elsewhere, and no way in for later. What opens the
// keystore is asked for again, five minutes after it was last shown.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { accountRooms } from "./account_rooms.mjs";
import { testbed } from "./testbed.mjs";
import { keysRooms } from "./keys_rooms.mjs";
import { makeKey, SENDER, signIn } from "./sender.mjs";

const PASSPHRASE = "Nachtzug über Lindau 88";
const PASSWORD = "vier Kraniche im Moor";
const LATER = 301;

/** What `page` shows of the question. */
function question(page) {
  const dialog = page.getByRole("dialog", { name: "Is it still you?" });
  return {
    dialog,
    confirm: () => dialog.getByRole("button", { name: "Confirm" }).click(),
    /** Presses a button, is asked, and leaves by the keyboard: nothing comes of it, that is said in its `place`, and the focus is where it was. */
    async refuse(button, { place = page, before = () => undefined } = {}) {
      let downloads = 0;
      const count = () => (downloads += 1);
      page.on("download", count);
      await button.focus();
      await page.keyboard.press("Enter");
      await before();
      await dialog.waitFor();
      assert.ok(await dialog.evaluate((element) => element.contains(document.activeElement)));
      await page.keyboard.press("Escape");
      await place.getByRole("alert").filter({ hasText: "Nothing was changed: you did not confirm that it is you" }).waitFor();
      assert.ok(await button.evaluate((element) => element === document.activeElement), "the focus is back");
      page.off("download", count);
      assert.equal(downloads, 0);
    },
  };
}

describe("a keystore with a passphrase of its own", { timeout: 600_000 }, () => {
  let server, profile, page, go, button, said, row, dialog, confirm, refuse;
  testbed({
    begin: async ({ server: started, browser }) => {
      server = started;
      profile = await browser.profile();
      page = await signIn(profile, server.origin);
      ({ go, button, said, row } = keysRooms(page, server.origin));
      ({ dialog, confirm, refuse } = question(page));
      await makeKey(page, { origin: server.origin, passphrase: PASSPHRASE });
    },
  });
  let ahead = 0;
  const pass = () => page.clock.setFixedTime(Date.now() + (ahead += LATER) * 1000);
  const exported = (press) => Promise.all([page.waitForEvent("download"), press()]);

  test("a moment after it was opened nobody is asked", async () => {
    await go("", row(SENDER.address));
    await row(SENDER.address).click();
    await exported(() => button("Export secret key").click());
    assert.equal(await dialog.count(), 0);
  });

  test("five minutes later a secret key is exported to whoever has the passphrase, and then it holds for five minutes", async () => {
    await pass();
    await refuse(button("Export secret key"));
    await button("Export secret key").click();
    const field = dialog.getByLabel("Passphrase of this keystore");
    await field.fill("Nachtzug über Lindau 89");
    await confirm();
    await dialog.getByRole("alert").filter({ hasText: "That passphrase does not fit" }).waitFor();
    await field.fill(PASSPHRASE);
    await exported(() => page.keyboard.press("Enter"));
    await exported(() => button("Export secret key").click());
    assert.equal(await dialog.count(), 0);
  });

  test("nor is there a backup, a Setup Message, a code for a device, another passphrase or a passkey for anybody else", async () => {
    await page.getByRole("switch", { name: "Show everything" }).check();
    await go("/settings", button("Turn on"));
    await button("Turn on").click();
    await button("Hide the code").click();

    await pass();
    await go("", row(SENDER.address));
    await row(SENDER.address).click();
    await refuse(button("Make a Setup Message"));
    assert.equal(await button("Save the Setup Message").count(), 0);

    await go("/backup", button("Make a backup"));
    await refuse(button("Make a backup"));
    assert.equal(await button("Save backup file").count(), 0);

    const part = (name) => page.getByRole("region", { name, exact: true });
    await go("/settings", button("Show the code"));
    await refuse(button("Show the code"), { place: part("Other devices"), before: () => page.getByRole("dialog").getByRole("button", { name: "Show the code" }).click() });
    assert.equal(await page.getByTestId("sync-code").count(), 0);

    await page.locator("summary", { hasText: "Change passphrase" }).click();
    await page.getByLabel("New passphrase").fill("Somebody else's 99");
    await page.getByLabel("Repeat passphrase").fill("Somebody else's 99");
    await refuse(button("Change passphrase"), { place: part("Passphrase") });

    await refuse(button("Add a passkey"), { place: part("Passkeys") });
  });

  test("whoever sets the computer's clock back is asked all the same", async () => {
    await page.clock.setFixedTime(Date.now());
    await refuse(button("Add a passkey"), { place: page.getByRole("region", { name: "Passkeys", exact: true }) });
  });

  test("who opens it with a passkey says so with that", async () => {
    const session = await profile.context.newCDPSession(page);
    await session.send("WebAuthn.enable");
    const options = { protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasResidentKey: true, hasUserVerification: true, hasPrf: true, isUserVerified: true };
    await session.send("WebAuthn.addVirtualAuthenticator", { options: { ...options, automaticPresenceSimulation: true } });
    await button("Add a passkey").click();
    await dialog.getByLabel("Passphrase of this keystore").fill(PASSPHRASE);
    await confirm();
    await said("Passkey added.");
    await pass();
    await go("/backup", button("Make a backup"));
    await button("Make a backup").click();
    await dialog.getByRole("button", { name: "Use a passkey" }).click();
    await button("Save backup file").waitFor();
    profile.assertQuiet();
  });
});

describe("a keystore that the account's password opens", { timeout: 600_000 }, () => {
  let server, profile, page;
  const { button, begin } = accountRooms({
    address: "ella@example.org",
    subject: "Der Plan vom Steg",
    ready: (started) => {
      ({ server, profile, page } = started);
    },
  });
  let code;

  test("five minutes after its proof the server asks for another, before the code of the devices and the key are given out", async () => {
    code = await begin(page, "Ella Storm", PASSWORD);
    await server.advanceClock(LATER);
    const { dialog, confirm, refuse } = question(page);
    await page.goto(`${server.origin}/#/keys`);
    await page.getByRole("list", { name: "My keys" }).getByRole("link").click();
    await page.getByText("locked with the code of your devices, not with the password of your account").waitFor();
    await refuse(button(page, "Export secret key"));
    await button(page, "Export secret key").click();
    await dialog.getByLabel("Account password").fill(`${PASSWORD}x`);
    await confirm();
    await dialog.getByRole("alert").filter({ hasText: "The password does not fit" }).waitFor();
    await dialog.getByLabel("Account password").fill(PASSWORD);
    await Promise.all([page.waitForEvent("download"), confirm()]);
    profile.assertQuiet();
  });

  test("when the server cannot be reached, the keystore asks for the code itself", async () => {
    const { dialog, confirm } = question(page);
    await page.clock.setFixedTime(Date.now() + LATER * 1000);
    await page.route("**/api/v1/account/keystore-backup", (route) => route.abort("internetdisconnected"));
    await page.goto(`${server.origin}/#/keys/backup`);
    await button(page, "Make a backup").click();
    await dialog.getByLabel("Code or passphrase").fill(PASSWORD);
    await confirm();
    await dialog.getByRole("alert").filter({ hasText: "does not fit" }).waitFor();
    await dialog.getByLabel("Code or passphrase").fill(code.toLowerCase().replaceAll("-", " "));
    await confirm();
    await button(page, "Save backup file").waitFor();
  });
});
