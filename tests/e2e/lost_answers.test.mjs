// Changes of the account that the server makes and whose answer is lost on its way: nobody is told that nothing happened. The page asks the server what
// is so, shows that, and says what is to be done: above all that recovery codes which nobody has seen are made anew.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { passkeysOf, totp } from "./authenticators.mjs";
import { enterPassword, PASSWORD, register } from "./newcomer.mjs";
import { testbed } from "./testbed.mjs";

const ELLA = { name: "Ella Storm", address: "ella@example.org" };
const NEXT = "elf Reiher am Kanal";
const CODES = /Recovery codes may have been lost on their way to you\. Make new ones now.*Keep .* the entry in your authenticator app/;
const UNSURE = /this may have been done/;

/** Someone at `page`, where answers are lost. */
function lossesOf(page, origin) {
  const losses = {
    alert: (words, where = losses.section) => where.getByRole("alert").filter({ hasText: words }).waitFor(),
    noAlert: (words) => losses.section.getByRole("alert").filter({ hasText: words }).waitFor({ state: "detached" }),
    section: page.getByRole("region", { name: "Second step" }),
    button: (name) => page.getByRole("button", { name, exact: true }),
    /** What `act` asks of the server is done, unless it `gets` nothing; no answer comes but this, nor a session with it. */
    async lose(method, path, act, { gets = true, answer = (route) => route.abort("connectionreset") } = {}) {
      const asked = `**/api/v1/${path}`;
      let end;
      const lost = new Promise((resolve) => (end = resolve));
      await page.route(asked, async (route) => {
        if (route.request().method() !== method) return route.continue();
        const cookies = await page.context().cookies();
        if (gets) assert.ok((await route.fetch()).ok(), `${method} ${path}`);
        await page.context().addCookies(cookies.map(({ name, value, httpOnly, sameSite }) => ({ name, value, httpOnly, sameSite, url: origin })));
        await answer(route);
        end();
      });
      await act();
      await lost;
      await page.unroute(asked);
    },
    async settings() {
      await page.goto(`${origin}/#/help`);
      await page.goto(`${origin}/#/settings`);
      await losses.section.getByRole("heading", { name: "Authenticator app" }).waitFor();
    },
    /** The secret of an app that is to be set up. */
    async secret() {
      await losses.section.getByRole("button", { name: "Set up an app" }).click();
      return losses.section.getByTestId("app-secret").innerText();
    },
    async switchOn(code) {
      await losses.section.getByLabel("The six digits the app shows now").fill(code);
      await losses.section.getByRole("button", { name: "Switch on" }).click();
    },
    async renew() {
      await losses.section.getByRole("button", { name: "Make new codes" }).click();
      await page.getByRole("dialog", { name: "Make ten new codes?" }).getByRole("button", { name: "Make new codes" }).click();
    },
    /** Makes new codes, which are seen; what was said of lost ones is over. */
    async keepNewCodes() {
      await losses.renew();
      const codes = losses.section.getByRole("list", { name: "Recovery codes for signing in" }).getByRole("listitem");
      await codes.first().waitFor();
      assert.equal(await codes.count(), 10);
      await losses.noAlert(CODES);
      await losses.section.getByLabel("I have kept the codes").check();
      await losses.section.getByRole("button", { name: "Done" }).click();
      await losses.section.getByText("10 codes are left.").waitFor();
    },
    /** Whether the page calms where it must not. */
    async saysNothingOf(words) {
      assert.equal(await page.getByText(words).count(), 0, words);
    },
  };
  return losses;
}

