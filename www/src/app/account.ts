// The account's password: registering and signing in with it, and choosing another one. It never leaves this browser: what goes out is messages of OPAQUE
// (RFC 9807), which `envelock/login` makes in workers that end with each of them.
import { createLogin, PgpError, type FinishedLogin, type Started } from "envelock/login";
import scriptUrl from "envelock/login-worker-script?worker&url";
import { toBase64Url } from "../base64url.ts";
import { workerScript } from "../trusted.ts";
import { holdKey } from "./account-key.ts";
import { ApiError, confirmSession, finishRegistration, finishSession, putPassword, startPassword, startRegistration, startSession, type NewAccount } from "./api.ts";
import type { SealedCode } from "./keystore-backup.ts";
import type { Session } from "./state.ts";
import { stopwatch } from "./stopwatch.ts";

/** After this a proof that the server takes for two minutes is made anew: somebody may have looked for a telephone meanwhile. */
const PROOF_MILLISECONDS = 60_000;

const client = createLogin({ url: workerScript(scriptUrl) });

/** Starts the worker while somebody still types. What goes wrong is heard when it is needed. */
export function prepareLogin(): void {
  client.ready().catch(() => undefined);
}

/** Makes an account. A cancel counts until everything is ready. */
export async function register(account: NewAccount, password: string, signal: AbortSignal): Promise<void> {
  const registration = await client.startRegistration({ password, signal });
  try {
    const { response, madeWith } = await startRegistration(account, registration.request, signal);
    const { record, exportKey } = await registration.finish(response);
    exportKey.fill(0);
    if (signal.aborted) throw new PgpError("cancelled", "the registration was cancelled");
    await finishRegistration(account, { record, madeWith });
  } finally {
    registration.cancel();
  }
}

/** Signs in; a wrong address or password alike is `wrong-password`, a proof that came too late `login-late`. A cancel counts until the server knows who it is. */
export async function signIn(address: string, password: string, signal: AbortSignal): Promise<Session> {
  const login = await client.startLogin({ password, signal });
  const { id, finalization, exportKey } = await prove(login, address, signal);
  try {
    const session = await inTime(finishSession(id, finalization));
    holdKey(exportKey.slice());
    return session;
  } finally {
    exportKey.fill(0);
  }
}

/** What the password of whoever is signed in gives, and the way to tell the server that it was right, where that is asked for. */
export interface Proven {
  exportKey: Uint8Array;
  confirm: Confirm;
}

/** Tells the server that the password was right, as often as it has to be told; with a code, where the account has any (else `wrong-code`). */
export type Confirm = (code?: string) => Promise<void>;

/** Checks the password of whoever is signed in; unless it has to be confirmed the server hears that somebody begins to sign in, and no more. */
export async function proven(address: string, password: string, signal: AbortSignal): Promise<Proven> {
  const proof = await prove(await client.startLogin({ password, signal }), address, signal);
  return { exportKey: proof.exportKey, confirm: confirmation(address, password, signal, proof) };
}

/** By this proof, and by another one each time after that: each counts once, and not for long. */
function confirmation(address: string, password: string, signal: AbortSignal, first?: Proof): Confirm {
  const age = stopwatch();
  let unused = first;
  return async (code) => {
    let proof = age() > PROOF_MILLISECONDS ? undefined : unused;
    unused = undefined;
    if (proof === undefined) {
      proof = await prove(await client.startLogin({ password, signal }), address, signal);
      proof.exportKey.fill(0);
    }
    await inTime(confirmSession(proof.id, proof.finalization, code));
  };
}

/**
 * Changes the password of whoever is signed in; every other device is signed out. The old one not fitting is `wrong-password`. A cancel counts
 * until everything is ready to be changed. `reseal` puts what the old one opens under the new one: it goes along in the same request, so that
 * both are changed or neither. What it gives without a version does not: the server has none. Gives what it gave. `sure` runs what the server may
 * want a confirmation for, by then with an old password that is known to be right.
 */
export async function changePassword<Sealed extends SealedCode>(
  address: string,
  old: string,
  password: string,
  signal: AbortSignal,
  reseal: (oldKey: Uint8Array, newKey: Uint8Array, confirm: Confirm) => Promise<Sealed | undefined>,
  sure: <T>(job: () => Promise<T>, confirm: Confirm) => Promise<T>,
): Promise<Sealed | undefined> {
  // First, since it says whether the new one will do.
  const registration = await client.startRegistration({ password, signal });
  const keys: Uint8Array[] = [];
  try {
    let proof = await prove(await client.startLogin({ password: old, signal }), address, signal);
    const [oldKey, age] = [proof.exportKey, stopwatch()];
    keys.push(oldKey);
    // The first proof is for the change itself.
    const confirm = confirmation(address, old, signal);
    const { response, madeWith } = await sure(() => startPassword(registration.request, signal), confirm);
    const { record, exportKey: newKey } = await registration.finish(response);
    keys.push(newKey);
    const sealed = await reseal(oldKey, newKey, confirm);
    if (signal.aborted) throw new PgpError("cancelled", "the change was cancelled");
    if (age() > PROOF_MILLISECONDS) {
      proof = await prove(await client.startLogin({ password: old, signal }), address, signal);
      keys.push(proof.exportKey);
    }
    const along = sealed === undefined || sealed.version === "" ? undefined : { sealed: toBase64Url(sealed.sealed), replaces: sealed.version };
    await sure(() => inTime(putPassword(proof.id, proof.finalization, { record, madeWith }, along)), confirm);
    return sealed;
  } finally {
    for (const key of keys) key.fill(0);
    registration.cancel();
  }
}

type Proof = { id: string } & FinishedLogin;

/** The answer to a proof. This browser knows already that the password was right: what is refused came too late, or was overtaken by another one. */
async function inTime<T>(answer: Promise<T>): Promise<T> {
  return answer.catch((error: unknown) => {
    throw error instanceof ApiError && error.code === "wrong-login" ? { code: "login-late" } : error;
  });
}

/** Both halves of a login but for its last message. */
async function prove(login: Started<FinishedLogin>, address: string, signal: AbortSignal): Promise<Proof> {
  try {
    const { login: id, response } = await startSession(address, login.request, signal);
    return { id, ...(await login.finish(response)) };
  } finally {
    login.cancel();
  }
}
