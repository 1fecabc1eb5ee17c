// Everybody can use it: axe-core finds nothing on any page, light and dark; nothing scrolls sideways at 320 px, and no choice is cut, from left to
// right and from right to left; the whole way from key to reply works with the keyboard alone, and the focus can be seen at
// every step.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import { startBrowser } from "./browser.mjs";
import { foreignKey } from "./foreign_key.mjs";
import { gpgCertificate } from "./gpg_keys.mjs";
import { focusOn, press, typeInto } from "./keyboard.mjs";
import { bring } from "./postman.mjs";
import { GONE, read, tryPassword, visit } from "./recipient.mjs";
import { expectState, makeKey, seal, SENDER, signIn } from "./sender.mjs";
import { freePort, startServer } from "./server.mjs";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PASSWORD = "Ahornallee 17, dritter Stock";
const PASSPHRASE = "Nachtzug über Lindau 88";
const LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen".repeat(3);
const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 320, height: 640 };
const DOCUMENTS = ["threat-model", "best-practices"];

let server;
let browser;
before(async () => {
  const smtp = await freePort();
  // Nobody answers questions about domains.
  const mail = ["--smtp-listen", `127.0.0.1:${smtp}`, "--mail-domain", "demo.example", "--mail-nameserver", "127.0.0.1:9"];
  server = await startServer({ options: ["--registration", "open", "--registration-domain", "example.org", ...mail] });
  const file = `--b\nContent-Disposition: attachment; filename="${LONG}.pdf"\nContent-Type: application/pdf\n\nx\n--b--`;
  const message = `From: ${LONG} <${LONG}@sender.example>\nTo: ${SENDER.address}\nSubject: ${LONG}\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n${LONG}\n${file}`;
  await bring({ port: smtp, from: "eve@sender.example", to: SENDER.address, message });
  browser = await startBrowser(server.origin);
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await server?.remove();
});

/** Walks through every page there is and calls `check(page, name)` on each. */
async function everyPage(profile, check) {
  const { origin } = server;
  const start = await profile.newPage();
  await start.goto(`${origin}/`);
  await start.getByRole("button", { name: "Use the demo account" }).waitFor();
  await check(start, "sign in");
  await start.getByRole("link", { name: "Create an account" }).click();
  await start.getByRole("button", { name: "Create account" }).waitFor();
  await check(start, "register");
  for (const document of DOCUMENTS) {
    await start.goto(`${origin}/${document}.html`);
    await start.getByRole("heading", { level: 1 }).waitFor();
    await check(start, document);
  }
  await start.close();

  const page = await signIn(profile, origin);
  const at = async (route, name, ready) => {
    await page.goto(`${origin}/#/${route}`);
    await ready.first().waitFor();
    await check(page, name);
  };
  await at("keys", "keys, no keystore yet", page.getByRole("button", { name: "Create keystore" }));
  await makeKey(page, { origin, passphrase: PASSPHRASE });
  await at("keys", "keys", page.getByRole("list", { name: "My keys" }));
  await page.getByRole("link", { name: new RegExp(SENDER.address) }).first().click();
  await page.getByRole("button", { name: "Export public key" }).waitFor();
  await check(page, "one key");
  await page.getByRole("switch", { name: "Show everything" }).check();
  await page.getByRole("heading", { name: "Names and addresses" }).waitFor();
  for (const summary of await page.locator("summary").all()) await summary.click();
  await page.getByRole("button", { name: "Make a Setup Message" }).click();
  await page.getByRole("heading", { name: "2. Keep the code" }).waitFor();
  await check(page, "one key, everything");
  await at("keys/backup", "backup", page.getByRole("button", { name: "Make a backup" }));
  await page.getByRole("button", { name: "Make a backup" }).click();
  await page.getByTestId("code").first().waitFor();
  await page.getByText("Split the code on several sheets").click();
  await page.getByRole("button", { name: "Split" }).click();
  await page.getByRole("heading", { name: "3 sheets" }).waitFor();
  await check(page, "backup, code and sheets");
  await page.getByLabel("I have the recovery code on paper").check();
  await at("keys/settings", "keystore", page.getByRole("heading", { name: "Several keystores" }));
  await at("keys/log", "log", page.getByRole("list", { name: "What your keys were used for" }));
  await at("keys/restore", "restore", page.getByRole("button", { name: "Restore", exact: true }));
  await at("keys/new", "new key", page.getByRole("button", { name: "Generate key" }));
  await at("keys/find", "find a key", page.getByRole("button", { name: "Find", exact: true }));
  for (const name of ["Carol", "Carol Moss"]) {
    const { octets } = await gpgCertificate({ name, address: "carol@example.org" });
    await at("keys/import", "import", page.getByLabel("Paste keys"));
    await page.getByLabel("Choose key files").setInputFiles({ name: "carol.gpg", mimeType: "application/octet-stream", buffer: octets });
    await page.getByRole("button", { name: "Import 1 key" }).click();
    await page.getByRole("heading", { name, exact: true, level: 1 }).waitFor();
  }
  await page.getByRole("region", { name: "another key for a known address" }).waitFor();
  for (const summary of await page.locator("summary").all()) await summary.click();
  await check(page, "another key for a known address");
  await page.goto(`${origin}/#/keys/import`);
  const { armored } = await foreignKey("to be imported");
  await page.getByLabel("Paste keys").fill(armored);
  await page.getByRole("region", { name: "What will change" }).waitFor();
  await check(page, "import, preview");
  await at("settings", "settings", page.getByRole("list", { name: "Where you are signed in" }));
  await page.getByRole("button", { name: "New token" }).click();
  await page.getByLabel("Name of the program").fill(LONG.slice(0, 60));
  await page.getByLabel("look at your links").check();
  await check(page, "settings, a token to be made");
  await page.getByRole("button", { name: "Make the token" }).click();
  await page.getByTestId("token-usage").waitFor();
  await check(page, "settings, a token");
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Leave it" }).click();
  await page.getByRole("button", { name: "Set up an app" }).click();
  await page.getByTestId("app-secret").or(page.getByRole("dialog")).first().waitFor();
  await check(page, "settings, an app being set up");
  await at("inbox", "inbox", page.getByRole("list", { name: "Inbox" }).getByRole("link"));
  await page.getByRole("list", { name: "Inbox" }).getByRole("link").first().click();
  await page.getByTestId("mail-text").waitFor();
  await page.getByText("What the checks found").click();
  await check(page, "one message");
  await page.getByRole("button", { name: "Delete message" }).click();
  await page.getByRole("dialog").waitFor();
  await check(page, "delete dialog");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  await at("help", "help", page.getByRole("heading", { name: "What is protected" }));
  await at("compose", "compose", page.getByLabel("Subject"));
  const files = [{ name: `${LONG}.txt`, mimeType: "text/plain", buffer: Buffer.from("x") }];
  const envelope = await seal(page, { origin, subject: LONG, text: `${LONG}\n${LONG}`, files, password: PASSWORD, hint: "the usual", sign: SENDER.name });
  await check(page, "result");
  await page.goto(`${origin}/#/links`);
  await page.getByRole("list", { name: "Password links" }).waitFor();
  await check(page, "links");
  await expectState(page, { origin, id: envelope.id }, /waiting/i);
  await check(page, "one link");
  await page.getByRole("button", { name: "Withdraw", exact: true }).click();
  await page.getByRole("dialog").waitFor();
  await check(page, "withdraw dialog");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });

  const reader = await visit(profile, envelope.link);
  await check(reader, "decrypt, closed");
  await tryPassword(reader, "wrong");
  await reader.getByText(/\b9 tries left/).first().waitFor();
  await check(reader, "decrypt, wrong password");
  await read(reader, PASSWORD);
  await reader.getByTestId("signature").getByText(SENDER.name).first().waitFor();
  await check(reader, "decrypt, open");
  await reader.getByRole("button", { name: "Reply encrypted" }).click();
  await reader.getByLabel("Your reply").waitFor();
  await check(reader, "decrypt, reply");
  const gone = await visit(profile, envelope.link.split("#")[0].slice(0, -22) + "A".repeat(22));
  await gone.getByText(GONE).waitFor();
  await check(gone, "decrypt, gone");
}

