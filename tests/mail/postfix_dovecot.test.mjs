// Mail programs beside the webmail: Postfix, Dovecot and OpenDKIM as `deploy/` sets them up, with Envelock behind Postfix. What comes from outside
// reaches webmail and programs, validated by whom it came from; everybody logs in under TLS alone, and writes as themselves alone.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { createServer } from "node:tls";
import { promisify } from "node:util";
import { createLogin } from "envelock/login";
import { apiClient } from "../e2e/api_client.mjs";
import { startNameServer } from "../e2e/name_server.mjs";
import { startServer } from "../e2e/server.mjs";
import { readByImap, readByPop } from "./mailbox_client.mjs";
import { DOMAIN, HOST, mailServers } from "./mail_servers.mjs";
import { Smtp } from "./smtp_client.mjs";

const run = promisify(execFile);
/** Where the stranger's domain sends from, and where it does not. */
const [OWN, FOREIGN] = ["127.0.0.7", "127.0.0.8"];
const BOB = "bob@sender.example";
const ANNA = `anna@${DOMAIN}`;
/** Programs alone. */
const CARL = `carl@${DOMAIN}`;
/** Webmail alone. */
const WILMA = `wilma@${DOMAIN}`;
const PASSWORDS = { [ANNA]: "quiet otters 71", [CARL]: "paper lantern 5", envelock: "of the webmail's server" };
const ADDRESSES = { [ANNA]: [ANNA, `${ANNA}.programs.internal`], [CARL]: [`${CARL}.programs.internal`], [`postmaster@${DOMAIN}`]: [ANNA] };

