/** Signing and verifying tell how far they are, and stop when the signal fires: on the page's own thread and in a worker. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import * as here from "envelock";
import { createWorker } from "envelock/worker";

const { key } = await here.generateKey({ userIds: [{ email: "anna@demo.example" }] });
const worker = createWorker();
after(() => worker.terminate());

const line = "- a line of text, as mail has it; some are escaped and some end in blanks \t\n";
const bytes = (length) => new Uint8Array(length).map((_, at) => at * 7);
const text = (length) => line.repeat(Math.ceil(length / line.length)).slice(0, length);

/** Every call, over so many bytes, with what its progress counts. */
async function jobs(length) {
  const [data, mail, signers, verifyWith] = [bytes(length), text(length), { key }, key.certificate];
  const signature = await here.sign({ data, signers, form: "detached" });
  const inline = await here.sign({ data, signers, form: "inline" });
  const binary = await here.sign({ data, signers, form: "inline", armor: false });
  const cleartext = await here.sign({ data: mail, signers, form: "cleartext" });
  return {
    "signing, detached": [length, (on, control) => on.sign({ data, signers, form: "detached", ...control })],
    "signing inline": [length, (on, control) => on.sign({ data, signers, form: "inline", ...control })],
    "signing inline, binary": [length, (on, control) => on.sign({ data, signers, form: "inline", armor: false, ...control })],
    "signing cleartext": [length, (on, control) => on.sign({ data: mail, signers, form: "cleartext", ...control })],
    "verifying, detached": [length, (on, control) => on.verify({ data, signature, verifyWith, ...control })],
    "verifying inline": [inline.length, (on, control) => on.verify({ message: inline, verifyWith, as: "binary", ...control })],
    "verifying inline, binary": [binary.length, (on, control) => on.verify({ message: binary, verifyWith, as: "binary", ...control })],
    "verifying cleartext": [cleartext.length, (on, control) => on.verify({ message: cleartext, verifyWith, ...control })],
  };
}

// All before the first test: who waits between two of them has the end called in between.
const [small, medium, large] = [await jobs(2_000_000), await jobs(4_000_000), await jobs(48_000_000)];
const octets = bytes(24_000_000).fill(0, 0, 1);
const written = text(24_000_000);
const attachments = [{ name: "n", data: octets }];
const encrypted = await here.encrypt({ data: written, recipients: key.certificate, signers: { key } });
const cleartext = await here.sign({ data: written, signers: { key }, form: "cleartext" });
const PLACES = [["on this thread", here], ["in a worker", worker]];

for (const [name, [total, run]] of Object.entries(medium)) {
  for (const [where, on] of PLACES) {
    test(`${name} tells its progress ${where}`, async () => {
      const seen = [];
      await run(on, { onProgress: (state) => seen.push(state) });
      assert.ok(seen.length >= 3, `${seen.length} reports`);
      assert.ok(seen.every((state) => state.total === total), `totals ${seen.map((state) => state.total)} instead of ${total}`);
      assert.ok(seen.every(({ done }, at) => at === 0 || done >= seen[at - 1].done), `${seen.map((state) => state.done)}`);
      assert.ok(seen[0].done < total / 2, `the first report is of ${seen[0].done}`);
      assert.equal(seen.at(-1).done, total);
    });
  }
}

test("what onProgress throws ends signing and verifying", async () => {
  for (const [name, [, run]] of Object.entries(small)) {
    for (const [where, on] of PLACES) {
      const thrown = new Error("enough");
      await assert.rejects(run(on, { onProgress: () => { throw thrown; } }), (error) => error === thrown, `${name} ${where}`);
    }
  }
});

for (const [name, [total, run]] of Object.entries(large)) {
  for (const [where, on] of PLACES) {
    test(`${name} stops when the signal fires ${where}`, async () => {
      const controller = new AbortController();
      let fired = Infinity;
      let last = 0;
      const onProgress = ({ done }) => {
        if (last === 0) {
          // In a turn of its own, while the call is at work.
          setImmediate(() => {
            fired = performance.now();
            controller.abort("enough");
          });
        }
        last = done;
      };
      const call = run(on, { signal: controller.signal, onProgress });
      await assert.rejects(call, (error) => error instanceof here.PgpError && error.code === "cancelled" && error.cause === "enough");
      const late = performance.now() - fired;
      assert.ok(late < 100, `${late} ms`);
      assert.ok(last < total, `the call was at ${last} of ${total}`);
      // Whoever goes on working answers nobody.
      await on.sign({ data: "next", signers: { key }, form: "detached" });
      assert.ok(performance.now() - fired < 200, `the next call was answered after ${performance.now() - fired} ms`);
    });
  }
}

