/**
 * `envelock/worker-script`: what runs inside the worker of `envelock/worker`.
 */
import { DividedLoader } from "./divided-loader.js";
import { LocalBackend } from "./local.js";
import type { Glue } from "./module.js";
import { serve } from "./serve.js";
import { fillByThreads } from "./threads.js";
import * as glue from "../wasm/envelock.js";

serve(new LocalBackend(new DividedLoader(
  glue as unknown as Glue, "encrypt",
  () => new URL("../wasm/envelock_bg.wasm", import.meta.url),
  () => new URL("../wasm/envelock_rest_bg.wasm", import.meta.url),
), fillByThreads));
