// Signing in, and choosing another password: right, wrong, unknown, cancelled, offline, too often; and the password is in nothing that leaves
// the browser, nor in what the server keeps.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { createLogin } from "envelock/login";
import { apiClient } from "./api_client.mjs";
import { startBrowser } from "./browser.mjs";
import { SENDER, signIn } from "./sender.mjs";
import { startServer } from "./server.mjs";
import { traces } from "./traces.mjs";

const DEMO = "envelock demo";
const WRONG = "wrong kestrel feather";
const NEXT = "zwölf stille Reiher";
const REFUSED = /Address or password do not fit/;

describe("the account's password", { timeout: 300_000 }, () => {
  let server;
  let browser;
  let profile;
  let page;
  /** What the server's clock is ahead. */
  let ahead = 0;
  before(async () => {
    server = await startServer();
    browser = await startBrowser(server.origin);
    profile = await browser.profile();
    page = await profile.newPage();
    await page.goto(`${server.origin}/`);
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    await server?.remove();
  });

  async function enter(tab, address, password) {
    await tab.getByLabel("Address", { exact: true }).fill(address);
    await tab.getByLabel("Account password").fill(password);
    await tab.getByRole("button", { name: "Sign in" }).click();
  }
  const workers = (tab) => tab.workers().filter((worker) => worker.url().includes("login-worker-script"));
  /** The browser hears of a worker's end a moment later. */
  const noWorkers = async (tab) => {
    for (let tries = 0; tries < 40 && workers(tab).length > 0; tries += 1) await setTimeout(50);
    assert.equal(workers(tab).length, 0);
  };
  const isIn = (tab) => tab.getByRole("navigation", { name: "Main" }).waitFor();
  const alert = async (tab, words) => {
    await tab.getByRole("alert").filter({ hasText: words }).waitFor();
    return (await tab.getByRole("alert").innerText()).trim();
  };

  test("a wrong password and an unknown address are refused in the same words, the right one signs in, and no worker stays", async () => {
    await enter(page, SENDER.address, WRONG);
    const wrong = await alert(page, REFUSED);
    await enter(page, "nobody@demo.example", DEMO);
    await page.getByRole("progressbar", { name: /Checking your password/ }).waitFor();
    assert.equal(await alert(page, REFUSED), wrong);
    await enter(page, SENDER.address, DEMO);
    await isIn(page);
    await noWorkers(page);
  });

  test("the worker starts while somebody types, and is seen by this test", async () => {
    const other = await browser.profile();
    const tab = await other.newPage();
    await tab.goto(`${server.origin}/`);
    assert.equal(workers(tab).length, 0);
    const started = tab.waitForEvent("worker");
    await tab.getByLabel("Account password").focus();
    assert.match((await started).url(), /login-worker-script/);
    other.assertQuiet();
    await other.close();
  });

  test("a cancel leaves the form as it was, without a word", async () => {
    const other = await browser.profile();
    const tab = await other.newPage();
    await tab.goto(`${server.origin}/`);
    await tab.route("**/api/v1/session/start", () => {}); // never answered
    await enter(tab, SENDER.address, DEMO);
    await tab.getByRole("button", { name: "Cancel" }).click();
    await tab.getByRole("progressbar").waitFor({ state: "detached" });
    assert.equal(await tab.getByRole("alert").count(), 0);
    assert.equal(await tab.getByLabel("Account password").inputValue(), DEMO);
    await noWorkers(tab);
    await tab.unroute("**/api/v1/session/start");
    await tab.getByRole("button", { name: "Sign in" }).click();
    await isIn(tab);
    other.assertQuiet();
    await other.close();
  });

  test("without a network it says so", async () => {
    const other = await browser.profile();
    const tab = await other.newPage();
    await tab.goto(`${server.origin}/`);
    await tab.getByLabel("Account password").focus();
    await tab.waitForEvent("worker");
    await tab.route("**/api/v1/session/start", (route) => route.abort("internetdisconnected"));
    await enter(tab, SENDER.address, DEMO);
    await alert(tab, /could not be reached/);
    await other.close();
  });

  test("an answer that was changed on its way is refused, and no proof goes out", async () => {
    const other = await browser.profile();
    const tab = await other.newPage();
    await tab.goto(`${server.origin}/`);
    let proofs = 0;
    tab.on("request", (request) => (proofs += Number(request.method() === "POST" && request.url().endsWith("/api/v1/session"))));
    await tab.route("**/api/v1/session/start", async (route) => {
      const answer = await route.fetch();
      const { login, response } = await answer.json();
      const octets = Buffer.from(response, "base64url");
      octets[octets.length - 1] ^= 1;
      await route.fulfill({ response: answer, json: { login, response: octets.toString("base64url") } });
    });
    await enter(tab, SENDER.address, DEMO);
    await alert(tab, REFUSED);
    assert.equal(proofs, 0);
    await tab.unroute("**/api/v1/session/start");
    await tab.getByRole("button", { name: "Sign in" }).click();
    await isIn(tab);
    assert.equal(proofs, 1, "the control: the right answer is answered");
    other.assertQuiet();
    await other.close();
  });

  test("a proof that comes too late is told as that, and not as a wrong password", async () => {
    const other = await browser.profile();
    const tab = await other.newPage();
    await tab.goto(`${server.origin}/`);
    await tab.route("**/api/v1/session", async (route) => {
      if (route.request().method() === "POST") await server.advanceClock((ahead += 121));
      await route.continue();
    });
    await enter(tab, SENDER.address, DEMO);
    await alert(tab, /took longer than two minutes.*Try again/);
    await tab.unroute("**/api/v1/session");
    await tab.getByRole("button", { name: "Sign in" }).click();
    await isIn(tab);
    other.assertQuiet();
    await other.close();
  });

  test("another password: what is wrong with it is said and changes nothing, then it counts and the other device is signed out", async () => {
    const other = await browser.profile();
    const device = await signIn(other, server.origin);
    await page.goto(`${server.origin}/#/settings`);
    await page.getByText("Change password").first().click();
    const change = async (old, password, again = password) => {
      await page.getByLabel("Old password").fill(old);
      await page.getByLabel("New password", { exact: true }).fill(password);
      await page.getByLabel("Repeat new password").fill(again);
      await page.getByRole("button", { name: "Change password" }).click();
    };
    await change(DEMO, NEXT, `${NEXT}x`);
    await alert(page, /passwords differ/);
    await change(DEMO, "elf Zeichen");
    await alert(page, /at least 12 characters/);
    await change(WRONG, NEXT);
    await alert(page, /old password does not fit/);
    await page.waitForFunction(() => document.activeElement?.id === "old-password");
    await device.reload();
    await isIn(device);

    // By now the server wants to hear again who is there: without a second step, the old password tells it.
    let asked = 0;
    page.on("request", (request) => (asked += Number(request.url().endsWith("/api/v1/session/confirm"))));
    await server.advanceClock((ahead += 301));
    await change(DEMO, NEXT);
    await page.getByRole("status").filter({ hasText: "Password changed" }).waitFor();
    assert.equal(asked, 1);
    assert.equal(await page.getByLabel("Old password").inputValue(), "");
    await noWorkers(page);
    await device.reload();
    await device.getByRole("heading", { name: "Sign in" }).waitFor();
    await enter(device, SENDER.address, DEMO);
    await alert(device, REFUSED);
    // Typed on another machine: the same characters, in another form.
    await enter(device, SENDER.address, NEXT.normalize("NFD"));
    await isIn(device);
    await page.reload();
    await isIn(page);
    other.assertQuiet();
    await other.close();
  });

  test("a program logs in by the same entry, and the export key is the same each time", async () => {
    const call = apiClient(server.origin);
    const client = createLogin();
    const login = async (password) => {
      const started = await client.startLogin({ password });
      const { body } = await call("POST", "session/start", { address: SENDER.address, request: started.request });
      assert.equal(Buffer.from(body.response, "base64url").length, 320);
      return { login: body.login, ...(await started.finish(body.response)) };
    };
    await assert.rejects(login(DEMO), { code: "wrong-password" });
    const first = await login(NEXT);
    assert.equal(Buffer.from(first.finalization, "base64url").length, 64);
    const { exportKey: key, ...proof } = first;
    const { status, body } = await call("POST", "session", proof);
    assert.deepEqual([status, body.address], [200, SENDER.address]);
    assert.equal((await call("POST", "session", proof)).status, 401, "a proof counts once");

    const { exportKey, login: id, finalization } = await login(NEXT);
    assert.deepEqual(exportKey, key);
    const registration = await client.startRegistration({ password: DEMO });
    const { body: answer } = await call("POST", "account/password/start", { request: registration.request });
    const registered = await registration.finish(answer.response);
    assert.equal((await call("PUT", "account/password", { login: id, finalization, record: registered.record, madeWith: answer.madeWith })).status, 200);
    assert.notDeepEqual(registered.exportKey, key);
    assert.deepEqual((await login(DEMO)).exportKey, registered.exportKey);
    client.terminate();
  });

  test("no password is in anything that was sent, printed or kept; the scan finds what is there", async () => {
    const other = await browser.profile();
    const tab = await other.newPage();
    await tab.goto(`${server.origin}/`);
    await enter(tab, SENDER.address, DEMO);
    assert.equal(await tab.getByLabel("Account password").inputValue(), DEMO, "it is in the page");
    await isIn(tab);
    await tab.evaluate((password) => fetch("/api/v1/session", { method: "DELETE", headers: { "x-control": password } }), "control of the scan");
    const sent = server.sent();
    assert.ok(sent.includes("x-control: control of the scan") && sent.includes(SENDER.address) && sent.includes('"finalization":"'), "it is seen");
    const kept = [];
    for (const entry of await readdir(server.dataDir, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) kept.push(await readFile(join(entry.parentPath ?? entry.path, entry.name)));
    }
    const stored = Buffer.concat(kept);
    assert.ok(stored.includes(SENDER.address), "the database is among what is read");
    assert.deepEqual(traces({ sent, stored }, { DEMO, WRONG, NEXT }), []);
    // That of the demo account is printed on purpose.
    assert.deepEqual(traces({ printed: Buffer.from(server.output()) }, { WRONG, NEXT }), []);
    other.assertQuiet();
    await other.close();
  });

  test("too many tries: it says how long to wait", async () => {
    const other = await browser.profile();
    const tab = await other.newPage();
    await tab.goto(`${server.origin}/`);
    const call = apiClient(server.origin);
    const request = Buffer.alloc(96).toString("base64url");
    const tryOnce = async () => (await call("POST", "session/start", { address: "nobody@demo.example", request })).status;
    // Every two seconds there is room for one more: somebody else takes it a moment before the page.
    await tab.route("**/api/v1/session/start", async (route) => {
      let tries = 0;
      while ((await tryOnce()) !== 429) assert.ok((tries += 1) < 100, "nobody is stopped");
      await route.continue();
    });
    await enter(tab, SENDER.address, DEMO);
    await alert(tab, /Too many tries\. Wait [1-3] seconds? and try again\./);
    other.assertQuiet();
    await other.close();
    profile.assertQuiet();
  });
});
