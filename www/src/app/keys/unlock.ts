// The door of the keystore: make one, or unlock the one that is there.
import { html, nothing, type TemplateResult } from "lit-html";
import { prepareLogin } from "../account.ts";
import { ask } from "../ask.ts";
import { afterDraw, app, update } from "../state.ts";
import { offersOnePassword, onePassword, opensWithAccount, unlockWithAccount, wasSetAnew } from "../vault-account.ts";
import { asPrinted, makeWithPassphrase, turnOn } from "../vault-password.ts";
import { openVault, openVaultWithPasskey, removeVault, vault } from "../vault.ts";
import { Work } from "../work.ts";
import { keystoreChoice } from "./keystores.ts";
import { newPassphrase, passphraseFields } from "./new-passphrase.ts";
import { decisionOf, strangeCopyFields } from "./strange-copy.ts";

const work = new Work();
/** Whether the account's password shall open a new keystore: so nobody has two to remember, unless they want to. */
let withAccount = true;

/** The form that fits; `reason` says why it is asked for here. */
export function unlockForm(reason?: string): TemplateResult {
  const { words } = app;
  if (vault.state === "unknown") return html`<p class="note" role="status">${words.loading}</p>`;
  if (vault.state === "broken") return html`<p class="problem" role="alert">${words.keystoreBroken}</p>`;
  return vault.state === "none" ? createForm() : lockedForm(reason);
}

/** The form is gone: what it opened begins at the heading. */
function focusHeading(): void {
  afterDraw(() => (document.querySelector<HTMLElement>(".detail:not(.empty) h1") ?? document.querySelector<HTMLElement>("main h1"))?.focus());
}

function createForm(): TemplateResult {
  const { words } = app;
  const one = offersOnePassword() && withAccount;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const fields = new FormData(event.target as HTMLFormElement);
    void work.run(words.creatingKeystore, async (signal) => {
      if (one) await turnOn(String(fields.get("account-password")), await decisionOf(fields), signal);
      else await makeWithPassphrase(newPassphrase(fields));
      focusHeading();
    });
  };
  return html`<section class="door">
    <h2>${words.createKeystoreTitle}</h2>
    <p>${words.createKeystoreNote}</p>
    ${signInProblem()}
    <form @submit=${submit} novalidate>
      ${offersOnePassword() ? openingChoice() : nothing} ${one ? html`${accountPasswordField(words.accountPasswordAgain)} ${strangeCopyFields()}` : passphraseFields()}
      ${work.view(false)}
      <p class="actions"><button type="submit" class="primary" ?disabled=${work.busy}>${one && onePassword.strangeCopy !== undefined ? words.goOn : words.createKeystore}</button></p>
    </form>
    <p><a href="#/keys/restore">${words.restoreInstead}</a></p>
    ${vault.names.length > 0 ? keystoreChoice() : nothing}
  </section>`;
}

/** Why the password that was typed at sign-in did not open the keystore. */
function signInProblem(): TemplateResult | typeof nothing {
  return onePassword.problem === "" ? nothing : html`<p class="warning" role="status">${onePassword.problem}</p>`;
}

function openingChoice(): TemplateResult {
  const { words } = app;
  const choice = (id: string, value: boolean, label: string, note: string): TemplateResult => html`<p class="choice">
      <input
        type="radio"
        id=${id}
        name="opening"
        aria-describedby="${id}-note"
        .checked=${withAccount === value}
        @change=${() => {
          withAccount = value;
          update();
        }}
      />
      <label for=${id}>${label}</label>
    </p>
    <p class="note" id="${id}-note">${note}</p>`;
  return html`<fieldset>
    <legend>${words.chooseOpening}</legend>
    ${choice("opening-account", true, words.withAccountPassword, words.withAccountPasswordNote)}
    ${choice("opening-own", false, words.withOwnPassphrase, words.withOwnPassphraseNote)}
  </fieldset>`;
}

