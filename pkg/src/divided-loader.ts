/**
 * Loads a module in two parts: the second is loaded by the first call that needs it.
 *
 * Not here: which call is in which part (the build writes that into the glue).
 */
import type { InitOptions } from "./api.js";
import { Loader, Part, type Source, type Startable } from "./loader.js";

/** What the build adds to the glue of such a module. */
interface Divided extends Startable {
  /** The calls that wait for the second part. */
  later: string[];
  /** Starts the second part beside the first; `__wbg_reset_state` starts both again. */
  join(module: WebAssembly.Module): void;
}

/** As {@link Loader}, for two parts. */
export class DividedLoader<G extends Divided> extends Loader<G> {
  readonly #rest: Part;
  #sibling: string | undefined;

  constructor(glue: G, mark: string, home: () => Source | Promise<Source>, homeOfRest: () => Source | Promise<Source>) {
    super(glue, mark, home);
    this.#rest = new Part(() => this.#sibling ?? homeOfRest(), async (module) => {
      if (!WebAssembly.Module.imports(module).some(({ kind }) => kind === "memory")) throw new TypeError("it has a memory of its own");
      await this.first.ready();
      glue.join(module);
    });
  }

  override ready(options: InitOptions = {}): Promise<G> {
    if (options.wasm !== undefined) this.#sibling = sibling(options.wasm);
    this.#rest.give(options.wasmRest);
    return super.ready(options);
  }

  /** The module with what a call needs. */
  async readyFor(call: string): Promise<G> {
    // Both parts are on their way at once.
    const parts = this.glue.later.includes(call) ? [this.first, this.#rest] : [this.first];
    await Promise.all(parts.map((part) => part.ready()));
    return this.running();
  }

  /** Loads what the first part misses. */
  async complete(): Promise<void> {
    await this.#rest.ready();
    this.running();
  }
}

/** The second part's place beside the first, where that has the name it is shipped with. */
function sibling(wasm: Source): string | undefined {
  const place = typeof wasm === "string" || wasm instanceof URL ? String(wasm) : "";
  const beside = place.replace(/_bg\.wasm(?=$|[?#])/, "_rest_bg.wasm");
  return beside === place ? undefined : beside;
}
