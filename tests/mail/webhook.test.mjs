// Mail that a program hands over by HTTP, signed by the library that the authors of Standard Webhooks have for Node.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { createLogin } from "envelock/login";
import { Webhook } from "standardwebhooks";
import { apiClient } from "../e2e/api_client.mjs";
import { startServer } from "../e2e/server.mjs";

const ANNA = "anna@demo.example";
const SECRETS = ["old secret of this test, 32 octet", "new secret of this test, 32 octet"].map((text) => `whsec_${Buffer.from(text).toString("base64")}`);

describe("mail that a program hands over", { timeout: 120_000 }, () => {
  let folder;
  let server;
  let anna;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "envelock-webhook-"));
    await writeFile(join(folder, "secrets"), SECRETS.join("\n"), { mode: 0o600 });
    server = await startServer({ options: ["--mail-domain", "demo.example", "--mail-nameserver", "127.0.0.1:9", "--webhook-secret-file", join(folder, "secrets")] });
    anna = apiClient(server.origin);
    const login = await createLogin().startLogin({ password: "envelock demo" });
    const { body } = await anna("POST", "session/start", { address: ANNA, request: login.request });
    const { finalization } = await login.finish(body.response);
    assert.equal((await anna("POST", "session", { login: body.login, finalization })).status, 200);
  });
  after(async () => {
    await server?.stop();
    await server?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  /** As a program posts it that knows nothing of this server's sessions. */
  function handOver(secret, message, signedAt = new Date()) {
    const mail = { clientAddress: "192.0.2.7", clientName: "out.sender.example", sender: "eve@sender.example", recipients: [ANNA], message: Buffer.from(message).toString("base64") };
    const id = `msg_${message.length}`;
    const headers = {
      origin: "https://provider.example",
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(signedAt.getTime() / 1000)),
      "webhook-signature": new Webhook(secret).sign(id, signedAt, JSON.stringify(mail)),
    };
    return apiClient(server.origin)("POST", "inbound", mail, headers);
  }

  const letter = (subject) => `From: Eve <eve@sender.example>\r\nTo: ${ANNA}\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@sender.example>\r\n\r\nHi.\r\n`;

  test("is in the mailbox, under either secret", async () => {
    for (const [index, secret] of SECRETS.entries()) assert.deepEqual((await handOver(secret, letter(`number-${index}`))).body, { recipients: ["kept"] });
    const { body: list } = await anna("GET", "mailbox");
    assert.equal(list.messages.length, 2);
    for (const { id } of list.messages) {
      const { body: message } = await anna("GET", `mailbox/${id}`);
      assert.match(message, /^Received: from out\.sender\.example \(\[192\.0\.2\.7\]\)/m);
      assert.ok(message.endsWith(letter("number-0")) || message.endsWith(letter("number-1")));
    }
  });

  test("is refused under another, and when it was signed long ago", async () => {
    const stranger = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
    const old = new Date(Date.now() - 600_000);
    for (const answer of [await handOver(stranger, letter("strange")), await handOver(SECRETS[1], letter("old"), old)]) {
      assert.deepEqual([answer.status, answer.body.code], [401, "wrong-signature"]);
    }
    assert.equal((await anna("GET", "mailbox")).body.messages.length, 2);
  });
});
