// The decrypt page's side of the HTTP API: head, open, confirm, reply. The password and the link secret never come here;
// the server gets a token derived from both.

/** What a link holder may know before the password. */
export interface Head {
  profile: number;
  /** 16 bytes, base64url. */
  salt: string;
  linkSecret: boolean;
  sender: { address: string; name: string };
  created: string;
  expires: string;
  /** Bytes of ciphertext. */
  size: number;
  hint?: string;
  triesLeft: number;
  /** `null` or absent: as often as wanted. */
  openingsLeft?: number | null;
}

/** Why the server did not do it; `offline` means it was not reached. */
export type Refusal = "gone" | "wrong-token" | "locked" | "in-use" | "reply-limit" | "no-room" | "too-large" | "offline" | "busy" | "failed";

/** The server's answer when it is not the wanted one. */
export class Refused extends Error {
  constructor(
    readonly code: Refusal,
    readonly triesLeft?: number,
  ) {
    super(code);
  }
}

async function request(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`/api/v1/d/${path}`, { cache: "no-store", credentials: "omit", redirect: "error", ...init });
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    throw new Refused("offline");
  }
  if (response.ok) return response;
  throw await refusal(response);
}

async function refusal(response: Response): Promise<Refused> {
  const said = (await response.json().catch(() => ({}))) as { code?: string; triesLeft?: number };
  switch (response.status) {
    case 404:
    case 410:
      return new Refused("gone");
    case 403:
      return new Refused("wrong-token", said.triesLeft);
    case 423:
      return new Refused("locked", 0);
    case 409:
      return new Refused(said.code === "reply-limit" ? "reply-limit" : "in-use");
    case 413:
      return new Refused("too-large");
    case 429:
    case 503:
      return new Refused("busy");
    case 507:
      return new Refused("no-room");
    default:
      return new Refused("failed");
  }
}

function json(body: unknown): RequestInit {
  return { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

/**
 * The facts shown before the password. Changes nothing on the server. It asks for them as soon as it sends the page (`Link`), and this
 * takes the answer over, as long as it would be asked for in the same way: with the cookies that came with the page.
 */
export async function readHead(id: string): Promise<Head> {
  return (await (await request(id, { credentials: "same-origin", cache: "default", redirect: "follow" })).json()) as Head;
}

/**
 * Borrows the ciphertext with the right token until it is confirmed. Refuses more bytes than the head promised.
 *
 * `lease` continues an earlier loan while it lasts. `keep` hears the lease of this one before the first byte arrives, even after
 * a cancellation, so that a download that broke off can be tried again without a second opening.
 */
export async function borrow(
  id: string,
  size: number,
  loan: { token: string; lease?: string | undefined },
  keep: (lease: string) => void,
  onProgress: (done: number) => void,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  // Not ended by the signal: the server may have lent already, and only its answer names the lease.
  const answer = request(`${id}/open`, json(loan)).then((response) => {
    const lease = response.headers.get("Envelock-Lease");
    if (lease !== null) keep(lease);
    if (signal.aborted) void response.body?.cancel();
    return response;
  });
  const response = await orAborted(answer, signal);
  const ciphertext = new Uint8Array(size);
  let done = 0;
  const reader = response.body?.getReader();
  if (reader === undefined) throw new Refused("failed");
  signal.addEventListener("abort", () => void reader.cancel());
  try {
    for (;;) {
      const { done: end, value } = await reader.read();
      signal.throwIfAborted();
      if (end) break;
      if (done + value.length > size) throw new Refused("failed");
      ciphertext.set(value, done);
      done += value.length;
      onProgress(done);
    }
  } catch (error) {
    if (signal.aborted || error instanceof Refused) throw error;
    throw new Refused("offline");
  }
  if (done !== size) throw new Refused("offline");
  return ciphertext;
}

/** Rejects as soon as `signal` says so; the work itself goes on. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error));
    work.then(resolve, reject);
  });
}

/** Counts the opening, after the message could be read, even if the page is left meanwhile. The last one removes the bytes from the server. */
export async function confirm(id: string, token: string, lease: string): Promise<void> {
  await request(`${id}/confirm`, { ...json({ token, lease }), keepalive: true });
}

/** Posts an encrypted reply. */
export async function sendReply(id: string, token: string, ciphertext: Blob, signal: AbortSignal): Promise<void> {
  await request(`${id}/replies`, {
    method: "POST",
    headers: { "content-type": "application/octet-stream", "envelock-token": token },
    body: ciphertext,
    signal,
  });
}
