// The webmail's side of the HTTP API: sessions and envelopes. Only ciphertext, token hashes and encrypted notes go out.
import type { ServerInfo, Session } from "./state.ts";

/** An envelope as its sender sees it. */
export interface EnvelopeRecord {
  id: string;
  state: "uploading" | "sealed" | "locked" | "opened" | "expired" | "withdrawn";
  created: string;
  expires: string;
  size: number;
  hint?: string;
  linkSecret: boolean;
  /** `null`: as often as wanted. */
  maxOpenings?: number | null;
  openings: number;
  triesLeft: number;
  replies: number;
  /** Encrypted to the sender: subject, recipients, link secret. */
  note?: string;
  openedAt?: string;
  /** How often it was handed out without a confirmation, and when the last time was over. */
  lapsedLeases: number;
  lapsedLeaseAt?: string;
}

/** What announces an envelope. */
export interface NewEnvelope {
  profile: 1;
  salt: string;
  linkSecret: boolean;
  tokenHash: string;
  hint?: string;
  expiresInSeconds: number;
  maxOpenings: number | null;
  size: number;
  note?: string;
}

/** As a browser names itself; `other` if that says nothing. */
export interface Device {
  browser: string;
  system: string;
}

/** A session of the account: where it was begun, and when it was used last. */
export interface SessionRecord {
  id: string;
  device: Device;
  created: string;
  /** Up to a minute old. */
  used: string;
  /** Whether it is the one of this browser. */
  current: boolean;
}

/** The sign-ins of one day with one device. */
export interface LoginRecord {
  device: Device;
  first: string;
  last: string;
  times: number;
  /** Whether that browser on that system had not been used in the 90 days before. */
  newDevice: boolean;
  /** Whether they got as far as the password and no further: it was right, and the second step was not done. */
  unfinished: boolean;
}

/** One reply, still encrypted. */
export interface ReplySummary {
  number: number;
  created: string;
  size: number;
}

/** A refusal of the server: `code` is stable; `offline` means it was not reached. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    /** Seconds until it may be tried again, if the server says so. */
    readonly wait?: number,
    /** Of something that was not to be written over: the version that is stored. */
    readonly present?: string,
    /** Of what there were too many, in the server's word. */
    readonly tooMany?: unknown,
  ) {
    super(code);
    this.name = "ApiError";
  }

  /**
   * Whether the server said no (RFC 9110 §15.5), that it has no room for it (RFC 4918 §11.5), or that it cannot do it now: nothing was done. Whatever
   * else goes wrong may do so after it was.
   */
  get isRefusal(): boolean {
    return (this.status >= 400 && this.status < 500) || this.status === 507 || this.code === "unavailable";
  }
}

/** One call below `/api/v1/`: octets go out as they are, anything else as JSON. A refusal is an `ApiError`. */
export async function call(method: string, path: string, body?: unknown, signal?: AbortSignal, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  const init: RequestInit = { method, headers, cache: "no-store", redirect: "error" };
  if (body instanceof Uint8Array) {
    init.headers = { ...headers, "content-type": "application/octet-stream" };
    init.body = body as Uint8Array<ArrayBuffer>;
  } else if (body !== undefined) {
    init.headers = { ...headers, "content-type": "application/json" };
    init.body = JSON.stringify(body);
  }
  if (signal !== undefined) init.signal = signal;
  if (isOthers) throw new ApiError("another-account", 401);
  let response: Response;
  try {
    response = await fetch(`/api/v1/${path}`, init);
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new ApiError("offline", 0);
  }
  if (!response.ok) throw refusal(response.status, await response.json().catch(() => undefined), (name) => response.headers.get(name));
  return response;
}

/** Turns the refusal with this status into `undefined`. */
export function unlessRefused(status: number): (error: unknown) => undefined {
  return (error) => {
    if (!(error instanceof ApiError && error.status === status)) throw error;
    return undefined;
  };
}

/**
 * Of a change: a refusal stays what it is; whatever else goes wrong, the answer is lost, and the change may have been made. That is
 * the problem with this code then. Whoever makes such a change asks the server afterwards what is so.
 */
export function orLost(code: "answer-lost" | "token-lost" | "password-lost"): (error: unknown) => never {
  return (error) => {
    throw error instanceof ApiError && error.isRefusal ? error : { code };
  };
}

