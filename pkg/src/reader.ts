/**
 * `envelock/reader`: the small module of the decrypt page. Derives the access token from a password and opens an
 * envelope; knows no keys. Signatures are checked afterwards by `verifyEnvelope` of the full module.
 *
 * The Argon2 run blocks its thread for a fraction of a second: use it inside a worker.
 */
import type { Attachment, CallOptions, InitOptions } from "./api.js";
import { fromBase64url } from "./base64url.js";
import { cancelled, isTrap, PgpError, toPgpError } from "./error.js";
import { Loader, type Startable } from "./loader.js";
import { checkNames } from "./option-names.js";
import { Turns } from "./turns.js";
import { __wbg_reset_state, deriveAccess as derive, initSync, openEnvelope as open } from "../wasm/reader.js";

export type { Attachment, CallOptions, InitOptions, Progress } from "./api.js";
export { type ErrorCode, PgpError, type Place } from "./error.js";

/** What a password gives access to. Holds the key in the module's memory: call `free` when done. */
export interface Access {
  /** base64url; makes the server hand out the ciphertext. */
  readonly token: string;
  /** Wipes the key. */
  free(): void;
}

/** An envelope as the reader sees it; `signedMessage` is for `verifyEnvelope`. */
export interface ReadEnvelope {
  subject: string;
  text: string;
  html?: string;
  /** When it was sealed, as its sender says. */
  date?: Date;
  attachments: Attachment[];
  /** Binary, as enclosed; unchecked. */
  senderCertificate?: Uint8Array;
  /** Missing when the sender forbids replies. */
  replyTo?: { name?: string; email?: string };
  /** Whether there are signatures; `verifyEnvelope` says what they are worth. */
  signed: boolean;
  /** The packets inside, signatures included. */
  signedMessage: Uint8Array;
}

export interface AccessOptions {
  /** base64url, from the head; 16 bytes. */
  salt: string;
  password: string;
  /** The fragment of the link. */
  linkSecret?: string | undefined;
}

export interface ReadOptions extends CallOptions {
  ciphertext: Uint8Array;
  access: Access;
}

interface RawAccess {
  token(): string;
  free(): void;
}
type RawEnvelope = Omit<ReadEnvelope, "replyTo"> & { reply?: { allowed: boolean; name?: string; email?: string } };
interface ReaderGlue extends Startable {
  derive(salt: Uint8Array, linkSecret: string | undefined, password: string): RawAccess;
  open(ciphertext: Uint8Array, access: RawAccess, onProgress: (done: number, total: number) => Promise<void>, isCancelled: () => boolean): Promise<RawEnvelope>;
}

const loader = /* @__PURE__ */ new Loader({ initSync, __wbg_reset_state, derive, open } as ReaderGlue, "deriveAccess", () => new URL("../wasm/reader_bg.wasm", import.meta.url));
/** The keys in the module, each with the generation of the instance that it is in. */
const keys = /* @__PURE__ */ new WeakMap<Access, { key: RawAccess; generation: number }>();

/** Loads the module. Optional: every call waits for it; calling again after a failure tries again. */
export async function init({ wasm }: Pick<InitOptions, "wasm"> = {}): Promise<void> {
  await loader.ready({ wasm });
}

/** One Argon2 run (64 MiB): the token for the server and the key for {@link openEnvelope}. */
export async function deriveAccess(options: AccessOptions): Promise<Access> {
  checkNames(options, "salt password linkSecret");
  const { salt, password, linkSecret } = options;
  if (![salt, password, linkSecret ?? ""].every((text) => typeof text === "string")) throw new PgpError("bad-option", "give strings");
  const octets = fromBase64url(salt);
  if (!octets) throw new PgpError("bad-option", '"salt" is not base64url');
  const module = await loader.ready();
  const { generation } = loader;
  try {
    const key = module.derive(octets, linkSecret, password.normalize("NFC"));
    const access: Access = {
      token: key.token(),
      free() {
        if (keys.delete(access) && generation === loader.generation) key.free();
      },
    };
    keys.set(access, { key, generation });
    return access;
  } catch (thrown) {
    throw judge(thrown, generation);
  }
}

/**
 * Opens an envelope. A wrong password and damaged bytes alike are `decryption-failed`. The signal is heard all the time, between steps of some
 * milliseconds.
 */
export async function openEnvelope(options: ReadOptions): Promise<ReadEnvelope> {
  checkNames(options, "ciphertext access signal onProgress");
  const { ciphertext, access, signal, onProgress } = options;
  // What was moved to somebody else has a buffer of no length.
  if (!(ciphertext instanceof Uint8Array && ciphertext.buffer.byteLength)) throw new PgpError("bad-option", '"ciphertext" must be a Uint8Array with octets');
  const module = await loader.ready();
  if (signal?.aborted) throw cancelled(signal);
  const held = keys.get(access);
  const { generation } = loader;
  if (held?.generation !== generation) throw new PgpError("bad-option", '"access" was freed, went with a restart, or is not from deriveAccess');
  const turns = new Turns();
  let listenerFailed: { thrown: unknown } | undefined;
  const report = (done: number, total: number) => {
    try {
      onProgress?.({ done, total });
    } catch (thrown) {
      listenerFailed = { thrown };
    }
    return new Promise<void>((resolve) => turns.go(resolve));
  };
  try {
    const opened = await module.open(ciphertext, held.key, report, () => listenerFailed !== undefined || signal?.aborted === true);
    const { reply, ...content } = opened;
    const { allowed = true, ...replyTo } = reply ?? {};
    return allowed ? { ...content, replyTo } : content;
  } catch (thrown) {
    const error = judge(thrown, generation);
    throw listenerFailed ? listenerFailed.thrown : error;
  }
}

function judge(thrown: unknown, generation: number): PgpError {
  if (isTrap(thrown)) loader.restart(generation);
  return toPgpError(thrown);
}
