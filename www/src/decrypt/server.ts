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
export type Refusal = "gone" | "wrong-token" | "locked" | "in-use" | "lease-expired" | "reply-limit" | "too-large" | "offline" | "busy" | "failed";

/** The server's answer when it is not the wanted one. */
export class Refused extends Error {
  constructor(
    readonly code: Refusal,
    readonly triesLeft?: number,
  ) {
    super(code);
  }
}

/** The ciphertext, on loan until it is confirmed. */
export interface Loan {
  ciphertext: Uint8Array<ArrayBuffer>;
  lease: string;
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
      return new Refused(said.code === "reply-limit" || said.code === "lease-expired" ? said.code : "in-use");
    case 413:
      return new Refused("too-large");
    case 429:
    case 503:
      return new Refused("busy");
    default:
      return new Refused("failed");
  }
}

function json(body: unknown, signal?: AbortSignal): RequestInit {
  const init: RequestInit = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  if (signal !== undefined) init.signal = signal;
  return init;
}

/** The facts shown before the password. Changes nothing on the server. */
export async function readHead(id: string): Promise<Head> {
  return (await (await request(id, {})).json()) as Head;
}

/** Borrows the ciphertext with the right token; `lease` continues an earlier loan. Refuses more bytes than the head promised. */
export async function borrow(
  id: string,
  size: number,
  loan: { token: string; lease?: string },
  onProgress: (done: number) => void,
  signal: AbortSignal,
): Promise<Loan> {
  const response = await request(`${id}/open`, json(loan, signal));
  const lease = response.headers.get("Envelock-Lease") ?? "";
  const ciphertext = new Uint8Array(size);
  let done = 0;
  const reader = response.body?.getReader();
  if (reader === undefined) throw new Refused("failed");
  try {
    for (;;) {
      const { done: end, value } = await reader.read();
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
  return { ciphertext, lease };
}

/** Counts the opening, after the message could be read. The last one removes the bytes from the server. */
export async function confirm(id: string, token: string, lease: string): Promise<void> {
  await request(`${id}/confirm`, json({ token, lease }));
}

/** Posts an encrypted reply. */
export async function sendReply(id: string, token: string, ciphertext: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void> {
  await request(`${id}/replies`, {
    method: "POST",
    headers: { "content-type": "application/octet-stream", "envelock-token": token },
    body: ciphertext,
    signal,
  });
}
