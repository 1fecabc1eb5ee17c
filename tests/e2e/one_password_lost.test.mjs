// The operator has set a password, so that nothing opens with it any more: nobody's keys on the server are written over unasked. Whoever has the
// code brings everything under the new password, whoever has nothing says so twice, and a device that writes meanwhile is not lost.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { accountRooms } from "./account_rooms.mjs";

const ADDRESS = "finn@example.org";
const FIRST = "vier Kraniche im Moor";
const NOT_THE_CODE = "00000-00000-00000-00000-00000-00000-00000";

describe("one password, after the operator set another", { timeout: 600_000 }, () => {
  let server;
  let page;
  let code;
  const { alert, begin, button, compare, enter, isIn, newDevice, reads, settings, turn, unlock, versions } = accountRooms({
    address: ADDRESS,
    subject: "Das Boot liegt am Steg",
    ready: async (started) => {
      ({ server, page } = started);
      code = await begin(page, "Finn Watt", FIRST);
    },
  });

  const setAnew = () => server.user("password", ADDRESS);
  const goOn = async (tab, password) => {
    await tab.getByLabel("Password of your account").fill(password);
    await button(tab, "Go on").click();
  };
  /** A browser without keys, at the door, where somebody is told that the server has some. */
  async function lostDevice(password) {
    const lost = await newDevice(password);
    await lost.tab.goto(`${server.origin}/#/keys`);
    await lost.tab.getByText(/was set anew, so it does not open your keys any more/).waitFor();
    await lost.tab.getByRole("group", { name: "Your keys on the server" }).waitFor();
    return lost;
  }
  const keystores = (tab) => tab.evaluate(() => Object.keys(JSON.parse(localStorage.getItem("envelock-one-password") ?? "{}")).length);

  test("with the code of the devices the keys come, and open with the new password from then on; with another code nothing happens", async () => {
    const set = await setAnew();
    const { device, tab } = await lostDevice(set);
    const before = await versions(tab);
    assert.ok(before.code !== null && before.copy !== null);
    for (const wrong of [NOT_THE_CODE, code.replace(/.$/, (last) => (last === "7" ? "8" : "7")), ""]) {
      await tab.getByLabel("Code of your other device").fill(wrong);
      await goOn(tab, set);
      await alert(tab, /does not open the copy on the server/);
      assert.deepEqual([await versions(tab), await keystores(tab)], [before, 0]);
      await tab.getByRole("heading", { name: "Keep your keys in this browser" }).waitFor();
    }
    await tab.getByLabel("Code of your other device").fill(code.toLowerCase().replaceAll("-", " "));
    await goOn(tab, set);
    await reads(tab);
    assert.notEqual((await versions(tab)).code, before.code);
    device.assertQuiet();
    await device.close();
    const next = await newDevice(set);
    await reads(next.tab);
    await next.device.close();
    await enter(page, set);
    await reads(page);
  });

  test("a browser that has the keys says so, opens with the code, and lets the new password open them again", async () => {
    const set = await setAnew();
    await enter(page, set);
    await isIn(page);
    await page.goto(`${server.origin}/#/keys`);
    await page.getByText(/was set anew, so it does not open your keys any more/).waitFor();
    assert.equal(await page.getByLabel("Password of your account").count(), 0);
    await page.getByLabel("Code or passphrase").fill(code);
    await button(page, "Unlock").first().click();
    await reads(page);
    const { one } = await settings(page);
    await one.getByText(/was set anew, so it does not open your keys any more/).waitFor();
    await turn(one, "Let it bring them to new devices", { password: set });
    await one.getByText(/opens your keys, here and on a new device/).waitFor();
    const next = await newDevice(set);
    await reads(next.tab);
    await next.device.close();
    await page.reload();
    await unlock(page, set);
    await reads(page);
  });

  test("beginning anew takes a word to be typed, and not the place of what another device wrote meanwhile", async () => {
    const set = await setAnew();
    const { device, tab } = await lostDevice(set);
    const before = await versions(tab);
    await tab.getByLabel("Begin anew").check();
    await goOn(tab, set);
    const dialog = tab.getByRole("dialog", { name: "Replace your keys on the server?" });
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await alert(tab, /The copy on the server was kept/);
    assert.deepEqual([await versions(tab), await keystores(tab)], [before, 0]);

    await enter(page, set);
    await isIn(page);
    await page.goto(`${server.origin}/#/keys`);
    await page.getByLabel("Code or passphrase").fill(code);
    await button(page, "Unlock").first().click();
    await page.getByRole("link", { name: "New key" }).click();
    await button(page, "Generate key").click();
    await page.getByRole("heading", { name: "Back up your key" }).waitFor();
    await button(page, "Remind me later").click();
    await compare(page);
    const written = await versions(page);
    assert.notEqual(written.copy, before.copy);
    const replace = async () => {
      await goOn(tab, set);
      assert.equal(await dialog.getByRole("button", { name: "Replace the copy" }).isEnabled(), false);
      await dialog.getByLabel("Type replace to confirm").fill("replace");
      await dialog.getByRole("button", { name: "Replace the copy" }).click();
    };
    await replace();
    await alert(tab, /Another device was faster/);
    assert.deepEqual([await versions(tab), await keystores(tab)], [written, 0]);

    // Even between the last look and the write.
    let faster = 0;
    await tab.route("**/api/v1/keyring", async (route) => {
      if (route.request().method() === "PUT" && faster++ === 0) await route.fetch({ postData: Buffer.alloc(100, 1) });
      await route.continue();
    });
    await replace();
    await alert(tab, /Another device was faster/);
    assert.deepEqual([faster, await keystores(tab)], [1, 0]);
    const between = await tab.evaluate(async () => (await (await fetch("/api/v1/keyring")).arrayBuffer()).byteLength);
    assert.equal(between, 100, "what the other device wrote");
    await replace();
    await tab.waitForFunction(() => Object.keys(JSON.parse(localStorage.getItem("envelock-synced") ?? "{}")).length > 0);
    const anew = await versions(tab);
    assert.ok(anew.copy !== written.copy && anew.code !== written.code);
    device.assertQuiet();
    await device.close();
    // Whoever signs in has what is there now: nothing yet. The device that has the keys keeps them, and is told.
    const next = await newDevice(set);
    await next.tab.goto(`${server.origin}/#/keys`);
    await next.tab.getByRole("link", { name: "New key" }).waitFor();
    assert.equal(await next.tab.getByRole("list", { name: "My keys" }).count(), 0);
    await next.device.close();
    const { devices } = await settings(page);
    await devices.getByRole("button", { name: "Compare now" }).click();
    await devices.getByText(/sealed under another code now/).waitFor();
    await reads(page);
  });
});
