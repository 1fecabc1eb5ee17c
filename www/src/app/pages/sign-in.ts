// Signing in. A demo server offers its account, whose credentials are no secret.
import { html, nothing, type TemplateResult } from "lit-html";
import { prepareLogin, signIn } from "../account.ts";
import { hasPasskeys } from "../factors/authenticator.ts";
import { passkeySession } from "../factors/second-step.ts";
import { app, type Session } from "../state.ts";
import { Work } from "../work.ts";

/** The account made under --demo. */
const DEMO = { address: "anna@demo.example", password: "envelock demo" };

// A cancel leaves the form as it was, and something was sent: the first message.
const work = new Work(() => "");

/** The page; `onSession` goes on from there, `notice` says why this page is here, if that needs saying. */
export function signInPage(onSession: (session: Session) => void, notice: string): TemplateResult {
  const { words, server } = app;
  const enter = (address: string, password: string): void => {
    void work.run(words.checkingPassword, async (signal) => {
      onSession(await signIn(address, password, signal));
    });
  };
  const passkey = (): void => {
    void work.run(words.askingPasskey, async (signal) => onSession(await passkeySession(signal)));
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const fields = new FormData(event.target as HTMLFormElement);
    enter(String(fields.get("address")).trim(), String(fields.get("password")));
  };
  return html`<main class="single">
    <article class="card">
      <h1 tabindex="-1">${words.signIn}</h1>
      ${notice === "" ? nothing : html`<p class="warning" role="status">${notice}</p>`}
      <p class="note">${words.signInNote} <a href="/threat-model.html" hreflang="en" target="_blank">${words.threatModel}</a></p>
      <form @submit=${submit}>
        <div class="field">
          <label for="address">${words.address}</label>
          <input id="address" name="address" type="email" autocomplete="username" required />
        </div>
        <div class="field">
          <label for="account-password">${words.accountPassword}</label>
          <input id="account-password" name="password" type="password" autocomplete="current-password" required @focus=${prepareLogin} />
        </div>
        ${work.view()}
        <p class="actions"><button type="submit" class="primary" ?disabled=${work.busy}>${words.signIn}</button></p>
        ${hasPasskeys() ? html`<p class="actions"><button type="button" ?disabled=${work.busy} @click=${passkey}>${words.usePasskey}</button></p>` : nothing}
      </form>
      ${server.registration === "open"
        ? html`<p><a href="/register">${words.register}</a></p>`
        : server.registration === "invitation"
          ? html`<p class="note">${words.registerByInvitation}</p>`
          : nothing}
      ${server.demo
        ? html`<section class="demo">
            <h2>${words.demoTitle}</h2>
            <p>${words.demoNote} <code>${DEMO.address}</code> · <code>${DEMO.password}</code></p>
            <button type="button" ?disabled=${work.busy} @click=${() => enter(DEMO.address, DEMO.password)}>${words.useDemo}</button>
          </section>`
        : nothing}
    </article>
  </main>`;
}
