/**
 * The public calls over a backend: check the options, turn data into bytes and secrets into bytes that can be
 * overwritten, run one call of the module, and hand the answer out in the form the data came in.
 *
 * Not here: decisions about keys and messages (the core), and where the module runs (`local.ts`, `rpc.ts`).
 */
import type {
  Certificate, Data, Decrypted, DecryptedStream, DecryptOptions, EncryptOptions, Envelock, GeneratedKey,
  InitOptions, LockKeyOptions, OpenedEnvelope, ReadKeysOptions, SealedEnvelope, SealEnvelopeOptions, SealReplyOptions,
  SecretKey, SignOptions, UnlockableKey, Verified, VerifyOptions,
} from "./api.js";
import {
  at, binaries, envelopePassword, list, notations, type OneOrMore, readAttachments, runOn, secret, secrets, sessionKey,
  unlockable as unlockableOn, unlockables as unlockablesOn, untilText,
} from "./arguments.js";
import { decoded, type Input, isStream, readData, toStream } from "./data.js";
import { editCalls } from "./edit-calls.js";
import { inspectionCalls } from "./inspection-calls.js";
import { PgpError } from "./error.js";
import { accountCodes, keystoreHandle, keystores, paperShares } from "./keystore-open.js";
import { noting } from "./keystore-uses.js";
import { lookupCalls } from "./lookup-calls.js";
import { type RawKey, type RawSignature, readKey, readSignatures } from "./keys.js";
import { mailCalls } from "./mail-calls.js";
import type { Backend } from "./module.js";
import { checkOptions } from "./options.js";
import { sessionCalls } from "./session-calls.js";
import { pipe } from "./streams.js";

