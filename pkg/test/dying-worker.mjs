/** The worker script, except that it ends when asked to encrypt a file named "die". */
import { parentPort } from "node:worker_threads";

await import(new URL(import.meta.url).searchParams.get("script"));
parentPort.prependListener("message", (request) => {
  if (request.args?.filename === "die") process.exit(1);
});
