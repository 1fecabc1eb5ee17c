/**
 * What runs inside the worker, whichever module it has: answers the requests of `rpc.ts`.
 */
import { toPgpError } from "./error.js";
import { type LocalBackend, traps } from "./local.js";
import { listen, type Port } from "./port.js";
import type { Answer, Request } from "./rpc.js";

const running = new Map<number, AbortController>();
/** Streams that wait for the page. */
const waiting = new Map<number, (bytes?: Uint8Array) => void>();

/** Listens for requests and has `backend` do them. */
export function serve(backend: LocalBackend): void {
  listen<Request, Answer>((request, port) => void answer(backend, request, port));
}

async function answer(backend: LocalBackend, request: Request, port: Port<Answer>): Promise<void> {
  if ("cancel" in request) {
    running.get(request.cancel)?.abort();
    return;
  }
  if ("go" in request) {
    waiting.get(request.go)?.(request.bytes);
    return;
  }
  const { id } = request;
  try {
    const value = "init" in request ? await backend.init(request.init) : await run(backend, request, port);
    port.postMessage({ id, value }, buffers(value));
  } catch (thrown) {
    const error = toPgpError(thrown);
    const { code, message, place, facts } = error;
    port.postMessage({ id, error: { code, message, place, facts }, trapped: traps.has(error) }, []);
  }
}

async function run(backend: LocalBackend, request: Extract<Request, { args: object }>, port: Port<Answer>): Promise<unknown> {
  const { id, args, progress } = request;
  const controller = new AbortController();
  running.set(id, controller);
  const onProgress = progress ? (state: { done: number; total: number }) => port.postMessage({ id, progress: state }, []) : undefined;
  const control = { signal: controller.signal, onProgress };
  const ask = (answer: Answer, transfer: ArrayBuffer[]) =>
    new Promise<Uint8Array | undefined>((resolve) => {
      waiting.set(id, resolve);
      port.postMessage(answer, transfer);
    });
  let lent: Uint8Array | undefined;
  try {
    if ("call" in request) return await backend.call(request.call, args, control);
    return await backend.stream(request.stream, args, control, {
      // The last part goes back to be filled again.
      take: async (take) => (lent = (await ask({ id, take, spent: lent }, lent ? [lent.buffer as ArrayBuffer] : [])) ?? new Uint8Array(0)),
      give: async (give) => void (await ask({ id, give }, buffers(give))),
      open: (open) => port.postMessage({ id, open }, []),
    });
  } finally {
    running.delete(id);
    waiting.delete(id);
  }
}

/** Every buffer in a result: they are fresh copies and move instead of being cloned. */
function buffers(value: unknown, found = new Set<ArrayBuffer>()): ArrayBuffer[] {
  if (value instanceof Uint8Array) found.add(value.buffer as ArrayBuffer);
  else if (typeof value === "object" && value !== null) for (const part of Object.values(value)) buffers(part, found);
  return [...found];
}
