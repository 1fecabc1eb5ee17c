/**
 * `envelock/login-worker-script`: what runs inside a worker of `envelock/login`.
 */
import { PgpError, toPgpError } from "./error.js";
import { Loader, type Startable } from "./loader.js";
import type { Answer, Question } from "./login-thread.js";
import { listen, type Port } from "./port.js";
import * as glue from "../wasm/login.js";

/** A login or registration in the module. */
interface Begun {
  request(): Uint8Array;
  /** The last message and the export key. */
  finish(response: Uint8Array): Uint8Array[];
}
interface Beginning {
  start(password: Uint8Array): Begun;
}
interface LoginGlue extends Startable {
  Login: Beginning;
  Registration: Beginning;
}

const loader = new Loader(glue as unknown as LoginGlue, "login_start", () => new URL("../wasm/login_bg.wasm", import.meta.url));
let begun: Begun | undefined;
let last = Promise.resolve();

listen<Question, Answer>((question, port) => {
  last = last.then(() => answer(question, port));
});

async function answer(question: Question, port: Port<Answer>): Promise<void> {
  try {
    const value = await work(question);
    port.postMessage({ value }, value.map(({ buffer }) => buffer as ArrayBuffer));
  } catch (thrown) {
    const { code, message } = toPgpError(thrown);
    port.postMessage({ error: { code, message } }, []);
  }
}

async function work(question: Question): Promise<Uint8Array[]> {
  if ("start" in question) {
    const { start, password } = question;
    try {
      begun = (await loader.ready({}))[start].start(password);
    } finally {
      password.fill(0); // the module has its own copy, if there is one
    }
    return [begun.request()];
  }
  await loader.ready("wasm" in question ? { wasm: question.wasm } : {});
  if ("response" in question) {
    if (!begun) throw new PgpError("internal", "nothing was started");
    return begun.finish(question.response);
  }
  return [];
}
