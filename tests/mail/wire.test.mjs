// Mail on its way out as somebody on the wire sees it: to servers of other people (Postfix), by names that are signed (BIND), with everything
// that passes on loopback written down (tcpdump). What goes to a server that proves who it is is sealed from STARTTLS on, and a server that does
// not, or that somebody stands in front of, hears our name and nothing else.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { createLogin } from "envelock/login";
import { apiClient } from "../e2e/api_client.mjs";
import { authority, BEGIN, keyOf, signedRoot } from "../e2e/mail_world.mjs";
import { freePort, startServer } from "../e2e/server.mjs";
import { captured, inClear, seen } from "./packet_capture.mjs";
import { injected, startProxy, stripped } from "./proxy.mjs";
import { startPostfix } from "./receiving_postfix.mjs";
import { Smtp } from "./smtp_client.mjs";

const run = promisify(execFile);
const ANNA = "anna@demo.example";
const NAME = "EHLO localhost\r\n";
const BEGUN = `${NAME}STARTTLS\r\n`;
/** Long enough that no chance makes a line of it, and with an attachment. */
const MESSAGE = [
  `From: Anna Berg <${ANNA}>`,
  "To: Bert Quast <bert.quast@outside.example>",
  "Subject: Der Fischreiher landet um drei",
  "MIME-Version: 1.0",
  'Content-Type: multipart/mixed; boundary="zwischen-den-Erlen"',
  "",
  "--zwischen-den-Erlen",
  "",
  "Am Wehr, hinter den Erlen: die Kiste ist gruen.",
  "--zwischen-den-Erlen",
  "Content-Type: text/plain",
  "Content-Transfer-Encoding: base64",
  "",
  Buffer.from("Der Plan des Fischreihers, Blatt eins von zwei").toString("base64"),
  "--zwischen-den-Erlen--",
  "",
].join("\r\n");
const LINES = MESSAGE.split("\r\n").filter((line) => line.length >= 10);
/** With the text of its attachment, and what SMTP says of writer and reader. */
const PIECES = [...LINES, "Der Plan des Fischreihers, Blatt eins von zwei", "bert.quast", "anna@demo", "MAIL FROM", "RCPT TO"];

/**
 * Other people's servers, each of a domain of its name. `certificate` is for its own name by the known authority unless it is `own` (by nobody
 * known, for another name), `anchored` (by nobody known), `expired`, `other` (for another name) or `none`. What is `behind` somebody is reached
 * through them. `tlsa` gives the record, `policy` the server that the domain's policy insists on, `transport` what proves it.
 */
const SERVERS = {
  good: { transport: "tls" },
  named: { transport: "dane", certificate: "own", tlsa: ({ cert }) => `3 1 1 ${keyOf(cert)}` },
  anchored: { transport: "dane", certificate: "anchored", tlsa: ({ authority }) => `2 1 1 ${keyOf(authority)}` },
  sts: { transport: "mta-sts", policy: "mx.sts.example" },
  clear: { certificate: "none" },
  stripped: { behind: stripped },
  injected: { behind: injected },
  unknown: { certificate: "own" },
  expired: { certificate: "expired" },
  other: { certificate: "other" },
  bogus: { tlsa: () => `3 1 1 ${"00".repeat(32)}` },
  forged: { tlsa: () => `3 1 1 ${"CAFE".repeat(16)}` },
  elsewhere: { policy: "mx.nowhere.example" },
};
const REFUSED = {
  clear: ["no-tls", `${NAME}QUIT\r\n`],
  stripped: ["no-tls", `${NAME}QUIT\r\n`],
  injected: ["injected", BEGUN],
  unknown: ["certificate-unknown", BEGUN],
  expired: ["certificate-expired", BEGUN],
  other: ["certificate-name", BEGUN],
  bogus: ["not-by-dane", BEGUN],
  // Nobody is asked.
  forged: ["dns-bogus", undefined],
  elsewhere: ["against-policy", undefined],
};

