/**
 * `envelock/login`: a login in which the password never leaves the browser: OPAQUE (RFC 9807), the client's half.
 *
 * Each login and each registration has a worker of its own, which ends with it. The server's half is the crate `envelock-login`.
 * Not here: how messages travel, who may try how often, what a session is.
 */
import { base64url, fromBase64url } from "./base64url.js";
import { cancelled, PgpError } from "./error.js";
import { LoginThread, type Question } from "./login-thread.js";
import { checkNames } from "./option-names.js";
import type { TrustedScriptUrl } from "./worker.js";

export { type ErrorCode, PgpError, type Place } from "./error.js";
export type { TrustedScriptUrl } from "./worker.js";

/** Where the parts are, if the bundler cannot find them by itself. */
export interface LoginWorkerOptions {
  /** `envelock/login-worker-script`. Handed on untouched. */
  url?: string | URL | TrustedScriptUrl | undefined;
  /** `envelock/login-wasm`: its URL, its bytes, or compiled. */
  wasm?: string | URL | BufferSource | WebAssembly.Module | undefined;
}

export interface PasswordOptions {
  /** Brought to NFC, so that it fits however it is typed. */
  password: string;
  /** Ends the worker, whatever it does: what was started, and its `finish`, reject with `cancelled`. */
  signal?: AbortSignal | undefined;
}

/** A login or registration that waits for the server's answer. Its worker has the password meanwhile. */
export interface Started<Finished> {
  /** The first message, for the server; base64url without padding. */
  readonly request: string;
  /**
   * Takes the server's answer, base64url, and ends the worker. One Argon2id run: 0.2 to 0.5 s and 64 MiB.
   * `malformed`: this is no such answer. A second call rejects with `terminated`.
   */
  finish(response: string): Promise<Finished>;
  /** Ends the worker without an answer. Does nothing once it is finished. */
  cancel(): void;
}

export interface FinishedLogin {
  /** The last message: it proves to the server that the password is right. */
  finalization: string;
  /**
   * 64 octets that only the password gives, the same with every login until the next registration. The server never
   * has them. Derive from them what you need, and overwrite them.
   */
  exportKey: Uint8Array;
}

export interface FinishedRegistration {
  /** What the server keeps: no password, and nothing to try passwords on without the server's own secret. */
  record: string;
  /** As {@link FinishedLogin.exportKey}. */
  exportKey: Uint8Array;
}

/** What a page does with an account's password. */
export interface LoginClient {
  /** Starts the worker of the next call ahead of it, say when somebody enters the field. Optional. */
  ready(): Promise<void>;
  /**
   * Begins a login: 96 octets for the server, which answers with 320 whether or not there is such an account. `finish` rejects with
   * `wrong-password` for a wrong password, an unknown account and an answer that was changed alike; the server knows nothing of it.
   */
  startLogin(options: PasswordOptions): Promise<Started<FinishedLogin>>;
  /** Begins to choose a password: 32 octets for the server, which answers with 64. `password-too-short` below 12 characters. */
  startRegistration(options: PasswordOptions): Promise<Started<FinishedRegistration>>;
  /** Ends every worker. Calls under way and later ones reject with `terminated`. */
  terminate(): void;
}

/** A client; it costs nothing until its first call. */
export function createLogin(options: LoginWorkerOptions = {}): LoginClient {
  checkNames(options, "url wasm");
  const threads = new Set<LoginThread>();
  let spare: LoginThread | undefined;
  let over: PgpError | undefined;

  function open(): LoginThread {
    if (over) throw over;
    const thread = new LoginThread(options);
    thread.whenOver = () => close(thread, ENDED());
    threads.add(thread);
    return thread;
  }

  function close(thread: LoginThread, error: PgpError): void {
    if (spare === thread) spare = undefined;
    threads.delete(thread);
    thread.end(error);
  }

  async function begin<T>(start: "Login" | "Registration", given: PasswordOptions, finished: (message: string, exportKey: Uint8Array) => T): Promise<Started<T>> {
    checkNames(given, "password signal");
    const { password, signal } = given;
    if (typeof password !== "string") throw new PgpError("bad-option", '"password" must be a string');
    if (signal?.aborted) throw cancelled(signal);
    const thread = spare ?? open();
    spare = undefined;
    const abort = () => close(thread, cancelled(signal));
    signal?.addEventListener("abort", abort, { once: true });
    const end = (error: PgpError) => {
      signal?.removeEventListener("abort", abort);
      close(thread, error);
    };
    thread.whenOver = () => end(ENDED());
    const octets = new TextEncoder().encode(password.normalize("NFC"));
    try {
      const [request = NONE] = await thread.ask({ start, password: octets } satisfies Question, [octets.buffer]);
      return {
        request: base64url(request),
        async finish(response) {
          try {
            const [message = NONE, exportKey = NONE] = await thread.ask({ response: octetsOf(response) });
            return finished(base64url(message), exportKey);
          } catch (thrown) {
            throw worded(thrown);
          } finally {
            end(ENDED());
          }
        },
        cancel: () => end(cancelled()),
      };
    } catch (thrown) {
      end(ENDED());
      throw worded(thrown);
    } finally {
      if (octets.length > 0) octets.fill(0); // it was never sent
    }
  }

  return {
    async ready() {
      const thread = (spare ??= open());
      try {
        await thread.ask({ wasm: undefined });
      } catch (thrown) {
        // A login that took it meanwhile hears of this by itself.
        if (spare === thread) close(thread, ENDED());
        throw thrown;
      }
    },
    startLogin: (given) => begin("Login", given, (finalization, exportKey) => ({ finalization, exportKey })),
    startRegistration: (given) => begin("Registration", given, (record, exportKey) => ({ record, exportKey })),
    terminate() {
      over = new PgpError("terminated", "the login was terminated");
      for (const thread of [...threads]) close(thread, over);
    },
  };
}

const NONE = /* @__PURE__ */ new Uint8Array(0);
const ENDED = () => new PgpError("terminated", "this login is over");

/** The module says codes only. */
function worded(thrown: unknown): unknown {
  const said = thrown instanceof PgpError ? WORDS[thrown.code as keyof typeof WORDS] : undefined;
  return said === undefined ? thrown : new PgpError((thrown as PgpError).code, said, { cause: thrown });
}

const WORDS = {
  "wrong-password": "wrong address or password",
  "password-too-short": "a password has at least 12 characters",
  "password-too-long": "a password has at most 1024 octets",
  "malformed": "the server's answer is no message of a login",
  "out-of-memory": "there are no 64 MiB of memory",
};

function octetsOf(response: string): Uint8Array {
  if (typeof response !== "string") throw new PgpError("bad-option", "the response must be a string");
  const octets = fromBase64url(response);
  if (!octets) throw new PgpError("malformed", "the response is not base64url");
  return octets;
}
