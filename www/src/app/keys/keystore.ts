// The keystore itself: when it locks, how it opens, which key stands for which address, and which keystores there are.
import { html, nothing, type TemplateResult } from "lit-html";
import { announce } from "../announce.ts";
import { app, update } from "../state.ts";
import { offersOnePassword, opensWithAccount } from "../vault-account.ts";
import { changeVaultPassphrase } from "../vault-care.ts";
import { idleMinutes, lockAfter } from "../vault.ts";
import { Work } from "../work.ts";
import { defaultsSection } from "./defaults.ts";
import { devicesSection } from "./devices.ts";
import { extentSwitch, showsEverything } from "./extent.ts";
import { keystoresSection } from "./keystores.ts";
import { newPassphrase, passphraseFields } from "./new-passphrase.ts";
import { onePasswordSection } from "./one-password.ts";
import { sureOfOwner } from "./owner.ts";
import { passkeySection } from "./passkeys.ts";

const MINUTES = [5, 15, 30, 60, 240];
const changing = new Work();

/** The page. */
export function keystorePage(): TemplateResult {
  const { words } = app;
  return html`<p class="back"><a href="#/keys">${words.backToKeys}</a></p>
    <h1 tabindex="-1">${words.keystoreTitle}</h1>
    ${autoLockSection()} ${passkeySection()} ${offersOnePassword() ? onePasswordSection() : nothing} ${opensWithAccount() ? nothing : passphraseSection()} ${defaultsSection()} ${extentSwitch()}
    ${showsEverything()
      ? html`${devicesSection()} ${keystoresSection()}
          <section aria-labelledby="log-title">
            <h2 id="log-title">${words.logTitle}</h2>
            <p class="note">${words.logNote}</p>
            <p class="actions"><a class="button" href="#/keys/log">${words.showLog}</a></p>
          </section>`
      : nothing}`;
}

function autoLockSection(): TemplateResult {
  const { words } = app;
  const minutes = idleMinutes();
  return html`<section aria-labelledby="lock-title">
    <h2 id="lock-title">${words.autoLockTitle}</h2>
    <div class="field">
      <label for="auto-lock">${words.autoLock}</label>
      <select
        id="auto-lock"
        aria-describedby="auto-lock-note"
        @change=${(event: Event) => {
          lockAfter(Number((event.target as HTMLSelectElement).value));
          announce(words.autoLockSet);
        }}
      >
        ${MINUTES.map((count) => html`<option value=${count} ?selected=${count === minutes}>${words.formats.duration(count * 60)}</option>`)}
      </select>
      <p class="note" id="auto-lock-note">${words.autoLockNote}</p>
    </div>
  </section>`;
}

function passphraseSection(): TemplateResult {
  const { words } = app;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    void changing.run(words.changingPassphrase, async (signal) => {
      const passphrase = newPassphrase(new FormData(form));
      await sureOfOwner(signal);
      const skipped = await changeVaultPassphrase(passphrase, signal);
      form.reset();
      announce(skipped === 0 ? words.passphraseChanged : words.passphraseChangedBut(skipped));
      update();
    });
  };
  return html`<section aria-labelledby="passphrase-title">
    <h2 id="passphrase-title">${words.passphraseTitle}</h2>
    <details>
      <summary>${words.changePassphrase}</summary>
      <p>${words.changePassphraseNote}</p>
      <form @submit=${submit} novalidate>
        ${passphraseFields()} ${changing.view()}
        <p class="actions"><button type="submit">${words.changePassphrase}</button></p>
      </form>
    </details>
  </section>`;
}
