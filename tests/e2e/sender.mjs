// What a sender does in the webmail, by the names a screen reader says (www/README.md).
import assert from "node:assert/strict";

export const SENDER = { name: "Anna Berg", address: "anna@demo.example" };

/** Opens the webmail in a fresh page, signed in to the demo account. */
export async function signIn(profile, origin) {
  const page = await profile.newPage();
  await page.goto(`${origin}/`);
  await page.getByRole("button", { name: "Use the demo account" }).click();
  await page.getByRole("navigation", { name: "Main" }).waitFor();
  return page;
}

/** Makes the keystore and one key in it. */
export async function makeKey(page, { origin, passphrase, kind = "Works everywhere" }) {
  await page.goto(`${origin}/#/keys`);
  await page.getByLabel("New passphrase").fill(passphrase);
  await page.getByLabel("Repeat passphrase").fill(passphrase);
  await page.getByRole("button", { name: "Create keystore" }).click();
  await page.getByRole("link", { name: "New key" }).click();
  await page.getByLabel("Name", { exact: true }).fill(SENDER.name);
  await page.getByLabel("Email address").fill(SENDER.address);
  await page.getByLabel(kind).check();
  await page.getByRole("button", { name: "Generate key" }).click();
  await page.getByRole("heading", { name: "Back up your key" }).waitFor();
  await page.getByRole("button", { name: "Remind me later" }).click();
}

/** Brings a locked secret key of another program into the keystore. */
export async function importKey(page, { origin, armored, passphrase }) {
  await page.goto(`${origin}/#/keys/import`);
  await page.getByLabel("Paste keys").fill(armored);
  await page.getByRole("region", { name: "What will change" }).waitFor();
  await page.getByLabel("Passphrase of this key").fill(passphrase);
  await page.getByRole("button", { name: "Import 1 key" }).click();
  await page.getByRole("button", { name: "Export public key" }).waitFor();
}

/**
 * Writes and seals a message; gives `{ link, id, linkSecret }`.
 * With `sign` somebody's name must be among the keys; without, the page's default stands.
 * `files` are `{ name, mimeType, buffer }`; `openings`, `expires` and `sign` are what the chosen option says.
 */
export async function seal(page, { origin, recipient = "bea@example.org", subject, text, files = [], password, hint, openings, expires, sign }) {
  await page.goto(`${origin}/#/compose`);
  const another = page.getByRole("button", { name: "Write another message" });
  const to = page.getByLabel("To", { exact: true });
  await another.or(to).waitFor();
  if (await another.isVisible()) await another.click();
  await to.fill(recipient);
  await page.getByLabel("Subject").fill(subject);
  await page.getByLabel("Message", { exact: true }).fill(text);
  if (files.length > 0) await page.getByLabel("Attach files").setInputFiles(files);
  await page.getByLabel("My own password").check();
  await page.getByLabel("Own password", { exact: true }).fill(password);
  if (hint !== undefined) await page.getByLabel("Hint (optional)").fill(hint);
  if (expires !== undefined) await choose(page.getByLabel("Expires"), expires);
  if (openings !== undefined) await choose(page.getByLabel("Can be opened"), openings);
  if (sign !== undefined) await choose(page.getByLabel("Sign with"), new RegExp(sign));
  await page.getByRole("button", { name: /^Encrypt/ }).click();
  await page.getByRole("heading", { name: "Your link is ready" }).waitFor({ timeout: 120_000 });
  const link = await page.getByRole("textbox", { name: "Link", exact: true }).inputValue();
  const parts = /^(https:\/\/[^/]+)\/d\/([\w-]{22})(?:#([\w-]{22}))?$/.exec(link);
  assert.ok(parts, `not a link: ${link}`);
  assert.equal(parts[1], origin);
  return { link, id: parts[2], linkSecret: parts[3] };
}

/** Chooses the option whose text fits. */
async function choose(select, wanted) {
  const texts = await select.locator("option").allInnerTexts();
  const text = texts.find((candidate) => (wanted instanceof RegExp ? wanted.test(candidate) : candidate.trim() === wanted));
  assert.ok(text !== undefined, `no option like ${wanted} among ${JSON.stringify(texts)}`);
  await select.selectOption({ label: text.trim() });
}

/** Opens the page of one sent link and waits until its state is in these words; the page refreshes itself. */
export async function expectState(page, { origin, id }, words) {
  await page.goto(`${origin}/#/links/${id}`);
  const state = page.getByTestId("state");
  try {
    await state.filter({ hasText: words }).waitFor();
  } catch {
    assert.fail(`the state is "${await state.innerText({ timeout: 1_000 }).catch(() => "not shown")}" and not ${words}`);
  }
}

/** Lets a locked envelope be tried again. */
export async function unlock(page, envelope) {
  await expectState(page, envelope, /locked/i);
  await page.getByRole("button", { name: "Unlock", exact: true }).click();
  await expectState(page, envelope, /waiting/i);
}

/** Takes an envelope back. */
export async function withdraw(page, envelope) {
  await expectState(page, envelope, /waiting/i);
  await page.getByRole("button", { name: "Withdraw", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Withdraw it" }).click();
  await expectState(page, envelope, /withdrawn/i);
}

/** The text of a reply, as the sender sees it. */
export async function readReply(page, envelope, number) {
  await page.goto(`${envelope.origin}/#/links/${envelope.id}`);
  await page.getByRole("link", { name: `Open reply ${number}` }).click();
  return (await page.getByTestId("reply-text").innerText()).trim();
}
