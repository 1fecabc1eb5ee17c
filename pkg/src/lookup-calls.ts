/**
 * Finding certificates: asks a server's lookup, or directories and keyservers themselves, and lets the core choose.
 *
 * What comes is never followed elsewhere (no redirects) and read to 1 MiB at most. Not here: which URL (the module), which of
 * the keys are for the address (the core).
 */
import type { DatedOptions } from "./api.js";
import { fromBase64url } from "./base64url.js";
import type { Tools } from "./edit-calls.js";
import { PgpError } from "./error.js";
import { type RawKey, readKey } from "./keys.js";
import type { Certificate } from "./api.js";
import type { CertificateOrigin, FoundKeys, LookupCalls, LookupKeyOptions, RejectedKey, WkdUrls } from "./lookups.js";
import { checkOptions } from "./options.js";

/** Largest answer, in bytes: as the server's. */
const LARGEST = 1024 * 1024;
/** Longest wait for one host, in milliseconds. */
const PATIENCE = 10_000;
/** Longest wait for a server that asks others. */
const SERVER_PATIENCE = 30_000;

/** What one host said: bytes, that it has nothing, or that there is no such host. */
type Answer = Uint8Array | "nothing" | "no-host";
type Ask = (url: string | URL, patience: number) => Promise<Response>;
type Asked = { origin: CertificateOrigin; host: string; found: Uint8Array };

/** The lookups, by name. */
export function lookupCalls({ run, at }: Pick<Tools, "run" | "at">): LookupCalls {
  const urls = async (parts: Parts, keyservers: string[], options: DatedOptions) =>
    (await run("lookupUrls", { localPart: parts.localPart, domain: parts.domain, keyservers }, options)) as WkdUrls & { keyservers: string[] };

  async function select({ found, origin, host }: Asked, parts: Parts, options: LookupKeyOptions): Promise<FoundKeys> {
    const raw = (await run("selectForAddress", { found, spellings: parts.spellings, at: at(options) }, options)) as {
      certificates: RawKey[];
      rejected: RejectedKey[];
    };
    return { certificates: raw.certificates.map((key) => readKey(key) as Certificate), origin, host, rejected: raw.rejected };
  }

  return {
    async wkdUrls(input) {
      const options = typeof input === "string" ? { address: input } : input;
      checkOptions("wkdUrls", options);
      const { advanced, direct } = await urls(split(options.address), [], options);
      return { advanced, direct };
    },

    async lookupKey(options) {
      checkOptions("lookupKey", options);
      const { keyservers = [], endpoint = ownServer() } = options;
      if (endpoint !== false && keyservers.length > 0) {
        throw new PgpError("bad-option", 'lookupKey: "keyservers" are the server\'s choice; give "endpoint: false" to ask them from here');
      }
      const ask = asker(options);
      const parts = split(options.address);
      // Also checks the address, before anybody is asked.
      const { advanced, direct, keyservers: keyserverUrls } = await urls(parts, keyservers, options);
      if (endpoint !== false) {
        const asked = await askServer(new URL(endpoint, globalThis.location?.href), `${parts.localPart}@${parts.domain}`, ask);
        return asked ? select(asked, parts, options) : { certificates: [], rejected: [] };
      }
      const rejected: RejectedKey[] = [];
      let failure: PgpError | undefined;
      for await (const answer of answers(advanced, direct, keyserverUrls, ask)) {
        if (answer instanceof PgpError) {
          failure ??= answer;
          continue;
        }
        const found = await select(answer, parts, options);
        rejected.push(...found.rejected);
        if (found.certificates.length > 0) return { ...found, rejected };
      }
      if (failure && rejected.length === 0) throw failure;
      return { certificates: [], rejected };
    },
  };
}

interface Parts {
  localPart: string;
  /** As A-labels. */
  domain: string;
  /** The address in every form its owner may have written it. */
  spellings: string[];
}

