// One password, turned off and on: what that does on the server and for the other devices, what each browser says of it, and how often the
// password is asked for.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { accountRooms } from "./account_rooms.mjs";

const ADDRESS = "greta@example.org";
const [FIRST, SECOND, OWN] = ["vier Kraniche im Moor", "neun Otter unter Eis", "Zwei Dachse im Haferfeld"];

describe("one password, turned off and on", { timeout: 600_000 }, () => {
  let server;
  let page;
  let code;
  const { alert, begin, button, change, changed, codeOf, enter, isIn, join, makeOwnKeystore, newDevice, reads, settings, turn, unlock, versions } = accountRooms({
    address: ADDRESS,
    subject: "Die Leiter steht im Schuppen",
    ready: async (started) => {
      ({ server, page } = started);
      code = await begin(page, "Greta Storm", FIRST);
    },
  });

  const [TURN_ON, REPAIR, TURN_OFF] = ["Let the account's password open them", "Let it bring them to new devices", "Give them a passphrase of their own"];
  const WHOLE = /opens your keys, here and on a new device/;
  const dialogs = (tab) => tab.getByRole("dialog").count();

  test("a device that stopped comparing stays stopped when it opens, says what that means, and begins again with the password", async () => {
    const { devices } = await settings(page);
    await devices.getByRole("button", { name: "Stop on this device" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Stop on this device" }).click();
    await devices.getByText(/Comparing is off/).waitFor();
    await page.reload();
    await unlock(page, FIRST);
    await page.getByRole("list", { name: "My keys" }).waitFor();
    const { one, devices: again } = await settings(page);
    await one.getByText(/does not bring them to a new device/).waitFor();
    await again.getByText(/Comparing is off/).waitFor();
    await turn(one, REPAIR, { password: FIRST });
    await one.getByText(WHOLE).waitFor();
    await again.getByTestId("sync-state").waitFor();
    assert.equal(await codeOf(page), code);
  });

  test("turned off, the copy on the server is under a new code: whoever has the one of before gets nothing; what backups keep is said", async () => {
    const { one } = await settings(page);
    const before = await versions(page);
    await one.locator("summary").filter({ hasText: TURN_OFF }).click();
    await one.getByText(/Backups of the server keep what was there until now, for as long as whoever runs it keeps them/).waitFor();
    await server.advanceClock(301);
    await turn(one, TURN_OFF, { password: FIRST, passphrase: OWN });
    await one.getByText(/copy of your keys on the server has a new code/).waitFor();
    await one.getByText(/Your keys have a passphrase of their own\. You can/).waitFor();
    assert.equal(await dialogs(page), 0, "the password was typed a moment ago");
    const now = await versions(page);
    assert.equal(now.code, null);
    assert.ok(before.code !== null && now.copy !== null && now.copy !== before.copy);

    const other = await newDevice(FIRST);
    await makeOwnKeystore(other.tab, OWN);
    const refused = await join(other.tab, code);
    await refused.getByRole("alert").filter({ hasText: "does not open this file" }).waitFor();
    const next = await codeOf(page);
    assert.notEqual(next, code);
    const joined = await join(other.tab, next);
    await joined.getByTestId("sync-state").waitFor();
    await reads(other.tab);

    // The other one keeps its passphrase, and is asked of the server what is so elsewhere.
    await server.advanceClock(602);
    const { one: here } = await settings(page);
    await turn(here, TURN_ON, { password: FIRST });
    await here.getByText(WHOLE).waitFor();
    assert.equal(await dialogs(page), 0);
    assert.equal(await codeOf(page), next);
    const { one: there } = await settings(other.tab);
    await there.getByText(/On another device the password of your account opens them/).waitFor();
    await other.device.close();
  });

  test("a browser that still opens with the password does not say that a new device does, when another one has turned it off", async () => {
    const other = await newDevice(FIRST);
    await reads(other.tab);
    const { one } = await settings(page);
    await turn(one, TURN_OFF, { password: FIRST, passphrase: OWN });
    await one.getByText(/copy of your keys on the server has a new code/).waitFor();
    const { one: there } = await settings(other.tab);
    await there.getByText(/On a new device it does not/).waitFor();
    const { one: again } = await settings(page);
    await turn(again, TURN_ON, { password: FIRST });
    await again.getByText(WHOLE).waitFor();
    const { one: changedThere } = await settings(other.tab);
    await changedThere.getByText(/Another device has put something else on the server since/).waitFor();

    // Its keystore has a code of its own now. A change of the password keeps both, each where it belongs.
    await change(other.tab, FIRST, SECOND);
    await alert(other.tab, /Another device was faster/);
    await change(other.tab, FIRST, SECOND);
    await changed(other.tab);
    await other.tab.reload();
    await unlock(other.tab, SECOND);
    await other.tab.getByRole("list", { name: "My keys" }).waitFor();
    const third = await newDevice(SECOND);
    await reads(third.tab);
    await third.device.close();
    const { one: mended } = await settings(other.tab);
    await turn(mended, REPAIR, { password: SECOND });
    await mended.getByText(WHOLE).waitFor();
    await other.tab.reload();
    await unlock(other.tab, SECOND);
    await reads(other.tab);
    await other.device.close();
  });

  test("two devices do not write over each other: the one that was slower hears it, and nothing has changed", async () => {
    await enter(page, SECOND);
    await isIn(page);
    const { one } = await settings(page);
    await turn(one, TURN_OFF, { password: SECOND, passphrase: OWN });
    await one.getByText(/copy of your keys on the server has a new code/).waitFor();
    const { one: off } = await settings(page);
    let faster = 0;
    await page.route("**/api/v1/account/keystore-backup", async (route) => {
      // Another device, between what was read and what is written.
      if (route.request().method() === "PUT" && faster++ === 0) await route.fetch({ postData: JSON.stringify({ sealed: "AAAA" }) });
      await route.continue();
    });
    await turn(off, TURN_ON, { password: SECOND });
    await alert(page, /Another device was faster/);
    const stored = await page.evaluate(async () => (await fetch("/api/v1/account/keystore-backup")).json());
    assert.equal(stored.sealed, "AAAA");
    await page.reload();
    await page.goto(`${server.origin}/#/keys`);
    await page.getByLabel("Passphrase", { exact: true }).fill(OWN);
    await button(page, "Unlock").first().click();
    await reads(page);
    const { one: again } = await settings(page);
    await turn(again, TURN_ON, { password: SECOND });
    await again.getByText(WHOLE).waitFor();
  });

  test("a keystore that is removed leaves nothing behind that says how it opened", async () => {
    const marks = () => page.evaluate(() => JSON.parse(localStorage.getItem("envelock-one-password") ?? "{}"));
    assert.deepEqual(Object.keys(await marks()), ["default"]);
    await page.goto(`${server.origin}/#/keys`);
    await button(page, "Lock").click();
    await page.getByText("I have forgotten the passphrase").click();
    await button(page, "Remove the sealed keys").click();
    const dialog = page.getByRole("dialog", { name: "Remove all keys of this keystore?" });
    await dialog.getByLabel("Type remove to confirm").fill("remove");
    await dialog.getByRole("button", { name: "Remove it" }).click();
    await button(page, "Create keystore").waitFor();
    assert.deepEqual(await marks(), {});
    await makeOwnKeystore(page, OWN);
    await button(page, "Lock").click();
    await page.getByLabel("Passphrase", { exact: true }).waitFor();
    assert.equal(await page.getByLabel("Password of your account").count(), 0);
  });
});
