// Real Chromium. Whatever a profile does is watched: requests that leave the origin, violations of the content security
// policy, console errors, uncaught errors. A trap proxy sees what Chromium itself would send elsewhere.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { chromium } from "playwright-core";

const PROGRAM = process.env.ENVELOCK_CHROMIUM ?? "/usr/bin/chromium";

/** Answers the server gives on purpose (status, path); Chromium reports each as a failed resource. */
const ANSWERS = [
  [401, /\/api\/v1\/session$/], // is anybody signed in?
  [401, /\/api\/v1\/(session|account)\/(totp|recovery-code|confirm)$/], // a code that does not fit, or comes too late
  [403, /\/api\/v1\/(account\/(totp|recovery-codes|tokens|keystore-backup|password\/start)|envelopes)$/], // is it still you?
  [401, /\/api\/v1\/(envelopes\?limit=500|account\/keystore-backup|account\/drafts)$/], // the session was ended elsewhere, or just now
  [429, /\/api\/v1\/session\/start$/], // too many tries
  [403, /\/api\/v1\/registration\/invitation$/], // it was used
  [409, /\/api\/v1\/registration$/], // the address is taken
  [400, /\/api\/v1\/registration\/start$/], // not an address of this server
  [404, /\/api\/v1\/outgoing$/], // this server sends no mail
  [507, /\/api\/v1\/outgoing$/], // fifty messages are waiting to be sent
  [404, /\/api\/v1\/lookup\?/], // nobody publishes a key
  [404, /\/api\/v1\/account\/mailbox-certificate$/], // mail stays as it came
  [404, /\/api\/v1\/account\/keystore-backup$/], // no code under the account's password
  [412, /\/api\/v1\/account\/keystore-backup$/], // another device was first
  [412, /\/api\/v1\/account\/drafts\/[\w-]{22}$/], // another device changed or deleted it
  [404, /\/api\/v1\/account\/drafts\/[\w-]{22}$/], // it was deleted
  [404, /\/api\/v1\/keyring$/], // no other device yet
  [412, /\/api\/v1\/keyring$/], // another device was faster
  [403, /\/api\/v1\/d\/[\w-]+\/open$/], // wrong password
  [404, /\/api\/v1\/d\/[\w-]+(\/open)?$/], // gone
  [409, /\/api\/v1\/d\/[\w-]+\/open$/], // someone else is opening it
  [423, /\/api\/v1\/d\/[\w-]+\/open$/], // locked
];

/** What Chromium itself asks its maker for, whatever page is open. A page's own requests to them are seen in its profile. */
const BROWSERS_OWN = /(^|\/\/|\s)(update|content-autofill|optimizationguide-pa|safebrowsing)\.googleapis\.com\b|\b(accounts|android\.clients|clients2|www)\.google\.com\b|\bredirector\.gvt1\.com\b/;

export async function startBrowser(origin) {
  const trap = await trapProxy();
  const browser = await chromium.launch({
    executablePath: PROGRAM,
    args: [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", `--proxy-server=http://127.0.0.1:${trap.port}`,
    ],
  });
  return {
    /** Hosts that anything in this browser tried to reach outside loopback. */
    escaped: trap.hosts,
    /** A fresh profile: no cookies, no storage, nothing shared with the others. */
    async profile(options = {}) {
      const context = await browser.newContext({ ignoreHTTPSErrors: true, acceptDownloads: true, locale: "en-GB", ...options });
      context.setDefaultTimeout(30_000);
      context.on("page", keepIntercepting);
      context.on("page", sayWhatStood);
      const complaints = await watch(context, origin);
      return {
        context,
        newPage: () => context.newPage(),
        close: () => context.close(),
        /** Fails when anything was reported in this profile. */
        assertQuiet: () => assert.deepEqual(complaints, []),
      };
    },
    async close() {
      await browser.close();
      trap.close();
    },
  };
}

/**
 * A page's first route begins the interception of its requests, and taking the last away ends it: whatever the page asks at that very moment is
 * never answered. So once begun it is not ended.
 */
function keepIntercepting(page) {
  const route = page.route.bind(page);
  let begun;
  page.route = async (...what) => {
    begun ??= route("**/that-no-page-asks-for", (asked) => asked.abort());
    await begun;
    await route(...what);
  };
}

/** Whoever waited in vain is told what stood on the page instead: what happens seldom must say enough when it does. */
function sayWhatStood(page) {
  const locator = Object.getPrototypeOf(page.locator("body"));
  if (Object.hasOwn(locator, "toldAtTimeouts")) return;
  locator.toldAtTimeouts = true;
  for (const name of ["waitFor", "click", "fill", "innerText", "evaluate", "selectOption", "check"]) {
    const plain = locator[name];
    locator[name] = async function (...given) {
      try {
        return await plain.apply(this, given);
      } catch (error) {
        if (error.name === "TimeoutError" && given.at(-1)?.timeout === undefined) {
          const read = this.page().evaluate(() => `${location.hash} ${document.body.innerText}`.replace(/\s*\n\s*/g, " | ").slice(0, 2000));
          error.message += `\nThe page: ${await Promise.race([read.catch(String), new Promise((resolve) => setTimeout(resolve, 5000, "does not answer"))])}`;
        }
        throw error;
      }
    };
  }
}

async function watch(context, origin) {
  const complaints = [];
  context.on("request", (request) => {
    const url = request.url();
    const own = url.startsWith(`${origin}/`) || url.startsWith(`blob:${origin}/`) || url.startsWith("data:");
    if (!own) complaints.push(`request leaves the origin: ${request.method()} ${url}`);
  });
  context.on("console", (message) => {
    if (message.type() !== "error") return;
    const { url } = message.location();
    const status = Number(/status of (\d{3})/.exec(message.text())?.[1]);
    if (ANSWERS.some(([code, path]) => code === status && path.test(url))) return;
    complaints.push(`console: ${message.text()} (${url})`);
  });
  context.on("weberror", (webError) => complaints.push(`uncaught: ${webError.error().stack ?? webError.error()}`));
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) =>
      console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`),
    );
  });
  return complaints;
}

/** Loopback is never proxied, so whatever arrives here was meant for another host. */
async function trapProxy() {
  const hosts = [];
  const refuse = (request) => hosts.push(`${request.method} ${request.url}`);
  const server = createServer((request, response) => {
    refuse(request);
    response.writeHead(502).end();
  });
  server.on("connect", (request, socket) => {
    refuse(request);
    // A browser that is closed takes its connection with it.
    socket.on("error", () => {});
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: server.address().port, hosts: () => hosts.filter((host) => !BROWSERS_OWN.test(host)), close: () => server.close() };
}