/** Takes an address apart; the platform's `URL` makes the domain's A-labels. */
function split(address: string): Parts {
  const at = address.lastIndexOf("@");
  const [localPart, written] = [address.slice(0, at), address.slice(at + 1)];
  const domain = at > 0 && !/[\s/?#:@\\%[\]]/.test(written) && URL.canParse(`https://${written}`) ? new URL(`https://${written}`).hostname : "";
  if (domain === "") throw new PgpError("bad-address", "an address has the form name@example.org");
  return { localPart, domain, spellings: [address, `${localPart}@${domain}`] };
}

/** The lookup of the server a page came from; `false` where there is no page. */
function ownServer(): URL | false {
  const origin = globalThis.location?.origin;
  return origin?.startsWith("https://") ? new URL("/api/v1/lookup", origin) : false;
}

function asker({ fetch = globalThis.fetch, signal }: LookupKeyOptions): Ask {
  return async (url, patience) => {
    const timeout = AbortSignal.timeout(patience);
    try {
      return await fetch(url, { redirect: "manual", signal: signal ? AbortSignal.any([signal, timeout]) : timeout, headers: { accept: "*/*" } });
    } catch (cause) {
      if (signal?.aborted) throw new PgpError("cancelled", "the lookup was cancelled", { cause });
      throw cause;
    }
  };
}

/** Asks a server's lookup; `undefined` if nothing is published. */
async function askServer(endpoint: URL, address: string, ask: Ask): Promise<Asked | undefined> {
  endpoint.searchParams.set("address", address);
  const response = await ask(endpoint, SERVER_PATIENCE).catch(failed(endpoint.host));
  // base64url in JSON is a third longer than what it says.
  const body = await read(response, 2 * LARGEST).then((bytes) => JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>).catch(failed(endpoint.host));
  const { code, message, origin, host, certificates } = body ?? {};
  if (response.ok && typeof certificates === "string" && typeof host === "string") {
    const found = fromBase64url(certificates);
    if (found) return { origin: origin as CertificateOrigin, host, found };
  }
  if (code === "no-certificate") return undefined;
  if (code === "lookup-failed" || typeof code !== "string") throw new PgpError("lookup-failed", typeof message === "string" ? message : `${endpoint.host} is no lookup of an Envelock server`);
  throw new PgpError("lookup-refused", typeof message === "string" ? message : code);
}

/** The answers of directories and keyservers, as long as they are wanted; a failure is one of them. */
async function* answers(advanced: string, direct: string, keyservers: string[], ask: Ask): AsyncGenerator<Asked | PgpError> {
  const get = async (url: string): Promise<Answer | PgpError> => {
    try {
      const response = await ask(url, PATIENCE);
      if (response.status >= 500) throw new Error(`status ${response.status}`);
      if (response.status !== 200) return "nothing";
      return await read(response, LARGEST);
    } catch (cause) {
      if (cause instanceof PgpError && cause.code === "cancelled") throw cause;
      // Node's fetch: the resolver says that there is no such name, or no address of it. A page cannot tell.
      const code = ((cause as { cause?: { code?: unknown } }).cause ?? {}).code;
      if (code === "ENOTFOUND" || code === "ENODATA") return "no-host";
      return new PgpError("lookup-failed", `${new URL(url).host} gave no usable answer`, { cause });
    }
  };
  const as = (origin: CertificateOrigin, url: string, answer: Answer | PgpError): Asked | PgpError | undefined =>
    answer instanceof Uint8Array ? { origin, host: new URL(url).host, found: answer } : answer instanceof PgpError ? answer : undefined;
  const first = await get(advanced);
  const wkd = first === "no-host" ? as("wkd-direct", direct, await get(direct)) : as("wkd-advanced", advanced, first);
  if (wkd) yield wkd;
  for (const url of keyservers) {
    const answer = as("keyserver", url, await get(url));
    if (answer) yield answer;
  }
}

/** A body of at most `limit` bytes. */
async function read(response: Response, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done || value === undefined) break;
    length += value.length;
    if (length > limit) {
      await reader?.cancel();
      throw new Error(`more than ${limit} bytes`);
    }
    chunks.push(value);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

const failed = (host: string) => (cause: unknown): never => {
  if (cause instanceof PgpError) throw cause;
  throw new PgpError("lookup-failed", `${host} gave no usable answer`, { cause });
};
