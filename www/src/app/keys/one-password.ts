// Whether the account's password opens the keystore, or a passphrase of its own: turning the one into the other.
import { html, type TemplateResult } from "lit-html";
import { prepareLogin } from "../account.ts";
import { announce } from "../announce.ts";
import { app } from "../state.ts";
import { opensWithAccount, turnOff, turnOn } from "../vault-account.ts";
import { Work } from "../work.ts";
import { newPassphrase, passphraseFields } from "./new-passphrase.ts";

const work = new Work();

/** The section of the keystore's page. */
export function onePasswordSection(): TemplateResult {
  const { words } = app;
  return html`<section aria-labelledby="one-password-title">
    <h2 id="one-password-title">${words.onePasswordTitle}</h2>
    ${opensWithAccount() ? on() : off()}
  </section>`;
}

function on(): TemplateResult {
  const { words } = app;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const fields = new FormData(event.target as HTMLFormElement);
    void work.run(words.changingPassphrase, async (signal) => {
      const skipped = await turnOff(String(fields.get("account-password")), newPassphrase(fields), signal);
      announce(skipped === 0 ? words.onePasswordTurnedOff : words.passphraseChangedBut(skipped));
    });
  };
  return html`<p>${words.onePasswordOn}</p>
    <p class="warning">${words.onePasswordWarning}</p>
    <details>
      <summary>${words.onePasswordTurnOff}</summary>
      <p>${words.onePasswordTurnOffNote}</p>
      <form @submit=${submit} novalidate>
        ${passwordField()} ${passphraseFields()} ${work.view()}
        <p class="actions"><button type="submit" ?disabled=${work.busy}>${words.onePasswordTurnOff}</button></p>
      </form>
    </details>`;
}

function off(): TemplateResult {
  const { words } = app;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const fields = new FormData(event.target as HTMLFormElement);
    void work.run(words.changingPassphrase, async (signal) => {
      const skipped = await turnOn(String(fields.get("account-password")), signal);
      announce(skipped === 0 ? words.onePasswordTurnedOn : words.passphraseChangedBut(skipped));
    });
  };
  return html`<p class="note">${words.onePasswordOff}</p>
    <details>
      <summary>${words.onePasswordTurnOn}</summary>
      <p>${words.withAccountPasswordNote}</p>
      <form @submit=${submit}>
        <input type="text" name="username" autocomplete="username" value=${app.session?.address ?? ""} hidden />
        ${passwordField()} ${work.view()}
        <p class="actions"><button type="submit" ?disabled=${work.busy}>${words.onePasswordTurnOn}</button></p>
      </form>
    </details>`;
}

function passwordField(): TemplateResult {
  return html`<div class="field">
    <label for="one-account-password">${app.words.accountPasswordAgain}</label>
    <input id="one-account-password" name="account-password" type="password" autocomplete="current-password" required @focus=${prepareLogin} />
  </div>`;
}