describe("mail on the wire", { timeout: 300_000 }, () => {
  let folder, port, ports, names, policies, postfix, proxies, server, anna;
  const places = Object.fromEntries(Object.keys(SERVERS).map((name, index) => [name, `127.0.0.${40 + index}`]));
  /** The server behind somebody. */
  const behind = (address) => address.replace("127.0.0.", "127.0.1.");

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "envelock-wire-"));
    await chmod(folder, 0o711);
    port = await freePort();
    const issue = await authority(folder);
    const identities = {};
    let zone = BEGIN;
    proxies = [];
    for (const [name, { certificate, behind: change, tlsa, policy }] of Object.entries(SERVERS)) {
      const [host, address] = [`mx.${name}.example`, places[name]];
      const identity = await certified(host, certificate, issue);
      identities[change ? behind(address) : address] = identity;
      if (change) proxies.push(await startProxy({ address, to: behind(address), port, change }));
      zone += `${name}.example. MX 10 ${host}.\n${host}. A ${address}\n`;
      if (tlsa) zone += `_25._tcp.${host}. TLSA ${tlsa(identity)}\n`;
      if (policy) zone += `_mta-sts.${name}.example. TXT "v=STSv1; id=1"\n`;
    }
    names = await signedRoot(join(folder, "zone"), zone, (signed) => signed.replace("CAFECAFECAFECAFE", "CAFECAFECAFECAFF"));
    policies = await policyHosts(issue);
    postfix = await startPostfix(join(folder, "postfix"), port, identities);
    await mkdir(join(folder, "pages"));
    server = await startServer({
      webRoot: join(folder, "pages"),
      lookup: { to: `127.0.0.1:${policies.address().port}`, authority: join(folder, "authority.pem"), hosts: ["sts", "elsewhere"].map((name) => `mta-sts.${name}.example`) },
      options: [
        ...["--public-name", "localhost", "--send-mail", "--mail-domain", "demo.example", "--test-mail-dns", names.address, "--test-mail-anchor", names.anchor],
        ...["--test-mail-port", String(port), "--test-mail-authority", join(folder, "authority.pem")],
      ],
    });
    ports = [port, policies.address().port, ...[names.address, server.origin].map((place) => Number(place.split(":").at(-1)))];
    anna = apiClient(server.origin);
    const login = await createLogin().startLogin({ password: "envelock demo" });
    const { body } = await anna("POST", "session/start", { address: ANNA, request: login.request });
    const { finalization } = await login.finish(body.response);
    assert.equal((await anna("POST", "session", { login: body.login, finalization })).status, 200);
  });
  after(async () => {
    await server?.stop();
    await server?.remove();
    await postfix?.stop();
    for (const proxy of proxies ?? []) proxy.close();
    policies?.closeAllConnections();
    policies?.close();
    await names?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function certified(host, kind, issue) {
    if (kind === "none") return undefined;
    if (kind === "other") return issue("mx.elsewhere.example");
    if (kind === "expired") return expired(host);
    if (kind === undefined) return issue(host);
    const own = join(folder, host);
    await mkdir(own);
    const { cert, key } = await (await authority(own))(kind === "own" ? "nobody.example" : host);
    const above = await readFile(join(own, "authority.pem"), "utf8");
    return { cert: cert + above, key, authority: above };
  }

  /** By the known authority, and over for years. */
  async function expired(host) {
    const at = (name) => join(folder, name);
    const sections = `[ca]\ndefault_ca=d\n[d]\ndatabase=${at("index")}\nnew_certs_dir=${folder}\nrand_serial=yes\npolicy=p\n[p]\ncommonName=supplied\n[x]\nsubjectAltName=DNS:${host}\n`;
    await writeFile(at("ca"), sections);
    await writeFile(at("index"), "");
    await run("openssl", ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=server", "-keyout", at("old.key"), "-out", at("old.req")]);
    const dates = ["-startdate", "20200101000000Z", "-enddate", "20210101000000Z"];
    await run("openssl", ["ca", "-batch", "-notext", "-md", "sha256", "-config", at("ca"), "-extensions", "x", "-cert", at("authority.pem"), "-keyfile", at("authority.key"), ...dates, "-in", at("old.req"), "-out", at("old.pem")]);
    return { cert: await readFile(at("old.pem"), "utf8"), key: await readFile(at("old.key"), "utf8") };
  }

  async function policyHosts(issue) {
    const hosts = Object.fromEntries(Object.entries(SERVERS).filter(([, { policy }]) => policy).map(([name, { policy }]) => [`mta-sts.${name}.example`, policy]));
    const web = createServer(await issue(Object.keys(hosts).join(",")), (request, response) => {
      response.writeHead(200, { "content-type": "text/plain" });
      response.end(`version: STSv1\r\nmode: enforce\r\nmx: ${hosts[request.headers.host]}\r\nmax_age: 604800\r\n`);
    }).listen(0, "127.0.0.1");
    await once(web, "listening");
    return web;
  }

  const watched = (act) => captured(join(folder, "capture"), ports, act);
  const said = (flows, name) => flows.filter(({ to }) => to === `${places[name]}:${port}`).map(({ octets }) => octets);
  const arrived = async (name) => (await postfix.messages()).filter((message) => message.includes(`\nX-Original-To: bert.quast@${name}.example\n`));
  const until = async (what, found) => {
    for (const deadline = Date.now() + 60_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
      const value = await found();
      if (value) return value;
      if (Date.now() > deadline) assert.fail(`${what} did not come: ${server.output().slice(-3000)} ${(await postfix.log()).slice(-3000)}`);
    }
  };

  /** Sends the message to somebody at a domain; gives what came of it. */
  async function send(name) {
    const recipients = { "envelock-recipients": encodeURIComponent(`bert.quast@${name}.example`) };
    const { status, body } = await anna("POST", "outgoing", Buffer.from(MESSAGE), recipients);
    assert.equal(status, 202);
    return until(`what came of it at ${name}`, async () => {
      const { messages } = (await anna("GET", "outgoing")).body;
      const [{ state, reason }] = messages.find(({ id }) => id === body.id).recipients;
      return state !== "queued" && (reason === undefined || reason === null ? state : `${state} ${reason}`);
    });
  }

  test("what is said in clear is found in a capture, all of it, and in Base64 too", async () => {
    // As a server would that goes on without TLS: through the one in between who took its offer out.
    const speak = async (message) => {
      const smtp = await Smtp.open({ port, host: places.stripped });
      assert.doesNotMatch(await smtp.sayFor("EHLO localhost", 250), /STARTTLS/);
      assert.match(await smtp.bring({ from: ANNA, to: "bert.quast@control.example", message }), /^250/);
      await smtp.quit();
    };
    const flows = await watched(() => speak(MESSAGE));
    assert.deepEqual(seen(flows, PIECES), PIECES);
    assert.ok(inClear(said(flows, "stripped")[0]).includes(MESSAGE.slice(0, 500)));
    // On one line, on lines as mail has them (RFC 2045 §6.8), and on such that break its groups.
    for (const line of [/.+/g, /.{76}/g, /.{61}/g]) {
      for (const more of ["", "x", "xy"]) {
        const base64 = Buffer.from(more + MESSAGE).toString("base64");
        const broken = base64.replaceAll(line, "$&\n");
        const encoded = await watched(() => speak(`Subject: x\n\n${broken}`));
        assert.deepEqual(seen(encoded, LINES), LINES);
      }
    }
    await until("what was said in clear", async () => (await arrived("control")).length === 10);
  });

  for (const [name, { transport }] of Object.entries(SERVERS).filter(([one]) => !(one in REFUSED))) {
    test(`${name}: delivered (${transport}), and nothing of it seen`, async () => {
      assert.deepEqual((await anna("GET", `outgoing/protection?address=x@${name}.example`)).body, { transport });
      const flows = await watched(async () => assert.equal(await send(name), "sent"));
      assert.deepEqual(seen(flows, PIECES), []);
      const [stream, ...more] = said(flows, name);
      assert.equal(more.length, 0, "in one conversation");
      assert.equal(inClear(stream), BEGUN, "our name, and from there on records of TLS");
      assert.ok(stream.length > MESSAGE.length, "the capture has what was sent");
      const [message] = await until("the message", async () => (await arrived(name)).length > 0 && arrived(name));
      assert.match(message, /\(using TLSv1\.3 with cipher/);
      assert.ok(message.includes("Am Wehr, hinter den Erlen: die Kiste ist gruen."));
    });
  }

  for (const [name, [reason, told]] of Object.entries(REFUSED)) {
    test(`${name}: nothing but our name is told (${reason})`, async () => {
      const flows = await watched(async () => assert.equal(await send(name), `delayed ${reason}`));
      assert.deepEqual(seen(flows, PIECES), []);
      assert.deepEqual(said(flows, name).map(inClear), told === undefined ? [] : [told]);
      assert.deepEqual(await arrived(name), []);
    });
  }
});
