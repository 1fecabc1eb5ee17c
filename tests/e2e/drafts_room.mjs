// Writing and drafts as somebody sees them, on one device.

/** What stands on `page`. */
export function draftsRoom(page, origin) {
  const room = {
    page,
    button: (name) => page.getByRole("button", { name, exact: true }),
    text: page.getByLabel("Message", { exact: true }),
    subject: page.getByLabel("Subject"),
    rows: page.getByRole("list", { name: "Drafts" }).getByRole("listitem"),
    row: (subject) => room.rows.filter({ hasText: subject }),
    /** Goes where messages are written. */
    async compose() {
      await page.goto(`${origin}/#/compose`);
      await room.text.waitFor();
    },
    /** Writes a new message, which is a draft when this returns. */
    async write({ subject, text, recipient }) {
      await room.compose();
      if (recipient !== undefined) await page.getByLabel("To", { exact: true }).fill(recipient);
      await room.subject.fill(subject);
      await room.text.fill(text);
      await room.isKept();
    },
    /** Until everything on the page is stored. */
    async isKept() {
      await page.locator("p").filter({ hasText: "Draft saved" }).filter({ hasNotText: "Saving …" }).waitFor();
    },
    /** Goes to the list, and has it ask the server again. */
    async list() {
      await page.goto(`${origin}/#/drafts`);
      await page.getByRole("heading", { name: "Drafts", exact: true }).first().waitFor();
      // As after some time: the list asks the server again whenever somebody looks at it.
      await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    },
    /** Opens a draft of the list; it is on the page when this returns. */
    async open(subject) {
      await room.list();
      await room.row(subject).getByRole("link").click();
      await page.waitForURL(/#\/compose$/);
      await room.text.waitFor();
    },
    /** Discards what is on the page, draft and all. */
    async discard() {
      await room.compose();
      await room.button("Discard").click();
      const sure = page.getByRole("dialog").getByRole("button", { name: "Discard it" });
      await sure.click();
      await sure.waitFor({ state: "detached" });
    },
    said: (words) => page.getByText(words).first().waitFor(),
    /** The drafts as the server lists them. */
    listed: () => page.evaluate(async () => (await (await fetch("/api/v1/account/drafts")).json()).drafts),
    /** Until the server lists so many. */
    async number(wanted) {
      for (let tries = 0; tries < 40; tries += 1) {
        const listed = await room.listed();
        if (listed.length === wanted) return listed;
        await page.waitForTimeout(250);
      }
      throw new Error(`not ${wanted} drafts but ${(await room.listed()).length}`);
    },
    /** The ciphertext of one. */
    ciphertext: async (id) => Buffer.from(await page.evaluate(async (name) => [...new Uint8Array(await (await fetch(`/api/v1/account/drafts/${name}`)).arrayBuffer())], id)),
  };
  return room;
}
