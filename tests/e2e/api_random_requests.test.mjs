// Ten thousand random requests that another program (schemathesis) makes of the OpenAPI document, as a stranger, signed in, between the two
// steps of signing in, and as a program with a token: wrong types, missing and unknown fields, odd text, methods that are not there. Whatever is sent, the answer is no 5xx,
// and no handler panics.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { Agent, request } from "node:https";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { createLogin } from "envelock/login";
import { apiClient } from "./api_client.mjs";
import { totp } from "./authenticators.mjs";
import { PASSWORD } from "./newcomer.mjs";
import { SENDER } from "./sender.mjs";
import { freePort, startServer } from "./server.mjs";

const SCHEMATHESIS = process.env.SCHEMATHESIS ?? "schemathesis";
const MANY = "10000000";
const LEAST = 10_000;
/** So many for each operation that takes anything; less where most are refused alike. */
const EACH = 85;
const FEW = 12;

describe("random requests", { timeout: 900_000 }, () => {
  let server;
  let document;
  /** The operations that ask again who is there, as `METHOD /path`. */
  let asking;
  let status;
  before(async () => {
    status = await freePort();
    const limits = ["login-attempts-per-minute", "open-attempts-per-minute", "lookups-per-minute", "registrations-per-minute"].flatMap((limit) => [`--${limit}`, MANY]);
    server = await startServer({ options: [...limits, "--registration", "open", "--registration-domain", "example.org", "--no-lookup", "--status-listen", `127.0.0.1:${status}`] });
    const { body } = await apiClient(server.origin)("GET", "openapi.json");
    document = join(server.dataDir, "../openapi.json");
    await writeFile(document, JSON.stringify(body));
    asking = Object.entries(body.paths).flatMap(([path, item]) =>
      Object.entries(item)
        .filter(([, { responses }]) => responses?.["403"]?.description.includes("confirmation-required"))
        .map(([method]) => new RegExp(`^${method.toUpperCase()} ${path.replace(/\{\w+\}/g, "[^/]+")}$`)),
    );
  });
  after(async () => {
    await server?.stop();
    await server?.remove();
  });

  /**
   * Plain HTTP in front of the server, over connections that last: schemathesis makes a new one for each request, and with TLS that would be
   * most of its time. Whoever is signed in stays so. Tokens that schemathesis makes up would be refused before anything else is looked at.
   * `answers` are `[METHOD /path, status]`.
   */
  async function front({ cookie, id, token } = {}) {
    const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
    const answers = [];
    const proxy = createServer((asked, answer) => {
      const [path] = asked.url.split("?");
      const own = ["/api/v1/session", `/api/v1/sessions/${id}`].includes(path);
      if (cookie !== undefined && asked.method === "DELETE" && own) return answer.writeHead(204).end();
      const headers = { ...asked.headers, host: new URL(server.origin).host, origin: server.origin, ...(cookie !== undefined && { cookie }) };
      if (token === undefined) delete headers.authorization;
      else headers.authorization = `Bearer ${token}`;
      const sent = request(`${server.origin}${asked.url}`, { method: asked.method, headers, agent });
      sent.on("response", (got) => {
        answers.push([`${asked.method} ${path}`, got.statusCode]);
        got.pipe(answer.writeHead(got.statusCode, got.headers));
      });
      sent.on("error", () => answer.writeHead(502).end());
      asked.pipe(sent);
    }).listen(0, "127.0.0.1");
    await once(proxy, "listening");
    return { url: `http://127.0.0.1:${proxy.address().port}`, answers, close: () => proxy.close() };
  }

  /** Exit code and words of a run against this address. */
  async function run(url, each, ...which) {
    const child = spawn(SCHEMATHESIS, [
      "run", document, "--url", url, "--checks", "not_a_server_error",
      "--phases", "coverage,fuzzing", "--max-examples", String(each), "--seed", "1", "--workers", "1", "--suppress-health-check", "all", "--warnings", "off", "--no-color", ...which,
    ], { cwd: join(server.dataDir, "..") });
    const told = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => told.push(chunk));
    const [code] = await once(child, "exit");
    return { code, told: Buffer.concat(told).toString() };
  }

  /** `[status, how often]`, as the server itself has counted. */
  async function answered() {
    const metrics = await (await fetch(`http://127.0.0.1:${status}/metrics`)).text();
    return [...metrics.matchAll(/^envelock_requests_total\{[^}]*status="(\d+)"[^}]*\} (\d+)$/gm)].map(([, status, count]) => [Number(status), Number(count)]);
  }

  /** The cookie after the password. */
  async function enter(call, address, password) {
    const login = await createLogin().startLogin({ password });
    const { body } = await call("POST", "session/start", { address, request: login.request });
    const { finalization } = await login.finish(body.response);
    const { headers } = await call("POST", "session", { login: body.login, finalization });
    return headers["set-cookie"][0].split(";")[0];
  }

  /** A session of the demo account: its cookie, and its name in the list. */
  async function signIn() {
    const call = apiClient(server.origin);
    const cookie = await enter(call, SENDER.address, "envelock demo");
    const { body: list } = await call("GET", "sessions");
    return { call, cookie, id: list.sessions.find(({ current }) => current).id };
  }

  /** A token that may do all that tokens may, of an account that nobody else uses. */
  async function program() {
    const call = apiClient(server.origin);
    const address = "shop@example.org";
    await enter(call, address, await server.user("add", address, "--name", "Shop"));
    const scopes = ["envelopes:read", "envelopes:write", "keyring:read", "keyring:write", "drafts:read", "drafts:write", "mail:read", "mail:send"];
    return { token: (await call("POST", "account/tokens", { name: "Shop", scopes, expiresInDays: 1 })).body.token };
  }

  /** A session of a new account, which owes the code of an app. */
  async function unfinishedSignIn() {
    const call = apiClient(server.origin);
    const address = "half@example.org";
    const registration = await createLogin().startRegistration({ password: PASSWORD });
    const { body: answer } = await call("POST", "registration/start", { address, request: registration.request });
    const { record } = await registration.finish(answer.response);
    await call("POST", "registration", { address, name: "Half", record, madeWith: answer.madeWith });
    await enter(call, address, PASSWORD);
    const { body: app } = await call("POST", "account/totp/start", {});
    assert.equal((await call("PUT", "account/totp", { code: totp(app.secret, Date.now() / 1000) })).status, 200);
    return { call, cookie: await enter(call, address, PASSWORD) };
  }

  /** The server's clock stands still until this is called: who was sure a moment ago who is there stays so. */
  function stopClock() {
    const began = Date.now();
    const still = setInterval(() => void server.advanceClock(-Math.floor((Date.now() - began) / 1000)), 1000);
    still.unref();
    return () => clearInterval(still);
  }

  test("a server that fails is found out", async () => {
    const failing = createServer((_, answer) => answer.writeHead(500).end()).listen(0, "127.0.0.1");
    await once(failing, "listening");
    const { code, told } = await run(`http://127.0.0.1:${failing.address().port}`, 1);
    failing.close();
    assert.equal(code, 1, told);
    assert.match(told, /Server error/);
  });

  test("no request is answered by a fault of the server", async (context) => {
    const [whole, half, shop] = [await signIn(), await unfinishedSignIn(), await program()];
    const goOn = stopClock();
    const as = async (caller, each, ...which) => {
      const proxy = await front(caller);
      const { code, told } = await run(proxy.url, each, ...which);
      proxy.close();
      assert.equal(code, 0, told);
      return proxy.answers;
    };
    const programs = ["envelopes", "keyring", "drafts"].flatMap((tag) => ["--include-tag", tag]);
    const [, ofWhole, ofHalf] = await Promise.all([as(undefined, EACH), as(whole, EACH), as(half, FEW, "--phases", "fuzzing"), as(shop, EACH, ...programs)]);
    goOn();

    // Nothing is tried where one does not get in.
    const entered = (answers, which) => answers.filter(([asked, status]) => which.test(asked) && status !== 401 && status !== 403).length;
    for (const one of asking) {
      assert.ok(entered(ofWhole, one) > 0, String(one));
      assert.deepEqual(ofWhole.filter(([asked, status]) => one.test(asked) && status === 403), []);
    }
    assert.ok(asking.length >= 13);
    assert.equal((await whole.call("POST", "account/totp/start", {})).status, 200, "it is still sure");
    assert.ok(ofHalf.some(([asked, status]) => asked === "POST /api/v1/session/totp" && status === 401), "codes were tried");
    assert.ok(ofHalf.some(([asked, status]) => asked === "GET /api/v1/envelopes" && status === 403), "and nothing else is for it");
    assert.equal((await half.call("GET", "session")).body.pending, "second-factor");

    const counted = await answered();
    const sum = (which) => counted.filter(([status]) => which(status)).reduce((sum, [, count]) => sum + count, 0);
    context.diagnostic(`${sum(() => true)} requests`);
    assert.ok(sum(() => true) >= LEAST, `${sum(() => true)} requests`);
    assert.equal(sum((status) => status >= 500), 0);
    assert.ok(sum((status) => status === 400) > LEAST / 10, "most are looked at, and refused for what they say");
    assert.ok(sum((status) => status < 300) > LEAST / 20, "many are what they should be");
    assert.doesNotMatch(server.output(), /panicked/);
    assert.equal((await fetch(`http://127.0.0.1:${status}/ready`)).status, 200);
  });
});
