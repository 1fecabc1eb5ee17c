// After the password: the second factor, by whatever the account has.
import { html, nothing, type TemplateResult } from "lit-html";
import { app, type Session } from "../state.ts";
import { Work } from "../work.ts";
import { hasPasskeys, provePasskey } from "./authenticator.ts";
import { codeField, typedCode } from "./code-field.ts";
import { proveByApp, proveByPasskey, proveByRecovery, startPasskey } from "./requests.ts";

const work = new Work(() => "");
/** What comes of a recovery code is told in its own form. */
const recovering = new Work(() => "");

/** Who has done it without an answer that said so: then it counts, and this browser is signed out. */
let unheardOf: Session | undefined;

/** Whether whoever is signing in may have done it. */
export function stepUnheard(): boolean {
  return unheardOf !== undefined && unheardOf === app.awaiting;
}

/** Signs in with a passkey: alone, or after the password. */
export async function passkeySession(signal: AbortSignal): Promise<Session> {
  const { ceremony, options } = await startPasskey(signal);
  return await proveByPasskey(ceremony, await provePasskey(options, signal));
}

/** The page; `onSession` goes on once signed in, `onLeave` goes back to the first step. */
export function secondStepPage(awaiting: Session, onSession: (session: Session) => void, onLeave: () => void): TemplateResult {
  const { words } = app;
  const methods = awaiting.methods ?? [];
  const prove = (text: string, by: (signal: AbortSignal) => Promise<Session>, as = work): void => {
    work.problem = recovering.problem = "";
    const unheard = (error: unknown): never => {
      if ((error as { code?: unknown }).code === "answer-lost") unheardOf = awaiting;
      throw error;
    };
    void as.run(text, async (signal) => onSession(await by(signal).catch(unheard)));
  };
  const busy = work.busy || recovering.busy;
  const passkey = methods.includes("passkey") && hasPasskeys();
  return html`<main class="single">
    <article class="card">
      <h1 tabindex="-1">${words.secondStep}</h1>
      <p class="note">${words.secondStepNote(awaiting.address)}</p>
      ${passkey
        ? html`<p class="actions">
            <button type="button" class="primary" ?disabled=${busy} @click=${() => prove(words.askingPasskey, passkeySession)}>${words.usePasskey}</button>
          </p>`
        : nothing}
      ${methods.includes("totp")
        ? html`<form
            @submit=${(event: SubmitEvent) => {
              const code = typedCode(event);
              prove(words.checkingCode, () => proveByApp(code));
            }}
          >
            ${codeField("app-code", words.appCode, "app")}
            <p class="actions"><button type="submit" class=${passkey ? "" : "primary"} ?disabled=${busy}>${words.useAppCode}</button></p>
          </form>`
        : nothing}
      ${work.view()}
      ${methods.includes("recovery-code")
        ? html`<details>
            <summary>${words.haveNoFactor}</summary>
            <p class="note">${words.recoveryCodeUse}</p>
            <form
              @submit=${(event: SubmitEvent) => {
                const code = typedCode(event);
                prove(words.checkingCode, () => proveByRecovery(code), recovering);
              }}
            >
              ${codeField("recovery-code", words.recoveryCode, "recovery")} ${recovering.view()}
              <p class="actions"><button type="submit" ?disabled=${busy}>${words.useRecoveryCode}</button></p>
            </form>
          </details>`
        : html`<p class="note">${words.noRecoveryCode}</p>`}
      <p class="actions"><button type="button" @click=${onLeave}>${words.otherAccount}</button></p>
    </article>
  </main>`;
}
