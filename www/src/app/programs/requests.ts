// What the server is asked about programs that act for the account: their tokens, each with a name, scopes and an end.
import { call, orLost } from "../api.ts";

/** What a token may allow, in the order in which it is offered. */
export const SCOPES = ["envelopes:read", "envelopes:write", "keyring:read", "keyring:write", "drafts:read", "drafts:write", "mail:read", "mail:send"] as const;

export type Scope = (typeof SCOPES)[number];

/** A token as its owner may know it. */
export interface TokenRecord {
  id: string;
  name: string;
  /** A newer server may know others. */
  scopes: string[];
  created: string;
  expires: string;
  /** Up to a minute old. */
  used?: string | null;
}

/** A token to be made. */
export interface NewToken {
  name: string;
  scopes: Scope[];
  expiresInDays: number;
}

/** The tokens that have not ended, the oldest first. */
export async function listTokens(): Promise<TokenRecord[]> {
  return ((await (await call("GET", "account/tokens")).json()) as { tokens: TokenRecord[] }).tokens;
}

/** Makes one; it is told this once. */
export async function createToken(token: NewToken): Promise<string> {
  const made = async (): Promise<string> => ((await (await call("POST", "account/tokens", token)).json()) as { token: string }).token;
  return made().catch(orLost("token-lost"));
}

export async function revokeToken(id: string): Promise<void> {
  await call("DELETE", `account/tokens/${id}`).catch(orLost("answer-lost"));
}

export async function revokeAllTokens(): Promise<void> {
  await call("DELETE", "account/tokens").catch(orLost("answer-lost"));
}
