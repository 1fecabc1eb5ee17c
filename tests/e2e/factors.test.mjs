// A second step beside the password: an authenticator app, a passkey, recovery codes; what is used up is refused, and what a stranger at an
// open screen must not do is asked for again.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { passkeysOf, totp } from "./authenticators.mjs";
import { enterPassword, PASSWORD, register } from "./newcomer.mjs";
import { expectState, makeKey, seal } from "./sender.mjs";
import { testbed } from "./testbed.mjs";

const ELLA = { name: "Ella Storm", address: "ella@example.org" };
const NEXT = "elf Reiher am Kanal";
const FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";

describe("the second step", { timeout: 300_000 }, () => {
  let server;
  let browser;
  let profile;
  let page;
  let passkeys;
  let secret;
  let codes;
  /** What the server's clock is ahead. */
  let ahead = 0;

  testbed({
    options: ["--registration", "invitation", "--login-attempts-per-minute", "1000"],
    begin: async (begun) => {
      ({ server, browser } = begun);
      profile = await browser.profile();
      page = await profile.newPage();
      passkeys = await passkeysOf(page);
      await register(page, server, ELLA);
      await isIn(page);
    },
  });

  const isIn = (tab) => tab.getByRole("navigation", { name: "Main" }).waitFor();
  const alert = (tab, words) => tab.getByRole("alert").filter({ hasText: words }).waitFor();
  const signOut = async (tab) => {
    await tab.getByRole("button", { name: "Sign out" }).first().click();
    await tab.getByRole("heading", { name: "Sign in" }).waitFor();
  };
  const code = () => totp(secret, Date.now() / 1000 + ahead);
  /** Lets the app show other digits. */
  const nextCode = async () => {
    ahead += 30;
    await server.advanceClock(ahead);
  };
  const section = (tab) => tab.getByRole("region", { name: "Second step" });
  const settings = async (tab) => {
    await tab.goto(`${server.origin}/#/help`);
    await tab.goto(`${server.origin}/#/settings`);
    await section(tab).getByRole("heading", { name: "Authenticator app" }).waitFor();
  };
  const byApp = async (tab, digits) => {
    await tab.getByLabel("Code from your authenticator app").fill(digits);
    await tab.getByRole("button", { name: "Sign in with the code" }).click();
  };
  const byRecovery = async (tab, recovery) => {
    if (!(await tab.getByLabel("Recovery code").isVisible())) await tab.getByText("I do not have it at hand").click();
    await tab.getByLabel("Recovery code").fill(recovery);
    await tab.getByRole("button", { name: "Sign in with the recovery code" }).click();
  };

  test("an authenticator app is set up from the picture or the text beside it, and the recovery codes are not left behind unseen", async () => {
    await settings(page);
    await section(page).getByText("Off: whoever knows your password can sign in.").waitFor();
    await section(page).getByRole("button", { name: "Set up an app" }).click();
    await section(page).getByRole("img", { name: "QR code for the authenticator app" }).waitFor();
    secret = await section(page).getByTestId("app-secret").innerText();
    await section(page).getByLabel("The six digits the app shows now").fill("000000" === code() ? "111111" : "000000");
    await section(page).getByRole("button", { name: "Switch on" }).click();
    await alert(page, /does not fit/);
    await section(page).getByLabel("The six digits the app shows now").fill(`${code().slice(0, 3)} ${code().slice(3)}`);
    await section(page).getByRole("button", { name: "Switch on" }).click();
    const list = section(page).getByRole("list", { name: "Recovery codes for signing in" });
    await list.waitFor();
    codes = await list.getByRole("listitem").allInnerTexts();
    assert.equal(new Set(codes).size, 10);

    await page.getByRole("link", { name: "Help" }).click();
    const leave = page.getByRole("dialog", { name: "Leave these recovery codes behind?" });
    await leave.getByRole("button", { name: "Cancel" }).click();
    const download = page.waitForEvent("download");
    await section(page).getByRole("button", { name: "Save the codes" }).click();
    assert.equal((await download).suggestedFilename(), "envelock-recovery-codes.txt");
    assert.equal(await section(page).getByRole("button", { name: "Done" }).isEnabled(), false);
    await section(page).getByLabel("I have kept the codes").check();
    await section(page).getByRole("button", { name: "Done" }).click();
    await section(page).getByText("On: a password alone does not open this account.").waitFor();
    await section(page).getByText("10 codes are left.").waitFor();
  });

  test("the app's code signs in, once", async () => {
    await signOut(page);
    await nextCode();
    const used = code();
    await enterPassword(page, server.origin, ELLA);
    await page.getByRole("heading", { name: "Second step" }).waitFor();
    assert.equal(await page.getByRole("navigation", { name: "Main" }).count(), 0);
    await byApp(page, used);
    await isIn(page);
    await signOut(page);
    await enterPassword(page, server.origin, ELLA);
    await byApp(page, used);
    await alert(page, /does not fit, or it was used already/);
    await page.reload();
    await page.getByRole("heading", { name: "Second step" }).waitFor();
    await nextCode();
    await byApp(page, code());
    await isIn(page);
  });

  test("a passkey is added, and signs in after the password, and alone; a stranger's finger does not", async () => {
    await settings(page);
    await section(page).getByRole("button", { name: "Add a passkey for signing in" }).click();
    await section(page).getByRole("list", { name: "Passkeys for signing in" }).getByRole("listitem").waitFor();
    assert.equal((await passkeys.credentials()).length, 1);
    await section(page).getByRole("button", { name: "Add a passkey for signing in" }).click();
    await alert(page, /has a passkey for the account already/);

    await signOut(page);
    await enterPassword(page, server.origin, ELLA);
    await page.getByRole("button", { name: "Use a passkey" }).click();
    await isIn(page);
    await signOut(page);
    await passkeys.verifies(false);
    await page.getByRole("button", { name: "Use a passkey" }).click();
    await alert(page, /No passkey was given/);
    await passkeys.verifies(true);
    await page.getByRole("button", { name: "Use a passkey" }).click();
    await isIn(page);
    await page.getByText(ELLA.address).waitFor();
  });

  test("a recovery code signs in once, and the others go on working", async () => {
    await signOut(page);
    await enterPassword(page, server.origin, ELLA);
    await byRecovery(page, codes[0].toLowerCase());
    await isIn(page);
    await settings(page);
    await section(page).getByText("9 codes are left.").waitFor();
    await signOut(page);
    await enterPassword(page, server.origin, ELLA);
    await byRecovery(page, codes[0]);
    await alert(page, /does not fit, or it was used already/);
    await byRecovery(page, codes[1]);
    await isIn(page);
  });

  test("two browsers see each other, and one ends the other between its two steps and after", async () => {
    const other = await browser.profile();
    const tab = await other.newPage();
    await enterPassword(tab, server.origin, ELLA);
    await tab.getByRole("heading", { name: "Second step" }).waitFor();
    await settings(page);
    await page.getByText("You are signed in nowhere else.").waitFor();
    await nextCode();
    await byApp(tab, code());
    await isIn(tab);
    await settings(page);
    const rows = page.getByRole("list", { name: "Where you are signed in" }).getByRole("listitem");
    await rows.getByRole("button", { name: /^End:/ }).waitFor();
    assert.equal(await rows.count(), 2);
    await rows.getByRole("button", { name: /^End:/ }).click();
    await page.getByText("You are signed in nowhere else.").waitFor();
    await tab.goto(`${server.origin}/#/links`);
    await tab.getByRole("heading", { name: "Sign in" }).waitFor();
    other.assertQuiet();
    await other.close();
  });

  test("whoever knew the password and had no code is pointed out, and stands in the history", async () => {
    const stranger = await browser.profile({ userAgent: FIREFOX });
    const tab = await stranger.newPage();
    await nextCode();
    await enterPassword(tab, server.origin, ELLA);
    await byApp(tab, "000000" === code() ? "111111" : "000000");
    await alert(tab, /does not fit/);
    await tab.getByRole("button", { name: "Back to the first step" }).click();
    await tab.getByRole("heading", { name: "Sign in" }).waitFor();
    stranger.assertQuiet();
    await stranger.close();

    await page.reload();
    const notice = page.getByRole("region", { name: "A second step that was not done" });
    await notice.getByText(/right password of your account and has not done the second step: Firefox on Windows/).waitFor();
    await page.getByRole("status").filter({ hasText: "has not done the second step" }).waitFor();
    await notice.getByRole("button", { name: "I have seen it" }).click();
    await notice.waitFor({ state: "detached" });
    const unfinished = async () => {
      await settings(page);
      await page.getByText("Sign-ins of the last 90 days").click();
      const rows = page.getByRole("list", { name: "Sign-ins of the last 90 days" }).getByRole("listitem");
      await rows.first().waitFor();
      return (await rows.allInnerTexts()).filter((row) => row.includes("the second step was not done"));
    };
    const [first, ...more] = await unfinished();
    assert.match(first, /^Firefox on Windows\n/);
    assert.equal(more.length, 0, "whose second step was done is in none of them");
    await page.reload();
    await unfinished();
    assert.equal(await notice.count(), 0, "said once");
  });

  test("another password takes the second step too, and the old one is typed once", async () => {
    ahead += 301;
    await nextCode();
    await settings(page);
    await page.getByText("Change password").first().click();
    const change = async (old, password) => {
      await page.getByLabel("Old password").fill(old);
      await page.getByLabel("New password", { exact: true }).fill(password);
      await page.getByLabel("Repeat new password").fill(password);
      await page.getByRole("button", { name: "Change password" }).click();
    };
    const dialog = page.getByRole("dialog", { name: "Is it still you?" });
    const changed = () => page.getByRole("status").filter({ hasText: "Password changed" }).waitFor();
    await change(PASSWORD, NEXT);
    await dialog.waitFor();
    assert.equal(await dialog.getByLabel("Account password").count(), 0);
    await page.keyboard.press("Escape");
    await alert(page, /Nothing was changed: you did not confirm that it is you/);
    await change(PASSWORD, NEXT);
    const confirm = async (digits) => {
      await dialog.getByLabel(/^Code from your authenticator app/).fill(digits);
      await dialog.getByRole("button", { name: "Confirm" }).click();
    };
    await confirm("000000" === code() ? "111111" : "000000");
    await dialog.getByRole("alert").filter({ hasText: "This code does not fit" }).waitFor();
    await confirm(code());
    await changed();
    await page.reload();
    await isIn(page);
    // For five minutes nobody is asked again.
    await settings(page);
    await page.getByText("Change password").first().click();
    await change(NEXT, PASSWORD);
    await changed();
    assert.equal(await dialog.count(), 0);
  });

  test("five minutes later it is asked again who is there: by password and code, or by passkey; who does not say it changes nothing", async () => {
    ahead += 301;
    await nextCode();
    await settings(page);
    const renew = async () => {
      await section(page).getByRole("button", { name: "Make new codes" }).click();
      await page.getByRole("dialog", { name: "Make ten new codes?" }).getByRole("button", { name: "Make new codes" }).click();
      await dialog.waitFor();
    };
    const dialog = page.getByRole("dialog", { name: "Is it still you?" });
    await renew();
    await page.keyboard.press("Escape");
    await alert(page, /you did not confirm that it is you/);
    await renew();
    const confirm = async (password, digits) => {
      await dialog.getByLabel("Account password").fill(password);
      await dialog.getByLabel(/^Code from your authenticator app/).fill(digits);
      await dialog.getByRole("button", { name: "Confirm" }).click();
    };
    await confirm(`${PASSWORD}x`, code());
    await dialog.getByRole("alert").filter({ hasText: "The password does not fit" }).waitFor();
    await nextCode();
    await confirm(PASSWORD, code());
    const list = section(page).getByRole("list", { name: "Recovery codes for signing in" });
    await list.waitFor();
    const renewed = await list.getByRole("listitem").allInnerTexts();
    assert.equal(renewed.filter((one) => codes.includes(one)).length, 0);
    codes = renewed;
    await section(page).getByLabel("I have kept the codes").check();
    await section(page).getByRole("button", { name: "Done" }).click();

    ahead += 301;
    await nextCode();
    await section(page).getByRole("button", { name: "Remove the app" }).click();
    await page.getByRole("dialog", { name: "Remove the authenticator app?" }).getByRole("button", { name: "Remove it" }).click();
    await dialog.getByRole("button", { name: "Use a passkey" }).click();
    await section(page).getByRole("button", { name: "Set up an app" }).waitFor();
    await section(page).getByText("On: a password alone does not open this account.").waitFor();
  });

  test("all links are withdrawn at once, after it was asked who is there", async () => {
    await makeKey(page, { origin: server.origin, passphrase: "Nachtzug über Lindau 88" });
    const sealed = [];
    for (const subject of ["one", "two"]) sealed.push(await seal(page, { origin: server.origin, subject, text: "text", password: "Ahornallee 17" }));
    ahead += 301;
    await nextCode();
    await page.goto(`${server.origin}/#/links`);
    await page.getByText("Withdraw all", { exact: true }).click();
    await page.getByRole("button", { name: "Withdraw all links" }).click();
    await page.getByRole("dialog", { name: "Withdraw all links?" }).getByRole("button", { name: "Withdraw all links" }).click();
    await page.getByRole("dialog", { name: "Is it still you?" }).getByRole("button", { name: "Use a passkey" }).click();
    await page.getByRole("status").filter({ hasText: "2 messages withdrawn." }).waitFor();
    for (const { id } of sealed) await expectState(page, { origin: server.origin, id }, /withdrawn/i);
  });

  test("a second step that takes longer than ten minutes begins anew", async () => {
    await signOut(page);
    await enterPassword(page, server.origin, ELLA);
    await page.getByRole("heading", { name: "Second step" }).waitFor();
    ahead += 601;
    await nextCode();
    await byRecovery(page, codes[0]);
    await page.getByText("The second step took longer than ten minutes.").waitFor();
    await page.getByRole("button", { name: "Use a passkey" }).click();
    await isIn(page);
    profile.assertQuiet();
  });
});