/** Of something that is written only over the version that was read: which one it is. Without it nothing could be written safely. */
export function versionOf(answer: Response): string {
  const tag = /^"([^"]+)"$/.exec(answer.headers.get("etag") ?? "")?.[1];
  if (tag === undefined) throw new ApiError("failed", answer.status);
  return tag;
}

/** What a write over this version says (`undefined`: over none); 412 is the answer if another device was faster. */
export function over(version: string | undefined): Record<string, string> {
  return version === undefined ? { "if-none-match": "*" } : { "if-match": `"${version}"` };
}

let isOthers = false;

/** From now on nothing is asked of the server from this page: the browser's session is another account's. */
export function askNoMore(): void {
  isOthers = true;
  onSignedOut();
}

let onSignedOut: () => void = () => undefined;

/** Runs when the server refuses because nobody is signed in any more. */
export function whenSignedOut(work: () => void): void {
  onSignedOut = work;
}

/** What the server said when it refused. */
function refusal(status: number, said: unknown, header: (name: string) => string | null): ApiError {
  const { code, tooMany } = (said ?? {}) as { code?: unknown; tooMany?: unknown };
  if (code === "login-required") onSignedOut();
  const wait = Number(header("retry-after") ?? 0);
  let known = typeof code === "string" ? code : "failed";
  // A fault in this browser is `internal`, too, but then nothing was done.
  if (status >= 500 && ["internal", "failed", "outcome-unknown"].includes(known)) known = "server-failed";
  return new ApiError(known, status, wait > 0 ? wait : undefined, header("etag")?.replaceAll('"', ""), tooMany);
}

/** Who the server is and what it accepts. */
export async function serverInfo(): Promise<ServerInfo> {
  return (await (await call("GET", "server")).json()) as ServerInfo;
}

/** Who is signed in, if anybody. */
export async function currentSession(): Promise<Session | undefined> {
  const answer = await call("GET", "session");
  return answer.status === 204 ? undefined : ((await answer.json()) as Session);
}

/** What an invitation is good for. */
export interface Invitation {
  /** The only address, if there is one. */
  address?: string;
  expires: string;
}

/** An account to be made. */
export interface NewAccount {
  address: string;
  name: string;
  invitation?: string;
}

export async function showInvitation(invitation: string): Promise<Invitation> {
  return (await (await call("POST", "registration/invitation", { invitation })).json()) as Invitation;
}

/** What a record of a password is made with, and what of it goes back with the record. */
interface Answered {
  response: string;
  madeWith: string;
}

/** What the server keeps of a new password. */
export interface NewRecord {
  record: string;
  madeWith: string;
}

/** Begins to register (`account.ts`). */
export async function startRegistration({ address, invitation }: NewAccount, request: string, signal: AbortSignal): Promise<Answered> {
  return (await (await call("POST", "registration/start", { address, invitation, request }, signal)).json()) as Answered;
}

/** Makes the account; an invitation is used up by it. */
export async function finishRegistration(account: NewAccount, record: NewRecord): Promise<void> {
  await call("POST", "registration", { ...account, ...record });
}

/** Begins to sign in (`account.ts`): answered alike whether or not there is such an account. */
export async function startSession(address: string, request: string, signal: AbortSignal): Promise<{ login: string; response: string }> {
  return (await (await call("POST", "session/start", { address, request }, signal)).json()) as { login: string; response: string };
}

/** Signs in with the proof of the password. */
export async function finishSession(login: string, finalization: string): Promise<Session> {
  return (await (await call("POST", "session", { login, finalization })).json()) as Session;
}

/** Proves again who is signed in; without a second step the password is enough. */
export async function confirmSession(login: string, finalization: string, code: string | undefined): Promise<void> {
  await call("POST", "session/confirm", { login, finalization, ...(code === undefined ? {} : { code }) });
}

/** Begins to choose another password. */
export async function startPassword(request: string, signal: AbortSignal): Promise<Answered> {
  return (await (await call("POST", "account/password/start", { request }, signal)).json()) as Answered;
}

