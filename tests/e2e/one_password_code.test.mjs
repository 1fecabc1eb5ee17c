// One password with a new code: the one of before opens nothing that is written from then on, the password goes on opening everything, the other
// devices take it with the password, and what breaks off is said and mended.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { accountRooms } from "./account_rooms.mjs";

const ADDRESS = "jan@example.org";
const PASSWORD = "vier Kraniche im Moor";
const OWN = "Zwei Dachse im Haferfeld";
const [RENEW, REPAIR] = ["Make a new code", "Let it bring them to new devices"];
const WHOLE = /opens your keys, here and on a new device/;

describe("one password, and a new code", { timeout: 600_000 }, () => {
  let server;
  let page;
  let other;
  let code;
  const { alert, begin, button, codeOf, join, makeOwnKeystore, newDevice, reads, settings, turn, unlock, versions } = accountRooms({
    address: ADDRESS,
    subject: "Die Boje treibt nach Westen",
    ready: async (started) => {
      ({ server, page } = started);
      code = await begin(page, "Jan Watt", PASSWORD);
      other = await newDevice(PASSWORD);
      await reads(other.tab);
    },
  });

  async function newDeviceReads() {
    const next = await newDevice(PASSWORD);
    await reads(next.tab);
    await next.device.close();
  }

  test("another password than the account's changes nothing", async () => {
    const { one } = await settings(page);
    const before = await versions(page);
    await turn(one, RENEW, { password: "neun Otter unter Eis" });
    await alert(page, /password of your account does not fit/);
    assert.deepEqual(await versions(page), before);
    assert.equal(await codeOf(page), code);
  });

  test("the code of before opens neither the keystore here nor the copy on the server; the password opens both", async () => {
    const { one } = await settings(page);
    const before = await versions(page);
    await server.advanceClock(301);
    await turn(one, RENEW, { password: PASSWORD });
    await one.getByText(/The code of before opens your keys here and on the server no more/).waitFor();
    await one.getByText(WHOLE).waitFor();
    assert.equal(await page.getByRole("dialog").count(), 0, "the password was typed a moment ago");
    const now = await versions(page);
    assert.ok(now.code !== before.code && now.copy !== before.copy);
    const next = await codeOf(page);
    assert.notEqual(next, code);

    await page.reload();
    await page.goto(`${server.origin}/#/keys`);
    await page.getByText("Without the account's password").click();
    await page.getByLabel("Code or passphrase").fill(code);
    await button(page, "Unlock").last().click();
    await page.getByRole("alert").first().waitFor();
    await unlock(page, PASSWORD);
    await reads(page);
    await newDeviceReads();
    code = next;
  });

  test("the other device says that something else is on the server, and takes the new code with the password", async () => {
    const { one } = await settings(other.tab);
    await one.getByText(/Another device has put something else on the server since/).waitFor();
    assert.equal(await one.locator("summary").filter({ hasText: RENEW }).count(), 0, "it is no place to begin from");
    await turn(one, REPAIR, { password: PASSWORD });
    await one.getByText(WHOLE).waitFor();
    assert.equal(await codeOf(other.tab), code);
    await other.tab.reload();
    await unlock(other.tab, PASSWORD);
    await reads(other.tab);
    await other.device.close();
  });

  for (const [what, path] of [["the copy", "**/api/v1/keyring"], ["the code", "**/api/v1/account/keystore-backup"]]) {
    for (const done of [false, true]) {
      test(`a new code that breaks off where ${what} is written, which ${done ? "was done" : "was not done"}, is said and mended`, async () => {
        const { one } = await settings(page);
        await page.route(path, async (route) => {
          if (route.request().method() !== "PUT") return route.continue();
          if (done) assert.ok((await route.fetch()).ok());
          await route.abort("connectionreset");
        });
        await turn(one, RENEW, { password: PASSWORD });
        await alert(one, /could not be reached/);
        await one.getByText(/a new code was begun and not completed/).waitFor();
        await page.unroute(path);
        await page.reload();
        await unlock(page, PASSWORD);
        await reads(page);
        const { one: again } = await settings(page);
        await again.getByText(/a new code was begun and not completed/).waitFor();
        await turn(again, REPAIR, { password: PASSWORD });
        await again.getByText(WHOLE).waitFor();
        await newDeviceReads();
        await page.reload();
        await unlock(page, PASSWORD);
        await reads(page);
      });
    }
  }

  test("a browser with a passphrase of its own joins with the new code alone", async () => {
    const { device, tab } = await newDevice(PASSWORD);
    await tab.goto(`${server.origin}/#/keys`);
    await button(tab, "Lock").click();
    await tab.getByText("I have forgotten the passphrase").click();
    await button(tab, "Remove the sealed keys").click();
    const dialog = tab.getByRole("dialog", { name: "Remove all keys of this keystore?" });
    await dialog.getByLabel("Type remove to confirm").fill("remove");
    await dialog.getByRole("button", { name: "Remove it" }).click();
    await makeOwnKeystore(tab, OWN);
    const refused = await join(tab, code);
    await refused.getByRole("alert").filter({ hasText: "does not open this file" }).waitFor();
    const joined = await join(tab, await codeOf(page));
    await joined.getByTestId("sync-state").waitFor();
    await reads(tab);
    await device.close();
  });
});
