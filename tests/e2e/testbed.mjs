// A server of its own for a group of tests, and a browser that goes there, for as long as they run.
import { after, before } from "node:test";
import { startBrowser } from "./browser.mjs";
import { startServer } from "./server.mjs";

/** `begin` has both before the first test. Other settings are `startServer`'s. */
export function testbed({ begin, ...settings }) {
  let server;
  let browser;
  before(async () => {
    server = await startServer(settings);
    browser = await startBrowser(server.origin);
    await begin({ server, browser });
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    await server?.remove();
  });
}
