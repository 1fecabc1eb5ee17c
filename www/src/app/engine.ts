// The OpenPGP module in its worker, one for the life of the page; started by its first call.
import { createWorker, type EnvelockWorker } from "envelock/worker";
import scriptUrl from "envelock/worker-script?worker&url";
import { workerScript } from "../trusted.ts";

let worker: EnvelockWorker | undefined;

/** Every call that takes time goes here. */
export function engine(): EnvelockWorker {
  worker ??= createWorker({ url: workerScript(scriptUrl) });
  return worker;
}
