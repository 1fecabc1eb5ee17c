/**
 * Loads the wasm module once, from wherever it is, and starts it again after a trap.
 *
 * Concurrent calls share one load; a failed load is forgotten, so the next call tries again. Importing this has
 * no effect by itself and touches no global. Not here: what the module does (`local.ts`).
 */
import type { InitOptions } from "./api.js";
import { PgpError } from "./error.js";

type Source = NonNullable<InitOptions["wasm"]>;

/** The part of wasm-bindgen's glue that loading needs. */
export interface Startable {
  initSync(options: { module: WebAssembly.Module }): unknown;
  __wbg_reset_state(): void;
}

interface NodeFiles {
  readFile(path: URL): Promise<Uint8Array>;
}
/** Node's own modules without an import that a bundler would trip over; undefined in browsers. */
const builtin = (name: string): unknown =>
  (globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }).process?.getBuiltinModule?.(name);

/** Not `instanceof`: in Node the mere mention of `Response` loads the whole HTTP client. */
export const isResponse = (value: unknown): value is Response => Object.prototype.toString.call(value) === "[object Response]";

/** One module: its glue, an export by which its bytes are known, and where they are unless told otherwise. */
export class Loader<G extends Startable> {
  readonly #glue: G;
  readonly #mark: string;
  readonly #home: () => Source | Promise<Source>;
  #loading: Promise<G> | undefined;
  #given: Source | undefined;

  constructor(glue: G, mark: string, home: () => Source | Promise<Source>) {
    this.#glue = glue;
    this.#mark = mark;
    this.#home = home;
  }

  /** The started module. Loads it on the first call; `wasm` counts until the module is loaded. */
  ready(wasm?: Source): Promise<G> {
    if (wasm !== undefined) this.#given = wasm;
    this.#loading ??= this.#load().catch((thrown: unknown) => {
      this.#loading = undefined;
      if (isResponse(this.#given)) this.#given = undefined; // its body is used up
      throw thrown;
    });
    return this.#loading;
  }

  /** Replaces the instance after a trap; whatever lived in the old one is gone. */
  restart(): void {
    try {
      this.#glue.__wbg_reset_state();
    } catch {
      this.#loading = undefined;
    }
  }

  async #load(): Promise<G> {
    if (typeof WebAssembly !== "object") throw new PgpError("wasm-unsupported", "this browser has WebAssembly switched off");
    const module = await compile(this.#given ?? (await this.#home()));
    try {
      if (!WebAssembly.Module.exports(module).some(({ name }) => name === this.#mark)) throw new TypeError(`it has no ${this.#mark}`);
      this.#glue.initSync({ module });
    } catch (cause) {
      throw new PgpError("wasm-not-loaded", "the wasm module does not belong to this version of envelock", { cause });
    }
    return this.#glue;
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
