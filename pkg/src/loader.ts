/**
 * Loads the wasm module once, from wherever it is, and starts it again after a trap.
 *
 * It may be in two parts: the second is loaded by the first call that needs it. Concurrent calls share one load; a failed
 * load is forgotten, so the next call tries again. Importing this has no effect by itself and touches no global. Not here:
 * what the module does (`local.ts`), and which call is in which part (the build writes that into the glue).
 */
import type { InitOptions } from "./api.js";
import { PgpError } from "./error.js";

type Source = NonNullable<InitOptions["wasm"]>;

/** The part of wasm-bindgen's glue that loading needs. */
export interface Startable {
  initSync(options: { module: WebAssembly.Module }): unknown;
  __wbg_reset_state(): void;
  /** The calls that wait for the second part, if there are two. */
  later?: string[];
  /** Starts the second part beside the first; `__wbg_reset_state` starts both again. */
  join?(module: WebAssembly.Module): void;
}

interface NodeFiles {
  readFile(path: URL): Promise<Uint8Array>;
}
/** Node's own modules without an import that a bundler would trip over; undefined in browsers. */
const builtin = (name: string): unknown =>
  (globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }).process?.getBuiltinModule?.(name);

/** Not `instanceof`: in Node the mere mention of `Response` loads the whole HTTP client. */
export const isResponse = (value: unknown): value is Response => Object.prototype.toString.call(value) === "[object Response]";

/** A module with one vector in it, which says nothing but whether it can be read. */
const VECTORS = Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 9, 1, 7, 0, 65, 0, 253, 15, 26, 11]);

/** One file: where it is, and what becomes of it. */
class Part {
  readonly #home: () => Source | Promise<Source>;
  readonly #start: (module: WebAssembly.Module) => void | Promise<void>;
  #loading: Promise<void> | undefined;
  #given: Source | undefined;

  constructor(home: () => Source | Promise<Source>, start: (module: WebAssembly.Module) => void | Promise<void>) {
    this.#home = home;
    this.#start = start;
  }

  /** Says where it is. Counts until it is loaded. */
  give(source: Source | undefined): void {
    if (source !== undefined) this.#given = source;
  }

  ready(): Promise<void> {
    this.#loading ??= this.#load().catch((thrown: unknown) => {
      this.forget();
      if (isResponse(this.#given)) this.#given = undefined; // its body is used up
      throw thrown;
    });
    return this.#loading;
  }

  forget(): void {
    this.#loading = undefined;
  }

  async #load(): Promise<void> {
    if (typeof WebAssembly !== "object") throw new PgpError("wasm-unsupported", "this browser has WebAssembly switched off");
    if (!WebAssembly.validate(VECTORS)) throw new PgpError("wasm-unsupported", "this browser is too old: its WebAssembly knows no vectors");
    const module = await compile(this.#given ?? (await this.#home()));
    try {
      await this.#start(module);
    } catch (cause) {
      if (cause instanceof PgpError) throw cause;
      throw new PgpError("wasm-not-loaded", "the wasm module does not belong to this version of envelock", { cause });
    }
  }
}

/** One module: its glue, an export by which its bytes are known, and where its parts are unless told otherwise. */
export class Loader<G extends Startable> {
  readonly #glue: G;
  readonly #first: Part;
  readonly #rest: Part;
  #sibling: string | undefined;

  constructor(glue: G, mark: string, home: () => Source | Promise<Source>, homeOfRest = home) {
    this.#glue = glue;
    this.#first = new Part(home, (module) => {
      if (!WebAssembly.Module.exports(module).some(({ name }) => name === mark)) throw new TypeError(`it has no ${mark}`);
      glue.initSync({ module });
    });
    this.#rest = new Part(() => this.#sibling ?? homeOfRest(), async (module) => {
      if (!WebAssembly.Module.imports(module).some(({ kind }) => kind === "memory")) throw new TypeError("it has a memory of its own");
      await this.#first.ready();
      glue.join?.(module);
    });
  }

  /** The started module; of two parts the first. Loads it on the first call; what is given counts until then. */
  async ready({ wasm, wasmRest }: InitOptions = {}): Promise<G> {
    if (wasm !== undefined) this.#sibling = sibling(wasm);
    this.#first.give(wasm);
    this.#rest.give(wasmRest);
    await this.#first.ready();
    return this.#glue;
  }

  /** The module with what a call needs. */
  async readyFor(call: string): Promise<G> {
    // Both parts are on their way at once.
    const parts = this.#glue.later?.includes(call) ? [this.#first, this.#rest] : [this.#first];
    await Promise.all(parts.map((part) => part.ready()));
    return this.#glue;
  }

  /** Loads what the first part misses. */
  async complete(): Promise<void> {
    await this.#rest.ready();
  }

  /** Replaces the instance after a trap; whatever lived in the old one is gone. */
  restart(): void {
    try {
      this.#glue.__wbg_reset_state();
    } catch {
      this.#first.forget();
      this.#rest.forget();
    }
  }
}

/** The second part's place beside the first, where that has the name it is shipped with. */
function sibling(wasm: Source): string | undefined {
  const place = typeof wasm === "string" || wasm instanceof URL ? String(wasm) : "";
  const beside = place.replace(/_bg\.wasm(?=$|[?#])/, "_rest_bg.wasm");
  return beside === place ? undefined : beside;
}

async function compile(source: Source): Promise<WebAssembly.Module> {
  try {
    if (source instanceof WebAssembly.Module) return source;
    if (typeof source === "string" || source instanceof URL) return await compileFrom(source);
    if (isResponse(source)) return await compileResponse(source);
    return await compileBytes(source as BufferSource, "the given bytes");
  } catch (cause) {
    if (cause instanceof PgpError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const blocked = /content security policy|unsafe-eval|disallowed by embedder/i.test(reason);
    throw new PgpError(blocked ? "wasm-unsupported" : "wasm-not-loaded", `the wasm module could not be loaded: ${reason}`, { cause });
  }
}

async function compileFrom(source: string | URL): Promise<WebAssembly.Module> {
  const files = String(source).startsWith("file:") && (builtin("node:fs/promises") as NodeFiles | undefined);
  if (files) return compileBytes(new Uint8Array(await files.readFile(new URL(source))), String(source));
  return compileResponse(await fetch(source, { credentials: "same-origin" }));
}

let warned = false;

async function compileResponse(response: Response): Promise<WebAssembly.Module> {
  const from = response.url || "the given response";
  if (!response.ok) throw new PgpError("wasm-not-loaded", `${from} answered ${response.status}`);
  const type = response.headers.get("content-type") ?? "";
  if (/^application\/wasm\s*(;|$)/i.test(type)) return WebAssembly.compileStreaming(response);
  const bytes = await response.arrayBuffer();
  const module = await compileBytes(bytes, from);
  if (!warned) console.warn(`envelock: ${from} is served as "${type}"; application/wasm starts faster`);
  warned = true;
  return module;
}

async function compileBytes(source: BufferSource, from: string): Promise<WebAssembly.Module> {
  const bytes = ArrayBuffer.isView(source) ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength) : new Uint8Array(source);
  const [first, second, third, fourth] = bytes;
  if (first === 0x3c) {
    throw new PgpError("wasm-not-loaded",
      `${from} is a web page (it starts with "<"), not the wasm module: the server answers its start page for a wrong path. ` +
      "Give the right place with init({ wasm })");
  }
  if (first !== 0 || second !== 0x61 || third !== 0x73 || fourth !== 0x6d) throw new PgpError("wasm-not-loaded", `${from} is not a wasm module`);
  return WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>);
}