/** The test language: English words in catalogues that say they are written from right to left. The decrypt page has its own within its script. */
async function rightToLeft(profile) {
  await profile.context.route(/\/assets\/(en|decrypt)-[\w-]+\.js$/, async (route) => {
    const response = await route.fetch({ headers: { ...route.request().headers(), "accept-encoding": "identity" } });
    await route.fulfill({ response, body: (await response.text()).replace(/(direction:["'`])ltr/, "$1rtl") });
  });
}

/** What axe-core objects to, in one line each. */
async function objections(page) {
  return page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { preload: false });
    return violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.target.join(" ")}`));
  });
}

/** How many pixels are beyond the right edge. */
function overflow(page) {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return Math.max(scrollWidth, document.body.scrollWidth) - clientWidth;
  });
}

/** Choices whose words do not fit into their field: a browser cuts them off, and cannot break them. */
function cutChoices(page) {
  return page.evaluate(() => {
    const ARROW = 20;
    const pen = document.createElement("canvas").getContext("2d");
    return [...document.querySelectorAll("select")].filter((select) => select.checkVisibility()).flatMap((select) => {
      const { font, paddingLeft, paddingRight } = getComputedStyle(select);
      pen.font = font;
      const room = select.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight) - ARROW;
      return [...select.options].map(({ text }) => text).filter((text) => pen.measureText(text).width > room).map((text) => `"${text}" is cut`);
    });
  });
}

test("a page with faults is objected to", async () => {
  const profile = await browser.profile({ viewport: NARROW });
  await profile.context.addInitScript({ content: AXE });
  const page = await profile.newPage();
  await page.goto(`${server.origin}/d/${"A".repeat(22)}`);
  await page.getByText(GONE).waitFor();
  assert.deepEqual([await objections(page), await overflow(page)], [[], 0]);
  await page.evaluate(() => {
    const field = document.createElement("input");
    field.style.width = "400px";
    document.querySelector("main").append(field);
  });
  assert.match((await objections(page)).join(), /^label: /);
  assert.ok((await overflow(page)) > 0);
  await page.evaluate(() => {
    const choice = document.createElement("select");
    choice.append(new Option("much longer than there is room for on such a screen"), new Option("short"));
    document.querySelector("main").append(choice);
  });
  assert.deepEqual((await cutChoices(page)).length, 1);
  await profile.close();
});

describe("every page", { timeout: 1_200_000 }, () => {
  for (const colorScheme of ["light", "dark"]) {
    test(`axe-core has no objection, ${colorScheme}`, async () => {
      const profile = await browser.profile({ colorScheme, viewport: WIDE });
      await profile.context.addInitScript({ content: AXE });
      const found = [];
      await everyPage(profile, async (page, name) => {
        for (const objection of await objections(page)) found.push(`${name}: ${objection}`);
      });
      assert.deepEqual(found, []);
      await profile.close();
    });

    test(`nothing scrolls sideways or is cut at 320 px, ${colorScheme}`, async () => {
      const profile = await browser.profile({ colorScheme, viewport: NARROW });
      const found = [];
      await everyPage(profile, async (page, name) => {
        const beyond = await overflow(page);
        if (beyond > 0) found.push(`${name}: ${beyond} px`);
        for (const choice of await cutChoices(page)) found.push(`${name}: ${choice}`);
      });
      assert.deepEqual(found, []);
      profile.assertQuiet();
      await profile.close();
    });
  }

  test("from right to left axe-core has no objection and nothing scrolls sideways", async () => {
    for (const viewport of [NARROW, WIDE]) {
      const profile = await browser.profile({ viewport });
      await profile.context.addInitScript({ content: AXE });
      await rightToLeft(profile);
      const found = [];
      await everyPage(profile, async (page, name) => {
        // The documents are in English in every language.
        const direction = DOCUMENTS.includes(name) ? "ltr" : "rtl";
        assert.equal(await page.evaluate(() => getComputedStyle(document.body).direction), direction, name);
        for (const objection of await objections(page)) found.push(`${name}: ${objection}`);
        const beyond = await overflow(page);
        if (beyond > 0) found.push(`${name}: ${beyond} px`);
      });
      assert.deepEqual(found, []);
      await profile.close();
    }
  });

  test("dark mode is dark and light mode is light", async () => {
    for (const [colorScheme, dark] of [["light", false], ["dark", true]]) {
      const profile = await browser.profile({ colorScheme });
      for (const path of ["/", `/d/${"A".repeat(22)}`]) {
        const page = await profile.newPage();
        await page.goto(`${server.origin}${path}`);
        const brightness = await page.evaluate(() => {
          const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g).map(Number);
          return (r + g + b) / 3;
        });
        assert.equal(brightness < 128, dark, `${path} in ${colorScheme}: brightness ${brightness}`);
      }
      await profile.close();
    }
  });
});

test("from key to reply with the keyboard alone", { timeout: 300_000 }, async () => {
  const { origin } = server;
  const profile = await browser.profile();
  const page = await profile.newPage();
  await page.goto(`${origin}/`);
  await press(page, page.getByRole("button", { name: "Use the demo account" }));
  await press(page, page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Keys" }));
  await typeInto(page, page.getByLabel("New passphrase"), PASSPHRASE);
  await typeInto(page, page.getByLabel("Repeat passphrase"), PASSPHRASE);
  await press(page, page.getByRole("button", { name: "Create keystore" }));
  await press(page, page.getByRole("link", { name: "New key" }));
  await typeInto(page, page.getByLabel("Name", { exact: true }), SENDER.name);
  await typeInto(page, page.getByLabel("Email address"), SENDER.address);
  await press(page, page.getByRole("button", { name: "Generate key" }));
  await press(page, page.getByRole("button", { name: "Remind me later" }));
  await press(page, page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Compose" }));
  await typeInto(page, page.getByLabel("To", { exact: true }), "bea@example.org");
  await typeInto(page, page.getByLabel("Subject"), "By keyboard");
  await typeInto(page, page.getByLabel("Message", { exact: true }), "No mouse was used.");
  const password = (await page.getByTestId("passphrase").innerText()).trim();
  await press(page, page.getByRole("button", { name: /^Encrypt/ }));
  const link = page.getByRole("textbox", { name: "Link", exact: true });
  await focusOn(page, link);
  const address = await link.inputValue();

  const reader = await visit(profile, address);
  await typeInto(reader, reader.getByLabel("Password", { exact: true }), password);
  await reader.keyboard.press("Enter");
  await reader.getByTestId("text").waitFor();
  assert.equal((await reader.getByTestId("text").innerText()).trim(), "No mouse was used.");
  await press(reader, reader.getByRole("button", { name: "Reply encrypted" }));
  await typeInto(reader, reader.getByLabel("Your reply"), "Nor here.");
  const answered = reader.waitForResponse((response) => response.url().endsWith("/replies"));
  await press(reader, reader.getByRole("button", { name: "Send encrypted reply" }));
  assert.equal((await answered).status(), 201);
  profile.assertQuiet();
  await profile.close();
});