/** Changes the password, with the proof of the old one, and with it what the old one opens; ends every other session. */
export async function putPassword(login: string, finalization: string, record: NewRecord, keystoreBackup?: { sealed: string; replaces: string }): Promise<void> {
  await call("PUT", "account/password", { login, finalization, ...record, keystoreBackup }).catch(orLost("password-lost"));
}

export async function signOut(): Promise<void> {
  await call("DELETE", "session");
}

/** Where the account is signed in, the session used last first. */
export async function listSessions(): Promise<SessionRecord[]> {
  return ((await (await call("GET", "sessions")).json()) as { sessions: SessionRecord[] }).sessions;
}

export async function endSession(id: string): Promise<void> {
  await call("DELETE", `sessions/${id}`).catch(orLost("answer-lost"));
}

/** All but this one. */
export async function endOtherSessions(): Promise<void> {
  await call("DELETE", "sessions").catch(orLost("answer-lost"));
}

/** Sign-ins of the last 90 days, the latest first. */
export async function listLogins(): Promise<LoginRecord[]> {
  return ((await (await call("GET", "logins")).json()) as { logins: LoginRecord[] }).logins;
}

interface EnvelopePage {
  envelopes: EnvelopeRecord[];
  /** Where the next page begins, if there is one. */
  next?: string;
}

/** Mine, newest first. */
export async function listEnvelopes(): Promise<EnvelopeRecord[]> {
  const records: EnvelopeRecord[] = [];
  let next: string | undefined;
  do {
    const page = next === undefined ? "" : `&before=${next}`;
    const answer = (await (await call("GET", `envelopes?limit=500${page}`)).json()) as EnvelopePage;
    records.push(...answer.envelopes);
    next = answer.next;
  } while (next !== undefined);
  return records;
}

export async function announceEnvelope(envelope: NewEnvelope, signal: AbortSignal): Promise<EnvelopeRecord> {
  return (await (await call("POST", "envelopes", envelope, signal)).json()) as EnvelopeRecord;
}

export async function changeEnvelope(id: string, change: { expiresInSeconds?: number; unlock?: true }): Promise<EnvelopeRecord> {
  return (await (await call("PATCH", `envelopes/${id}`, change)).json()) as EnvelopeRecord;
}

/** Takes it back: the server removes the bytes. */
export async function withdrawEnvelope(id: string): Promise<void> {
  await call("DELETE", `envelopes/${id}`);
}

/** Takes back everything that can still be opened; how many those were. */
export async function withdrawAll(): Promise<number> {
  return ((await (await call("DELETE", "envelopes")).json()) as { withdrawn: number }).withdrawn;
}

export async function listReplies(id: string): Promise<ReplySummary[]> {
  const { replies } = (await (await call("GET", `envelopes/${id}/replies`)).json()) as { replies: ReplySummary[] };
  return replies;
}

export async function fetchReply(id: string, number: number): Promise<Blob> {
  return await (await call("GET", `envelopes/${id}/replies/${number}`)).blob();
}

/** Sends the ciphertext. */
export async function uploadCiphertext(id: string, ciphertext: Blob, onProgress: (done: number) => void, signal: AbortSignal): Promise<void> {
  await upload("PUT", `envelopes/${id}/ciphertext`, ciphertext, { onProgress, signal });
}

/** Sends octets with progress in bytes, which `fetch` cannot report; what the server answers, as JSON. `null` if it says nothing that is any. */
export function upload(
  method: string,
  path: string,
  octets: Blob,
  { headers = {}, onProgress, signal }: { headers?: Readonly<Record<string, string>>; onProgress: (done: number) => void; signal: AbortSignal },
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (isOthers) return reject(new ApiError("another-account", 401));
    const request = new XMLHttpRequest();
    request.open(method, `/api/v1/${path}`);
    for (const [name, value] of Object.entries({ ...headers, "content-type": "application/octet-stream" })) request.setRequestHeader(name, value);
    request.responseType = "json";
    request.upload.onprogress = ({ loaded }) => onProgress(loaded);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) return resolve(request.response);
      reject(refusal(request.status, request.response, (name) => request.getResponseHeader(name)));
    };
    request.onerror = () => reject(new ApiError("offline", 0));
    request.onabort = () => reject(new DOMException("cancelled", "AbortError"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    if (signal.aborted) return reject(new DOMException("cancelled", "AbortError"));
    request.send(octets);
  });
}
