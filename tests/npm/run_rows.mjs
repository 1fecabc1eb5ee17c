// Runs rows of tests/vectors through an entry of the packed npm package: one subtest a row, all in one wasm instance, one after
// the other. After each row the same instance must still do an ordinary job; in the end its memory must not have grown.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { before, test } from "node:test";
import { bytes, files, met, REFERENCE_TIME } from "./corpus.mjs";

const TWO_SECONDS = 2_000;
const MEMORY_LIMIT = 256 * 1024 * 1024;

// Each instantiation is seen, so that "one instance" and its memory are facts and not beliefs.
const memories = [];
WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct(Instance, args) {
    const instance = new Instance(...args);
    // The second part has the first one's memory.
    const memory = Object.values(instance.exports).find((value) => value instanceof WebAssembly.Memory);
    if (memory) memories.push(memory);
    return instance;
  },
});

const date = new Date(REFERENCE_TIME);

const sha256 = (data) => createHash("sha256").update(data).digest("hex");
const isCertificate = (entry) => entry.kind === "certificate" || entry.kind === "secret-key";
const certificateOf = (entry) => (entry.kind === "secret-key" ? entry.certificate : entry);

/** LF line ends, no trailing blanks on lines, no final newline: what `good-text:` is a hash of. */
function comparable(data) {
  const text = new TextDecoder().decode(data).replaceAll("\r\n", "\n");
  return text.split("\n").map((line) => line.trimEnd()).join("\n").replace(/\n+$/, "");
}

function judged(signatures, data) {
  const valid = signatures.filter((signature) => signature.status === "valid");
  return {
    good: valid.length > 0,
    signers: valid.map((signature) => signature.signer.toLowerCase()),
    text: data === undefined ? undefined : sha256(comparable(data)),
  };
}

/** Runs the rows through `load()`, which imports an entry of the package. `once`: not a second time for what memory it takes. */
export async function runRows(load, rows, { once = false } = {}) {
  const { decrypt, encrypt, init, readKeys, unlockCheck, verify, PgpError } = await load();

  /** A typed error of ours that does not report a broken instance, or the test fails. */
  function assertTyped(error) {
    assert.ok(error instanceof PgpError, `not a PgpError but ${error?.stack ?? error}`);
    assert.match(error.code, /^[a-z0-9]+(-[a-z0-9]+)*$/);
    assert.notEqual(error.code, "internal", error.message);
  }

  async function certificates(field) {
    const entries = await Promise.all(files(field).map((file) => readKeys({ keys: bytes(file), date })));
    return entries.flat().filter(isCertificate).map(certificateOf);
  }

  async function secretKeys(given) {
    const entries = await Promise.all(files(given.key).map((file) => readKeys({ keys: bytes(file), date })));
    return entries
      .flat()
      .filter((entry) => entry.kind === "secret-key")
      .map((key) => (given.keypassword === undefined ? { key } : { key, passphrase: given.keypassword }));
  }

  const outcomes = {
    async message({ file, given }) {
      const verifyWith = await certificates(given["verify-with"]);
      const options = { message: bytes(file), keys: await secretKeys(given), verifyWith, as: "binary", date };
      if (given.password !== undefined) options.passwords = [given.password];
      const { data, signatures } = await decrypt(options);
      return { plain: sha256(data), ...judged(signatures, data) };
    },
    async detached({ file, given }) {
      const verifyWith = await certificates(given.cert);
      const { signatures } = await verify({ data: bytes(given["signed-data"]), signature: bytes(file), verifyWith, date });
      return judged(signatures);
    },
    async inline({ file, given }) {
      const verifyWith = await certificates(given.cert);
      const { data, signatures } = await verify({ message: bytes(file), verifyWith, as: "binary", date });
      return judged(signatures, data);
    },
    async key({ file, given }) {
      const entries = await readKeys({ keys: bytes(file), date });
      const usable = entries.filter(isCertificate);
      return {
        imported: usable.length > 0,
        fingerprints: usable.map((entry) => entry.fingerprint.toLowerCase()),
        encrypt: (await canEncrypt(usable.map(certificateOf))) ? "yes" : "no",
        unlock: given.keypassword === undefined ? undefined : (await unlocks(usable, given.keypassword)) ? "ok" : "fail",
      };
    },
  };

  async function canEncrypt(recipients) {
    if (recipients.length === 0) return false;
    try {
      await encrypt({ data: "probe", recipients, date });
      return true;
    } catch (error) {
      assertTyped(error);
      return false;
    }
  }

  async function unlocks(entries, passphrase) {
    const key = entries.find((entry) => entry.kind === "secret-key");
    if (key === undefined) return false;
    try {
      return await unlockCheck({ key, passphrase });
    } catch (error) {
      assertTyped(error);
      return false;
    }
  }

  function jobOf(row) {
    if (row.expected.startsWith("import=")) return outcomes.key;
    const job = row.kind.replace(/^pqc-/, "");
    if (job === "sig-detached") return outcomes.detached;
    if (job.startsWith("sig-")) return outcomes.inline;
    return outcomes.message;
  }

  /** What happened, with errors of ours turned into the outcome "nothing came out". */
  async function outcome(row) {
    try {
      return await jobOf(row)(row);
    } catch (error) {
      assertTyped(error);
      return { plain: null, good: false, signers: [], imported: false, fingerprints: [], encrypt: "no", unlock: "fail", code: error.code };
    }
  }

  let nora;
  before(async () => {
    await init();
    [nora] = await readKeys({ keys: bytes("00-keys/nora.sec.asc"), date });
  });

  /** An ordinary job in the same instance: encrypt to a key and read it back. */
  async function stillWorks() {
    const message = await encrypt({ data: "still here", recipients: [nora.certificate], date });
    const { data } = await decrypt({ message, keys: [{ key: nora }], as: "text", date });
    assert.equal(data, "still here");
  }

  const memoryInUse = () => memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);

  for (const row of rows) {
    test(`${row.kind} ${row.id}`, async () => {
      const start = process.cpuUsage(); // not the clock: other programs on the machine do not count
      const got = await outcome(row);
      const { user, system } = process.cpuUsage(start);
      const elapsed = (user + system) / 1000;
      assert.ok(met(row.expected, got), `expected ${row.expected}\n  got ${JSON.stringify(got)}\n  ${row.basis} ${row.note}`);
      assert.ok(elapsed <= TWO_SECONDS, `took ${Math.round(elapsed)} ms of work`);
      await stillWorks();
    });
  }

  if (once) return;
  test("all rows ran in one wasm instance, within 256 MiB, and a third run needs no more than the second", async () => {
    // What is kept of the first run (certificates that may be wanted again) may lie where its largest piece was, Argon2's: that is taken once more.
    for (const row of rows) await outcome(row);
    assert.equal(memories.length, 1, "instances made");
    const after = memoryInUse();
    assert.ok(after <= MEMORY_LIMIT, `${after} bytes`);
    for (const row of rows) await outcome(row);
    assert.equal(memoryInUse(), after, "memory grew in the third run: something is not given back");
  });
}
