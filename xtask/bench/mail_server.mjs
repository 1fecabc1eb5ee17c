// Our server for the mail bench: its accounts, tokens and queue by SQL while it does not run; what it has done, by SQL while it does.
import { execFile, execFileSync, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import { ACCOUNTS, OUR_DOMAIN, account } from "./mail_letters.mjs";
import { freePort, resident, stop } from "./processes.mjs";

const MANY = "1000000000";
const SERVER = process.env.ENVELOCK_SERVER;
const run = promisify(execFile);

/** In `folder`, with these names; made with its accounts. */
export async function ourServer(folder, names) {
  const data = join(folder, "data");
  const database = join(data, "envelock.sqlite");
  const ports = { https: await freePort(), smtp: await freePort(), lmtp: await freePort() };
  const secret = Array.from({ length: ACCOUNTS }, () => randomBytes(32));
  const options = [
    ...["serve", "--data-dir", data, "--listen", `127.0.0.1:${ports.https}`, "--smtp-listen", `127.0.0.1:${ports.smtp}`, "--lmtp-listen", `127.0.0.1:${ports.lmtp}`],
    ...["--public-name", "localhost", "--mail-domain", OUR_DOMAIN, "--send-mail", "--messages-per-minute", MANY, "--writes-per-minute", MANY, ...names.options],
  ];
  const sql = (text) => execFileSync("sqlite3", [database], { input: `.timeout 60000\n${text}`, maxBuffer: 1 << 28 }).toString().trim();
  const count = async (what) => Number((await run("sqlite3", ["-readonly", database, `SELECT count(*) FROM ${what}`])).stdout);
  const server = {
    ports,
    /** With `log` it tells how long each statement took. */
    async start({ log } = {}) {
      const environment = { ...process.env, RUST_LOG: log ? "sqlx::query=debug" : "error", NO_COLOR: "1" };
      const child = spawn(SERVER, options, { stdio: ["ignore", "pipe", "pipe"], env: environment });
      let said = "";
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => log?.(chunk.toString()) ?? (said += chunk));
      await new Promise((resolve, reject) => {
        child.stdout.on("data", (chunk) => chunk.toString().includes("ready") && resolve());
        child.on("exit", (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
      });
      return { memory: () => resident(child.pid), stop: () => stop(child, "SIGTERM") };
    },
    /** Mail that lies in mailboxes and was validated. */
    validated: () => count("mailbox WHERE check_at IS NULL AND evidence IS NOT NULL"),
    /** What does not count as genuine. */
    doubtful: () => count(`mailbox WHERE evidence NOT LIKE '%"dmarc":{"result":"pass"%'`),
    /** Rows as taking messages leaves them; each goes to the next domain of `domains`. */
    fill(messages, octets, domains) {
      writeFileSync(join(folder, "message"), octets);
      const now = Math.floor(Date.now() / 1000);
      sql(`PRAGMA synchronous = OFF; BEGIN;
        CREATE TEMP TABLE message AS SELECT readfile('${join(folder, "message")}') AS octets;
        CREATE TEMP TABLE numbers AS WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${messages - 1}) SELECT n, randomblob(16) AS id FROM numbers;
        INSERT INTO outgoing (id, account, created, size, sender, message)
        SELECT id, n % ${ACCOUNTS} + 1000, ${now}, length(octets), 'user' || (n % ${ACCOUNTS}) || '@${OUR_DOMAIN}', octets FROM numbers, message;
        INSERT INTO outgoing_recipients (message, position, address, domain, state, tries, due, changed)
        SELECT id, 0, 'bea@d' || (n % ${domains}) || '.example', 'd' || (n % ${domains}) || '.example', 'queued', 0, ${now}, ${now} FROM numbers;
        COMMIT; PRAGMA wal_checkpoint(TRUNCATE);`);
      execFileSync("sync");
    },
    empty: () => sql("DELETE FROM outgoing_recipients; DELETE FROM outgoing; DELETE FROM mailbox; DELETE FROM mail_twins; DELETE FROM tls_sessions; VACUUM; PRAGMA wal_checkpoint(TRUNCATE);"),
    /** What hands messages in, over connections that last: as many as are in use at a time. */
    submission() {
      const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
      return {
        async deliver({ from, to, octets }) {
          const number = Number(/\d+/.exec(from)[0]);
          const headers = { authorization: `Bearer ${token(secret[number])}`, "content-type": "application/octet-stream", "content-length": octets.length, "envelock-recipients": encodeURIComponent(to) };
          const sent = request(`https://localhost:${ports.https}/api/v1/outgoing`, { method: "POST", headers, agent });
          sent.end(octets);
          const [answer] = await once(sent, "response");
          const text = Buffer.concat(await answer.toArray()).toString();
          if (answer.statusCode !== 202) throw new Error(`${answer.statusCode} ${text}`);
        },
        close: async () => agent.destroy(),
      };
    },
  };
  // Started once, for its database.
  await (await server.start()).stop();
  const now = Math.floor(Date.now() / 1000);
  const rows = secret.map((octets, number) => {
    const [id, hash, address] = [1000 + number, createHash("sha256").update(octets).digest("hex"), account(number)];
    return `INSERT INTO accounts (id, address, name, created, address_key, login_record) VALUES (${id}, '${address}', 'U', ${now}, '${address}', x'00');
      INSERT INTO app_tokens (id, account, hash, name, scopes, created, expires, used) VALUES (randomblob(16), ${id}, x'${hash}', 'bench', 'mail:send', ${now}, ${now + 86_400}, ${now + 86_400});`;
  });
  sql(`BEGIN; ${rows.join("\n")} COMMIT;`);
  return server;
}

/** As programs hold it: with a checksum. */
function token(octets) {
  const check = createHash("sha256").update("envelock_").update(octets).digest().subarray(0, 4);
  return `envelock_${Buffer.concat([octets, check]).toString("base64url")}`;
}
