/** Options: unknown ones, wrong ones, progress and cancel. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as envelock from "envelock";

const { decrypt, encrypt, PgpError } = envelock;
const rejects = (promise, code, pattern = /./) => assert.rejects(promise, (error) => {
  assert.ok(error instanceof PgpError, String(error));
  assert.equal(error.name, "PgpError");
  assert.equal(error.code, code, error.message);
  assert.match(error.message, pattern);
  assert.ok(error.hint.length > 10);
  assert.equal(typeof error.recoverable, "boolean");
  return true;
});

test("every call refuses an option it does not know, before anything else", async () => {
  // `addressOf` is no call of the module: text in, text out, at once.
  const others = ["PgpError", "addressOf"];
  const calls = Object.entries(envelock).filter(([name, value]) => typeof value === "function" && !others.includes(name));
  assert.ok(calls.length >= 14, calls.map(([name]) => name).join());
  for (const [name, call] of calls) await rejects(call({ passwrod: "p" }), "unknown-option", new RegExp(`${name}: unknown option "passwrod"`));
  await rejects(envelock.Keystore.open({ passwrod: "p" }), "unknown-option");
  await rejects(encrypt({ data: "x", passwords: "p", constructor: 1 }), "unknown-option");
});

test("wrong and missing options are named", async () => {
  const sealing = { subject: "s", text: "t", password: "p" };
  for (const reply of [[], new Date(), new ArrayBuffer(1)]) await rejects(envelock.sealEnvelope({ ...sealing, reply }), "bad-option", /"reply"/);
  for (const date of [new Date(-1), new Date(2 ** 32 * 1000)]) await rejects(encrypt({ data: "x", passwords: "p", date }), "bad-option", /1970 to 2106/);
  const stream = new Blob(["x"]).stream();
  stream.getReader();
  await rejects(encrypt({ data: stream, passwords: "p" }), "bad-option", /nobody else reads/);
  await rejects(encrypt({ passwords: "p" }), "bad-option", /"data" is required/);
  const moved = new Uint8Array(100);
  structuredClone(moved, { transfer: [moved.buffer] });
  await rejects(encrypt({ data: moved, passwords: "p" }), "bad-option", /"data" must be/);
  assert.ok(await encrypt({ data: new Uint8Array(0), passwords: "p" }));
  await rejects(encrypt({ data: 1, passwords: "p" }), "bad-option", /"data" must be/);
  await rejects(encrypt({ data: "x", passwords: [1] }), "bad-option", /"passwords"/);
  await rejects(encrypt({ data: "x", recipients: ["-----BEGIN"] }), "bad-option", /readKeys/);
  await rejects(encrypt({ data: "x", passwords: "p", format: "pgp" }), "bad-option", /"format"/);
  await rejects(encrypt("x"), "bad-option");
  await rejects(encrypt(), "bad-option");
  await rejects(envelock.verify({ data: "x", verifyWith: [] }), "bad-option", /either/);
  await rejects(envelock.sealEnvelope({ subject: "", text: "", password: "p", attachments: [{ name: "a", data: "text" }] }), "bad-option", /attachments/);
  await rejects(envelock.openEnvelope({ ciphertext: new Uint8Array(3), password: "p", salt: "short" }), "bad-option");
});

test("undefined counts as not given", async () => {
  const message = await encrypt({ data: "x", passwords: "p", signers: undefined, signal: undefined, armor: undefined });
  assert.equal((await decrypt({ message, passwords: "p", keys: undefined })).data, "x");
});

test("nobody to encrypt to is refused", async () => {
  await rejects(encrypt({ data: "x" }), "no-recipient");
  await rejects(encrypt({ data: "x", passwords: "" }), "empty-password");
});

test("progress goes up to the size of the data", async () => {
  const seen = [];
  const data = new Uint8Array(3_000_000);
  await encrypt({ data, passwords: "p", onProgress: (progress) => seen.push(progress) });
  assert.ok(seen.length >= 4, `${seen.length} reports`);
  const last = seen.at(-1);
  assert.equal(last.done, last.total);
  assert.ok(last.total >= data.length);
  for (let at = 1; at < seen.length; at += 1) assert.ok(seen[at].done >= seen[at - 1].done);
});

test("a cancelled call rejects, and the next one works", async () => {
  const done = new AbortController();
  done.abort();
  await rejects(encrypt({ data: "x", passwords: "p", signal: done.signal }), "cancelled");

  const controller = new AbortController();
  let reports = 0;
  const onProgress = () => {
    reports += 1;
    controller.abort(new Error("enough"));
  };
  await assert.rejects(encrypt({ data: new Uint8Array(20_000_000), passwords: "p", signal: controller.signal, onProgress }), (error) => {
    assert.equal(error.code, "cancelled");
    assert.equal(error.cause?.message, "enough");
    return true;
  });
  assert.ok(reports < 20, `${reports} reports after the cancel`);
  assert.match(await encrypt({ data: "x", passwords: "p" }), /BEGIN PGP MESSAGE/);
});

test("others have their turns while a password is worked on, and can cancel it", async () => {
  const message = await encrypt({ data: "x", passwords: "p" });
  const jobs = [
    (signal) => encrypt({ data: "x", passwords: "p", signal }),
    (signal) => envelock.decrypt({ message, passwords: "p", signal }),
    (signal) => envelock.deriveAccess({ salt: "A".repeat(22), password: "p", signal }),
    (signal) => envelock.sealEnvelope({ subject: "x", text: "x", password: "p", signal }),
  ];
  for (const job of jobs) {
    const controller = new AbortController();
    let turns = 0;
    const turn = () => {
      turns += 1;
      if (turns === 3) controller.abort();
      else setImmediate(turn);
    };
    setImmediate(turn);
    await rejects(job(controller.signal), "cancelled");
    assert.equal(turns, 3, String(job));
  }
});

test("a progress listener that throws ends the call with its own error", async () => {
  const onProgress = () => { throw new Error("listener"); };
  await assert.rejects(encrypt({ data: new Uint8Array(3_000_000), passwords: "p", onProgress }), { message: "listener" });
  assert.match(await encrypt({ data: "x", passwords: "p" }), /BEGIN PGP MESSAGE/);
});

test("an empty passphrase locks nothing", async () => {
  const userIds = [{ email: "a@b.example" }];
  const { key } = await envelock.generateKey({ userIds });
  await rejects(envelock.generateKey({ userIds, passphrase: "" }), "bad-option", /not empty/);
  await rejects(envelock.lockKey({ key, newPassphrase: "" }), "bad-option", /not empty/);
  await rejects(envelock.changePassphrase({ key, newPassphrase: "" }), "bad-option", /not empty/);
  await rejects(envelock.Keystore.open({ storage: { get() {}, put() {}, delete() {}, list: () => [] }, passphrase: "" }), "bad-option", /not empty/);
});

test("an envelope is opened by password or by keys, not by both or none", async () => {
  const { key } = await envelock.generateKey({ userIds: [{ email: "a@b.example" }] });
  const { ciphertext } = await envelock.sealEnvelope({ subject: "s", text: "t", password: "p", linkSecret: false });
  await rejects(envelock.openEnvelope({ ciphertext, password: "p", keys: { key } }), "bad-option", /either/);
  await rejects(envelock.openEnvelope({ ciphertext }), "bad-option", /either/);
});

test("secrets are overwritten once they were handed over", async () => {
  const encode = TextEncoder.prototype.encode;
  const { createWorker } = await import("envelock/worker");
  const worker = createWorker();
  for (const calls of [envelock, worker]) {
    await calls.init();
    const secrets = [];
    TextEncoder.prototype.encode = function (text) {
      const bytes = encode.call(this, text);
      if (text?.startsWith("secret")) secrets.push(bytes);
      return bytes;
    };
    try {
      await calls.generateKey({ userIds: [{ email: "a@b.example" }], passphrase: "secret one" });
      await calls.encrypt({ data: "x", passwords: ["secret two", "secret three"] });
      await calls.decrypt({ message: "broken", passwords: "secret four" }).catch(() => undefined);
    } finally {
      TextEncoder.prototype.encode = encode;
    }
    assert.equal(secrets.length, 4);
    for (const bytes of secrets) assert.ok(bytes.every((byte) => byte === 0), Buffer.from(bytes).toString());
  }
  worker.terminate();
});
