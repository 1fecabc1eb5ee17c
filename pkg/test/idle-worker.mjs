/** Uses a worker once and then has nothing left to do, without ending it. */
import { createWorker } from "envelock/worker";

await createWorker().init();
console.log("done");
