/** The worker script, except that it ends when asked to encrypt a file named "die". */
import { parentPort } from "node:worker_threads";
import "envelock/worker-script";

parentPort.on("message", (request) => {
  if (request.args?.filename === "die") process.exit(1);
});
