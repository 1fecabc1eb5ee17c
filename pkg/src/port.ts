/**
 * A worker's own end of its line to the page, in browsers and in Node.
 */
import { builtin } from "./platform.js";

/** Where answers go. */
export interface Port<Answer> {
  postMessage(message: Answer, transfer: ArrayBuffer[]): void;
}
interface NodePort<Question, Answer> extends Port<Answer> {
  on(event: "message", listener: (message: Question) => void): void;
}

/** Hears everything that is asked. */
export function listen<Question, Answer>(receive: (question: Question, port: Port<Answer>) => void): void {
  const node = builtin("node:worker_threads");
  const port = (node as { parentPort?: NodePort<Question, Answer> | null } | undefined)?.parentPort;
  if (port) {
    port.on("message", (question) => receive(question, port));
  } else {
    const scope = globalThis as unknown as Port<Answer> & EventTarget & { onmessage: (event: MessageEvent<Question>) => void };
    scope.onmessage = ({ data }) => receive(data, scope);
    scope.addEventListener("messageerror", () => {
      throw new Error("a message cannot be read");
    });
    // As Node does by itself: a promise that fails unheard ends the worker (`onerror` outside), so that no call waits for ever.
    scope.addEventListener("unhandledrejection", (event) => {
      setTimeout(() => {
        throw (event as PromiseRejectionEvent).reason;
      });
    });
  }
}