/** The whole API over a backend. */
export function createCalls(where: Backend): Envelock {
  const backend = noting(where);
  const run = runOn(backend);
  const unlockables = (keys: OneOrMore<UnlockableKey>) => unlockablesOn(keys, backend);
  const unlockable = (key: UnlockableKey) => unlockableOn(key, backend);

  async function init(options: InitOptions = {}): Promise<void> {
    checkOptions("init", options);
    await backend.init(options);
  }

  async function generateKey(options: Parameters<Envelock["generateKey"]>[0]): Promise<GeneratedKey> {
    checkOptions("generateKey", options);
    const { userIds, profile = "compat", bits, curve, passphrase, keystore, expires } = options;
    if (passphrase !== undefined && keystore) throw new PgpError("bad-option", 'generateKey: give "passphrase" or "keystore", not both');
    const handle = keystore && keystoreHandle(keystore, backend);
    const args = { userIds, profile, bits, curve, passphrase: secret(passphrase), keystore: handle, expires: expires?.getTime(), at: at(options) };
    const made = (await run("generateKey", args, options)) as { key: RawKey; revocationCertificate: string };
    return { key: readKey(made.key) as SecretKey, revocationCertificate: made.revocationCertificate };
  }

  async function readKeys(input: string | Uint8Array | ReadKeysOptions): Promise<ReturnType<typeof readKey>[]> {
    const options = typeof input === "string" || input instanceof Uint8Array ? { keys: input } : input;
    checkOptions("readKeys", options);
    const keys = await readData(options.keys, options.signal);
    const read = (await run("readKeys", { keys: keys.bytes, at: at(options) }, options, [keys])) as RawKey[];
    return read.map(readKey);
  }

  async function encrypt(options: EncryptOptions): Promise<string | Uint8Array | ReadableStream<Uint8Array>> {
    checkOptions("encrypt", options);
    const { filename, passwords, recipients, signers, armor = true, format = "auto", padding = true } = options;
    const { intendedRecipients = true, hideRecipients = false } = options;
    const data = isStream(options.data) ? options.data : await readData(options.data, options.signal);
    const args = {
      filename, passwords: secrets(passwords), recipients: binaries(recipients),
      signers: unlockables(signers), armor, format, padding, notations: notations(options.notations), from: options.from,
      intendedRecipients, hideRecipients, sessionKey: options.sessionKey && sessionKey(options.sessionKey), at: at(options),
    };
    if (isStream(data)) {
      const piped = pipe(backend, "encryptStream", args, options, data);
      await piped.opened;
      return piped.data;
    }
    const [control, end] = untilText(options);
    const message = (await run("encrypt", { ...args, data: data.bytes }, control, [data])) as Uint8Array;
    return handOut(message, false, armor, options.signal, end);
  }

  async function decrypt(options: DecryptOptions): Promise<Decrypted<string | Uint8Array> | DecryptedStream> {
    checkOptions("decrypt", options);
    const asText = wantsText(options.as, options.message);
    const message = isStream(options.message) ? options.message : await readData(options.message, options.signal);
    const args = {
      passwords: secrets(options.passwords), keys: unlockables(options.keys),
      sessionKeys: list(options.sessionKeys).map(sessionKey), verifyWith: binaries(options.verifyWith), from: options.from,
      knownNotations: list(options.knownNotations), at: at(options),
    };
    if (isStream(message)) {
      const piped = pipe(backend, "decryptStream", args, options, message);
      const signatures = piped.ended.then((end) => readSignatures((end as { signatures: RawSignature[] }).signatures));
      signatures.catch(() => undefined); // `data` fails with the same
      return { ...(await piped.opened ?? { notes: [] }), data: piped.data, signatures };
    }
    const [control, end] = untilText(options);
    const { data, signatures, ...rest } = (await run("decrypt", { ...args, message: message.bytes }, control, [message])) as
      Omit<Decrypted<Uint8Array>, "signatures"> & { signatures: RawSignature[] };
    const handedOut = (await handOut(data, false, asText, options.signal, end)) as string | Uint8Array;
    return { ...rest, data: handedOut, signatures: readSignatures(signatures) };
  }

  async function sign(options: SignOptions): Promise<string | Uint8Array | ReadableStream<Uint8Array>> {
    checkOptions("sign", options);
    const { form, armor = true } = options;
    if (form === "cleartext" && !armor) throw new PgpError("bad-option", 'sign: "cleartext" is always text; leave "armor" out');
    if (form !== "detached" && options.signature !== undefined) throw new PgpError("bad-option", 'sign: "signature" is for the form "detached"');
    const data = await readData(options.data, options.signal);
    const signature = options.signature === undefined ? undefined : await readData(options.signature, options.signal);
    const args = {
      data: data.bytes, signers: unlockables(options.signers), form, armor, notations: notations(options.notations),
      from: options.from, signature: signature?.bytes, at: at(options),
    };
    const [control, end] = untilText(options);
    const signed = (await run("sign", args, control, signature ? [data, signature] : [data])) as Uint8Array;
    return handOut(signed, form === "inline" && isStream(options.data), armor, options.signal, end);
  }

  async function verify(options: VerifyOptions): Promise<Verified<string | Uint8Array | ReadableStream<Uint8Array>>> {
    checkOptions("verify", options);
    const given = [options.data, options.signature, options.message].map((part) => part !== undefined);
    if (String(given) !== "true,true,false" && String(given) !== "false,false,true") {
      throw new PgpError("bad-option", 'verify: give either "data" and "signature", or "message"');
    }
    const asText = options.message !== undefined && wantsText(options.as, options.message);
    const parts: Input[] = [];
    const read = async (part: Data | undefined) => {
      if (part === undefined) return undefined;
      const input = await readData(part, options.signal);
      parts.push(input);
      return input.bytes;
    };
    const args = {
      data: await read(options.data), signature: await read(options.signature), message: await read(options.message),
      verifyWith: binaries(options.verifyWith), from: options.from, knownNotations: list(options.knownNotations), at: at(options),
    };
    const [control, end] = untilText(options);
    const verified = (await run("verify", args, control, parts)) as { data?: Uint8Array; signatures: RawSignature[] };
    const signatures = readSignatures(verified.signatures);
    if (verified.data === undefined || options.message === undefined) {
      end();
      return { signatures };
    }
    return { data: await handOut(verified.data, isStream(options.message), asText, options.signal, end), signatures };
  }

  async function sealEnvelope(options: SealEnvelopeOptions): Promise<SealedEnvelope> {
    checkOptions("sealEnvelope", options);
    const { content, inputs } = await readContent(options, options.reply);
    const { password, linkSecret = true } = options;
    return (await run("sealEnvelope", {
      content, password: envelopePassword(password), linkSecret,
      signers: unlockables(options.signers), recipients: binaries(options.recipients), at: at(options),
    }, options, inputs)) as SealedEnvelope;
  }

  async function sealReply(options: SealReplyOptions): Promise<{ ciphertext: Uint8Array }> {
    checkOptions("sealReply", options);
    const { content, inputs } = await readContent(options, false);
    const { password, linkSecret, salt, senderCertificate } = options;
    const ciphertext = (await run("sealReply", {
      content, password: envelopePassword(password), linkSecret: secret(linkSecret), salt, senderCertificate: senderCertificate.binary,
      signers: unlockables(options.signers), at: at(options),
    }, options, inputs)) as Uint8Array;
    return { ciphertext };
  }

  async function openEnvelope(options: Parameters<Envelock["openEnvelope"]>[0]): Promise<OpenedEnvelope> {
    checkOptions("openEnvelope", options);
    if ((options.password === undefined) === (options.keys === undefined)) {
      throw new PgpError("bad-option", 'openEnvelope: give either "password" or "keys"');
    }
    const ciphertext = await readData(options.ciphertext, options.signal);
    const { signatures, senderCertificate, reply, date, ...content } = (await run("openEnvelope", {
      ciphertext: ciphertext.bytes, password: envelopePassword(options.password), linkSecret: secret(options.linkSecret),
      keys: unlockables(options.keys), salt: options.salt, verifyWith: binaries(options.verifyWith), at: at(options),
    }, options, [ciphertext])) as RawOpened;
    const certificate = senderCertificate && (readKey(senderCertificate) as Certificate);
    const { allowed, ...to } = reply;
    return {
      ...content,
      ...(date !== undefined && { date: new Date(date) }),
      signatures: readSignatures(signatures),
      ...(certificate && { senderCertificate: certificate }),
      ...(allowed && { replyTo: { ...to, ...(certificate && { certificate }) } }),
    };
  }

  async function deriveAccess(options: Parameters<Envelock["deriveAccess"]>[0]): Promise<{ token: string }> {
    checkOptions("deriveAccess", options);
    const { salt, password, linkSecret } = options;
    return (await run("deriveAccess", { salt, password: envelopePassword(password), linkSecret: secret(linkSecret) }, options)) as { token: string };
  }

  async function verifyEnvelope(options: Parameters<Envelock["verifyEnvelope"]>[0]): ReturnType<Envelock["verifyEnvelope"]> {
    checkOptions("verifyEnvelope", options);
    const signedMessage = await readData(options.signedMessage, options.signal);
    const args = { signedMessage: signedMessage.bytes, verifyWith: binaries(options.verifyWith), at: at(options) };
    const { signatures, senderCertificate } = (await run("verifyEnvelope", args, options, [signedMessage])) as Pick<RawOpened, "signatures" | "senderCertificate">;
    return {
      signatures: readSignatures(signatures),
      ...(senderCertificate && { senderCertificate: readKey(senderCertificate) as Certificate }),
    };
  }

  async function lockKey(options: LockKeyOptions): Promise<SecretKey> {
    checkOptions("lockKey", options);
    return relock(options);
  }

  async function changePassphrase(options: LockKeyOptions): Promise<SecretKey> {
    checkOptions("changePassphrase", options);
    return relock(options);
  }

  async function relock(options: LockKeyOptions): Promise<SecretKey> {
    const args = { key: unlockable(options), newPassphrase: secret(options.newPassphrase), at: at(options) };
    return readKey((await run("lockKey", args, options)) as RawKey) as SecretKey;
  }

  async function unlockCheck(options: Parameters<Envelock["unlockCheck"]>[0]): Promise<boolean> {
    checkOptions("unlockCheck", options);
    return (await run("unlockCheck", { key: unlockable(options) }, options)) as boolean;
  }

  return {
    init, generateKey, readKeys, sealEnvelope, sealReply, openEnvelope, deriveAccess, verifyEnvelope, lockKey, changePassphrase, unlockCheck,
    encrypt: encrypt as Envelock["encrypt"],
    decrypt: decrypt as Envelock["decrypt"],
    sign: sign as Envelock["sign"],
    verify: verify as Envelock["verify"],
    ...editCalls({ run, unlockable, at }),
    ...inspectionCalls({ run, at }),
    ...lookupCalls({ run, at }),
    ...sessionCalls(backend),
    ...mailCalls(backend),
    ...paperShares(backend),
    ...accountCodes(backend),
    Keystore: keystores(backend),
  };
}

