// The door of the keystore: make one, or unlock the one that is there.
import { html, nothing, type TemplateResult } from "lit-html";
import { ask } from "../ask.ts";
import { afterDraw, app } from "../state.ts";
import { openVault, openVaultWithPasskey, removeVault, vault } from "../vault.ts";
import { Work } from "../work.ts";
import { keystoreChoice } from "./keystores.ts";
import { newPassphrase, passphraseFields } from "./new-passphrase.ts";

const work = new Work();

/** The form that fits; `reason` says why it is asked for here. */
export function unlockForm(reason?: string): TemplateResult {
  const { words } = app;
  if (vault.state === "unknown") return html`<p class="note">${words.loading}</p>`;
  if (vault.state === "broken") return html`<p class="problem" role="alert">${words.keystoreBroken}</p>`;
  return vault.state === "none" ? createForm() : lockedForm(reason);
}

/** The form is gone: what it opened begins at the heading. */
function focusHeading(): void {
  afterDraw(() => (document.querySelector<HTMLElement>(".detail:not(.empty) h1") ?? document.querySelector<HTMLElement>("main h1"))?.focus());
}

function createForm(): TemplateResult {
  const { words } = app;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const fields = new FormData(event.target as HTMLFormElement);
    void work.run(words.creatingKeystore, async () => {
      await openVault(newPassphrase(fields));
      focusHeading();
    });
  };
  return html`<section class="door">
    <h2>${words.createKeystoreTitle}</h2>
    <p>${words.createKeystoreNote}</p>
    <form @submit=${submit} novalidate>
      ${passphraseFields()}
      ${work.view(false)}
      <p class="actions"><button type="submit" class="primary" ?disabled=${work.busy}>${words.createKeystore}</button></p>
    </form>
    <p><a href="#/keys/restore">${words.restoreInstead}</a></p>
    ${vault.names.length > 0 ? keystoreChoice() : nothing}
  </section>`;
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

function lockedForm(reason?: string): TemplateResult {
  const { words } = app;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const passphrase = String(new FormData(form).get("passphrase"));
    void work
      .run(words.unlocking, async () => {
        await openVault(passphrase);
        focusHeading();
      })
      .then((done) => {
        if (!done) form.querySelector<HTMLInputElement>("input[type=password]")?.select();
      });
  };
  return html`<section class="door">
    <h2>${words.unlockTitle}</h2>
    <p>${reason ?? words.unlockNote}</p>
    <form @submit=${submit}>
      <input type="text" name="username" autocomplete="username" value=${app.session?.address ?? ""} hidden />
      <div class="field">
        <label for="passphrase">${words.passphrase}</label>
        <input id="passphrase" name="passphrase" type="password" autocomplete="current-password" required />
      </div>
      ${work.view(false)}
      <p class="actions"><button type="submit" class="primary" ?disabled=${work.busy}>${words.unlock}</button></p>
    </form>
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