describe("mail programs beside the webmail", { timeout: 900_000 }, () => {
  let servers, names, envelock, anna, wilma;
  before(async () => {
    servers = await mailServers();
    const key = await servers.prepare({ passwords: PASSWORDS, addresses: ADDRESSES });
    names = await startNameServer({
      "sender.example": `v=spf1 ip4:${OWN} -all`,
      "_dmarc.sender.example": "v=DMARC1; p=reject",
      [DOMAIN]: "v=spf1 -all",
      [`_dmarc.${DOMAIN}`]: "v=DMARC1; p=reject",
      [`programs._domainkey.${DOMAIN}`]: key,
    });
    // Whom Envelock knows to certify a smarthost.
    process.env.SSL_CERT_FILE = servers.authority;
    const password = join(servers.folder, "smarthost-password");
    await writeFile(password, `${PASSWORDS.envelock}\n`);
    envelock = await startServer({
      webRoot: servers.emptyFolder,
      options: [
        ...["--public-name", "localhost", "--mail-domain", DOMAIN, "--mail-nameserver", names.address, "--lmtp-listen", servers.lmtp, "--send-mail"],
        ...["--smarthost", `${HOST}:${servers.ports.submission}`, "--smarthost-user", "envelock", "--smarthost-password-file", password],
      ],
    });
    await servers.handOver();
    await servers.start();
    anna = await signIn(ANNA, "envelock demo");
    wilma = await signIn(WILMA, await envelock.user("add", WILMA, "--name", "Wilma"));
  });
  after(async () => {
    await servers?.stop();
    await envelock?.stop();
    await envelock?.remove();
    names?.close();
    await servers?.remove();
  });

  async function signIn(address, password) {
    const call = apiClient(envelock.origin);
    const login = await createLogin().startLogin({ password });
    const { body } = await call("POST", "session/start", { address, request: login.request });
    const { finalization } = await login.finish(body.response);
    assert.equal((await call("POST", "session", { login: body.login, finalization })).status, 200);
    return call;
  }

  const letter = (subject, { from = BOB, to = ANNA, body = "x", more = "" } = {}) =>
    `From: ${from}\nTo: ${to}\nDate: ${new Date().toUTCString()}\nSubject: ${subject}\nMessage-ID: <${encodeURIComponent(subject)}@test>\n${more}\n${body}`;
  const subjectOf = (head) => /^Subject: (.*?)\r?$/m.exec(head)?.[1];
  const fromOutside = async ({ from = OWN, by = BOB, to = ANNA, message }) => {
    const smtp = await Smtp.open({ port: servers.ports.smtp, from });
    await smtp.sayFor("EHLO out.sender.example", 250);
    const reply = await smtp.bring({ from: by, to, message });
    await smtp.quit();
    return reply;
  };
  /** All that the webmail has for somebody. */
  const webmail = async (call) => {
    const all = [];
    for (let before = ""; before !== undefined; ) {
      const { body } = await call("GET", `mailbox?limit=100${before && `&before=${before}`}`);
      all.push(...body.messages.map((one) => ({ ...one, subject: subjectOf(Buffer.from(one.summary, "base64").toString()) })));
      before = body.next ?? undefined;
    }
    return all;
  };
  const programs = (user) => readByImap({ port: servers.ports.imaps, authority: servers.authority, user, password: PASSWORDS[user] });
  const until = async (what, found) => {
    for (const deadline = Date.now() + 120_000; ; await new Promise((resolve) => setTimeout(resolve, 500))) {
      const value = await found();
      if (value) return value;
      if (Date.now() > deadline) assert.fail(`${what} did not come: ${(await servers.log()).slice(-6000)}`);
    }
  };
  const inWebmail = (call, subject) => until(`"${subject}" in the webmail`, async () => (await webmail(call)).find((one) => one.subject === subject && one.verdict.alarm !== "grey"));
  const inPrograms = (user, subject) => until(`"${subject}" at ${user}'s programs`, async () => (await programs(user)).find((one) => subjectOf(one) === subject));

  test("Postfix and Dovecot know every word of the files", async () => {
    for (const options of [["-n"], ["-M"]]) {
      const { stdout, stderr } = await servers.postconf(...options);
      assert.ok(stdout.length > 500);
      assert.equal(stderr, "");
    }
    const { stdout, stderr } = await servers.doveconf("-n");
    assert.match(stdout, /ssl = required/);
    assert.equal(stderr, "");
    assert.doesNotMatch(await servers.log(), /\b(fatal|panic|error):/i);
  });

  test("mail from outside reaches webmail and programs, and is judged by where it came from", async () => {
    assert.match(await fromOutside({ message: letter("Lunch") }), /^250/);
    assert.match(await fromOutside({ from: FOREIGN, message: letter("Transfer") }), /^250/);
    const lunch = await inWebmail(anna, "Lunch");
    assert.deepEqual([lunch.verdict.alarm, lunch.verdict.evidence.spf.result], ["none", "pass"], JSON.stringify(lunch.verdict));
    const transfer = await inWebmail(anna, "Transfer");
    assert.deepEqual([transfer.verdict.alarm, transfer.verdict.evidence.spf.result], ["red", "fail"]);
    assert.match((await anna("GET", `mailbox/${lunch.id}`)).body, /^Received: from out\.sender\.example \(\[127\.0\.0\.7\]\)/m);
    assert.match(await inPrograms(ANNA, "Lunch"), /^Delivered-To: anna@demo\.example\r$/m);
    const { count, first } = await readByPop({ port: servers.ports.pop3s, authority: servers.authority, user: ANNA, password: PASSWORDS[ANNA] });
    assert.equal(count, 2);
    assert.match(first, /^Subject: (Lunch|Transfer)\r$/m);
  });

  test("an address is read where the table says, and one that is nowhere is refused at once", async () => {
    assert.match(await fromOutside({ to: CARL, message: letter("To Carl", { to: CARL }) }), /^250/);
    assert.match(await fromOutside({ to: WILMA, message: letter("To Wilma", { to: WILMA }) }), /^250/);
    assert.match(await fromOutside({ to: `postmaster@${DOMAIN}`, message: letter("To the office") }), /^250/);
    await inPrograms(CARL, "To Carl");
    await inWebmail(wilma, "To Wilma");
    await inWebmail(anna, "To the office");
    await inPrograms(ANNA, "To the office");
    assert.match(await fromOutside({ to: `nobody@${DOMAIN}`, message: letter("Nobody") }), /^550/);
    assert.equal((await webmail(anna)).filter(({ subject }) => /Carl|Wilma/.test(subject)).length, 0);
  });

  test("nothing is relayed, from this machine neither, nor does a stranger choose where mail is kept", async () => {
    for (const from of ["127.0.0.1", OWN]) {
      for (const to of ["somebody@elsewhere.example", `somebody%elsewhere.example@${DOMAIN}`, `${CARL}.programs.internal`, `@elsewhere.example:somebody@${DOMAIN}`]) {
        assert.match(await fromOutside({ from, to, message: letter("Passed on") }), /^5\d\d/, `${from} ${to}`);
      }
    }
  });

  test("there is no login in clear", async () => {
    const { stdout } = await servers.doveconf("-n");
    assert.match(stdout, /inet_listener imap \{\s*port = 0\s*\}/);
    assert.match(stdout, /inet_listener pop3 \{\s*port = 0\s*\}/);
    for (const [port, login] of [["imaps", `a LOGIN ${ANNA} "${PASSWORDS[ANNA]}"`], ["pop3s", `USER ${ANNA}\r\nPASS ${PASSWORDS[ANNA]}`], ["submissions", "EHLO a\r\nAUTH PLAIN AAAA"]]) {
      const socket = connect(servers.ports[port], "127.0.0.1");
      socket.end(`${login}\r\n`);
      const said = Buffer.concat(await socket.toArray().catch(() => [])).toString("latin1");
      assert.doesNotMatch(said, /OK|235|^220|\* /, `${port}: ${said}`);
    }
    const auth = `AUTH PLAIN ${Buffer.from(`\0${ANNA}\0${PASSWORDS[ANNA]}`).toString("base64")}`;
    for (const port of ["submission", "smtp"]) {
      const smtp = await Smtp.open({ port: servers.ports[port] });
      assert.doesNotMatch(await smtp.sayFor("EHLO a", 250), /AUTH/);
      assert.match(await smtp.say(auth), /^5/);
      if (port === "submission") assert.match(await smtp.say(`MAIL FROM:<${ANNA}>`), /^530/);
      await smtp.startTls(servers.authority);
      const offers = await smtp.sayFor("EHLO a", 250);
      assert.equal(/AUTH PLAIN/.test(offers), port === "submission", offers);
      await smtp.quit();
    }
  });

  test("TLS is 1.2 or later, and has forward secrecy", async () => {
    const { smtp, submission, submissions, imaps, pop3s } = servers.ports;
    const places = [[smtp, "-starttls", "smtp"], [submission, "-starttls", "smtp"], [submissions], [imaps], [pop3s]];
    for (const [port, ...start] of places) {
      for (const old of [["-tls1", "-cipher", "DEFAULT:@SECLEVEL=0"], ["-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0"], ["-tls1_2", "-cipher", "kRSA"]]) {
        assert.equal(await shakesHands(port, ...start, ...old), false, `${port} ${old}`);
      }
      for (const version of ["-tls1_2", "-tls1_3"]) assert.equal(await shakesHands(port, ...start, version), true, `${port} ${version}`);
    }
    // The same client gets through to a server that knows old versions.
    const [key, cert] = await Promise.all(["privkey.pem", "fullchain.pem"].map((name) => readFile(join(servers.folder, "tls", name))));
    const lax = createServer({ key, cert, minVersion: "TLSv1", ciphers: "DEFAULT:@SECLEVEL=0" }).listen(0, "127.0.0.1");
    await once(lax, "listening");
    assert.equal(await shakesHands(lax.address().port, "-tls1", "-cipher", "DEFAULT:@SECLEVEL=0"), true);
    lax.close();
  });

  /** Whether OpenSSL's client, so told, comes to an agreement. */
  async function shakesHands(port, ...options) {
    const client = run("openssl", ["s_client", "-connect", `127.0.0.1:${port}`, "-servername", HOST, "-verify_return_error", "-CAfile", servers.authority, ...options], { timeout: 20_000 });
    client.child.stdin.end("QUIT\r\n");
    return client.then(({ stdout }) => /Cipher is (?!\(NONE\))/.test(stdout), () => false);
  }

  /** A mail program that has logged in, at the port where TLS comes first. */
  async function program(user) {
    const smtp = await Smtp.openSecured({ port: servers.ports.submissions, authority: servers.authority });
    await smtp.sayFor("EHLO phone", 250);
    assert.match(await smtp.login(user, PASSWORDS[user]), /^235/);
    return smtp;
  }

  test("whoever logs in writes as themselves, in the envelope and in From, and as nobody else", async () => {
    const stranger = await Smtp.openSecured({ port: servers.ports.submissions, authority: servers.authority });
    await stranger.sayFor("EHLO phone", 250);
    assert.match(await stranger.login(CARL, PASSWORDS[ANNA]), /^535/);
    await stranger.sayFor(`MAIL FROM:<${CARL}>`, 250);
    assert.match(await stranger.say(`RCPT TO:<${ANNA}>`), /^5/);
    await stranger.quit();

    const carl = await program(CARL);
    for (const from of [ANNA, BOB, `carl+x@${DOMAIN}`]) {
      assert.match(await carl.bring({ from, to: WILMA, message: letter("As another", { from }) }), /^553/, from);
      await carl.sayFor("RSET", 250);
    }
    const forged = [
      letter("In From", { from: ANNA }),
      letter("Two fields", { from: CARL, more: `From: ${ANNA}\n` }),
      letter("Two addresses", { from: `${CARL}, ${ANNA}` }),
      letter("A name", { from: `${ANNA} <${CARL}>` }),
      letter("From elsewhere", { from: BOB }),
    ];
    for (const message of forged) assert.match(await carl.bring({ from: CARL, to: WILMA, message }), /^550 5/, message);
    for (const from of [CARL, `Carl <${CARL}>`, `"Carl, the \\"other\\" (2)" <${CARL.toUpperCase()}>`]) {
      assert.match(await carl.bring({ from: CARL, to: WILMA, message: letter(`By ${from.length}`, { from }) }), /^250/, from);
    }
    // What OpenDKIM cannot read it does not vouch for.
    assert.match(await carl.bring({ from: CARL, to: WILMA, message: letter("Unreadable", { from: `"a\\" <${CARL}>, "${ANNA}>" <${CARL}>` }) }), /^250/);
    assert.equal((await inWebmail(wilma, "Unreadable")).verdict.alarm, "amber");
    await carl.quit();
    const arrived = await inWebmail(wilma, `By ${CARL.length}`);
    assert.deepEqual([arrived.verdict.alarm, arrived.verdict.evidence.spf.result], ["none", "fail"], "by its signature, as programs may be anywhere");
    assert.deepEqual((await webmail(wilma)).filter(({ subject }) => /another|From|Two|name|quoted/.test(subject)), []);
  });

  test("the webmail sends by Postfix, under TLS that proves who it is", async () => {
    const message = Buffer.from(letter("From the webmail", { from: ANNA, to: CARL }).replaceAll("\n", "\r\n"));
    const sent = await anna("POST", "outgoing", message, { "envelock-recipients": encodeURIComponent(CARL) });
    assert.equal(sent.status, 202);
    const arrived = await inPrograms(CARL, "From the webmail");
    assert.match(arrived, /^Received: from localhost[^]*?\(using TLSv1\.3 with cipher[^]*?with ESMTPSA/m);
    assert.match(arrived, /^DKIM-Signature: /m);
    const { body } = await anna("GET", "outgoing");
    assert.match(JSON.stringify(body), /"sent"/);
  });

  test("no message becomes two, however its end is written (CVE-2023-51764)", async () => {
    const ends = ["\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r.\r\n", "\r\n.\r", "\n.\r", "\r.\n", "\r\n\0.\r\n", "\r\n.\0\r\n", "\r\n..\r\n", "\n\n.\r\n"];
    for (const [index, end] of ends.entries()) {
      const smtp = await Smtp.open({ port: servers.ports.smtp, from: OWN });
      await smtp.sayFor("EHLO out.sender.example", 250);
      await smtp.sayFor(`MAIL FROM:<${BOB}>`, 250);
      await smtp.sayFor(`RCPT TO:<${ANNA}>`, 250);
      await smtp.sayFor("DATA", 354);
      const inner = `MAIL FROM:<postmaster@${DOMAIN}>\r\nRCPT TO:<${ANNA}>\r\nDATA\r\n${letter(`Smuggled ${index}`).replaceAll("\n", "\r\n")}\r\n.\r\n`;
      smtp.write(`${letter(`Outer ${index}`).replaceAll("\n", "\r\n")}${end}${inner}`);
      await smtp.expect(250);
      assert.match(await smtp.quit(), /^221/, `one answer for ${JSON.stringify(end)}`);
    }
    const outer = ends.map((_, index) => `Outer ${index}`).sort();
    const two = (subjects) => subjects.filter((subject) => /^(Outer|Smuggled)/.test(subject)).sort();
    await inWebmail(anna, `Outer ${ends.length - 1}`);
    await inPrograms(ANNA, `Outer ${ends.length - 1}`);
    assert.deepEqual(two((await webmail(anna)).map(({ subject }) => subject)), outer);
    assert.deepEqual(two((await programs(ANNA)).map(subjectOf)), outer);
  });

  test("512 at a time are served, each message once", async () => {
    const all = Array.from({ length: 512 }, (_, index) => `Crowd ${index}`);
    const talks = all.map(async (subject, index) => {
      const smtp = await Smtp.open({ port: servers.ports.smtp, from: `127.0.${1 + (index >> 7)}.${1 + (index & 127)}` });
      await smtp.sayFor("EHLO out.sender.example", 250);
      assert.match(await smtp.bring({ from: BOB, to: ANNA, message: letter(subject) }), /^250/);
      assert.match(await smtp.quit(), /^221/);
    });
    await Promise.all(talks);
    const crowd = (subjects) => subjects.filter((subject) => subject?.startsWith("Crowd")).sort();
    const inAll = async (list) => crowd(await list()).length >= all.length;
    const ofWebmail = async () => (await webmail(anna)).map(({ subject }) => subject);
    const ofPrograms = async () => (await programs(ANNA)).map(subjectOf);
    for (const list of [ofWebmail, ofPrograms]) {
      await until("the crowd", () => inAll(list));
      assert.deepEqual(crowd(await list()), [...all].sort());
    }
  });
});
