/**
 * Loads the wasm module once, from wherever it is, and starts it again after a trap.
 *
 * Concurrent calls share one load; a failed load is forgotten, so the next call tries again. Importing this has no effect by
 * itself and touches no global. Not here: what the module does (`local.ts`), and modules in two parts (`divided-loader.ts`).
 */
import type { InitOptions } from "./api.js";
import { PgpError } from "./error.js";
import { builtin } from "./platform.js";

/** Where a module is. */
export type Source = NonNullable<InitOptions["wasm"]>;

/** The part of wasm-bindgen's glue that loading needs. */
export interface Startable {
  initSync(options: { module: WebAssembly.Module }): unknown;
  __wbg_reset_state(): void;
}

interface NodeFiles {
  readFile(path: URL): Promise<Uint8Array>;
}

/** Not `instanceof`: in Node the mere mention of `Response` loads the whole HTTP client. */
export const isResponse = (value: unknown): value is Response => Object.prototype.toString.call(value) === "[object Response]";

/** A module with one vector in it, which says nothing but whether it can be read. */
const VECTORS = Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 9, 1, 7, 0, 65, 0, 253, 15, 26, 11]);

/** One file: where it is, and what becomes of it. */
export class Part {
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

/** One module: its glue, an export by which its bytes are known, and where it is unless told otherwise. */
export class Loader<G extends Startable> {
  protected readonly glue: G;
  protected readonly first: Part;
  /** Counts the instances: whatever was made by another one than this is gone, and must not be touched. */
  generation = 0;
  #isDown = false;

  constructor(glue: G, mark: string, home: () => Source | Promise<Source>) {
    this.glue = glue;
    this.first = new Part(home, (module) => {
      if (!WebAssembly.Module.exports(module).some(({ name }) => name === mark)) throw new TypeError(`it has no ${mark}`);
      glue.initSync({ module });
    });
  }

  /** The started module; of two parts the first. Loads it on the first call; what is given counts until then. */
  async ready({ wasm }: InitOptions = {}): Promise<G> {
    this.first.give(wasm);
    await this.first.ready();
    return this.running();
  }

  /** Replaces the instance of a generation after a trap in it. Whether it was still there to be replaced. */
  restart(generation: number): boolean {
    if (generation !== this.generation) return false;
    this.generation += 1;
    this.#isDown = true;
    try {
      this.running();
    } catch {
      // Told to whoever comes next, who tries again.
    }
    return true;
  }

  protected running(): G {
    try {
      // Of both parts, if there are two. Not `initSync`, which takes the trapped instance for a started one.
      if (this.#isDown) this.glue.__wbg_reset_state();
      this.#isDown = false;
    } catch (cause) {
      throw new PgpError("wasm-not-loaded", "the wasm module could not be started again", { cause });
    }
    return this.glue;
  }
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
