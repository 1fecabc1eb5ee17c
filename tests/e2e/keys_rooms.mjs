// The keystore pages as somebody sees them: how to get to one, and what there is to press and to read.

/** What stands on `page`. */
export function keysRooms(page, origin) {
  return {
    /** Goes to a part of the keystore and waits until `ready` is there. */
    async go(route, ready) {
      await page.goto(`${origin}/#/keys${route}`);
      await ready.first().waitFor();
    },
    button: (name) => page.getByRole("button", { name, exact: true }),
    said: (words) => page.getByText(words).first().waitFor(),
    row: (address) => page.getByRole("link", { name: new RegExp(address.replaceAll(".", "\\.")) }),
  };
}
