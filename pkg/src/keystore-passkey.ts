/**
 * Asks the browser for passkeys and what their PRF makes of an input (Web Authentication level 3, §10.1.4).
 *
 * Works where `navigator.credentials` is, which is the page and not a worker. Nobody checks the challenge or a signature:
 * what counts is the output of the PRF, which opens the keystore or does not.
 */
import { base64url } from "./base64url.js";
import { cancelled, PgpError } from "./error.js";

/** A passkey and the input of its PRF. */
export interface Asked {
  credential: Uint8Array;
  input: Uint8Array;
}

/** What a passkey answered. The output is secret. */
export interface Answered {
  credential: Uint8Array;
  output: Uint8Array;
}

interface Results {
  prf?: { enabled?: boolean; results?: { first?: BufferSource } };
}

/** Makes a passkey. Asks once more where a new passkey gives no output at once. */
export async function createPasskey(
  userName: string, input: Uint8Array, known: Uint8Array[], signal?: AbortSignal,
): Promise<Answered> {
  const created = await ask(signal, (credentials) => credentials.create({
    publicKey: {
      challenge: random(32),
      rp: { name: globalThis.location?.hostname || "Envelock" },
      user: { id: random(32), name: userName, displayName: userName },
      pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: "public-key", alg })),
      authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
      excludeCredentials: known.map((id) => ({ type: "public-key", id: own(id) })),
      extensions: extensions({ eval: { first: own(input) } }),
    },
    ...(signal && { signal }),
  }));
  const results = extensionResults(created);
  if (!results.prf?.enabled) throw unavailable("this passkey cannot derive keys (no PRF)");
  const credential = new Uint8Array(created.rawId);
  const output = bytes(results.prf.results?.first);
  return output ? { credential, output } : askPasskey([{ credential, input }], signal);
}

/** Asks for one of these passkeys. */
export async function askPasskey(passkeys: Asked[], signal?: AbortSignal): Promise<Answered> {
  const evalByCredential = Object.fromEntries(passkeys.map(({ credential, input }) => [base64url(credential), { first: own(input) }]));
  const given = await ask(signal, (credentials) => credentials.get({
    publicKey: {
      challenge: random(32),
      allowCredentials: passkeys.map(({ credential }) => ({ type: "public-key", id: own(credential) })),
      userVerification: "required",
      extensions: extensions({ evalByCredential }),
    },
    ...(signal && { signal }),
  }));
  const output = bytes(extensionResults(given).prf?.results?.first);
  if (!output) throw unavailable("the passkey gave no key (no PRF)");
  return { credential: new Uint8Array(given.rawId), output };
}

async function ask(
  signal: AbortSignal | undefined,
  work: (credentials: CredentialsContainer) => Promise<Credential | null>,
): Promise<PublicKeyCredential> {
  const credentials = (globalThis.navigator as Navigator | undefined)?.credentials;
  if (!credentials) throw unavailable("there are no passkeys here (no WebAuthn, or not a secure context)");
  let credential: Credential | null;
  try {
    credential = await work(credentials);
  } catch (cause) {
    if (signal?.aborted) throw cancelled(signal);
    const { name, message } = cause as { name?: string; message?: string };
    if (name === "InvalidStateError") throw new PgpError("passkey-refused", "this passkey opens the keystore already", { cause });
    if (name === "NotAllowedError" || name === "AbortError") throw new PgpError("passkey-refused", "no passkey was given", { cause });
    throw new PgpError("passkey-unavailable", `passkeys do not work here: ${message ?? String(cause)}`, { cause });
  }
  if (!credential) throw new PgpError("passkey-refused", "no passkey was given");
  return credential as PublicKeyCredential;
}

const unavailable = (message: string) => new PgpError("passkey-unavailable", message);
const extensions = (prf: object) => ({ prf }) as AuthenticationExtensionsClientInputs;
const extensionResults = (credential: PublicKeyCredential) => credential.getClientExtensionResults() as Results;

function random(length: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** A copy in a buffer of its own: WebAuthn takes no shared memory. */
function own(octets: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(octets);
}

function bytes(source: BufferSource | undefined): Uint8Array | undefined {
  if (source === undefined) return undefined;
  return ArrayBuffer.isView(source) ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength) : new Uint8Array(source);
}
