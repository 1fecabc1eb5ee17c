// One account in two browsers: each sees the other, ends it, and who was ended falls out without losing what is not sent yet.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startBrowser } from "./browser.mjs";
import { tables } from "./database.mjs";
import { focusOn, press } from "./keyboard.mjs";
import { signIn } from "./sender.mjs";
import { startServer } from "./server.mjs";

const FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";
const ELSEWHERE = "Firefox on Windows";

describe("where one is signed in", { timeout: 300_000 }, () => {
  let server;
  let browser;
  let here;
  let there;

  before(async () => {
    server = await startServer();
    browser = await startBrowser(server.origin);
    for (const options of [{}, { userAgent: FIREFOX, viewport: { width: 320, height: 640 } }]) {
      const profile = await browser.profile(options);
      const device = { profile, page: await signIn(profile, server.origin) };
      if (options.userAgent === undefined) here = device;
      else there = device;
      // Else both sign in within one second.
      await server.advanceClock(100);
    }
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    await server?.remove();
  });

  /** The list in the settings, freshly asked for. */
  async function sessions({ page }) {
    await page.goto(`${server.origin}/#/help`);
    await page.getByRole("heading", { name: "What is protected" }).waitFor();
    await page.goto(`${server.origin}/#/settings`);
    const list = page.getByRole("list", { name: "Where you are signed in" });
    await list.waitFor();
    return list.getByRole("listitem");
  }

  const elsewhere = (rows) => rows.filter({ hasText: ELSEWHERE });
  const signInHeading = ({ page }) => page.getByRole("heading", { name: "Sign in" });

  test("both browsers are listed, and one of them is this one", async () => {
    const rows = await sessions(here);
    await elsewhere(rows).waitFor();
    assert.equal(await rows.count(), 2);
    const own = rows.filter({ hasText: "This one" });
    assert.equal(await own.count(), 1);
    assert.match(await own.innerText(), /^Chrome on Linux\n/);
    assert.match(await elsewhere(rows).innerText(), /Last used: this minute|Last used: 1 minute ago/);
    const narrow = await sessions(there);
    assert.match(await narrow.filter({ hasText: "This one" }).innerText(), /^Firefox on Windows\n/);
    const beyond = await there.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(beyond, 0, "nothing sticks out at 320 px");
  });

  test("a browser that was not used before is pointed out to the other one, until it has been seen", async () => {
    const notice = ({ page }) => page.getByRole("region", { name: "A browser that was not used before" });
    const rows = async ({ page }) => {
      await sessions({ page });
      await page.getByText("Sign-ins of the last 90 days").click();
      return page.getByRole("list", { name: "Sign-ins of the last 90 days" }).getByRole("listitem");
    };
    await here.page.reload();
    await notice(here).getByText(ELSEWHERE).waitFor();
    await here.page.getByRole("status").filter({ hasText: `not used before: ${ELSEWHERE}` }).waitFor();
    const lines = await (await rows(here)).allInnerTexts();
    assert.equal(lines.length, 2);
    assert.match(lines.find((line) => line.startsWith(ELSEWHERE)), /Not used before/);
    await press(here.page, notice(here).getByRole("button", { name: "I have seen it" }));
    await notice(here).waitFor({ state: "detached" });
    await here.page.reload();
    await rows(here);
    assert.equal(await notice(here).count(), 0);

    // A browser that has been here before, with another account for instance, signs in for the first time.
    await there.page.evaluate(() => localStorage.setItem("envelock-logins-seen:anna@demo.example", "2020-01-01T00:00:00Z"));
    await there.page.reload();
    await notice(there).getByText("Chrome on Linux").waitFor();
    assert.equal(await notice(there).getByText(ELSEWHERE).count(), 0, "nobody is warned of themselves");
  });

  test("one is ended with the keyboard, and that browser comes to the sign-in page, which says why", async () => {
    const { page } = here;
    await press(page, elsewhere(await sessions(here)).getByRole("button", { name: `End: ${ELSEWHERE}` }));
    await page.getByRole("status").filter({ hasText: `${ELSEWHERE}: the session is ended.` }).waitFor();
    await page.getByText("You are signed in nowhere else.").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.id), "sessions-title", "the focus is where it was");
    assert.equal(await page.getByRole("button", { name: "End all others" }).count(), 0);

    await there.page.goto(`${server.origin}/#/links`);
    await signInHeading(there).waitFor();
    await there.page.getByRole("status").filter({ hasText: "the session was ended on another device" }).waitFor();
    assert.equal(there.page.url(), `${server.origin}/`, "nothing of it stays in the address");
    await there.page.reload();
    await signInHeading(there).waitFor();
    assert.equal(await there.page.getByText("the session was ended on another device").count(), 0, "said once");
  });

  test("all others are ended only after asking, and text that is not sent yet stays", async () => {
    const { page } = there;
    await page.getByRole("button", { name: "Use the demo account" }).click();
    await page.getByRole("navigation", { name: "Main" }).waitFor();
    await page.goto(`${server.origin}/#/compose`);
    await page.getByLabel("Subject").fill("Not sent yet");

    const rows = await sessions(here);
    await elsewhere(rows).waitFor();
    await press(here.page, here.page.getByRole("button", { name: "End all others" }));
    const dialog = here.page.getByRole("dialog", { name: "End all other sessions?" });
    await dialog.waitFor();
    await here.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    assert.equal(await rows.count(), 2, "no is no");
    await focusOn(here.page, here.page.getByRole("button", { name: "End all others" }));
    await here.page.keyboard.press("Enter");
    await dialog.getByRole("button", { name: "End all others" }).click();
    await here.page.getByText("You are signed in nowhere else.").waitFor();
    assert.equal(await rows.count(), 1);

    await page.goto(`${server.origin}/#/links`);
    await page.getByRole("alert").filter({ hasText: "You have been signed out" }).waitFor();
    await page.goto(`${server.origin}/#/compose`);
    assert.equal(await page.getByLabel("Subject").inputValue(), "Not sent yet");
  });

  test("a list that does not come says so, and can be asked for again", async () => {
    const { page } = here;
    await page.route("**/api/v1/sessions", (route) => route.fulfill({ status: 500, contentType: "application/json", body: '{"code":"internal","message":"x"}' }));
    await page.goto(`${server.origin}/#/help`);
    await page.goto(`${server.origin}/#/settings`);
    const section = page.getByRole("region", { name: "Where you are signed in" });
    await section.getByRole("alert").filter({ hasText: "it may have been done" }).waitFor();
    await page.unroute("**/api/v1/sessions");
    await section.getByRole("button", { name: "Try again" }).click();
    await section.getByRole("alert").waitFor({ state: "detached" });
    await section.getByRole("listitem").waitFor();
  });

  test("another account in another tab: nothing more goes out from a page of the first", async () => {
    const password = await server.user("add", "bea@demo.example", "--name", "Bea");
    const profile = await browser.profile();
    const first = await signIn(profile, server.origin);
    await first.goto(`${server.origin}/#/compose`);
    await first.getByLabel("Subject").fill("Not sent yet");
    const second = await profile.newPage();
    await second.goto(`${server.origin}/`);
    await second.getByRole("button", { name: "Sign out" }).click();
    await second.getByLabel("Address", { exact: true }).fill("bea@demo.example");
    await second.getByLabel("Account password").fill(password);
    await second.getByRole("button", { name: "Sign in", exact: true }).click();
    await second.getByRole("navigation", { name: "Main" }).waitFor();
    const asked = [];
    first.on("request", (request) => asked.push(request.url()));
    await first.goto(`${server.origin}/#/links`);
    await first.getByRole("alert").filter({ hasText: "Another account has signed in" }).waitFor();
    await first.goto(`${server.origin}/#/settings`);
    await first.goto(`${server.origin}/#/compose`);
    assert.equal(await first.getByLabel("Subject").inputValue(), "Not sent yet");
    assert.deepEqual(asked.filter((url) => url.includes("/api/")), []);
    await profile.close?.();
  });

  test("signing out here ends this one, and the database does not know how the browser names itself", async () => {
    there.profile.assertQuiet();
    await (await sessions(here)).getByRole("button", { name: "Sign out" }).click();
    await signInHeading(here).waitFor();
    assert.equal(await here.page.getByText("the session was ended on another device").count(), 0, "one's own doing needs no word");
    await signIn(here.profile, server.origin);
    await server.stop();
    const kept = (await tables(server.dataDir))["table sessions"];
    assert.ok(kept.includes("chrome"), "the search sees the sessions");
    assert.ok(!kept.includes("Mozilla"));
  });
});