describe("changes whose answer is lost", { timeout: 300_000 }, () => {
  let server;
  let browser;
  let profile;
  let page;
  let losses;
  let secret;
  let password = PASSWORD;
  /** What the server's clock is ahead. */
  let ahead = 0;

  testbed({
    options: ["--registration", "invitation", "--login-attempts-per-minute", "1000"],
    begin: async (begun) => {
      ({ server, browser } = begun);
      profile = await browser.profile();
      page = await profile.newPage();
      losses = lossesOf(page, server.origin);
      await passkeysOf(page);
      await register(page, server, ELLA);
      await isIn(page);
    },
  });

  const isIn = (tab) => tab.getByRole("navigation", { name: "Main" }).waitFor();
  const code = () => totp(secret, Date.now() / 1000 + ahead);
  const nextCode = async () => {
    ahead += 30;
    await server.advanceClock(ahead);
  };

  test("a token that nobody has stands in the list, to be revoked; one that is revoked stands there no more", async () => {
    const section = page.getByRole("region", { name: "Programs", exact: true });
    const rows = section.getByRole("list", { name: "Programs" }).getByRole("listitem");
    await losses.settings();
    await section.getByRole("button", { name: "New token" }).click();
    await section.getByLabel("Name of the program").fill("Nightly report");
    await section.getByLabel("make links, and change or withdraw them one by one").check();
    await losses.lose("POST", "account/tokens", () => section.getByRole("button", { name: "Make the token" }).click());
    await losses.alert(/may have been made, and nobody has it\. If it is in the list now, revoke it/, section);
    await rows.filter({ hasText: "Nightly report" }).waitFor();
    await losses.lose("DELETE", "account/tokens/*", async () => {
      await section.getByRole("button", { name: "Revoke: Nightly report" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
    });
    await losses.alert(UNSURE, section);
    await section.getByText("No program has a token.").waitFor();
    await losses.saysNothingOf(/Nothing was lost/);
  });

  test("a session that is ended stands in the list no more", async () => {
    const other = await browser.profile();
    await enterPassword(await other.newPage(), server.origin, ELLA);
    await isIn(other.context.pages()[0]);
    await losses.settings();
    const section = page.getByRole("region", { name: "Where you are signed in" });
    await losses.lose("DELETE", "sessions/*", () => section.getByRole("button", { name: /^End:/ }).click());
    await losses.alert(UNSURE, section);
    await page.getByText("You are signed in nowhere else.").waitFor();
    await losses.saysNothingOf(/Nothing was lost/);
    await other.close();
  });

  test("whoever changed the password is told at the door which one to try, and the new one signs in", async () => {
    await losses.settings();
    await page.getByText("Change password").first().click();
    await page.getByLabel("Old password").fill(PASSWORD);
    await page.getByLabel("New password", { exact: true }).fill(NEXT);
    await page.getByLabel("Repeat new password").fill(NEXT);
    await losses.lose("PUT", "account/password", () => losses.button("Change password").click());
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.getByText(/your password may have been changed\. When you sign in, try the new one first, then the old one/).waitFor();
    password = NEXT;
    await enterPassword(page, server.origin, { ...ELLA, password });
    await isIn(page);
  });

  test("an app that is set up is not off for a page that can ask nobody; its entry is kept, and signs in", async () => {
    await losses.settings();
    secret = await losses.secret();
    await page.route("**/api/v1/account/factors", (route) => route.abort("internetdisconnected"));
    await losses.lose("PUT", "account/totp", () => losses.switchOn(code()));
    await losses.alert(UNSURE);
    await losses.alert(CODES);
    await losses.saysNothingOf(/Nothing was lost/);
    await losses.saysNothingOf(/Off: whoever knows your password/);
    await page.unroute("**/api/v1/account/factors");
    await losses.section.getByRole("button", { name: "Try again" }).click();
    await losses.section.getByText("On: a password alone does not open this account.").waitFor();
    await losses.section.getByText(/^Set up on/).waitFor();
    await losses.alert(CODES);
    await losses.keepNewCodes();

    await losses.button("Sign out").first().click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await nextCode();
    await enterPassword(page, server.origin, { ...ELLA, password });
    await page.getByLabel("Code from your authenticator app").fill(code());
    await losses.button("Sign in with the code").click();
    await isIn(page);
  });

  test("recovery codes that were made and not seen are to be made anew", async () => {
    const says = (status, body) => (route) => route.fulfill({ status, contentType: "application/json", body });
    for (const answer of [undefined, says(500, '{"code":"internal"}'), says(502, "<h1>Bad Gateway</h1>"), says(200, '{"recoveryCodes":["AB')]) {
      await losses.settings();
      await losses.lose("POST", "account/recovery-codes", () => losses.renew(), { answer });
      await losses.alert(CODES);
      await losses.saysNothingOf(/Nothing was (lost|changed)/);
      await losses.settings();
      await losses.alert(CODES);
      await losses.keepNewCodes();
    }
  });

  test("a passkey that was added is told as added; as the second factor it has no codes to lose", async () => {
    await losses.lose("POST", "account/passkeys", () => losses.button("Add a passkey for signing in").click());
    await page.getByRole("status").filter({ hasText: "Added." }).waitFor();
    await losses.section.getByRole("list", { name: "Passkeys for signing in" }).getByRole("listitem").waitFor();
    assert.equal(await losses.section.getByRole("alert").count(), 0);
  });

  test("where the server says that nothing was done, that is said, and when to try again: in the settings and at the door", async () => {
    const answer = (route) => route.fulfill({ status: 503, headers: { "retry-after": "60" }, contentType: "application/json", body: '{"code":"unavailable","message":"Full."}' });
    const NOTHING = /cannot do this now\. Nothing was changed\. Wait 1 minute and try again/;
    const remove = async () => {
      await losses.section.getByRole("button", { name: "Remove the app" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Remove it" }).click();
    };
    await losses.settings();
    await losses.lose("DELETE", "account/totp", remove, { gets: false, answer });
    await losses.alert(NOTHING);
    await losses.saysNothingOf(UNSURE);
    const unknown = (route) => route.fulfill({ status: 500, contentType: "application/json", body: '{"code":"outcome-unknown","message":"Look."}' });
    await losses.lose("DELETE", "account/totp", remove, { gets: false, answer: unknown });
    await losses.alert(UNSURE);
    const door = await (await browser.profile()).newPage();
    await door.route("**/api/v1/session/start", answer);
    await enterPassword(door, server.origin, { ...ELLA, password });
    await door.getByRole("alert").filter({ hasText: NOTHING }).waitFor();
    await door.context().close();
  });

  test("what is removed stands there no more", async () => {
    for (const [path, name] of [["account/totp", "Remove the app"], ["account/passkeys/*", /^Remove Passkey of/]]) {
      await losses.lose("DELETE", path, async () => {
        await losses.section.getByRole("button", { name }).click();
        await page.getByRole("dialog").getByRole("button", { name: "Remove it" }).click();
      });
      await losses.alert(UNSURE);
      await losses.section.getByRole("button", { name }).waitFor({ state: "detached" });
      await losses.saysNothingOf(/Nothing was lost/);
    }
    await losses.section.getByText("Off: whoever knows your password can sign in.").waitFor();
  });

  test("what did not get there is not told as done, and can be tried again", async () => {
    await losses.settings();
    secret = await losses.secret();
    await losses.lose("PUT", "account/totp", () => losses.switchOn(code()), { gets: false });
    await losses.alert(UNSURE);
    await losses.section.getByText("Off: whoever knows your password can sign in.").waitFor();
    await losses.noAlert(CODES);
    assert.equal(await losses.section.getByTestId("app-secret").innerText(), secret);
    await losses.switchOn(code());
    await losses.section.getByLabel("I have kept the codes").waitFor();
    await losses.noAlert(CODES);
  });
});

describe("an answer that is lost where everybody needs a second step", { timeout: 120_000 }, () => {
  let server;
  let browser;
  let secret;
  testbed({ options: ["--registration", "invitation", "--require-second-factor"], begin: (begun) => ({ server, browser } = begun) });

  test("whoever set one up is told at the door to keep it, and to make new codes", async () => {
    const page = await (await browser.profile()).newPage();
    const losses = lossesOf(page, server.origin);
    await register(page, server, ELLA);
    await page.getByRole("heading", { name: "Set up a second step" }).waitFor();
    secret = await losses.secret();
    await losses.lose("PUT", "account/totp", () => losses.switchOn(totp(secret, Date.now() / 1000)));
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.getByText(/your second step may be set up\. Keep it, such as the entry in your authenticator app, and sign in again/).waitFor();
    await page.getByLabel("Address", { exact: true }).fill(ELLA.address);
    await page.getByLabel("Account password").fill(PASSWORD);
    await losses.button("Sign in").click();
    await server.advanceClock(30);
    await page.getByLabel("Code from your authenticator app").fill(totp(secret, Date.now() / 1000 + 30));
    await losses.button("Sign in with the code").click();
    await page.getByRole("link", { name: "Settings" }).click();
    await losses.alert(CODES);
    await losses.keepNewCodes();
  });

  test("whoever did the second step and heard nothing is not told that it took too long", async () => {
    const page = await (await browser.profile()).newPage();
    const losses = lossesOf(page, server.origin);
    const signIn = async (seconds) => {
      await server.advanceClock(seconds);
      await page.getByLabel("Code from your authenticator app").fill(totp(secret, Date.now() / 1000 + seconds));
      await losses.button("Sign in with the code").click();
    };
    await enterPassword(page, server.origin, ELLA);
    await losses.lose("POST", "session/totp", () => signIn(60));
    await losses.alert(UNSURE, page);
    await signIn(90);
    await page.getByText(/No answer of the server came, so the second step may have been done.*Sign in again/).waitFor();
    await enterPassword(page, server.origin, ELLA);
    await signIn(120);
    await page.getByRole("link", { name: "Settings" }).waitFor();
    await page.context().close();
  });
});
