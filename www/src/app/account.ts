// The account's password: registering and signing in with it, and choosing another one. It never leaves this browser: what goes out is messages of OPAQUE
// (RFC 9807), which `envelock/login` makes in workers that end with each of them.
import { createLogin, PgpError, type FinishedLogin, type Started } from "envelock/login";
import scriptUrl from "envelock/login-worker-script?worker&url";
import { workerScript } from "../trusted.ts";
import { finishRegistration, finishSession, putPassword, startPassword, startRegistration, startSession, type NewAccount } from "./api.ts";
import type { Session } from "./state.ts";

const client = createLogin({ url: workerScript(scriptUrl) });

/** Starts the worker while somebody still types. What goes wrong is heard when it is needed. */
export function prepareLogin(): void {
  client.ready().catch(() => undefined);
}

/** Makes an account. A cancel counts until everything is ready. */
export async function register(account: NewAccount, password: string, signal: AbortSignal): Promise<void> {
  const registration = await client.startRegistration({ password, signal });
  try {
    const { response } = await startRegistration(account, registration.request, signal);
    const { record, exportKey } = await registration.finish(response);
    exportKey.fill(0);
    if (signal.aborted) throw new PgpError("cancelled", "the registration was cancelled");
    await finishRegistration(account, record);
  } finally {
    registration.cancel();
  }
}

/** Signs in; a wrong address or password alike is `wrong-password`. A cancel counts until the server knows who it is. */
export async function signIn(address: string, password: string, signal: AbortSignal): Promise<Session> {
  const login = await client.startLogin({ password, signal });
  const { id, finalization } = await prove(login, address, signal);
  return await finishSession(id, finalization);
}

/**
 * Changes the password of whoever is signed in; every other device is signed out. The old one not fitting is `wrong-password`. A cancel counts
 * until everything is ready to be changed.
 */
export async function changePassword(address: string, old: string, password: string, signal: AbortSignal): Promise<void> {
  // First, since it says whether the new one will do.
  const registration = await client.startRegistration({ password, signal });
  try {
    const { id, finalization } = await prove(await client.startLogin({ password: old, signal }), address, signal);
    const { response } = await startPassword(registration.request, signal);
    const { record, exportKey } = await registration.finish(response);
    exportKey.fill(0);
    if (signal.aborted) throw new PgpError("cancelled", "the change was cancelled");
    await putPassword(id, finalization, record);
  } finally {
    registration.cancel();
  }
}

/** Both halves of a login but for its last message. */
async function prove(login: Started<FinishedLogin>, address: string, signal: AbortSignal): Promise<{ id: string; finalization: string }> {
  try {
    const { login: id, response } = await startSession(address, login.request, signal);
    const { finalization, exportKey } = await login.finish(response);
    exportKey.fill(0); // nothing is locked with it yet
    return { id, finalization };
  } finally {
    login.cancel();
  }
}
