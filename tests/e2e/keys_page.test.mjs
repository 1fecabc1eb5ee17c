// The keystore page in a real browser, with a real keyring of GnuPG: generate, import, defaults, names, expiry, backup, loss,
// restore, passkey, revocation; and afterwards no passphrase in the module's memory, the browser's storage or the server.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { startBrowser } from "./browser.mjs";
import { stored } from "./browser_storage.mjs";
import { tables } from "./database.mjs";
import { filesBelow } from "./disk.mjs";
import { CONTACTS, gpgKeyring, OWN } from "./gpg_keys.mjs";
import { keysRooms } from "./keys_rooms.mjs";
import { inMemory, leaveMemory, watchModules } from "./module_memory.mjs";
import { makeKey, SENDER, signIn } from "./sender.mjs";
import { startServer } from "./server.mjs";
import { traces } from "./traces.mjs";

const SECRETS = {
  passphrase: "Nachtzug über Lindau 88",
  gpgPassphrase: "Wellblechhütte im Regen 12",
  newPassphrase: "Sieben Kraniche über Husum",
};
const NEW_NAME = { name: "Anna B. Berg", address: "anna.b@example.net" };

describe("the keystore page", { timeout: 600_000 }, () => {
  let server;
  let browser;
  let profile;
  let page;
  let go, button, said, row;
  const expiry = async () => (await page.locator(".key-state").innerText()).replace(/\s+/g, " ");

  before(async () => {
    server = await startServer();
    browser = await startBrowser(server.origin);
    profile = await browser.profile();
    await watchModules(profile);
    page = await signIn(profile, server.origin);
    ({ go, button, said, row } = keysRooms(page, server.origin));
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    await server?.remove();
  });

  test("a key is generated, and its backup is called for until there is one", async () => {
    await makeKey(page, { origin: server.origin, passphrase: SECRETS.passphrase });
    await said(`Not backed up yet: ${SENDER.name} <${SENDER.address}>`);
  });

  test("a keyring of GnuPG with three keys: preview, then import", async () => {
    await go("/import", page.getByLabel("Paste keys"));
    const octets = await gpgKeyring(SECRETS.gpgPassphrase);
    await page.getByLabel("Choose key files").setInputFiles({ name: "ring.gpg", mimeType: "application/octet-stream", buffer: octets });
    const preview = page.getByRole("region", { name: "What will change" });
    await preview.getByText("3 new keys").waitFor();
    assert.equal(await preview.getByRole("checkbox").count(), 3);

    await page.getByLabel("Passphrase of this key").fill("certainly another one");
    await button("Import 3 keys").click();
    await said("That passphrase does not fit");
    assert.equal(await page.getByRole("heading", { name: "Contacts" }).count(), 0, "a wrong passphrase changes nothing");

    await page.getByLabel("Passphrase of this key").fill(SECRETS.gpgPassphrase);
    await button("Import 3 keys").click();
    for (const { address } of CONTACTS) await row(address).waitFor();
    await row(OWN.address).waitFor();
  });

  test("the same file again is unchanged, and nothing can be imported", async () => {
    const armored = await exported(CONTACTS[0].address);
    await go("/import", page.getByLabel("Paste keys"));
    await page.getByLabel("Paste keys").fill(armored);
    await page.getByText("You have this already").waitFor();
    assert.ok(await button("Import 0 keys").isDisabled());
  });

  async function exported(address) {
    await row(address).click();
    const [download] = await Promise.all([page.waitForEvent("download"), button("Export public key").click()]);
    return readFile(await download.path(), "utf8");
  }

  test("a contact is checked: another fingerprint differs, the own certificate is the same", async () => {
    const armored = await exported(CONTACTS[0].address);
    await page.getByText("Compare with another fingerprint").click();
    const other = page.getByLabel("The other fingerprint", { exact: true });
    await other.fill("0123 4567 89AB CDEF 0123 4567 89AB CDEF 0123 4567");
    await page.getByTestId("comparison").getByText(/differ/).waitFor();
    await other.fill(armored);
    await page.getByTestId("comparison").getByText("They are the same.").waitFor();
    await button("I have compared it: it is the same").click();
    await row(CONTACTS[0].address).getByText("fingerprint compared", { exact: true }).waitFor();
    await row(CONTACTS[1].address).getByText("fingerprint not compared yet").waitFor();
  });

  test("the key for an address is chosen and remembered", async () => {
    await go("/settings", page.getByRole("heading", { name: "Which key for which address" }));
    const choice = page.getByLabel(SENDER.address, { exact: true });
    const labels = await choice.locator("option").allInnerTexts();
    assert.equal(labels.length, 2);
    const [before] = await choice.locator("option:checked").allInnerTexts();
    const chosen = labels.find((label) => label !== before);
    await choice.selectOption({ label: chosen.trim() });
    await said(`Key for ${SENDER.address} chosen.`);
    await page.reload();
    await page.getByRole("navigation", { name: "Main" }).waitFor();
    await unlock();
    await go("/settings", choice);
    assert.equal((await choice.locator("option:checked").allInnerTexts())[0], chosen);
    await choice.selectOption({ label: before.trim() });
  });

  async function unlock(passphrase = SECRETS.passphrase) {
    await page.goto(`${server.origin}/#/keys`);
    await page.getByLabel("Passphrase", { exact: true }).fill(passphrase);
    await button("Unlock").click();
    await page.getByRole("heading", { name: "My keys" }).waitFor();
  }

  test("a name is added and the expiry extended", async () => {
    await row(SENDER.address).click();
    await page.getByRole("switch", { name: "Show everything" }).check();
    const before = await expiry();
    await page.getByText("Add a name or address").click();
    await page.getByLabel("Name", { exact: true }).fill(NEW_NAME.name);
    await page.getByLabel("Email address").fill(NEW_NAME.address);
    await button("Add it").click();
    await said(`${NEW_NAME.address} added`);
    await page.getByText("Expiry", { exact: true }).click();
    await page.getByLabel("The key shall end").selectOption("5");
    await button("Change expiry").click();
    await said(/The key is valid until/);
    const year = new Date().getFullYear() + 5;
    assert.match(await expiry(), new RegExp(`expires .*${year}`));
    assert.notEqual(await expiry(), before);
  });

  let backup;
  test("a backup: file and recovery code, both needed before it counts", async () => {
    await go("/backup", button("Make a backup"));
    await button("Make a backup").click();
    await button("Save backup file").waitFor();
    assert.ok(await button("Done").isDisabled());
    const [download] = await Promise.all([page.waitForEvent("download"), button("Save backup file").click()]);
    const code = (await page.getByTestId("code").first().innerText()).trim();
    SECRETS.recoveryCode = code;
    backup = { file: await readFile(await download.path()), name: download.suggestedFilename(), code };
    await page.getByLabel("I have the recovery code on paper").check();
    await button("Done").click();
    await page.getByText("Backup made").waitFor();
    assert.equal(await page.getByText("Not backed up yet").count(), 0);
  });

  test("everything is lost and comes back from the backup, contacts and marks included", async () => {
    await button("Lock").click();
    const session = await profile.context.newCDPSession(page);
    await session.send("Storage.clearDataForOrigin", { origin: server.origin, storageTypes: "indexeddb" });
    await page.reload();
    await page.goto(`${server.origin}/#/keys`);
    await page.getByLabel("New passphrase").waitFor();
    await page.getByRole("link", { name: "Restore from a backup" }).click();
    await page.getByLabel("Choose the backup file").setInputFiles({ name: backup.name, mimeType: "application/octet-stream", buffer: backup.file });
    await page.getByLabel("New passphrase").fill(SECRETS.newPassphrase);
    await page.getByLabel("Repeat passphrase").fill(SECRETS.newPassphrase);

    const wrong = backup.code.replace(/^./, (first) => (first === "A" ? "B" : "A"));
    await page.getByRole("textbox", { name: "Recovery code" }).fill(wrong);
    await button("Restore").click();
    await page.getByRole("alert").getByText(/typing error/).waitFor();
    await said("Group 1 has a typing error.");

    await page.getByRole("textbox", { name: "Recovery code" }).fill(backup.code.toLowerCase().replaceAll("-", " "));
    await button("Restore").click();
    await said("Restored. There are 4 keys");
    await row(CONTACTS[0].address).getByText("fingerprint compared", { exact: true }).waitFor();
    await row(SENDER.address).waitFor();
  });

  test("a passkey unlocks it", async () => {
    const session = await profile.context.newCDPSession(page);
    await session.send("WebAuthn.enable");
    const options = { protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasResidentKey: true, hasUserVerification: true, hasPrf: true, isUserVerified: true };
    const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", { options: { ...options, automaticPresenceSimulation: true } });
    await go("/settings", button("Add a passkey"));
    await button("Add a passkey").click();
    await said("Passkey added.");
    const { credentials } = await session.send("WebAuthn.getCredentials", { authenticatorId });
    assert.equal(credentials.length, 1);

    await button("Lock").click();
    await button("Unlock with a passkey").click();
    await page.getByRole("heading", { name: "My keys" }).waitFor();
  });

  test("the key is revoked, after the word was typed", async () => {
    await row(SENDER.address).click();
    await page.getByText("Revoke this key").click();
    await page.locator("details", { hasText: "Revoke this key" }).getByLabel("Reason").selectOption("superseded");
    await button("Revoke the key").click();
    const dialog = page.getByRole("dialog");
    assert.ok(await dialog.getByRole("button", { name: "Revoke" }).isDisabled());
    await dialog.getByLabel("Type revoke to confirm").fill("revoke");
    await dialog.getByRole("button", { name: "Revoke" }).click();
    await said(/The key is revoked here/);
    assert.match(await expiry(), /revoked/);
    await go("/log", page.getByRole("list", { name: "What your keys were used for" }));
    const log = await page.getByRole("list", { name: "What your keys were used for" }).locator("strong").allInnerTexts();
    assert.deepEqual(log, ["Key revoked", "Restored from a backup", "Restored from a backup"], "an edit adds no key");
  });

  test("the passphrase is in the module's memory while the keystore is open, and gone when it is locked", async () => {
    assert.ok((await inMemory(page, { newPassphrase: SECRETS.newPassphrase })).includes("newPassphrase as raw"), "the search finds what is there");
    await button("Lock").click();
    await page.getByLabel("Passphrase", { exact: true }).waitFor();
    await leaveMemory(page, SECRETS);
    await unlock(SECRETS.newPassphrase);
    await button("Lock").click();
    await page.getByLabel("Passphrase", { exact: true }).waitFor();
    await leaveMemory(page, SECRETS);
  });

  test("nothing left the origin, no policy was violated, nothing was complained about", () => {
    profile.assertQuiet();
    assert.deepEqual(browser.escaped(), []);
  });

  test("browser storage, server and what was sent hold no passphrase, recovery code or secret key", async () => {
    const kept = await stored(page);
    await server.stop();
    const places = {
      "sent by the browser": server.sent(),
      "server output": Buffer.from(server.output()),
      ...kept,
      ...(await filesBelow(server.dataDir)),
      ...(await tables(server.dataDir)),
    };
    const control = traces(places, { address: SENDER.address }).filter((trace) => trace.startsWith("address as raw"));
    for (const place of ["in table ", "in file ", "in sent by the browser"]) {
      assert.ok(control.some((trace) => trace.includes(place)), `the search finds what is ${place}: ${control}`);
    }
    const entries = traces(kept, { entry: "entry." });
    assert.ok(entries.some((trace) => trace.includes("envelock")), `the keystore is in IndexedDB: ${Object.keys(kept)}`);
    assert.deepEqual(traces(places, SECRETS), []);
    const notTls = Object.fromEntries(Object.entries(places).filter(([place]) => !place.endsWith(".pem") && !/\.pem \(/.test(place)));
    assert.deepEqual(traces(notTls, { armored: "PRIVATE KEY BLOCK" }), []);
  });
});
