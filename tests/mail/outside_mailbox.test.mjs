// A password message all the way, in a real browser: written in the webmail, brought by our server to a stranger's mail server (Postfix), read
// in the stranger's mailbox (Dovecot), opened by the link that stands there, and answered.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { startBrowser } from "../e2e/browser.mjs";
import { BEGIN, signedRoot } from "../e2e/mail_world.mjs";
import { read, reply, visit } from "../e2e/recipient.mjs";
import { makeKey, readReply, SENDER, signIn } from "../e2e/sender.mjs";
import { startServer } from "../e2e/server.mjs";
import { readByImap } from "./mailbox_client.mjs";
import { mailServers } from "./mail_servers.mjs";

const DOMAIN = "outside.example";
const BEA = `bea@${DOMAIN}`;
const MAILBOX_PASSWORD = "gravel under snow 12";
const PASSWORD = "Erlen am Wehr 41";
const PASSPHRASE = "Nachtzug nach Lindau 88";
const WRITTEN = { subject: "Der Schlüssel zum Bootshaus", text: "Er liegt unter dem dritten Brett." };
const ANSWER = "Gefunden, danke. Ich lege ihn zurück.";

describe("a password message to somebody with a mailbox elsewhere", { timeout: 600_000 }, () => {
  let folder, servers, names, server, browser, anna, bea, profile;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "envelock-outside-"));
    servers = await mailServers(DOMAIN);
    await servers.prepare({ passwords: { [BEA]: MAILBOX_PASSWORD }, addresses: { [BEA]: [`${BEA}.programs.internal`] } });
    names = await signedRoot(join(folder, "zone"), `${BEGIN}${DOMAIN}. MX 10 mx.${DOMAIN}.\nmx.${DOMAIN}. A 127.0.0.1\n`);
    await servers.start();
    server = await startServer({
      options: [
        ...["--public-name", "localhost", "--send-mail", "--mail-domain", "demo.example", "--test-mail-dns", names.address, "--test-mail-anchor", names.anchor],
        ...["--test-mail-port", String(servers.ports.smtp), "--test-mail-authority", servers.authority],
      ],
    });
    browser = await startBrowser(server.origin);
    profile = await browser.profile();
    anna = await signIn(profile, server.origin);
    await makeKey(anna, { origin: server.origin, passphrase: PASSPHRASE });
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    await server?.remove();
    await servers?.stop();
    await names?.stop();
    await servers?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  /** The one message of the mailbox, once it is there. */
  async function arrived() {
    for (const deadline = Date.now() + 120_000; Date.now() < deadline; await new Promise((resolve) => setTimeout(resolve, 500))) {
      const messages = await readByImap({ port: servers.ports.imaps, authority: servers.authority, user: BEA, password: MAILBOX_PASSWORD });
      if (messages.length > 0) return messages;
    }
    return assert.fail(`nothing came: ${(await servers.log()).slice(-6000)}`);
  }

  let link;
  test("is brought to their mailbox, as a link, with nothing of what was written", async () => {
    await anna.goto(`${server.origin}/#/compose`);
    await anna.getByLabel("To", { exact: true }).fill(BEA);
    await anna.getByLabel("To", { exact: true }).press("Enter");
    await anna.getByLabel("Subject").fill(WRITTEN.subject);
    await anna.getByLabel("Message", { exact: true }).fill(WRITTEN.text);
    await anna.getByLabel("My own password").check();
    await anna.getByLabel("Own password", { exact: true }).fill(PASSWORD);
    await anna.getByRole("button", { name: `Encrypt, and send a password link to ${BEA}` }).click();
    await anna.getByRole("heading", { name: "Your link is ready" }).waitFor({ timeout: 120_000 });
    const [message, ...more] = await arrived();
    assert.deepEqual(more, []);
    assert.match(message, new RegExp(`^From: "?${SENDER.name}"? <${SENDER.address}>`, "m"));
    // Postfix writes down how it came.
    assert.match(message, /\(using TLSv1\.[23] with cipher /);
    for (const secret of [WRITTEN.text, WRITTEN.subject, PASSWORD]) assert.ok(!message.includes(Buffer.from(secret).toString("latin1")));
    const text = message.replaceAll("=\r\n", "").replaceAll("=3D", "=").replaceAll("=23", "#");
    [link] = /https:\/\/localhost:\d+\/d\/[\w-]{22}#[\w-]{22}/.exec(text) ?? [];
    assert.ok(link, text);
  });

  test("is opened by that link in another browser, and answered; the answer is the writer's alone", async () => {
    bea = await browser.profile();
    const page = await visit(bea, link);
    assert.deepEqual(await read(page, PASSWORD), WRITTEN);
    assert.equal(await reply(page, ANSWER), 201);
    const [, id] = /\/d\/([\w-]{22})#/.exec(link);
    assert.equal(await readReply(anna, { origin: server.origin, id }, 1), ANSWER);
    const sent = server.sent().toString("latin1");
    assert.ok(sent.includes(BEA), "what is looked for would be found");
    for (const secret of [WRITTEN.text, ANSWER, PASSWORD, PASSPHRASE]) assert.ok(!sent.includes(Buffer.from(secret).toString("latin1")), secret);
  });
});