type RawOpened = Omit<OpenedEnvelope, "signatures" | "senderCertificate" | "replyTo" | "date"> & {
  date?: number;
  signatures: RawSignature[];
  senderCertificate?: RawKey;
  reply: { allowed: boolean; name?: string; email?: string };
};

/** Content with its attachments as bytes. */
async function readContent(options: SealEnvelopeOptions | SealReplyOptions, reply: SealEnvelopeOptions["reply"] = {}) {
  const { subject, html, signal } = options;
  const { attachments, inputs } = await readAttachments(options.attachments, signal);
  const content = { subject, text: options.text, html, attachments, reply: reply === false ? { allowed: false } : { allowed: true, ...reply } };
  return { content, inputs };
}

async function handOut(
  bytes: Uint8Array, asStream: boolean, asText: boolean, signal: AbortSignal | undefined, end: () => void,
): Promise<string | Uint8Array | ReadableStream<Uint8Array>> {
  const answer = asStream ? toStream(bytes) : asText ? await decoded(bytes, signal) : bytes;
  end();
  return answer;
}

function wantsText(as: "text" | "binary" | undefined, message: Data): boolean {
  if (isStream(message) && as === "text") throw new PgpError("bad-option", 'a stream is answered with a stream of bytes; leave "as" out');
  return as !== "binary";
}
