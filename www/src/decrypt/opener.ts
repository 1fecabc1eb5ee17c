// The page's side of the reader worker: derive the key, open the message. Cancelling ends the worker, because Argon2 cannot be stopped
// half-way, and the next job starts a new one.
import type { OpenerAnswer, OpenerQuestion, OpenedMessage } from "./opener-worker.ts";

export type { OpenedMessage } from "./opener-worker.ts";

/** What the reader refused with, by the package's error codes. */
export class OpenerError extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

/** Questions without the number the opener gives them. */
type Question = OpenerQuestion extends infer Q ? (Q extends { id: number } ? Omit<Q, "id"> : never) : never;

interface Pending {
  resolve(value: never): void;
  reject(error: Error): void;
  onProgress: ((done: number, total: number) => void) | undefined;
}

/** Runs `envelock/reader` in a worker made by `start`. What is asked while another question is open waits in the worker. */
export class Opener {
  #worker: Worker | undefined;
  #count = 0;
  #pending = new Map<number, Pending>();

  constructor(private readonly start: () => Worker) {}

  /** Loads the module, so that a browser without wasm is known before a password is asked. `wasm`: its bytes, if it cannot be fetched. */
  ready(wasm?: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.#ask(wasm === undefined ? { op: "ready" } : { op: "ready", wasm });
  }

  /** One Argon2 run. The key stays in the worker; the token (base64url) goes to the server. */
  async derive(salt: string, linkSecret: string | undefined, password: string): Promise<string> {
    return await this.#ask<string>({ op: "derive", salt, linkSecret, password });
  }

  /** Opens with the derived key. `ciphertext` is transferred. */
  async open(ciphertext: Uint8Array<ArrayBuffer>, onProgress?: (done: number, total: number) => void): Promise<OpenedMessage> {
    return await this.#ask<OpenedMessage>({ op: "open", ciphertext }, [ciphertext.buffer], onProgress);
  }

  /** Ends the worker and with it every key it holds. What was under way rejects with `cancelled`. */
  stop(): void {
    this.#end("cancelled");
  }

  #end(code: string): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(new OpenerError(code));
  }

  #ask<T>(question: Question, transfer: Transferable[] = [], onProgress?: (done: number, total: number) => void): Promise<T> {
    if (this.#worker === undefined) {
      this.#worker = this.start();
      this.#worker.onmessage = (event: MessageEvent<OpenerAnswer>) => this.#hear(event.data);
      this.#worker.onerror = (event) => {
        event.preventDefault();
        this.#end("wasm-not-loaded");
      };
    }
    const id = (this.#count += 1);
    const worker = this.#worker;
    return new Promise<T>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, onProgress });
      worker.postMessage({ id, ...question }, transfer);
    });
  }

  #hear(answer: OpenerAnswer): void {
    const pending = this.#pending.get(answer.id);
    if (pending === undefined) return;
    if (answer.kind === "progress") {
      pending.onProgress?.(answer.done, answer.total);
      return;
    }
    this.#pending.delete(answer.id);
    if (answer.kind === "done") pending.resolve(answer.value as never);
    else pending.reject(new OpenerError(answer.code));
  }
}
