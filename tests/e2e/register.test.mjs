// Making an account in a real browser: from the link of an invitation and from the sign-in page; what is wrong is said and loses nothing.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startBrowser } from "./browser.mjs";
import { press, typeInto } from "./keyboard.mjs";
import { startServer } from "./server.mjs";

const PASSWORD = "vier Kraniche im Moor";
const [ELLA, FINN] = ["ella@example.org", "finn@example.org"];

async function fill(page, { name, address, password = PASSWORD, again = password }) {
  await page.getByLabel("Your name").fill(name);
  if (address !== undefined) await page.getByLabel("Address", { exact: true }).fill(address);
  await page.getByLabel("Account password", { exact: true }).fill(password);
  await page.getByLabel("Repeat account password").fill(again);
}
const create = (page) => page.getByRole("button", { name: "Create account" }).click();
const alert = (page, words) => page.getByRole("alert").filter({ hasText: words }).waitFor();
const isIn = (page) => page.getByRole("navigation", { name: "Main" }).waitFor();
const door = (page) => page.getByRole("heading", { name: "Keep your keys in this browser" });

describe("registering", { timeout: 300_000 }, () => {
  let server;
  let browser;
  before(async () => {
    server = await startServer({ options: ["--registration", "invitation", "--registrations-per-minute", "100"] });
    browser = await startBrowser(server.origin);
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    await server?.remove();
  });

  /** The link as printed, at the proxy. */
  const invite = async (...options) => `${server.origin}/register${new URL(await server.user("invite", ...options)).hash}`;

  test("an invitation makes an account, signs in and leads to the keystore; the password and the invitation are in no request line", async () => {
    const profile = await browser.profile();
    const page = await profile.newPage();
    const link = await invite("--address", ELLA);
    await page.goto(link);
    await page.getByRole("heading", { name: "Create an account" }).waitFor();
    assert.match(await page.title(), /^Create an account/);
    assert.equal(await page.getByLabel("Address", { exact: true }).inputValue(), ELLA);
    assert.equal(await page.getByLabel("Address", { exact: true }).isEditable(), false);
    await page.getByText(/good once, until/).waitFor();
    await page.getByText(/only whoever runs the server can give your account another one/).waitFor();

    await fill(page, { name: "Ella Storm", again: `${PASSWORD}x` });
    await page.getByText(/Strong: a stranger/).waitFor();
    await create(page);
    await alert(page, /two passwords differ/);
    await fill(page, { name: "Ella Storm", password: "elf Zeichen" });
    await create(page);
    await alert(page, /at least 12 characters/);
    await fill(page, { name: "Ella Storm" });
    await create(page);
    await isIn(page);
    await door(page).waitFor();
    assert.equal(page.url(), `${server.origin}/#/keys`);
    await page.getByText("Ella Storm").waitFor();

    const sent = server.sent().toString("latin1");
    const [, token] = link.split("#");
    assert.ok(sent.includes(`"invitation":"${token}"`), "the positive control: it goes in the body");
    for (const line of sent.split("\r\n").filter((line) => /^[A-Z]+ \/|^[\w-]+: /.test(line))) assert.equal(line.includes(token), false, line);
    assert.equal(sent.includes(PASSWORD), false);
    profile.assertQuiet();

    const other = await browser.profile();
    const again = await other.newPage();
    await again.goto(link);
    await alert(again, /good no more/);
    await again.getByRole("link", { name: "I have an account: sign in" }).click();
    await again.getByLabel("Address", { exact: true }).fill(ELLA);
    await again.getByLabel("Account password").fill(PASSWORD);
    await again.getByRole("button", { name: "Sign in" }).click();
    await isIn(again);
    await again.goto(await invite());
    await again.getByText(/You are signed in as ella@example.org/).waitFor();
    other.assertQuiet();
    await other.close();
    await profile.close();
  });

  test("without a link it says how to get one; a taken address keeps the invitation; by keyboard alone at 320 px, in German", async () => {
    const profile = await browser.profile({ viewport: { width: 320, height: 640 }, locale: "de-DE" });
    const page = await profile.newPage();
    await page.goto(`${server.origin}/`);
    await page.getByText(/Öffnen Sie den Link Ihrer Einladung/).waitFor();
    await page.goto(`${server.origin}/register`);
    await page.getByText(/gibt es auf Einladung/).waitFor();
    await page.goto(await invite());
    const type = (label, text) => typeInto(page, page.getByLabel(label, { exact: true }), text);
    await type("Ihr Name", "Finn Weide");
    await type("Adresse", ELLA);
    await type("Kontopasswort", PASSWORD);
    await type("Kontopasswort wiederholen", PASSWORD);
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(beyond, 0, "nothing sticks out at 320 px");
    await press(page, page.getByRole("button", { name: "Konto anlegen" }));
    await alert(page, /gibt es schon ein Konto/);
    await page.getByLabel("Adresse", { exact: true }).fill(FINN);
    await page.getByRole("button", { name: "Konto anlegen" }).click();
    await page.getByRole("navigation", { name: "Hauptmenü" }).waitFor();
    profile.assertQuiet();
    await profile.close();
  });

  test("an account whose owner could not be signed in at once is made all the same, and says so", async () => {
    const profile = await browser.profile();
    const page = await profile.newPage();
    await page.goto(await invite());
    await page.route("**/api/v1/session/start", (route) => route.abort("internetdisconnected"));
    await fill(page, { name: "Gesa Tal", address: "gesa@example.org" });
    await create(page);
    await page.getByText("Your account is made. Sign in with it.").waitFor();
    await page.unroute("**/api/v1/session/start");
    await page.getByLabel("Address", { exact: true }).fill("gesa@example.org");
    await page.getByLabel("Account password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await isIn(page);
    await door(page).waitFor();
    await profile.close();
  });
});

test("with open registration the sign-in page leads there, and an address of elsewhere is refused", { timeout: 120_000 }, async () => {
  const server = await startServer({ options: ["--registration", "open", "--registration-domain", "example.org"] });
  const browser = await startBrowser(server.origin);
  try {
    const profile = await browser.profile();
    const page = await profile.newPage();
    await page.goto(`${server.origin}/`);
    await page.getByRole("link", { name: "Create an account" }).click();
    await page.getByText(/Of example\.org\./).waitFor();
    await fill(page, { name: "Ella Storm", address: "ella@example.com" });
    await create(page);
    await alert(page, /Nobody can register with this address here/);
    await page.getByLabel("Address", { exact: true }).fill(ELLA);
    await create(page);
    await isIn(page);
    profile.assertQuiet();
  } finally {
    await browser.close();
    await server.stop();
    await server.remove();
  }
});
