// Keys on their way, in a real browser: found at an address by the real server, in place of an earlier one, certified and taken
// back, moved by Setup Message, and of the post-quantum kind from making to an answered message.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { generateKey, inspectMessage, openEnvelope, readKeys } from "envelock";
import { startBrowser } from "./browser.mjs";
import { gpgCertificate } from "./gpg_keys.mjs";
import { startDirectories } from "./key_directory.mjs";
import { keysRooms } from "./keys_rooms.mjs";
import { inMemory, leaveMemory, watchModules } from "./module_memory.mjs";
import { read, reply, visit } from "./recipient.mjs";
import { makeKey, readReply, seal, SENDER, signIn } from "./sender.mjs";
import { startServer } from "./server.mjs";

const CAROL = { name: "Carol Moss", address: "carol@wkd.example" };
const DORA = { name: "Dora Lind", address: "dora@nowhere.example" };
const PASSPHRASE = "Nachtzug über Lindau 88";
const PASSWORD = "Quittenbaum-4711-Ölberg";

describe("keys on their way", { timeout: 600_000 }, () => {
  let directories;
  let server;
  let browser;
  let profile;
  let page;
  let go, button, said, row;
  const find = async (address) => {
    await go("/find", button("Find"));
    await page.getByLabel("Email address").fill(address);
    await button("Find").click();
  };
  const paste = async (text) => {
    await go("/import", page.getByLabel("Paste keys"));
    await page.getByLabel("Paste keys").fill(text);
  };
  const unlock = async () => {
    await page.goto(`${server.origin}/#/keys`);
    await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
    await button("Unlock").click();
    await page.getByRole("heading", { name: "My keys" }).waitFor({ timeout: 60_000 });
  };

  before(async () => {
    const [carol, dora] = [await gpgCertificate(CAROL), await gpgCertificate(DORA)];
    directories = await startDirectories({
      "openpgpkey.wkd.example": { [`/.well-known/openpgpkey/wkd.example/hu/${carol.hash}?l=carol`]: carol.octets },
      "keys.example": { "/vks/v1/by-email/dora%40nowhere.example": dora.octets },
    });
    server = await startServer({ lookup: directories.lookup, keyservers: ["https://keys.example"] });
    browser = await startBrowser(server.origin);
    profile = await browser.profile();
    await watchModules(profile);
    page = await signIn(profile, server.origin);
    ({ go, button, said, row } = keysRooms(page, server.origin));
    await makeKey(page, { origin: server.origin, passphrase: PASSPHRASE });
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    await server?.remove();
    await directories?.close();
  });

  test("a key is found in the directory of the address's own domain, and says where it came from", async () => {
    await find(CAROL.address);
    await said("From the directory of the domain (openpgpkey.wkd.example)");
    await button("Import 1 key").click();
    await page.locator(".facts").getByText("the directory of the address's domain").waitFor();
    assert.deepEqual(directories.asked().map((url) => url.replace(/hu\/\w+/, "hu/…")), ["openpgpkey.wkd.example/.well-known/openpgpkey/wkd.example/hu/…?l=carol"]);
  });

  test("then on a keyserver, with a warning; and when there is none, what to do instead", async () => {
    await find(DORA.address);
    await page.locator(".warning").getByText("From a keyserver (keys.example)").waitFor();
    await button("Import 1 key").click();
    await row(DORA.address).waitFor();
    await find("nobody@wkd.example");
    await page.getByRole("alert").getByText("No key is published for this address. Ask the person").waitFor();
  });

  test("without a network, or with a server that fails, it says that the look-up did not work, and tries again", async () => {
    // A browser of its own: Chromium itself reports what the network and the server do here.
    const other = await browser.profile();
    const tab = await signIn(other, server.origin);
    const press = (name) => tab.getByRole("button", { name, exact: true }).click();
    await tab.goto(`${server.origin}/#/keys`);
    await tab.getByLabel("New passphrase").fill(PASSPHRASE);
    await tab.getByLabel("Repeat passphrase").fill(PASSPHRASE);
    await press("Create keystore");
    await tab.getByRole("link", { name: "Find a key" }).click();
    const answered = (words) => tab.getByRole("alert").getByText(words).waitFor();
    const ask = async (address) => {
      await tab.getByLabel("Email address").fill(address);
      await press("Find");
    };
    await other.context.setOffline(true);
    await ask("nobody@wkd.example");
    await answered("The look-up did not work");
    await other.context.setOffline(false);
    await tab.route(/\/api\/v1\/lookup/, (route) => route.fulfill({ status: 500, body: "oops" }), { times: 1 });
    await press("Try again");
    await answered("The look-up did not work");
    await press("Try again");
    await answered("No key is published for this address");
    assert.equal(await tab.getByRole("button", { name: "Try again" }).count(), 0);
    await other.close();
  });

  test("another key for a known address is not used before somebody has looked at it", async () => {
    const { octets } = await gpgCertificate(CAROL);
    await go("/import", page.getByLabel("Paste keys"));
    await page.getByLabel("Choose key files").setInputFiles({ name: "carol.gpg", mimeType: "application/octet-stream", buffer: octets });
    await said(`You already have another key for ${CAROL.address}.`);
    await button("Import 1 key").click();
    const warning = page.getByRole("region", { name: "another key for a known address" });
    await warning.waitFor();
    assert.ok((await warning.locator("mark").count()) > 0, "the differences are marked");
    assert.equal(await row(CAROL.address).filter({ hasText: "another key for a known address" }).count(), 1);

    await page.goto(`${server.origin}/#/compose`);
    await page.getByLabel("To", { exact: true }).fill(`${CAROL.address},`);
    await page.getByLabel("Subject").focus();
    await page.getByRole("list", { name: "Recipients" }).getByText("key seen before").waitFor();
    await button(`Remove ${CAROL.address}`).click();

    await go("", row(CAROL.address));
    await row(CAROL.address).filter({ hasText: "another key for a known address" }).click();
    await button(`Use this key for ${CAROL.address}`).click();
    await page.getByRole("dialog").getByRole("button", { name: "Use this key" }).click();
    await said(`Key for ${CAROL.address} chosen.`);
    assert.equal(await page.getByText("another key for a known address").count(), 0);
    await row(CAROL.address).filter({ hasNot: page.locator("[aria-current]") }).first().click();
    await said(`For ${CAROL.address} you use another key.`);
  });

  test("a comparison settles it as well", async () => {
    const { octets } = await gpgCertificate(DORA);
    await go("/import", page.getByLabel("Paste keys"));
    await page.getByLabel("Choose key files").setInputFiles({ name: "dora.gpg", mimeType: "application/octet-stream", buffer: octets });
    await button("Import 1 key").click();
    const warning = page.getByRole("region", { name: "another key for a known address" });
    const fingerprint = await page.getByTestId("fingerprint").innerText();
    await page.getByText("Compare with another fingerprint").click();
    await page.getByLabel("The other fingerprint", { exact: true }).fill(fingerprint);
    await page.getByTestId("comparison").getByText("They are the same.").waitFor();
    await button("I have compared it: it is the same").click();
    await warning.waitFor({ state: "detached" });
    await row(DORA.address).getByText("fingerprint compared", { exact: true }).waitFor();
  });

  test("a certification is given, shown, and taken back after the word was typed", async () => {
    await row(DORA.address).getByText("fingerprint compared", { exact: true }).click();
    await page.getByRole("switch", { name: "Show everything" }).check();
    await page.getByText(`Certify the key of ${DORA.name}`).click();
    await button("Certify now").click();
    await said(`The key of ${DORA.name} is certified.`);
    await page.getByText("Certified by 1 other key").click();
    await said("certified it");
    assert.doesNotMatch(await page.locator("summary + ul.lines > li").first().innerText(), /\s,/);
    await button(`Take back the certification of ${DORA.name} <${DORA.address}>`).click();
    const dialog = page.getByRole("dialog");
    assert.ok(await dialog.getByRole("button", { name: "Take back" }).isDisabled());
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    assert.ok(await button(`Take back the certification of ${DORA.name} <${DORA.address}>`).evaluate((element) => element === document.activeElement), "the focus is back");
    await page.keyboard.press("Enter");
    await dialog.getByLabel("Type revoke to confirm").fill("revoke");
    await dialog.getByRole("button", { name: "Take back" }).click();
    await said("is taken back");
    await page.getByText("took the certification back").waitFor();
    await page.getByText("Certified by no other key · 1 certification that does not count").waitFor();
  });

  let message;
  test("a Setup Message: the file, and a code that is shown once", async () => {
    await row(SENDER.address).first().click();
    await button("Make a Setup Message").click();
    await said("The Setup Message is ready.");
    const code = (await page.getByTestId("code").innerText()).replace(/\s/g, "");
    assert.match(code, /^\d{4}(-\d{4}){8}$/);
    const [download] = await Promise.all([page.waitForEvent("download"), button("Save the Setup Message").click()]);
    assert.match(download.suggestedFilename(), /\.eml$/);
    message = { code, mail: await readFile(await download.path(), "utf8"), fingerprint: await page.getByTestId("fingerprint").innerText() };
    assert.ok(message.mail.includes("Passphrase-Format: numeric9x4") && !message.mail.includes(code));
    await page.goto(`${server.origin}/#/keys`);
    await row(SENDER.address).first().click();
    await button("Make a Setup Message").waitFor();
    assert.equal(await page.getByTestId("code").count(), 0, "nobody finds it later");
  });

  test("another browser takes the key in: the mail dropped as a file, or its attachment pasted", async () => {
    const attachment = message.mail.slice(message.mail.indexOf("<html>"), message.mail.indexOf("</html>") + 7);
    for (const give of ["file", "paste"]) {
      const other = await browser.profile();
      const tab = await signIn(other, server.origin);
      const press = (name) => tab.getByRole("button", { name, exact: true }).click();
      await tab.goto(`${server.origin}/#/keys`);
      await tab.getByLabel("New passphrase").fill("Sieben Kraniche über Husum");
      await tab.getByLabel("Repeat passphrase").fill("Sieben Kraniche über Husum");
      await press("Create keystore");
      await tab.getByRole("link", { name: "Import" }).first().click();
      if (give === "file") await dropFile(tab, "setup.eml", message.mail);
      else await tab.getByLabel("Paste keys").fill(attachment);
      const field = tab.getByLabel("Setup Code", { exact: true });
      await field.waitFor();
      await tab.getByText(`It begins with ${message.code.slice(0, 2)}.`).waitFor();

      await field.fill(message.code.slice(0, 20));
      await press("Open it");
      await tab.getByRole("alert").getByText("The code has 36 digits").waitFor();
      await field.fill(message.code.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10)));
      await press("Open it");
      await tab.getByRole("alert").getByText("This code does not open the message").waitFor();
      await field.fill("");
      await field.pressSequentially(message.code.replaceAll("-", ""));
      assert.equal(await field.inputValue(), message.code, "blocks of four as they are typed");
      await press("Open it");
      await tab.getByText("1 new key").waitFor();
      assert.equal(await tab.getByLabel("Passphrase of this key").count(), 0);
      await press("Import 1 key");
      await tab.locator(".key-state").getByText("Your key").waitFor();
      assert.equal(await tab.getByTestId("fingerprint").innerText(), message.fingerprint);
      // It signs without another question: it is under this keystore's passphrase.
      await tab.getByText("Expiry", { exact: true }).click();
      await tab.getByRole("button", { name: "Change expiry" }).click();
      await tab.getByText(/The key is valid until/).first().waitFor();
      other.assertQuiet();
      await other.close();
    }
  });

  test("a post-quantum key: the larger module is loaded when it is wanted, and the keystore opened in it", async () => {
    await onlyModule("worker-script");
    await go("/new", button("Generate key"));
    await page.getByLabel("Name", { exact: true }).fill("Anna Later");
    await page.getByLabel("Post-quantum (experimental)").check();
    await button("Generate key").click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Passphrase").fill("certainly another one");
    await dialog.getByRole("button", { name: "Unlock" }).click();
    await dialog.getByText("That passphrase does not fit").waitFor();
    await dialog.getByLabel("Passphrase").fill(PASSPHRASE);
    await dialog.getByRole("button", { name: "Unlock" }).click();
    await page.getByRole("heading", { name: "Back up your key" }).waitFor({ timeout: 120_000 });
    await button("Remind me later").click();
    await page.locator(".facts").getByText(/ML-DSA-65/).waitFor();
    await onlyModule("pqc-worker-script");
  });

  /** Waits until this script of the package runs in a worker, and no other of it. */
  async function onlyModule(name) {
    const script = (worker) => /\/([a-z-]*worker-script)-[\w-]{8}\.js$/.exec(worker.url())?.[1] ?? [];
    const running = () => page.workers().flatMap(script);
    for (const end = Date.now() + 10_000; Date.now() < end && running().join() !== name; ) await page.waitForTimeout(50);
    assert.deepEqual(running(), [name]);
  }

  test("it signs when it is chosen, is verified on the decrypt page, and the encrypted answer opens", async () => {
    await page.goto(`${server.origin}/#/compose`);
    assert.match(await page.getByLabel("Sign with").locator("option:checked").innerText(), new RegExp(`^\\s*${SENDER.name} `), "the ordinary key goes on signing");
    const sealed = await seal(page, { origin: server.origin, subject: "later", text: "safe for longer", password: PASSWORD, sign: "Anna Later" });
    const reader = await browser.profile();
    const tab = await visit(reader, sealed.link);
    assert.equal((await read(tab, PASSWORD)).text.trim(), "safe for longer");
    await tab.getByTestId("signature").getByText("Anna Later").first().waitFor({ timeout: 60_000 });
    assert.equal(await reply(tab, "and so is this"), 201);
    assert.equal(await readReply(page, { origin: server.origin, id: sealed.id }, 1), "and so is this");
    reader.assertQuiet();
    await reader.close();
  });

  test("a reader with keys of their own is told of another key, and answers to the one they know", async () => {
    await go("", row(SENDER.address));
    await page.getByRole("link", { name: new RegExp(`^${SENDER.name}`) }).click();
    const exported = async (which) => {
      const [download] = await Promise.all([page.waitForEvent("download"), button(`Export ${which} key`).click()]);
      return readFile(await download.path(), "utf8");
    };
    const armored = await exported("public");
    const [key] = await readKeys(await exported("secret"));

    const reader = await browser.profile();
    const webmail = await signIn(reader, server.origin);
    await webmail.goto(`${server.origin}/#/keys`);
    await webmail.getByLabel("New passphrase").fill("Sieben Kraniche über Husum");
    await webmail.getByLabel("Repeat passphrase").fill("Sieben Kraniche über Husum");
    await webmail.getByRole("button", { name: "Create keystore" }).click();
    await webmail.getByRole("link", { name: "Import" }).first().click();
    await webmail.getByLabel("Paste keys").fill(armored);
    await webmail.getByRole("button", { name: "Import 1 key" }).click();
    await webmail.locator(".key-state").getByText("Contact").waitFor();

    for (const [sign, verdict, badge] of [
      [SENDER.name, `It is the key you know for ${SENDER.address}.`, "Signed with the key you know"],
      ["Anna Later", `Another key than the one you know for ${SENDER.address} came with this message.`, /^! Signed with a key in the name of Anna Later .*, not verified$/],
    ]) {
      const sealed = await seal(page, { origin: server.origin, subject: "who", text: "is it", password: PASSWORD, sign });
      const tab = await visit(reader, sealed.link);
      await read(tab, PASSWORD);
      await tab.getByRole("button", { name: "Reply encrypted" }).click();
      await tab.getByText("I keep keys in this browser").click();
      await tab.getByLabel("Passphrase of the keystore").fill("certainly another one");
      await tab.getByRole("button", { name: "Compare with my keys" }).click();
      await tab.getByText("That passphrase does not fit").waitFor();
      await tab.getByLabel("Passphrase of the keystore").fill("Sieben Kraniche über Husum");
      await tab.getByRole("button", { name: "Compare with my keys" }).click();
      await tab.getByText(verdict).waitFor();
      await tab.getByTestId("signature").getByText(badge).waitFor();

      assert.equal(await reply(tab, "it is me"), 201);
      const received = await page.evaluate(async (id) => [...(await (await fetch(`/api/v1/envelopes/${id}/replies/1`)).bytes())], sealed.id);
      const ciphertext = Uint8Array.from(received);
      assert.equal((await inspectMessage({ message: ciphertext })).recipients.length, 1, sign);
      assert.equal((await openEnvelope({ ciphertext, keys: { key, passphrase: PASSPHRASE } })).text, "it is me", sign);
      assert.equal(await readReply(page, { origin: server.origin, id: sealed.id }, 1), "it is me");
      await tab.close();
    }
    reader.assertQuiet();
    await reader.close();
  });

  test("a name that turns the writing direction is shown as it is written, with a warning", async () => {
    const { key } = await generateKey({ userIds: [{ name: "\u202emoc.elpmaxe@bob\u202c", email: "mallory@evil.example" }] });
    await paste(key.certificate.armored);
    const preview = page.getByRole("region", { name: "What will change" });
    await preview.getByText("\ufffdmoc.elpmaxe@bob").first().waitFor();
    await preview.getByText("Contains marks that turn the writing direction").first().waitFor();
    assert.doesNotMatch(await page.locator("main").innerText(), /[\u202a-\u202e]/);
  });

  test("the next visit has it at once, and a browser that forgot finds out", async () => {
    await page.reload();
    await unlock();
    await row("Anna Later").waitFor();
    await onlyModule("pqc-worker-script");
    await page.evaluate(() => localStorage.removeItem("envelock-post-quantum"));
    await page.reload();
    await page.getByLabel("Passphrase", { exact: true }).waitFor();
    await onlyModule("worker-script");
    await unlock();
    await row("Anna Later").waitFor();
    await onlyModule("pqc-worker-script");
  });

  test("a lock in one tab locks the others", async () => {
    const other = await profile.newPage();
    await other.goto(`${server.origin}/#/keys`);
    await other.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
    await other.getByRole("button", { name: "Unlock", exact: true }).click();
    await other.getByRole("heading", { name: "My keys" }).waitFor({ timeout: 60_000 });
    await other.getByRole("button", { name: "Lock", exact: true }).click();
    await page.getByLabel("Passphrase", { exact: true }).waitFor();
    await other.close();
    await unlock();
  });

  test("the passphrase is in that module's memory while it is open, and gone when it is locked", async () => {
    assert.ok((await inMemory(page, { PASSPHRASE })).includes("PASSPHRASE as raw"), "the search finds what is there");
    await go("", button("Lock"));
    await button("Lock").click();
    await page.getByLabel("Passphrase", { exact: true }).waitFor();
    await leaveMemory(page, { PASSPHRASE, code: message.code });
    profile.assertQuiet();
    assert.deepEqual(browser.escaped(), []);
  });
});

/** Drops a file on the page as a file manager does. */
async function dropFile(page, name, text) {
  const data = await page.evaluateHandle(([name, text]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], name, { type: "message/rfc822" }));
    return transfer;
  }, [name, text]);
  for (const type of ["dragover", "drop"]) await page.dispatchEvent("main", type, { dataTransfer: data });
}
