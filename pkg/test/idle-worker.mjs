/** Uses workers once and then has nothing left to do, without ending them. */
import { createLogin } from "envelock/login";
import { createWorker } from "envelock/worker";

await createWorker().init();
await createLogin().startLogin({ password: "seven quiet herons" });
console.log("done");
