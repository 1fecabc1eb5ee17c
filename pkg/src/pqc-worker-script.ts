/**
 * `envelock/pqc-worker-script`: a worker with the post-quantum module; give its URL to `createWorker`.
 */
import { DividedLoader } from "./divided-loader.js";
import { LocalBackend } from "./local.js";
import type { Glue } from "./module.js";
import { serve } from "./serve.js";
import { fillByThreads } from "./threads.js";
import * as glue from "../wasm/pqc.js";

serve(new LocalBackend(new DividedLoader(
  glue as unknown as Glue, "encrypt",
  () => new URL("../wasm/pqc_bg.wasm", import.meta.url),
  () => new URL("../wasm/pqc_rest_bg.wasm", import.meta.url),
), fillByThreads));
