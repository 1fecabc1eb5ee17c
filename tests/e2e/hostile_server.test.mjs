// A server that lies to the decrypt page: heads with other parameters, damaged or foreign ciphertext, absurd sizes. The page
// must not use the password for a cheaper token, must show no text, and must work again once the server is honest.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBrowser } from "./browser.mjs";
import { read, tryPassword } from "./recipient.mjs";
import { seal, signIn } from "./sender.mjs";
import { startServer } from "./server.mjs";

const PASSWORD = "Ahornallee 17, dritter Stock";
const TEXT = "What the server must not be able to read or to change.";

let server;
let browser;
let envelope;
before(async () => {
  server = await startServer();
  browser = await startBrowser(server.origin);
  const sender = await browser.profile();
  const page = await signIn(sender, server.origin);
  envelope = await seal(page, { origin: server.origin, subject: "s", text: TEXT, password: PASSWORD, openings: /as often/i });
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await server?.remove();
});

/** A page on the link, with the server's answers changed on their way. `tokens` collects what the page sent. */
async function lied({ head, ciphertext }) {
  const profile = await browser.profile();
  const page = await profile.newPage();
  const tokens = [];
  await page.route(new RegExp(`/api/v1/d/${envelope.id}$`), async (route) => {
    const response = await route.fetch();
    const honest = await response.json();
    await route.fulfill({ response, json: { ...honest, ...head?.(honest) } });
  });
  await page.route(new RegExp(`/api/v1/d/${envelope.id}/open$`), async (route) => {
    tokens.push(route.request().postDataJSON().token);
    const response = await route.fetch();
    const body = await response.body();
    await route.fulfill({ response, body: ciphertext ? ciphertext(body) : body });
  });
  await page.goto(envelope.link);
  await page.getByRole("heading", { level: 1 }).waitFor();
  return { page, tokens, close: () => profile.close() };
}

/** Tries the right password if the page still asks for one; in the end no text may be there. */
async function assertNothingShown({ page }) {
  const password = page.getByLabel("Password", { exact: true });
  await page.waitForTimeout(300);
  if (await password.isVisible()) {
    await tryPassword(page, PASSWORD);
    await page.getByRole("alert").filter({ hasText: /\S/ }).first().waitFor();
  }
  assert.equal(await page.getByTestId("text").count(), 0);
  assert.ok(!(await page.content()).includes(TEXT));
  assert.match(await page.getByRole("alert").filter({ hasText: /\S/ }).first().innerText(), /\S/);
}

const otherSalt = (salt) => (salt.startsWith("A") ? "B" : "A") + salt.slice(1);
const heads = {
  "another profile": () => ({ profile: 2 }),
  "no profile": () => ({ profile: null }),
  "a short salt": () => ({ salt: "AAAA" }),
  "an empty salt": () => ({ salt: "" }),
  "a salt that is no text": () => ({ salt: 7 }),
};
for (const [name, head] of Object.entries(heads)) {
  test(`a head with ${name}: no token is made`, async () => {
    const visit = await lied({ head });
    await assertNothingShown(visit);
    assert.deepEqual(visit.tokens, []);
    await visit.close();
  });
}

test("a head that names cheap Argon2 parameters: they are not used", async () => {
  const honest = await lied({});
  await read(honest.page, PASSWORD);
  const cheap = await lied({ head: () => ({ s2k: { passes: 1, lanes: 1, memory: 3 }, t: 1, p: 1, m: 3, argon2: [1, 1, 3] }) });
  await read(cheap.page, PASSWORD);
  assert.deepEqual(cheap.tokens, honest.tokens, "the token must be the one of the profile");
  await Promise.all([honest.close(), cheap.close()]);
});

test("a head that says there is no link secret: the token differs, and nothing opens", async () => {
  const visit = await lied({ head: () => ({ linkSecret: false }) });
  await assertNothingShown(visit);
  await visit.close();
});

test("a head with another salt and the ciphertext handed out all the same: refused", async () => {
  const honest = await lied({});
  await read(honest.page, PASSWORD);
  const [token] = honest.tokens;
  await honest.close();
  const profile = await browser.profile();
  const page = await profile.newPage();
  await page.route(new RegExp(`/api/v1/d/${envelope.id}$`), async (route) => {
    const response = await route.fetch();
    const head = await response.json();
    await route.fulfill({ response, json: { ...head, salt: otherSalt(head.salt) } });
  });
  await page.route(new RegExp(`/api/v1/d/${envelope.id}/open$`), async (route) => {
    assert.notEqual(route.request().postDataJSON().token, token, "another salt, another token");
    await route.fulfill({ response: await route.fetch({ postData: JSON.stringify({ token }) }) });
  });
  await page.goto(envelope.link);
  await page.getByLabel("Password", { exact: true }).waitFor();
  await assertNothingShown({ page });
  await profile.close();
});

const damages = {
  "one flipped bit": (body) => (body.writeUInt8(body.at(-40) ^ 1, body.length - 40), body),
  "a cut end": (body) => body.subarray(0, -1),
  "an empty body": () => Buffer.alloc(0),
  "octets appended": (body) => Buffer.concat([body, Buffer.from([0])]),
  "a web page": (body) => Buffer.from("<!doctype html><title>Sign in</title>".padEnd(body.length)),
  "zeros": (body) => Buffer.alloc(body.length),
};
for (const [name, ciphertext] of Object.entries(damages)) {
  test(`ciphertext with ${name}: nothing is shown, and the message is intact afterwards`, async () => {
    const visit = await lied({ ciphertext });
    await assertNothingShown(visit);
    await visit.close();
    const honest = await lied({});
    assert.equal((await read(honest.page, PASSWORD)).text.trim(), TEXT);
    await honest.close();
  });
}

test("a size beyond any memory: said, not crashed", async () => {
  for (const size of [2 ** 53, -1, 1.5, "many", null]) {
    const visit = await lied({ head: () => ({ size }) });
    await assertNothingShown(visit);
    await visit.close();
  }
});