describe("a server that asks everybody for a second step", { timeout: 120_000 }, () => {
  let server;
  let browser;
  testbed({ options: ["--registration", "invitation", "--require-second-factor"], begin: (begun) => ({ server, browser } = begun) });

  test("nothing is there before one is set up; the last one stays", async () => {
    const profile = await browser.profile({ viewport: { width: 320, height: 640 } });
    const page = await profile.newPage();
    await passkeysOf(page);
    await register(page, server, ELLA);
    await page.getByRole("heading", { name: "Set up a second step" }).waitFor();
    await page.reload();
    await page.getByText("Needed: this server asks for it.").waitFor();
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(beyond, 0, "nothing sticks out at 320 px");
    assert.equal(await page.evaluate(() => fetch("/api/v1/envelopes?limit=1").then(({ status }) => status)), 403, "nor for programs");

    await page.getByRole("button", { name: "Add a passkey for signing in" }).click();
    await page.getByLabel("I have kept the codes").check();
    await page.getByRole("button", { name: "Done" }).click();
    await page.getByRole("navigation", { name: "Main" }).waitFor();
    await page.goto(`${server.origin}/#/settings`);
    await page.getByRole("button", { name: /^Remove Passkey of/ }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove it" }).click();
    await page.getByRole("alert").filter({ hasText: "this is your last one" }).waitFor();
    await profile.close();
  });
});
