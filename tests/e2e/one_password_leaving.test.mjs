// Whoever changes keys and signs out at once, within the moment in which changes are gathered, finds them on the next device; where they did not get
// there, that is said before it is too late to wait.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { accountRooms } from "./account_rooms.mjs";

const ADDRESS = "ella@example.org";
const PASSWORD = "vier Kraniche im Moor";

describe("signing out right after a key was made", { timeout: 300_000 }, () => {
  let server, page;
  const { button, enter, isIn, newDevice, register } = accountRooms({
    address: ADDRESS,
    subject: "",
    ready: (started) => {
      ({ server, page } = started);
    },
  });
  const makeKey = async () => {
    await page.goto(`${server.origin}/#/keys`);
    await page.getByRole("link", { name: "New key" }).click();
    await button(page, "Generate key").click();
    await page.getByRole("heading", { name: "Back up your key" }).waitFor();
    await button(page, "Remind me later").click();
  };
  const signOut = () => button(page, "Sign out").first().click();
  const atDoor = () => page.getByRole("heading", { name: "Sign in" }).waitFor();
  /** How many keys a browser has that knows nothing but the password. */
  const keysElsewhere = async () => {
    const { device, tab } = await newDevice(PASSWORD);
    await tab.goto(`${server.origin}/#/keys`);
    const keys = tab.getByRole("list", { name: "My keys" }).getByRole("listitem");
    await keys.first().waitFor();
    const count = await keys.count();
    await device.close();
    return count;
  };

  test("the next device has it", async () => {
    await register(page, "Ella Storm", PASSWORD);
    await page.getByLabel("Password of your account").fill(PASSWORD);
    await button(page, "Create keystore").click();
    await makeKey();
    await signOut();
    await atDoor();
    assert.equal(await keysElsewhere(), 1);
  });

  test("where it does not get there, that is said, and whoever waits has it there", async () => {
    await enter(page, PASSWORD);
    await isIn(page);
    await page.goto(`${server.origin}/#/keys`);
    await page.getByRole("list", { name: "My keys" }).waitFor();
    let release;
    const released = new Promise((resolve) => (release = resolve));
    await page.route("**/api/v1/keyring", async (route) => {
      if (route.request().method() === "PUT") await released;
      await route.continue();
    });
    await makeKey();
    await signOut();
    await page.getByRole("status").filter({ hasText: "You are signed out once everything is saved" }).waitFor();
    await button(page, "Sign out without waiting").click();
    const dialog = page.getByRole("dialog", { name: "Your other devices do not have this yet" });
    await dialog.waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    const stored = page.waitForResponse((response) => response.url().endsWith("/api/v1/keyring") && response.request().method() === "PUT");
    release();
    await stored;
    await signOut();
    await atDoor();
    assert.equal(await keysElsewhere(), 2);
  });

  test("where the comparison is slow and nothing was changed, no change is told", async () => {
    let release;
    const released = new Promise((resolve) => (release = resolve));
    await page.unroute("**/api/v1/keyring");
    await page.route("**/api/v1/keyring", async (route) => {
      await released;
      await route.continue().catch(() => undefined);
    });
    await enter(page, PASSWORD);
    await isIn(page);
    await page.goto(`${server.origin}/#/keys`);
    await page.getByRole("list", { name: "My keys" }).waitFor();
    await signOut();
    await button(page, "Sign out without waiting").click();
    const dialog = page.getByRole("dialog", { name: "Your other devices may not have everything yet" });
    await button(dialog, "Sign out").click();
    await atDoor();
    release();
  });
});
