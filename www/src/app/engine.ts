// The OpenPGP module in its worker, one at a time, started by its first call. There are two: the usual one, and a larger one
// that knows post-quantum algorithms as well, which is loaded only where there is a key of that kind.
// Not here: how an open keystore gets from one to the other (`vault-module.ts`).
import { createWorker, type EnvelockWorker } from "envelock/worker";
import postQuantumUrl from "envelock/pqc-worker-script?worker&url";
import threadsUrl from "envelock/threads-script?worker&url";
import scriptUrl from "envelock/worker-script?worker&url";
import { POLICY, workerScript } from "../trusted.ts";

const STORED = "envelock-post-quantum";
let postQuantum = localStorage.getItem(STORED) === "yes";
let worker: EnvelockWorker | undefined;

/** Every call that takes time goes here. */
export function engine(): EnvelockWorker {
  // Argon2's, whom the worker starts: so it makes a policy of that name for their script.
  const threads = { count: navigator.hardwareConcurrency, url: threadsUrl, policy: POLICY };
  worker ??= createWorker({ url: workerScript(postQuantum ? postQuantumUrl : scriptUrl), threads });
  return worker;
}

/** Whether the module knows post-quantum algorithms. */
export function knowsPostQuantum(): boolean {
  return postQuantum;
}

/** Takes the larger module from now on. What the other one was given stays there until `end`; `back` makes it the module again. */
export function takePostQuantum(): { end(): void; back(): void } {
  const before = worker;
  postQuantum = true;
  worker = undefined;
  return {
    end: () => before?.terminate(),
    back: () => {
      worker?.terminate();
      worker = before;
      postQuantum = false;
    },
  };
}

/** Whether the next start shall begin with the larger module. */
export function rememberPostQuantum(needed: boolean): void {
  if (needed) localStorage.setItem(STORED, "yes");
  else localStorage.removeItem(STORED);
}
