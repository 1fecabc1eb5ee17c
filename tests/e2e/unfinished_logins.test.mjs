// Second steps that were not done are pointed out in a browser that knows nothing of the account yet, too: those since its owner was last told,
// which is at every sign-in, and which a stranger with a device of their own does not take the place of.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { totp } from "./authenticators.mjs";
import { startBrowser } from "./browser.mjs";
import { enterPassword, register } from "./newcomer.mjs";
import { startServer } from "./server.mjs";

const ELLA = { name: "Ella Storm", address: "ella@example.org" };
const DAY = 86_400;
const FIREFOX = { userAgent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0" };
const OTHER_FIREFOX = { userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" };

describe("second steps that were not done, in new browsers", { timeout: 300_000 }, () => {
  let server;
  let browser;
  let secret;
  /** What the server's clock is ahead. */
  let ahead = 0;

  before(async () => {
    server = await startServer({ options: ["--registration", "invitation", "--login-attempts-per-minute", "1000"] });
    browser = await startBrowser(server.origin);
    const profile = await browser.profile();
    const page = await profile.newPage();
    await register(page, server, ELLA);
    await isIn(page);
    await page.goto(`${server.origin}/#/settings`);
    await page.getByRole("button", { name: "Set up an app" }).click();
    secret = await page.getByTestId("app-secret").innerText();
    await page.getByLabel("The six digits the app shows now").fill(code());
    await page.getByRole("button", { name: "Switch on" }).click();
    await page.getByLabel("I have kept the codes").check();
    await page.getByRole("button", { name: "Done" }).click();
    await profile.close();
    // Another day, on which this browser is no new device any more.
    await later(DAY);
    await (await signedIn()).profile.close();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    await server?.remove();
  });

  const isIn = (tab) => tab.getByRole("navigation", { name: "Main" }).waitFor();
  const code = () => totp(secret, Date.now() / 1000 + ahead);
  const later = async (seconds) => {
    ahead += seconds;
    await server.advanceClock(ahead);
  };
  const notice = (tab) => tab.getByRole("region", { name: "A second step that was not done" });

  /** A browser that was never used, after both steps, when it has asked the server who was there. */
  async function signedIn(options) {
    await later(30);
    const profile = await browser.profile(options);
    const tab = await profile.newPage();
    await enterPassword(tab, server.origin, ELLA);
    await tab.getByLabel("Code from your authenticator app").fill(code());
    const told = tab.waitForResponse("**/api/v1/logins");
    await tab.getByRole("button", { name: "Sign in with the code" }).click();
    await isIn(tab);
    await told;
    return { profile, tab };
  }
  /** Somebody who knows the password and no more. */
  async function unfinishedLogin(options) {
    await later(30);
    const profile = await browser.profile(options);
    const tab = await profile.newPage();
    await enterPassword(tab, server.origin, ELLA);
    await tab.getByRole("heading", { name: "Second step" }).waitFor();
    await profile.close();
  }

  test("the next new browser points one out until its owner has seen it, and the one after that does not", async () => {
    await unfinishedLogin(FIREFOX);
    const { profile, tab } = await signedIn();
    const said = notice(tab).getByText(/right password of your account and has not done the second step: Firefox on Windows/);
    await said.waitFor();
    await tab.getByRole("status").filter({ hasText: "has not done the second step" }).waitFor();
    await tab.reload();
    await said.waitFor();
    await notice(tab).getByRole("button", { name: "I have seen it" }).click();
    await notice(tab).waitFor({ state: "detached" });
    const told = tab.waitForResponse("**/api/v1/logins");
    await tab.reload();
    await told;
    await tab.waitForTimeout(500);
    assert.equal(await notice(tab).count(), 0);
    await profile.close();

    const next = await signedIn();
    await next.tab.waitForTimeout(500);
    assert.equal(await notice(next.tab).count(), 0);
    await next.profile.close();
  });

  test("a stranger who gets in after it, with a device that is new, does not hide it from the owner", async () => {
    await unfinishedLogin(FIREFOX);
    await (await signedIn(OTHER_FIREFOX)).profile.close();
    const { profile, tab } = await signedIn();
    await notice(tab).getByText(/Firefox on Windows/).waitFor();
    await profile.close();
  });
});
