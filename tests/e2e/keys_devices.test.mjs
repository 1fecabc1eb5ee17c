// Two devices of one account with the same keys: each with its own passphrase, and between them a server that learns nothing.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startBrowser } from "./browser.mjs";
import { tables } from "./database.mjs";
import { filesBelow } from "./disk.mjs";
import { foreignKey, OWNER } from "./foreign_key.mjs";
import { CONTACTS, gpgCertificate } from "./gpg_keys.mjs";
import { keysRooms } from "./keys_rooms.mjs";
import { importKey, makeKey, seal, SENDER, signIn } from "./sender.mjs";
import { startServer } from "./server.mjs";
import { traces } from "./traces.mjs";

const SECRETS = {
  computer: "Leuchtturm bei Nordost 31",
  phone: "Zwei Dachse im Haferfeld",
  own: "Kachelofen mit Katze 77",
};

describe("the same keys on two devices", { timeout: 600_000 }, () => {
  let server;
  let browser;
  let foreign;
  const devices = {};

  before(async () => {
    server = await startServer();
    browser = await startBrowser(server.origin);
    foreign = await foreignKey(SECRETS.own);
    for (const name of ["computer", "phone"]) {
      const profile = await browser.profile(name === "phone" ? { viewport: { width: 320, height: 640 } } : {});
      const page = await signIn(profile, server.origin);
      devices[name] = { profile, page, ...keysRooms(page, server.origin) };
    }
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    await server?.remove();
  });

  /** The section on the keystore's page. */
  async function section({ page, go }) {
    await go("/settings", page.getByRole("heading", { name: "Keystore", exact: true }));
    const advanced = page.getByRole("switch");
    if (!(await advanced.isChecked())) await advanced.check();
    return page.getByRole("region", { name: "Other devices" });
  }

  async function addContact({ page, go, button }, person) {
    const { octets } = await gpgCertificate(person);
    await go("/import", page.getByLabel("Paste keys"));
    await page.getByLabel("Choose key files").setInputFiles({ name: "contact.gpg", mimeType: "application/octet-stream", buffer: octets });
    await button("Import 1 key").click();
    await button("Export public key").waitFor();
  }

  test("the first device turns it on and has a code, shown again only after asking", async () => {
    const { computer } = devices;
    await makeKey(computer.page, { origin: server.origin, passphrase: SECRETS.computer });
    await importKey(computer.page, { origin: server.origin, armored: foreign.armored, passphrase: SECRETS.own });
    await addContact(computer, CONTACTS[0]);
    const here = await section(computer);
    await computer.button("Turn on").click();
    SECRETS.code = (await here.getByTestId("sync-code").innerText()).trim();
    assert.match(SECRETS.code, /^[0-9A-Z]{5}(?:-[0-9A-Z]{5})+$/);
    await computer.button("Hide the code").click();
    assert.equal(await here.getByTestId("sync-code").count(), 0);
    await computer.button("Show the code").click();
    await computer.page.getByRole("dialog").getByRole("button", { name: "Show the code" }).click();
    assert.equal((await here.getByTestId("sync-code").innerText()).trim(), SECRETS.code);
  });

  test("another device needs the code, a wrong one gives nothing, the right one all keys", async () => {
    const { phone } = devices;
    await phone.page.goto(`${server.origin}/#/keys`);
    await phone.page.getByLabel("New passphrase").fill(SECRETS.phone);
    await phone.page.getByLabel("Repeat passphrase").fill(SECRETS.phone);
    await phone.button("Create keystore").click();
    await phone.button("Lock").waitFor();
    const here = await section(phone);
    await phone.button("Turn on").click();
    await here.getByText("Another device keeps a copy here already").waitFor();
    const field = here.getByLabel("Code of your other device");
    await field.fill(SECRETS.code.replace(/.$/, (last) => (last === "7" ? "8" : "7")));
    await phone.button("Get the keys").click();
    await here.getByRole("alert").waitFor();
    await field.fill(SECRETS.code.toLowerCase());
    await phone.button("Get the keys").click();
    await here.getByTestId("sync-state").getByText("3 keys received").waitFor();
    const outside = await here.evaluate((section) => [...section.querySelectorAll("*")].filter((part) => part.getBoundingClientRect().right > innerWidth).map(({ outerHTML }) => outerHTML));
    assert.deepEqual(outside, [], "nothing sticks out at 320 px");
    await phone.page.goto(`${server.origin}/#/keys`);
    for (const address of [SENDER.address, OWNER.email, CONTACTS[0].address]) await phone.row(address).waitFor();
  });

  test("a key that came signs under this device's passphrase", async () => {
    const { page } = devices.phone;
    await seal(page, { origin: server.origin, subject: "From the phone", text: "Signed here", password: "Regenschirm am Haken 5", sign: OWNER.name });
  });

  test("a contact that was added there comes here, one that was removed here goes there", async () => {
    const { computer, phone } = devices;
    await addContact(phone, CONTACTS[1]);
    await synced(phone);
    await synced(computer);
    await computer.page.goto(`${server.origin}/#/keys`);
    await computer.row(CONTACTS[1].address).waitFor();

    await computer.row(CONTACTS[0].address).click();
    await computer.button("Remove").click();
    await computer.row(CONTACTS[0].address).waitFor({ state: "detached" });
    await synced(computer);
    const here = await synced(phone);
    await here.getByTestId("sync-state").getByText("1 key removed").waitFor();
    await phone.page.goto(`${server.origin}/#/keys`);
    await phone.row(CONTACTS[1].address).waitFor();
    assert.equal(await phone.row(CONTACTS[0].address).count(), 0);
  });

  async function synced(device) {
    const here = await section(device);
    await here.getByRole("button", { name: "Compare now" }).click();
    await device.said("All devices have the same keys");
    return here;
  }

  test("one device stops, the copy is deleted", async () => {
    const { computer, phone } = devices;
    const there = await section(phone);
    await phone.button("Stop on this device").click();
    await phone.page.getByRole("dialog").getByRole("button", { name: "Stop on this device" }).click();
    await there.getByRole("button", { name: "Turn on" }).waitFor();
    const copies = async () => Object.keys(await filesBelow(server.dataDir)).filter((name) => name.includes("blobs/")).length;
    const before = await copies();
    await assertNoTraces();
    const here = await section(computer);
    await computer.button("Delete the copy on the server").click();
    await computer.page.getByRole("dialog").getByRole("button", { name: "Delete the copy on the server" }).click();
    await here.getByRole("button", { name: "Turn on" }).waitFor();
    assert.equal(await copies(), before - 1);
    computer.profile.assertQuiet();
    phone.profile.assertQuiet();
  });

  /** While the copy is there. */
  async function assertNoTraces() {
    const places = { ...(await filesBelow(server.dataDir)), "what browsers sent": server.sent(), log: Buffer.from(server.output()) };
    const bare = SECRETS.code.replaceAll("-", "");
    assert.deepEqual(traces(places, { ...SECRETS, bare, ...foreign.octets }), []);
  }

  test("the database, read cell by cell, knows neither passphrase nor code nor secret key", async () => {
    await server.stop();
    const found = await tables(server.dataDir);
    assert.ok("table keyrings" in found, "the search sees the keyrings");
    assert.deepEqual(traces(found, { ...SECRETS, ...foreign.octets }), []);
  });
});
