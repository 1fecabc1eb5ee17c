// Somebody with an account of their own: invited, registered, signed in.
export const PASSWORD = "vier Kraniche im Moor";

/** Makes an account by an invitation of the operator's, in this page, which is signed in then. */
export async function register(page, server, { name, address, password = PASSWORD }) {
  const { hash } = new URL(await server.user("invite", "--address", address));
  await page.goto(`${server.origin}/register${hash}`);
  await page.getByLabel("Your name").fill(name);
  await page.getByLabel("Account password", { exact: true }).fill(password);
  await page.getByLabel("Repeat account password").fill(password);
  await page.getByRole("button", { name: "Create account" }).click();
}

/** The first step of signing in. */
export async function enterPassword(page, origin, { address, password = PASSWORD }) {
  await page.goto(`${origin}/`);
  await page.getByLabel("Address", { exact: true }).fill(address);
  await page.getByLabel("Account password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}
