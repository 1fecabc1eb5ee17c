// One password: a change of the password of which this browser never hears whether it was done. Whatever the server has of the keystore's code,
// the password that holds opens the keys here: the new one if the server has changed it, the old one if it has not.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { accountRooms } from "./account_rooms.mjs";

const ADDRESS = "ida@example.org";
const PASSWORDS = ["vier Kraniche im Moor", "neun Otter unter Eis", "drei Lampen am Hafen"];
const OWN = "Zwei Dachse im Haferfeld";
const [TURN_ON, TURN_OFF] = ["Let the account's password open them", "Give them a passphrase of their own"];

describe("one password, and changes whose answer is lost", { timeout: 600_000 }, () => {
  let server;
  /** The browser whose password is changed, and one that turns things on and off. */
  let page;
  let other;
  let password = PASSWORDS[0];
  const { alert, begin, button, change, changed, enter, isIn, newDevice, reads, settings, turn, unlock } = accountRooms({
    address: ADDRESS,
    subject: "Der Schlitten steht im Stall",
    ready: async (started) => {
      ({ server, page } = started);
      await begin(page, "Ida Watt", password);
    },
  });

  const another = () => PASSWORDS[(PASSWORDS.indexOf(password) + 1) % PASSWORDS.length];
  const hasKeys = (tab) => tab.getByRole("list", { name: "My keys" }).getByText(ADDRESS).first().waitFor();

  /** Changes it; the request is done or not, and no answer comes, nor the session that would come with it. */
  async function loseChange(next, { done }) {
    await page.route("**/api/v1/account/password", async (route) => {
      if (done) assert.equal((await route.fetch()).ok(), true);
      await route.abort("connectionreset");
    });
    await change(page, password, next);
    await alert(page, /may have been changed/);
    await page.unroute("**/api/v1/account/password");
    if (done) await page.context().clearCookies();
    await page.reload();
  }

  /** Locks the keystore, and opens it as its owner does: by signing in, and by unlocking. */
  async function opens() {
    await page.context().clearCookies();
    await enter(page, password);
    await isIn(page);
    await page.goto(`${server.origin}/#/keys`);
    await hasKeys(page);
    await page.reload();
    await unlock(page, password);
    await hasKeys(page);
  }

  /** In the state that the settings describe so. */
  async function loseBoth(words) {
    const says = async () => (await settings(page)).one.getByText(words).waitFor();
    await says();
    await loseChange(another(), { done: false });
    await opens();
    await says();
    const next = another();
    await loseChange(next, { done: true });
    password = next;
    await opens();
    await says();
  }

  /** With the session that the answer brought: the keystore is unlocked and nobody signs in. A change that fails after that takes nothing back. */
  async function loseTwice() {
    const next = another();
    await page.route("**/api/v1/account/password", async (route) => {
      await route.fetch();
      await route.abort("connectionreset");
    });
    await change(page, password, next);
    await alert(page, /may have been changed/);
    await page.unroute("**/api/v1/account/password");
    password = next;
    await page.reload();
    await unlock(page, password);
    await hasKeys(page);
    await loseChange(another(), { done: false });
    await opens();
  }

  test("where the server has what a new device needs", async () => {
    await loseBoth(/opens your keys, here and on a new device/);
    const next = await newDevice(password);
    await reads(next.tab);
    await next.device.close();
  });

  test("where this device compares with no other", async () => {
    const { devices } = await settings(page);
    await devices.getByRole("button", { name: "Stop on this device" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Stop on this device" }).click();
    await devices.getByText(/Comparing is off/).waitFor();
    await loseBoth(/does not bring them to a new device, because this one does not compare/);
    const { one } = await settings(page);
    await turn(one, "Let it bring them to new devices", { password });
    await one.getByText(/opens your keys, here and on a new device/).waitFor();
  });

  test("where another device took it off the server, so that it is in this browser alone", async () => {
    other = await newDevice(password);
    await reads(other.tab);
    const { one } = await settings(other.tab);
    await turn(one, TURN_OFF, { password, passphrase: OWN });
    await one.getByText(/copy of your keys on the server has a new code/).waitFor();
    await loseBoth(/On a new device it does not/);
    await loseTwice();
  });

  test("where another device has put something else there", async () => {
    await other.tab.context().clearCookies();
    await enter(other.tab, password);
    await isIn(other.tab);
    await other.tab.goto(`${server.origin}/#/keys`);
    await other.tab.getByLabel("Passphrase", { exact: true }).fill(OWN);
    await button(other.tab, "Unlock").first().click();
    await other.tab.getByRole("list", { name: "My keys" }).waitFor();
    const { one } = await settings(other.tab);
    await turn(one, TURN_ON, { password });
    await one.getByText(/opens your keys, here and on a new device/).waitFor();
    await loseBoth(/Another device has put something else on the server since/);
    await other.device.close();
  });

  test("a change that is heard of leaves one that opens, and nothing beside it", async () => {
    const next = another();
    await change(page, password, next);
    await changed(page);
    password = next;
    const mark = await page.evaluate(() => JSON.parse(localStorage.getItem("envelock-one-password")).default);
    assert.deepEqual(Object.keys(mark).sort(), ["account", "sealed", "version"]);
    await opens();
  });
});
