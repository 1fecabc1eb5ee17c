// HTML mail: whatever it holds, nothing is asked of anybody, no script of it runs, and its links say where they lead. That the tricks are
// real, and that the frame's policy is what holds, is shown by the same mail where one of them is missing.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import { startBrowser } from "./browser.mjs";
import { bring } from "./postman.mjs";
import { SENDER, signIn } from "./sender.mjs";
import { freePort, startServer } from "./server.mjs";

/** Every way that we know to have something loaded; `U` is where, with a name of its own for each. */
const TRICKS = (U) => `
<link rel="stylesheet" href="${U}link-stylesheet"><link rel="prefetch" href="${U}link-prefetch"><link rel="preload" as="image" href="${U}link-preload">
<link rel="icon" href="${U}link-icon"><link rel="preconnect" href="${U}"><link rel="dns-prefetch" href="${U}"><link rel="manifest" href="${U}link-manifest">
<style>@import "${U}style-import"; @import url(${U}style-import-url); @font-face { font-family: f; src: url(${U}style-font) }
.a { background: url(${U}style-background) } .b { list-style-image: url(${U}style-list) } .c::before { content: url(${U}style-content) }
.d { border-image: url(${U}style-border) 1 } .e { cursor: url(${U}style-cursor), auto } .f { font-family: f } .g { -webkit-mask-image: url(${U}style-mask) }
.h { background-image: image-set("${U}style-image-set" 1x) } .i { filter: url(${U}style-filter#a) } .j { shape-outside: url(${U}style-shape); float: left }
body { --x: url(${U}style-variable) } .k { background: var(--x) }</style>
<p class="a">a</p><ul class="b"><li>b</li></ul><p class="c">c</p><p class="d">d</p><p class="e">e</p><p class="f">f</p><p class="g">g</p><p class="h">h</p><p class="i">i</p><p class="j">j</p><p class="k">k</p>
<p style="background: url(${U}attribute-background)">l</p><p style="background-image: u\\72l(${U}attribute-escaped)">m</p>
<table background="${U}table-background"><tr><td background="${U}cell-background">n</td></tr></table>
<img src="${U}image"><img srcset="${U}image-srcset 1x"><img src="//${U.split("//")[1]}image-no-scheme"><img src=" &#x68;ttp${U.slice(4)}image-entity"><img lowsrc="${U}image-lowsrc" dynsrc="${U}image-dynsrc">
<picture><source srcset="${U}picture-source"><img></picture><input type="image" src="${U}input-image">
<video poster="${U}video-poster" src="${U}video" autoplay></video><audio src="${U}audio" autoplay></audio><video autoplay><source src="${U}video-source"></video><video><track default src="${U}track"></video>
<object data="${U}object"></object><embed src="${U}embed"><iframe src="${U}iframe"></iframe><iframe srcdoc="<img src='${U}iframe-srcdoc'>"></iframe>
<svg width="9" height="9"><image href="${U}svg-image" width="9" height="9"/><use href="${U}svg-use#a"/><style>.z { fill: url(${U}svg-style) }</style><foreignObject><img src="${U}svg-foreign"></foreignObject></svg>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=${U}mathml onerror=top.ran=1&gt;">
</table></mtext></math><meta http-equiv="refresh" content="0; url=${U}meta-refresh"><script src="${U}script"></script><script>top.ran = 1; new Image().src = "${U}script-inline"</script>
<img src="x:" onerror="top.ran = 1; this.onerror = null; this.src = '${U}handler'"><svg onload="top.ran = 1"></svg><details open ontoggle="top.ran = 1"><summary>o</summary></details><input autofocus onfocus="top.ran = 1">
<form action="${U}form"><button autofocus>p</button></form><a href="${U}ping-target" ping="${U}ping">q</a><bgsound src="${U}bgsound"><body background="${U}body-background" onload="top.ran = 1">
<base href="${U}base/"><img src="relative"><img src="/api/v1/server?image-relative"><a href="javascript:top.ran=1">r</a>`;
const FRAME = "**/mail-frame.html";
const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

