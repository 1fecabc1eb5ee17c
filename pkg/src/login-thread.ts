/**
 * The page's end of one login or registration: a worker that is asked one thing after the other, and ends with it.
 *
 * Argon2 cannot be stopped half-way: who no longer waits for it ends the worker, and with it everything the module knew.
 */
import { PgpError, toPgpError } from "./error.js";
import type { LoginWorkerOptions } from "./login.js";
import { startThread, type Thread } from "./thread.js";

/** To the worker; it answers in the order in which it is asked. */
export type Question =
  /** Loads the module. */
  | { wasm: Exclude<LoginWorkerOptions["wasm"], URL> }
  /** Begins: the password in UTF-8, which is overwritten. Answered with the first message. */
  | { start: "Login" | "Registration"; password: Uint8Array }
  /** What the server answered. Answered with the last message and the export key. */
  | { response: Uint8Array };

/** From the worker. */
export type Answer = { value: Uint8Array[] } | { error: { code: string; message: string } };

interface Waiting {
  resolve(value: Uint8Array[]): void;
  reject(error: PgpError): void;
}

/** One worker. */
export class LoginThread {
  readonly #waiting: Waiting[] = [];
  #thread: Thread<Question> | undefined;
  #answered = false;
  #over: PgpError | undefined;
  /** Called once, when it ends. */
  whenOver: (() => void) | undefined;

  constructor({ url, wasm }: LoginWorkerOptions) {
    // Bundlers look for exactly this expression.
    const inBrowser = () => new Worker(new URL("./login-worker-script.mjs", import.meta.url), { type: "module" });
    const script = { url, inBrowser, file: "./login-worker-script.mjs", base: import.meta.url };
    try {
      this.#thread = startThread(script, (answer: Answer) => this.#receive(answer), (cause) => this.#died(cause));
    } catch (cause) {
      this.#died(cause);
    }
    // Fails again, and is heard, with the next question.
    if (wasm !== undefined) this.ask({ wasm: wasm instanceof URL ? wasm.href : wasm }).catch(() => undefined);
  }

  ask(question: Question, transfer: ArrayBuffer[] = []): Promise<Uint8Array[]> {
    return new Promise((resolve, reject) => {
      if (this.#over) return reject(this.#over);
      this.#waiting.push({ resolve, reject });
      this.#thread?.busy(true);
      try {
        this.#thread?.post(question, transfer);
      } catch (cause) {
        this.end(new PgpError("bad-option", "an option cannot be sent to the worker", { cause }));
      }
    });
  }

  /** Ends the worker. Whatever is or will be asked rejects with that error. */
  end(error: PgpError): void {
    if (this.#over) return;
    this.#over = error;
    this.#thread?.terminate();
    for (const { reject } of this.#waiting.splice(0)) reject(error);
    this.whenOver?.();
  }

  #receive(answer: Answer): void {
    const waiting = this.#waiting.shift();
    this.#answered = true;
    if (this.#waiting.length === 0) this.#thread?.busy(false);
    if ("value" in answer) waiting?.resolve(answer.value);
    else waiting?.reject(toPgpError(answer.error));
  }

  #died(cause: unknown): void {
    const reason = String((cause as { message?: unknown } | undefined)?.message ?? "it could not be loaded");
    this.end(this.#answered
      ? new PgpError("internal", `the worker ended: ${reason}`, { cause })
      : new PgpError("worker-failed", `the worker could not be started: ${reason}`, { cause }));
  }
}
