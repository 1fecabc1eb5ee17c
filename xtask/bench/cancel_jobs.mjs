// Every call that can last, on data so large that it does: by name, what prepares it and gives what is to be cancelled.
import * as reader from "envelock/reader";
import { bytes, lines } from "./measure.mjs";
import { drained, source } from "./stream_jobs.mjs";

const MB = 1_000_000;
const FORMATS = { GCM: "seipd-v2", "SEIPD v1": "seipd-v1" };

export function jobs(envelock) {
  const once = (make) => {
    let made;
    return () => (made ??= make());
  };
  const own = once(() => envelock.generateKey({ userIds: [{ email: "bench@example.org" }], profile: "rfc9580" }).then(({ key }) => key));
  const hundred = once(() => bytes(100 * MB));
  const fifty = () => hundred().subarray(0, 50 * MB);
  /** With the key as sender, recipient and reader. */
  const with_ = (work) => async () => {
    const key = await own();
    return work({ signers: { key }, keys: { key }, recipients: key.certificate, verifyWith: key.certificate });
  };
  const found = {};

  for (const [name, format] of Object.entries(FORMATS)) {
    found[`encrypt and sign 50 MB, ${name}`] = with_(({ signers, recipients }) =>
      (signal) => envelock.encrypt({ data: fifty(), recipients, signers, format, armor: false, signal }));
    found[`decrypt and verify 50 MB, ${name}`] = with_(async ({ signers, recipients, keys, verifyWith }) => {
      const message = await envelock.encrypt({ data: fifty(), recipients, signers, format, armor: false });
      return (signal) => envelock.decrypt({ message, keys, verifyWith, as: "binary", signal });
    });
  }
  found["decrypt a blob of 100 MB, SEIPD v1"] = with_(async ({ recipients, keys }) => {
    const message = new Blob([await envelock.encrypt({ data: hundred(), recipients, format: "seipd-v1", armor: false })]);
    return (signal) => envelock.decrypt({ message, keys, as: "binary", signal });
  });
  found["decrypt and verify 30 MB in armor"] = with_(async ({ signers, recipients, keys, verifyWith }) => {
    const message = await envelock.encrypt({ data: hundred().subarray(0, 30 * MB), recipients, signers });
    return (signal) => envelock.decrypt({ message, keys, verifyWith, as: "binary", signal });
  });
  found["session keys of 30 MB in armor"] = with_(async ({ recipients, keys }) => {
    const message = await envelock.encrypt({ data: hundred().subarray(0, 30 * MB), recipients });
    return (signal) => envelock.decryptSessionKeys({ message, keys, signal });
  });

  // Argon2id with 64 MiB, once for each component.
  const passphrase = "correct horse";
  const person = { userIds: [{ email: "bench@example.org" }], profile: "rfc9580" };
  const locked = once(async () => {
    const { key } = await envelock.generateKey({ ...person, passphrase });
    return { opened: { key, passphrase }, message: await envelock.encrypt({ data: "Bench", recipients: key.certificate }) };
  });
  const withLocked = (work) => async () => work(await locked());
  found["generate with a passphrase"] = async () => (signal) => envelock.generateKey({ ...person, passphrase, signal });
  found["sign with a locked key"] = withLocked(({ opened }) => (signal) => envelock.sign({ data: "Bench", signers: opened, form: "detached", signal }));
  found["decrypt with a locked key"] = withLocked(({ opened, message }) => (signal) => envelock.decrypt({ message, keys: opened, signal }));
  found["check a passphrase"] = withLocked(({ opened }) => (signal) => envelock.unlockCheck({ ...opened, signal }));
  found["change a passphrase"] = withLocked(({ opened }) => (signal) => envelock.changePassphrase({ ...opened, newPassphrase: "lantern", signal }));

  const text = once(() => lines(30 * MB));
  found["cleartext sign 30 MB"] = with_(({ signers }) => (signal) => envelock.sign({ data: text(), signers, form: "cleartext", signal }));
  found["cleartext verify 30 MB"] = with_(async ({ signers, verifyWith }) => {
    const message = await envelock.sign({ data: text(), signers, form: "cleartext" });
    return (signal) => envelock.verify({ message, verifyWith, signal });
  });
  found["sign 50 MB"] = with_(({ signers }) => (signal) => envelock.sign({ data: fifty(), signers, form: "detached", armor: false, signal }));
  found["inline verify 50 MB"] = with_(async ({ signers, verifyWith }) => {
    const message = await envelock.sign({ data: fifty(), signers, form: "inline", armor: false });
    return (signal) => envelock.verify({ message, verifyWith, as: "binary", signal });
  });

  found["armor 100 MB"] = async () => (signal) => envelock.armor({ data: hundred().fill(0, 0, 1), kind: "message", signal });
  found["dearmor 100 MB"] = async () => {
    const armored = await envelock.armor({ data: hundred().fill(0, 0, 1), kind: "message" });
    return (signal) => envelock.dearmor({ armored, signal });
  };
  found["inspect 100 MB in armor"] = with_(async ({ recipients }) => {
    const message = await envelock.encrypt({ data: hundred(), recipients });
    return (signal) => envelock.inspectMessage({ message, signal });
  });

  found["encrypt stream of 200 MB"] = with_(({ recipients }) => async (signal) =>
    drained(await envelock.encrypt({ data: source(200 * MB), recipients, armor: false, signal })));
  found["decrypt stream of 50 MB"] = with_(async ({ signers, recipients, keys }) => {
    const message = await envelock.encrypt({ data: fifty(), recipients, signers, armor: false });
    return async (signal) => drained((await envelock.decrypt({ message: new Blob([message]).stream(), keys, signal })).data);
  });

  const content = { subject: "Bench", text: "Bench" };
  const password = "correct horse";
  found["envelope seal (Argon2id 64 MiB)"] = async () => (signal) => envelock.sealEnvelope({ ...content, password, signal });
  const attachments = () => [{ name: "bench.bin", data: fifty() }];
  found["envelope seal with 50 MB"] = with_(({ signers }) => (signal) => envelock.sealEnvelope({ ...content, attachments: attachments(), password, signers, signal }));
  found["envelope open with 50 MB"] = with_(async ({ signers, verifyWith }) => {
    const { ciphertext, linkSecret, head } = await envelock.sealEnvelope({ ...content, attachments: attachments(), password, signers });
    const salt = head.salt;
    return (signal) => envelock.openEnvelope({ ciphertext, password, linkSecret, salt, verifyWith, signal });
  });
  // The reader has no worker of its own: its page brings one, and ends it.
  if (!envelock.terminate) {
    found["open 50 MB with the reader"] = async () => {
      const { ciphertext, head } = await envelock.sealEnvelope({ ...content, attachments: attachments(), password, linkSecret: false });
      const access = await reader.deriveAccess({ salt: head.salt, password });
      return (signal) => reader.openEnvelope({ ciphertext, access, signal });
    };
  }
  found["envelope verify with 50 MB"] = with_(async ({ signers, verifyWith }) => {
    // What the reader module hands over: the signed content, here the MIME of a mail.
    const { mail } = await envelock.composeMail({ ...content, from: { address: "bench@example.org" }, attachments: attachments() });
    const signedMessage = await envelock.sign({ data: mail, signers, form: "inline", armor: false });
    return (signal) => envelock.verifyEnvelope({ signedMessage, verifyWith, signal });
  });
  found["envelope reply with 50 MB"] = with_(async ({ signers, recipients }) => {
    const { linkSecret, head } = await envelock.sealEnvelope({ ...content, password });
    const access = { password, linkSecret, salt: head.salt };
    return (signal) => envelock.sealReply({ ...content, attachments: attachments(), senderCertificate: recipients, ...access, signers, signal });
  });
  const mail = (more) => ({ ...content, from: { address: "bench@example.org" }, attachments: [{ name: "bench.bin", data: hundred().subarray(0, 30 * MB) }], ...more });
  for (const [name, format] of Object.entries(FORMATS)) {
    found[`compose a mail with 30 MB, ${name}`] = with_(({ signers, recipients }) => (signal) => envelock.composeMail(mail({ signers, recipients, format, signal })));
  }
  found["compose a signed mail with 30 MB"] = with_(({ signers }) => (signal) => envelock.composeMail(mail({ signers, signal })));
  for (const [name, more] of [["an encrypted mail", ["recipients", "signers"]], ["a signed mail", ["signers"]]]) {
    found[`read ${name} with 30 MB`] = with_(async ({ keys, verifyWith, ...all }) => {
      const written = await envelock.composeMail(mail(Object.fromEntries(more.map((option) => [option, all[option]]))));
      return (signal) => envelock.readMail({ mail: written.mail, keys, verifyWith, signal });
    });
  }
  return found;
}
