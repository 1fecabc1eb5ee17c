// What somebody who got a link does on the decrypt page, by the names a screen reader says (www/README.md).
import { readFile } from "node:fs/promises";

/** The one sentence for every message that is not there any more, whatever the reason. */
export const GONE = "This message is no longer here. Ask the sender for a new link.";

/** Opens the link and waits until the page knows whether there is a message. */
export async function visit(profile, link) {
  const page = await profile.newPage();
  await page.goto(link);
  await page.getByLabel("Password", { exact: true }).or(page.getByText(GONE)).first().waitFor();
  return page;
}

/** Types a password and presses Open; resolves when the page has an answer of some kind. */
export async function tryPassword(page, password) {
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Open", exact: true }).click();
}

/** Opens with the right password and gives what the reader sees. */
export async function read(page, password) {
  await tryPassword(page, password);
  const text = page.getByTestId("text");
  await text.waitFor({ timeout: 120_000 });
  return { subject: await page.getByRole("heading", { level: 1 }).innerText(), text: await text.innerText() };
}

/** Saves one attachment and gives its octets and the name it was saved under. */
export async function save(page, name) {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: `Save ${name}` }).or(page.getByRole("link", { name: `Save ${name}` })).click(),
  ]);
  return { name: download.suggestedFilename(), data: await readFile(await download.path()) };
}

/** Writes an encrypted reply and waits until it is sent. */
export async function reply(page, text) {
  await page.getByRole("button", { name: "Reply encrypted" }).click();
  await page.getByLabel("Your reply").fill(text);
  const answered = page.waitForResponse((response) => response.url().endsWith("/replies") && response.request().method() === "POST");
  await page.getByRole("button", { name: "Send encrypted reply" }).click();
  return (await answered).status();
}