function accountPasswordField(label: string): TemplateResult {
  return html`<input type="text" name="username" autocomplete="username" value=${app.session?.address ?? ""} hidden />
    <div class="field">
      <label for="keys-account-password">${label}</label>
      <input id="keys-account-password" name="account-password" type="password" autocomplete="current-password" required @focus=${prepareLogin} />
    </div>`;
}

function withPasskey(): void {
  void work.run(app.words.unlocking, async (signal) => {
    await openVaultWithPasskey(signal);
    focusHeading();
  });
}

/** The way out when nobody knows the passphrase: the sealed keys go, and a backup can be restored. */
async function startAnew(): Promise<void> {
  const { words } = app;
  const sure = await ask({
    title: words.removeKeystoreTitle,
    text: words.removeKeystoreText,
    action: words.removeIt,
    typed: { word: words.removeWord, label: words.typeRemove },
  });
  if (sure) await work.run(words.removing, removeVault);
}

function accountForm(reason?: string): TemplateResult {
  const { words } = app;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const password = String(new FormData(form).get("account-password"));
    void work
      .run(words.unlocking, async (signal) => {
        await unlockWithAccount(password, signal);
        focusHeading();
      })
      .then((done) => {
        if (!done) form.querySelector<HTMLInputElement>("input[type=password]")?.select();
      });
  };
  return html`<p>${reason ?? words.unlockWithAccountNote}</p>
    ${signInProblem()}
    <form @submit=${submit}>
      ${accountPasswordField(words.accountPasswordAgain)} ${work.view()}
      <p class="actions"><button type="submit" class="primary" ?disabled=${work.busy}>${words.unlock}</button></p>
    </form>`;
}

function lockedForm(reason?: string): TemplateResult {
  const { words } = app;
  const mayBeCode = opensWithAccount();
  const one = mayBeCode && !wasSetAnew();
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const passphrase = String(new FormData(form).get("passphrase"));
    void work
      .run(words.unlocking, async () => {
        await openVault(mayBeCode ? asPrinted(passphrase) : passphrase);
        focusHeading();
      })
      .then((done) => {
        if (!done) form.querySelector<HTMLInputElement>("input[type=password]")?.select();
      });
  };
  const typed = html`<form @submit=${submit}>
    <input type="text" name="username" autocomplete="username" value=${app.session?.address ?? ""} hidden />
    <div class="field">
      <label for="passphrase">${mayBeCode ? words.codeOrPassphrase : words.passphrase}</label>
      <input id="passphrase" name="passphrase" type="password" autocomplete=${mayBeCode ? "off" : "current-password"} required />
    </div>
    ${one ? nothing : work.view(false)}
    <p class="actions"><button type="submit" class=${one ? "" : "primary"} ?disabled=${work.busy}>${words.unlock}</button></p>
  </form>`;
  return html`<section class="door">
    <h2>${words.unlockTitle}</h2>
    ${one
      ? html`${accountForm(reason)}
          <details>
            <summary>${words.unlockOtherwise}</summary>
            <p class="note">${words.unlockOtherwiseNote}</p>
            ${typed}
          </details>`
      : html`<p>${reason ?? words.unlockNote}</p>
          ${mayBeCode ? html`<p class="warning">${words.problems["wrong-account-key"]}</p>` : signInProblem()} ${typed}`}
    ${vault.hasPasskey
      ? html`<p class="actions"><button type="button" ?disabled=${work.busy} @click=${withPasskey}>${words.unlockWithPasskey}</button></p>`
      : nothing}
    <details>
      <summary>${words.passphraseForgotten}</summary>
      <p>${words.passphraseForgottenNote}</p>
      <p class="actions"><button type="button" class="danger" @click=${() => void startAnew()}>${words.removeKeystore}</button></p>
    </details>
    ${vault.names.length > 1 ? keystoreChoice() : nothing}
  </section>`;
}
