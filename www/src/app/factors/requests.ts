// What the server is asked about second factors: codes of an authenticator app, passkeys, recovery codes; and to be sure again who is there.
import { ApiError, call, orLost } from "../api.ts";
import type { Session } from "../state.ts";

/** A passkey as its owner may know it. */
export interface PasskeyRecord {
  id: string;
  name: string;
  created: string;
  used?: string | null;
}

/** The second factors of the account. */
export interface Factors {
  totp?: { created: string } | null;
  passkeys: PasskeyRecord[];
  /** How many codes are left. */
  recoveryCodes: number;
  /** Whether the operator asks for one. */
  required: boolean;
}

/** What a ceremony with an authenticator begins with (WebAuthn). */
export interface Ceremony<Options> {
  ceremony: string;
  options: Options;
}

type Requested = Ceremony<PublicKeyCredentialRequestOptionsJSON>;
type Created = Ceremony<PublicKeyCredentialCreationOptionsJSON>;

/** Ten codes if this was the first factor: without them, who loses it is locked out. */
export type Added = { recoveryCodes?: string[] | null };

const answer = async <T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> => (await (await call(method, path, body, signal)).json()) as T;

/** What the account has. */
export const factors = (): Promise<Factors> => answer("GET", "account/factors");

/** Finishes signing in with a code of the authenticator app. */
export const proveByApp = (code: string): Promise<Session> => answer<Session>("POST", "session/totp", { code }).catch(orLost("answer-lost"));

/** The same with a recovery code, which is used up. */
export const proveByRecovery = (code: string): Promise<Session> => answer<Session>("POST", "session/recovery-code", { code }).catch(orLost("answer-lost"));

/** Begins to prove a passkey: one of the account that is signing in or signed in, or, when nobody is, any. */
export const startPasskey = (signal: AbortSignal): Promise<Requested> => answer("POST", "session/passkey/start", {}, signal);

/** Signs in with it. */
export const proveByPasskey = (ceremony: string, credential: unknown): Promise<Session> => answer<Session>("POST", "session/passkey", { ceremony, credential }).catch(orLost("answer-lost")).catch(wrongPasskey);

/** Says again, by a passkey, who is signed in. */
export const confirmByPasskey = (ceremony: string, credential: unknown): Promise<Session> => answer<Session>("POST", "session/confirm/passkey", { ceremony, credential }).catch(wrongPasskey);

/** Not the keystore's, which has passkeys of its own. */
function wrongPasskey(error: unknown): never {
  throw error instanceof ApiError && error.code === "wrong-passkey" ? { code: "wrong-login-passkey" } : error;
}

/** The secret for an authenticator app, which counts once a code of it has come. */
export const startApp = (): Promise<{ secret: string; uri: string }> => answer("POST", "account/totp/start", {});

export const addApp = (code: string): Promise<Added> => answer<Added>("PUT", "account/totp", { code }).catch(orLost("answer-lost"));

export async function removeApp(): Promise<void> {
  await call("DELETE", "account/totp").catch(orLost("answer-lost"));
}

export const startNewPasskey = (): Promise<Created> => answer("POST", "account/passkeys/start", {});

export const addPasskey = (ceremony: string, name: string, credential: unknown): Promise<Added> => answer<Added>("POST", "account/passkeys", { ceremony, name, credential }).catch(orLost("answer-lost"));

export async function removePasskey(id: string): Promise<void> {
  await call("DELETE", `account/passkeys/${id}`).catch(orLost("answer-lost"));
}

/** Ten new codes; the earlier ones count no more. */
export const renewCodes = (): Promise<{ recoveryCodes: string[] }> => answer<{ recoveryCodes: string[] }>("POST", "account/recovery-codes", {}).catch(orLost("answer-lost"));
