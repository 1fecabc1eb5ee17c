// An account whose password may open its keys, as its owner sees it: signing in on this browser and that, changing the password, and what the
// keystore's page says of it.
import { seal } from "./sender.mjs";
import { testbed } from "./testbed.mjs";

/** For one account, on a server of its own for as long as these tests run; `ready` has it, and a browser with a page, before the first one. */
export function accountRooms({ address, subject, ready }) {
  let server;
  let browser;
  testbed({
    // A demo server offers none of this: everybody knows its password.
    demo: false,
    options: ["--registration", "open", "--registration-domain", "example.org", "--login-attempts-per-minute", "1000"],
    begin: async (begun) => {
      ({ server, browser } = begun);
      const profile = await browser.profile();
      await ready({ server, browser, profile, page: await profile.newPage() });
    },
  });

  const isIn = (tab) => tab.getByRole("navigation", { name: "Main" }).waitFor();
  const button = (tab, name) => tab.getByRole("button", { name, exact: true });
  const alert = (tab, words) => tab.getByRole("alert").filter({ hasText: words }).waitFor();

  async function enter(tab, password) {
    await tab.goto(`${server.origin}/`);
    await tab.getByLabel("Address", { exact: true }).fill(address);
    await tab.getByLabel("Account password").fill(password);
    await button(tab, "Sign in").click();
  }

  /** A browser that knows nothing yet; the password is all that is typed. */
  async function newDevice(password) {
    const device = await browser.profile();
    const tab = await device.newPage();
    await enter(tab, password);
    await isIn(tab);
    return { device, tab };
  }

  /** The account, in a browser whose keystore opens with its password. */
  async function register(tab, name, password) {
    await tab.goto(`${server.origin}/register`);
    await tab.getByLabel("Your name").fill(name);
    await tab.getByLabel("Address", { exact: true }).fill(address);
    await tab.getByLabel("Account password", { exact: true }).fill(password);
    await tab.getByLabel("Repeat account password").fill(password);
    await button(tab, "Create account").click();
    await isIn(tab);
  }

  /** A key, and a message whose subject only it reads. */
  async function makeKeyAndLink(tab) {
    await tab.getByRole("link", { name: "New key" }).click();
    await button(tab, "Generate key").click();
    await tab.getByRole("heading", { name: "Back up your key" }).waitFor();
    await button(tab, "Remind me later").click();
    await seal(tab, { origin: server.origin, subject, text: "Am Steg um acht.", password: "Ahornallee 17 links" });
  }

  /** A new account whose password opens its keystore, with a key, a message, and a copy on the server; gives the code of its devices. */
  async function begin(tab, name, password) {
    await register(tab, name, password);
    await tab.getByLabel("Password of your account").fill(password);
    await button(tab, "Create keystore").click();
    await makeKeyAndLink(tab);
    await compare(tab);
    return codeOf(tab);
  }

  /** The subject is encrypted to the key: it shows only where the key is, and open. */
  async function reads(tab) {
    await tab.goto(`${server.origin}/#/links`);
    await tab.getByText(subject).first().waitFor();
    await tab.goto(`${server.origin}/#/keys`);
    await tab.getByRole("list", { name: "My keys" }).getByText(address).first().waitFor();
  }

  async function change(tab, old, password) {
    await tab.goto(`${server.origin}/#/settings`);
    const details = tab.locator("details").filter({ has: tab.getByLabel("Old password") });
    if (!(await details.evaluate((element) => element.open))) await details.locator("summary").click();
    await tab.getByLabel("Old password").fill(old);
    await tab.getByLabel("New password", { exact: true }).fill(password);
    await tab.getByLabel("Repeat new password").fill(password);
    await button(tab, "Change password").click();
  }
  const changed = (tab) => tab.getByRole("status").filter({ hasText: "Password changed" }).waitFor();

  /** Unlocks the keystore of this browser with the password of the account. */
  async function unlock(tab, password) {
    await tab.goto(`${server.origin}/#/keys`);
    await tab.getByLabel("Password of your account").fill(password);
    await button(tab, "Unlock").first().click();
  }

  /** The keystore's page, as the server and this browser are now. */
  async function settings(tab) {
    await tab.goto(`${server.origin}/#/keys`);
    await tab.goto(`${server.origin}/#/keys/settings`);
    const advanced = tab.getByRole("switch");
    if (!(await advanced.isChecked())) await advanced.check();
    return { one: tab.getByRole("region", { name: "One password" }), devices: tab.getByRole("region", { name: "Other devices" }) };
  }

  /** Fills in the form of this name in the section. */
  async function turn(one, form, { password, passphrase }) {
    const details = one.locator("details").filter({ has: one.page().locator("summary", { hasText: form }) });
    if (!(await details.evaluate((element) => element.open))) await details.locator("summary").click();
    await details.getByLabel("Password of your account").fill(password);
    if (passphrase !== undefined) {
      await details.getByLabel("New passphrase").fill(passphrase);
      await details.getByLabel("Repeat passphrase").fill(passphrase);
    }
    await details.getByRole("button", { name: form }).click();
    return details;
  }

  async function codeOf(tab) {
    const { devices } = await settings(tab);
    await devices.getByRole("button", { name: "Show the code" }).click();
    await tab.getByRole("dialog").getByRole("button", { name: "Show the code" }).click();
    return (await devices.getByTestId("sync-code").innerText()).trim();
  }

  async function compare(tab) {
    const { devices } = await settings(tab);
    await devices.getByRole("button", { name: "Compare now" }).click();
    await tab.getByText("All devices have the same keys.").waitFor();
  }

  /** What the server has of the keys: versions, as any page of the account may know them. */
  function versions(tab) {
    return tab.evaluate(async () => {
      const { version } = await (await fetch("/api/v1/account/keystore-backup/version")).json();
      const copy = await fetch("/api/v1/keyring");
      return { code: version, copy: copy.ok ? copy.headers.get("etag") : null };
    });
  }

  /** A keystore with a passphrase of its own, where there is none. */
  async function makeOwnKeystore(tab, passphrase) {
    await tab.goto(`${server.origin}/#/keys`);
    await tab.getByLabel("A passphrase of its own").check();
    await tab.getByLabel("New passphrase").fill(passphrase);
    await tab.getByLabel("Repeat passphrase").fill(passphrase);
    await button(tab, "Create keystore").click();
    await button(tab, "Lock").waitFor();
  }

  /** Gives this browser the code of the devices. */
  async function join(tab, code) {
    const { devices } = await settings(tab);
    await devices.getByText("This is another device").click();
    await devices.getByLabel("Code of your other device").fill(code);
    await devices.getByRole("button", { name: "Get the keys" }).click();
    return devices;
  }

  return { isIn, button, alert, enter, newDevice, register, begin, makeKeyAndLink, reads, change, changed, unlock, settings, turn, codeOf, compare, versions, makeOwnKeystore, join };
}
