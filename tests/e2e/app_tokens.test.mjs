// Somebody gives a program a token in the settings of the webmail; then the program works for them: curl with the command that the page shows, and the
// example for Node, whose link a stranger opens. What was not allowed is refused, and a token that was revoked is over at once.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startBrowser } from "./browser.mjs";
import { focusOn, press, typeInto } from "./keyboard.mjs";
import { PASSWORD, register } from "./newcomer.mjs";
import { read, save, visit } from "./recipient.mjs";
import { startServer } from "./server.mjs";

const ROOT = process.env.ENVELOCK_ROOT ?? fileURLToPath(new URL("../..", import.meta.url));
const ELLA = { name: "Ella Storm", address: "ella@example.org" };
const SEALS = "make links, and change or withdraw them one by one";
const LOOKS = "look at your links: list, state, encrypted notes and replies";
const run = promisify(execFile);

describe("programs with a token", { timeout: 300_000 }, () => {
  let server;
  let browser;
  let profile;
  let page;
  let place;
  let certificate;
  /** What the owner copied. */
  const tokens = {};

  before(async () => {
    server = await startServer({ options: ["--registration", "invitation"] });
    certificate = join(server.dataDir, "tls/self-signed.pem");
    browser = await startBrowser(server.origin);
    profile = await browser.profile({ permissions: ["clipboard-read", "clipboard-write"] });
    page = await profile.newPage();
    await register(page, server, ELLA);
    await page.getByRole("navigation", { name: "Main" }).waitFor();
    // As a reader of the example has it: the file, and the package from npm.
    place = await mkdtemp(join(tmpdir(), "envelock-program-"));
    await copyFile(join(ROOT, "examples/node/seal-with-token.mjs"), join(place, "seal-with-token.mjs"));
    const installed = join(dirname(fileURLToPath(import.meta.resolve("envelock"))), "../..");
    await symlink(installed, join(place, "node_modules"));
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    await server?.remove();
    await rm(place, { recursive: true, force: true });
  });

  const section = () => page.getByRole("region", { name: "Programs", exact: true });
  const rows = () => section().getByRole("list", { name: "Programs" }).getByRole("listitem");
  const said = (words) => page.getByRole("status").filter({ hasText: words }).waitFor();
  const settings = async () => {
    await page.goto(`${server.origin}/#/help`);
    await page.goto(`${server.origin}/#/settings`);
    await section().getByRole("button", { name: "New token" }).waitFor();
  };
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());

  /** Status and body of what curl gets for an API path. */
  async function curl(token, path, ...more) {
    const { stdout } = await run("curl", ["--silent", "--cacert", certificate, "--write-out", "\n%{http_code}", "--header", `Authorization: Bearer ${token}`, ...more, `${server.origin}/api/v1/${path}`]);
    const [, body, status] = /^([^]*)\n(\d+)$/.exec(stdout);
    return { status: Number(status), body: body === "" ? undefined : JSON.parse(body) };
  }

  test("without programs the settings say so", async () => {
    await settings();
    await section().getByText("No program has a token.").waitFor();
    assert.equal(await section().getByRole("button", { name: /^Revoke/ }).count(), 0);
  });

  test("a token is made with the keyboard alone, after saying again who one is, and is not left behind unseen", async () => {
    await server.advanceClock(301);
    await press(page, section().getByRole("button", { name: "New token" }));
    assert.equal(await page.evaluate(() => document.activeElement.id), "token-name");
    await page.keyboard.type("Nightly report");
    await press(page, section().getByRole("button", { name: "Make the token" }));
    await section().getByRole("alert").filter({ hasText: "Choose at least one thing" }).waitFor();
    assert.equal(await section().getByLabel("Name of the program").inputValue(), "Nightly report");
    await focusOn(page, section().getByLabel(SEALS));
    await page.keyboard.press("Space");
    await press(page, section().getByRole("button", { name: "Make the token" }));
    const dialog = page.getByRole("dialog", { name: "Is it still you?" });
    await typeInto(page, dialog.getByLabel("Account password"), PASSWORD);
    await page.keyboard.press("Enter");
    await section().getByRole("heading", { name: "Token for Nightly report" }).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.id), "token-title");

    await page.getByRole("link", { name: "Help" }).click();
    await page.getByRole("dialog", { name: "Leave this token behind?" }).getByRole("button", { name: "Cancel" }).click();
    await section().getByRole("button", { name: "Copy the token" }).click();
    await said("Token copied.");
    tokens.seals = await clipboard();
    assert.match(tokens.seals, /^envelock_[\w-]{48}$/);
    assert.equal(await section().getByLabel("Token", { exact: true }).inputValue(), tokens.seals);
    assert.ok(!(await section().getByTestId("token-usage").innerText()).includes(tokens.seals), "no secret in a history of commands");
    await section().getByRole("button", { name: "Done" }).click();
    await section().getByLabel("Token", { exact: true }).waitFor({ state: "detached" });
    const row = await rows().innerText();
    assert.match(row, /^Nightly report\nmakes and changes links\nNot used yet\nMade on .+, ends on /);
    assert.ok(!(await page.content()).includes(tokens.seals), "it is not shown again");
  });

  test("the command that the page shows works in a shell, and keeps the token where nobody else reads it", async () => {
    await section().getByRole("button", { name: "New token" }).click();
    await section().getByLabel("Name of the program").fill("Watcher");
    await section().getByLabel(LOOKS).check();
    await section().getByLabel("It ends").selectOption({ label: "7 days from now" });
    await section().getByRole("button", { name: "Make the token" }).click();
    await section().getByRole("button", { name: "Copy the command" }).click();
    await said("Command copied.");
    const command = await clipboard();
    await section().getByRole("button", { name: "Copy the token" }).click();
    await said("Token copied.");
    tokens.looks = await clipboard();
    const running = run("sh", ["-c", command], { cwd: place, env: { ...process.env, CURL_CA_BUNDLE: certificate } });
    running.child.stdin.end(`${tokens.looks}\n`);
    assert.deepEqual(JSON.parse((await running).stdout), { envelopes: [] });
    const kept = await stat(join(place, "envelock-token"));
    assert.equal(kept.mode & 0o077, 0, "nobody else reads it");
    await section().getByRole("button", { name: "Done" }).click();
    assert.equal(await rows().count(), 2);
  });

  test("the example seals and stores, and whoever gets the link opens it", async () => {
    await writeFile(join(place, "report.txt"), "42 %\n");
    const program = spawn(process.execPath, ["seal-with-token.mjs", server.origin, "Results", "report.txt"], {
      cwd: place,
      env: { ...process.env, ENVELOCK_TOKEN: tokens.seals, NODE_EXTRA_CA_CERTS: certificate },
    });
    const [out, told] = [[], []];
    program.stdout.on("data", (chunk) => out.push(chunk));
    program.stderr.on("data", (chunk) => told.push(chunk));
    program.stdin.end("All is well.");
    const [code] = await once(program, "close");
    const [link, password] = [Buffer.concat(out).toString().trim(), /^Password: (\S+)$/m.exec(Buffer.concat(told).toString())?.[1]];
    assert.equal(code, 0, Buffer.concat(told).toString());

    const stranger = await browser.profile();
    const reader = await visit(stranger, link);
    assert.deepEqual(await read(reader, password), { subject: "Results", text: "All is well." });
    assert.deepEqual((await save(reader, "report.txt")).data.toString(), "42 %\n");
    stranger.assertQuiet();
    await stranger.close();

    const { body } = await curl(tokens.looks, "envelopes");
    assert.deepEqual(body.envelopes.map(({ openings, maxOpenings }) => [openings, maxOpenings]), [[1, 3]]);
    await settings();
    await rows().filter({ hasText: "Nightly report" }).filter({ hasText: "Last used:" }).waitFor();
    const sent = server.sent().toString("latin1");
    for (const secret of [password, new URL(link).hash.slice(1), "All is well."]) assert.ok(!sent.includes(secret), "what opens it went to the server");
  });

  test("what was not allowed is refused, and nothing of the account is within reach", async () => {
    const refused = async (token, path, ...more) => {
      const { status, body } = await curl(token, path, ...more);
      assert.deepEqual([status, body?.code], [403, "insufficient-scope"], path);
    };
    await refused(tokens.seals, "envelopes");
    await refused(tokens.looks, "envelopes", "--json", "{}");
    for (const token of [tokens.seals, tokens.looks]) {
      for (const path of ["session", "sessions", "logins", "account/factors", "account/tokens", "account/keystore-backup", "keyring"]) await refused(token, path);
      await refused(token, "envelopes", "--request", "DELETE");
      await refused(token, "account/tokens", "--json", '{"name":"x","scopes":["keyring:read"],"expiresInDays":1}');
    }
    assert.doesNotMatch(server.output(), /envelock_[\w-]{48}/, "no token is in the log");
  });

  test("revoking asks first, and is over at once", async () => {
    await press(page, section().getByRole("button", { name: "Revoke: Watcher" }));
    const dialog = page.getByRole("dialog", { name: "Revoke the token of Watcher?" });
    await dialog.waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    assert.equal((await curl(tokens.looks, "envelopes")).status, 200, "no is no");
    await section().getByRole("button", { name: "Revoke: Watcher" }).click();
    await dialog.getByRole("button", { name: "Revoke" }).click();
    await said("The token of Watcher is revoked.");
    assert.equal(await page.evaluate(() => document.activeElement.id), "programs-title");
    assert.equal((await curl(tokens.looks, "envelopes")).status, 401);
    assert.equal(await rows().count(), 1);
    assert.equal(await section().getByRole("button", { name: "Revoke all tokens" }).count(), 0, "one is no all");
  });

  test("all are revoked at once", async () => {
    await section().getByRole("button", { name: "New token" }).click();
    await section().getByLabel("Name of the program").fill("Another one");
    await section().getByLabel(SEALS).check();
    await section().getByRole("button", { name: "Make the token" }).click();
    await section().getByRole("button", { name: "Done" }).click();
    await page.getByRole("dialog", { name: "Leave this token behind?" }).getByRole("button", { name: "Leave it" }).click();
    await section().getByRole("button", { name: "Revoke all tokens" }).click();
    await page.getByRole("dialog", { name: "Revoke all tokens?" }).getByRole("button", { name: "Revoke all tokens" }).click();
    await said("All tokens are revoked.");
    await section().getByText("No program has a token.").waitFor();
    assert.equal((await curl(tokens.seals, "envelopes", "--json", "{}")).status, 401);
    profile.assertQuiet();
  });
});