/** Every call with progress, over so many bytes. */
async function everything(length) {
  const [data, signers, keys, verifyWith, recipients] = [bytes(length), { key }, { key }, key.certificate, key.certificate];
  const stream = (octets) => new ReadableStream({ start(end) { if (octets.length > 0) end.enqueue(octets); end.close(); } });
  const drained = async (stream) => { for await (const _ of stream); };
  const found = {};
  for (const format of ["seipd-v1", "seipd-v2"]) {
    const options = { recipients, signers, format, armor: false };
    const message = await here.encrypt({ data, ...options });
    found[`encrypting, ${format}`] = (on, control) => on.encrypt({ data, ...options, ...control });
    found[`decrypting, ${format}`] = (on, control) => on.decrypt({ message, keys, verifyWith, as: "binary", ...control });
    found[`encrypting a stream, ${format}`] = async (on, control) => drained(await on.encrypt({ data: stream(data), ...options, ...control }));
    found[`decrypting a stream, ${format}`] = async (on, control) => drained((await on.decrypt({ message: stream(message), keys, verifyWith, ...control })).data);
  }
  for (const [form, armor] of [["detached", true], ["inline", true], ["inline", false], ["cleartext", true]]) {
    const text = line.repeat(Math.ceil(length / line.length)).slice(0, length);
    const given = form === "cleartext" ? text : data;
    const signed = await here.sign({ data: given, signers, form, armor });
    const what = form === "detached" ? { data: given, signature: signed } : { message: signed, as: "binary" };
    found[`signing ${form}, ${armor}`] = (on, control) => on.sign({ data: given, signers, form, armor, ...control });
    found[`verifying ${form}, ${armor}`] = (on, control) => on.verify({ ...what, verifyWith, ...control });
    found[`verifying ${form} by nobody, ${armor}`] = (on, control) => on.verify({ ...what, verifyWith: [], ...control });
  }
  const content = { subject: "s", text: "t", attachments: [{ name: "n", data }] };
  const sealed = await here.sealEnvelope({ ...content, password: "p", linkSecret: false });
  found["sealing"] = (on, control) => on.sealEnvelope({ ...content, password: "p", signers, ...control });
  found["opening"] = (on, control) => on.openEnvelope({ ciphertext: sealed.ciphertext, password: "p", ...control });
  for (const [how, more] of [["encrypted", { recipients, signers }], ["signed", { signers }], ["plain", {}]]) {
    const mail = { ...content, from: { address: "anna@demo.example" }, ...more };
    const written = await here.composeMail(mail);
    found[`composing, ${how}`] = (on, control) => on.composeMail({ ...mail, ...control });
    found[`reading, ${how}`] = (on, control) => on.readMail({ mail: written.mail, keys, verifyWith, ...control });
  }
  const armored = await here.armor({ data: data.slice().fill(0, 0, 1), kind: "message" });
  found["armor"] = (on, control) => on.armor({ data: data.slice().fill(0, 0, 1), kind: "message", ...control });
  found["dearmor"] = (on, control) => on.dearmor({ armored, ...control });
  return found;
}

const SIGNED = new Set(["encrypting, seipd-v1", "encrypting, seipd-v2", "decrypting, seipd-v1", "decrypting, seipd-v2", "sealing", "composing, encrypted"]);

for (const length of [0, 1, 65_536, 3_000_000]) {
  test(`of ${length} bytes, progress never falls, has one total, and ends when all is done`, async () => {
    for (const [name, run] of Object.entries(await everything(length))) {
      for (const [where, on] of PLACES) {
        const seen = [];
        await run(on, { onProgress: (state) => seen.push(state) });
        const told = `${name} ${where}: ${JSON.stringify(seen.slice(-5))}`;
        assert.ok(seen.every(({ done }, at) => at === 0 || done >= seen[at - 1].done), told);
        assert.ok(new Set(seen.map(({ total }) => total).filter(Number.isFinite)).size === 1, told);
        assert.equal(seen.at(-1).done, seen.at(-1).total, told);
        // One chunk: what is told at its end is not yet all, as signatures are made before it and checked after it.
        if (length === 65_536 && SIGNED.has(name)) assert.ok(seen[0].done < seen[0].total, told);
      }
    }
  });
}

const [signers, keys, verifyWith, recipients] = [{ key }, { key }, key.certificate, key.certificate];
const TEXTS = {
  "armor": (on, control) => on.armor({ data: octets, kind: "message", ...control }),
  "encrypt": (on, control) => on.encrypt({ data: octets, recipients, ...control }),
  "decrypt": (on, control) => on.decrypt({ message: encrypted, keys, ...control }),
  "sign": (on, control) => on.sign({ data: written, signers, form: "cleartext", ...control }),
  "verify": (on, control) => on.verify({ message: cleartext, verifyWith, ...control }),
  "composeMail, encrypted": (on, control) => on.composeMail({ from: { address: "anna@demo.example" }, subject: "s", text: "t", attachments, signers, recipients, ...control }),
  "composeMail, signed": (on, control) => on.composeMail({ from: { address: "anna@demo.example" }, subject: "s", text: "t", attachments, signers, ...control }),
};
for (const [name, run] of Object.entries(TEXTS)) {
  for (const [where, on] of PLACES) {
    test(`${name} says that all is done when the text is there, ${where}`, async () => {
      let told = Infinity;
      const onProgress = ({ done, total }) => {
        if (done === total) told = performance.now();
      };
      const answer = await run(on, { onProgress });
      const late = performance.now() - told;
      assert.ok(answer && late < 10, `${late} ms before`);
    });
  }
}