describe("HTML mail", { timeout: 600_000 }, () => {
  let server, browser, smtp, tracker, page;
  const hits = [];

  before(async () => {
    tracker = createServer(({ url }, response) => {
      hits.push(url.slice(1));
      response.writeHead(url === "/raw" ? 200 : 404, { "content-type": "text/html" }).end(url === "/raw" ? TRICKS(at()) : "");
    });
    tracker.listen(0, "127.0.0.1");
    await once(tracker, "listening");
    smtp = await freePort();
    server = await startServer({ options: ["--smtp-listen", `127.0.0.1:${smtp}`, "--mail-domain", "demo.example", "--mail-nameserver", "127.0.0.1:9"] });
    browser = await startBrowser(server.origin);
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    await server?.remove();
    tracker?.close();
  });

  const at = () => `http://127.0.0.1:${tracker.address().port}/`;
  const send = (subject, type, body) => bring({ port: smtp, from: "eve@sender.example", to: SENDER.address, message: `From: eve@sender.example\nTo: ${SENDER.address}\nSubject: ${subject}\nMIME-Version: 1.0\nContent-Type: ${type}\n\n${body}` });
  /** Opens the message in a profile of its own, which reports what the policy stops. */
  const open = async (subject, prepare = () => undefined) => {
    const profile = await browser.profile();
    page = await signIn(profile, server.origin);
    await prepare(page);
    await page.goto(`${server.origin}/#/inbox`);
    await page.getByRole("list", { name: "Inbox" }).getByRole("listitem").filter({ hasText: subject }).getByRole("link").click();
    return { profile, frame: page.frameLocator("iframe.mail-frame") };
  };
  /** Long enough for whatever is to be loaded. */
  const settle = () => page.waitForTimeout(2_000);

  test("the tricks are real: without any of this they have things loaded", async () => {
    const profile = await browser.profile();
    page = await profile.newPage();
    await page.goto(`${at()}raw`, { waitUntil: "commit" });
    await settle();
    await profile.close();
    const found = new Set(hits.splice(0));
    for (const trick of ["style-background", "attribute-background", "attribute-escaped", "table-background", "image", "image-srcset", "video-poster", "svg-image", "style-import", "link-stylesheet", "script", "iframe", "object"]) assert.ok(found.has(trick), `${trick} among ${[...found]}`);
    assert.ok(found.size > 25, `${found.size} of them`);
  });

  test("nothing is asked of anybody, and nothing runs", async () => {
    await send("All tricks", "text/html; charset=utf-8", TRICKS(at()));
    await send("Tricks to another host", "text/html; charset=utf-8", TRICKS("https://tracker.example/"));
    for (const subject of ["All tricks", "Tricks to another host"]) {
      const asked = [];
      const { profile, frame } = await open(subject, (there) => there.on("request", (request) => asked.push(request.url())));
      await frame.getByText("a", { exact: true }).first().waitFor();
      await settle();
      assert.deepEqual(hits, []);
      assert.deepEqual(browser.escaped(), []);
      assert.deepEqual(asked.filter((url) => url.includes("image-relative")), [], "nor of this server");
      assert.equal(await page.evaluate(() => globalThis.ran), undefined);
      await page.getByText("Pictures from elsewhere are left out").waitFor();
      await profile.close();
    }
  });

  test("a script that got through every filter would still not run, nor load anything", async () => {
    await send("Plain HTML", "text/html", "<p>hello</p>");
    const { profile, frame } = await open("Plain HTML");
    await frame.getByText("hello").waitFor();
    await page.evaluate((markup) => {
      const inside = document.querySelector("iframe.mail-frame").contentDocument;
      const script = inside.createElement("script");
      script.src = `${markup}forced-script`;
      const image = inside.createElement("img");
      image.src = `${markup}forced-image`;
      image.setAttribute("onerror", "top.ran = 1");
      inside.body.append(script, image);
    }, at()).catch(() => undefined); // the page's own policy refuses the first already
    await settle();
    assert.deepEqual(hits, []);
    assert.equal(await page.evaluate(() => globalThis.ran), undefined);
    const sandbox = await page.locator("iframe.mail-frame").getAttribute("sandbox");
    assert.doesNotMatch(sandbox, /allow-scripts|allow-forms|allow-top-navigation/);
    await profile.close();
  });

  test("the frame's policy is what holds: without it, styles have things loaded", async () => {
    const before = browser.escaped().length;
    const asked = [];
    const { profile, frame } = await open("Tricks to another host", async (there) => {
      there.on("request", (request) => asked.push(request.url().split("/").at(-1)));
      // A page that shares memory shows no frame that does not say the same.
      const headers = { "cross-origin-embedder-policy": "credentialless" };
      await there.route(FRAME, (route) => route.fulfill({ contentType: "text/html", headers, body: "<!doctype html><body></body>" }));
    });
    await frame.getByText("a", { exact: true }).first().waitFor();
    await settle();
    assert.ok(asked.includes("style-background") && asked.includes("attribute-background"), asked.join());
    assert.ok(browser.escaped().slice(before).includes("CONNECT tracker.example:443"), browser.escaped().join());
    assert.equal(await page.evaluate(() => globalThis.ran), undefined, "and no script runs all the same");
    await profile.close();
  });

  test("pictures from elsewhere are loaded when their reader asks for them, once, and nothing else is", async () => {
    await send("One picture", "text/html", '<p>Look</p><img src="https://pictures.example/one.png"><img src="/api/v1/server?relative"><script src="https://pictures.example/script"></script>');
    const asked = [];
    const { profile, frame } = await open("One picture", (there) => there.on("request", (request) => asked.push(request.url())));
    await frame.getByText("Look").waitFor();
    const before = browser.escaped().length;
    await page.getByRole("button", { name: "Load them this once" }).click();
    await frame.getByText("Look").waitFor();
    await settle();
    assert.deepEqual(new Set(browser.escaped().slice(before)), new Set(["CONNECT pictures.example:443"]));
    assert.deepEqual(asked.filter((url) => /relative|pictures\.example\/script/.test(url)), []);
    await profile.close();
    const again = await open("One picture");
    await again.frame.getByText("Look").waitFor();
    await page.getByRole("button", { name: "Load them this once" }).waitFor();
    await again.profile.close();
  });

  test("of pictures whose address begins with http it says that they are never loaded, and offers no others than there are", async () => {
    await send("Two pictures", "text/html", `<p>Look</p><img src="https://pictures.example/two.png"><img src="${at()}unsafe-image"><p style="background: url(${at()}unsafe-style)">x</p>`);
    await send("Unsafe picture", "text/html", `<p>Look</p><img src="${at()}unsafe-image">`);
    const load = () => page.getByRole("button", { name: "Load them this once" });
    const unsafe = () => page.getByText("Those whose address begins with http: are never loaded");
    const one = await open("Unsafe picture");
    await unsafe().waitFor();
    assert.equal(await load().count(), 0);
    await one.profile.close();
    const { profile, frame } = await open("Two pictures");
    await unsafe().waitFor();
    const before = browser.escaped().length;
    await load().click();
    await frame.getByText("Look").waitFor();
    await settle();
    assert.deepEqual(new Set(browser.escaped().slice(before)), new Set(["CONNECT pictures.example:443"]));
    assert.deepEqual(hits, []);
    await unsafe().waitFor();
    assert.equal(await load().count(), 0);
    await profile.close();
  });

  test("a link says where it leads, opens apart, and tells nobody where it was", async () => {
    await send("A link", "text/html", `<p><a href="${at()}target" target="_top" onclick="top.ran=1">www.bank.example</a> <a href="data:text/html,x">data</a></p>`);
    const { profile, frame } = await open("A link");
    const link = frame.getByRole("link");
    await link.first().waitFor();
    assert.equal(await link.count(), 1);
    assert.equal((await link.innerText()).trim(), `www.bank.example [127.0.0.1:${tracker.address().port}]`);
    const [opened] = await Promise.all([page.context().waitForEvent("page"), link.click()]);
    await opened.waitForLoadState();
    assert.deepEqual(await opened.evaluate(() => [globalThis.opener, document.referrer]), [null, ""]);
    assert.deepEqual(hits.splice(0).filter((url) => url !== "favicon.ico"), ["target"]);
    assert.match(page.url(), /#\/inbox\//, "the page is still there");
    await profile.close();
  });

  test("what would hold the page up, or end it, is shown as text and says why; a long newsletter is formatted", async () => {
    const times = (number, what) => `${what}\n`.repeat(number);
    const hostile = {
      "Elements in elements": times(50_000, "<div>"),
      "Tables in tables": times(2_000, "<table><tr><td>"),
      "Closed for show": times(20_000, "<div><table></div></table>"),
      "Bold for ever": Array.from({ length: 5_000 }, (_, index) => `<b id=${index}>\n`).join("") + times(5_000, "<p>"),
      "Templates in templates": times(20_000, "<template>"),
      "Many attributes": `<p ${Array.from({ length: 100_000 }, (_, index) => `a${index}`).join("\n")}>`,
      "Rules in rules": `<style>${times(20_000, ".a{")}</style>`,
      "Rules in a picture": `<svg><style><!--</style>-->${times(20_000, ".a&#123;")}</style></svg>`,
      "Much text": times(100_000, "word word"),
    };
    for (const [subject, markup] of Object.entries(hostile)) await send(subject, "text/html", `<p>It begins.</p>\n${markup}`);
    await send("Newsletter", "text/html", `<style>p { color: rgb(1, 2, 3) }</style>${times(5_000, "<p>Some <b>news</b></p>")}<p>The end</p>`);
    const { profile, frame } = await open("Newsletter");
    assert.equal(await frame.getByText("The end").evaluate((element) => getComputedStyle(element).color), "rgb(1, 2, 3)");
    for (const subject of Object.keys(hostile)) {
      const began = Date.now();
      await page.getByRole("list", { name: "Inbox" }).getByRole("listitem").filter({ hasText: subject }).getByRole("link").click();
      await page.getByRole("heading", { level: 1, name: subject }).waitFor();
      await page.getByText("This is shown as text: its formatting is too large, or too deeply nested").waitFor();
      await page.getByTestId("mail-text").filter({ hasText: "It begins." }).waitFor();
      assert.equal(await page.locator("iframe").count(), 0);
      assert.ok(Date.now() - began < 8_000, `${subject}: ${Date.now() - began} ms`);
    }
    profile.assertQuiet();
    await profile.close();
  });

  test("styles and pictures of the message are shown, and text is shown before its HTML", async () => {
    const image = `--r\nContent-Type: image/png\nContent-ID: <dot@x>\nContent-Transfer-Encoding: base64\n\n${PIXEL}\n--r\nContent-Type: image/png\nContent-ID: <svg@x>\n\n<svg xmlns="http://www.w3.org/2000/svg"/>`;
    const related = `Content-Type: multipart/related; boundary="r"\n\n--r\nContent-Type: text/html\n\n<p>formatted</p><img id="a" src="cid:dot@x" alt="dot"><img src="cid:svg@x" alt="svg">\n${image}\n--r--`;
    await send("Styled", "text/html", '<p style="color: rgb(1, 2, 3)">coloured</p><style>em { color: rgb(4, 5, 6) }</style><em>too</em>');
    const styled = await open("Styled");
    const colour = (words) => styled.frame.getByText(words).evaluate((element) => getComputedStyle(element).color);
    assert.deepEqual([await colour("coloured"), await colour("too")], ["rgb(1, 2, 3)", "rgb(4, 5, 6)"]);
    styled.profile.assertQuiet();
    await styled.profile.close();
    await send("Both", 'multipart/alternative; boundary="m"', `--m\nContent-Type: text/plain\n\nplain words\n--m\n${related}\n--m--`);
    const { profile, frame } = await open("Both");
    await page.getByTestId("mail-text").filter({ hasText: "plain words" }).waitFor();
    assert.equal(await page.locator("iframe").count(), 0);
    await page.getByRole("button", { name: "Show formatted" }).click();
    await frame.getByText("formatted").waitFor();
    const width = () => frame.getByAltText("dot").evaluate((picture) => picture.naturalWidth);
    for (let tries = 0; (await width()) !== 1; tries += 1) {
      assert.ok(tries < 40, "the picture is not shown");
      await page.waitForTimeout(100);
    }
    assert.equal(await frame.getByAltText("svg").getAttribute("src"), null, "what is no picture by its octets is none");
    await page.getByRole("button", { name: "Show as text" }).click();
    await page.getByTestId("mail-text").filter({ hasText: "plain words" }).waitFor();
    profile.assertQuiet();
    await profile.close();
  });
});
