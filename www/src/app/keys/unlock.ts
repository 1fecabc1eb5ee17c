// The door of the keystore: make one, or unlock the one that is there.
import { html, type TemplateResult } from "lit-html";
import { afterDraw, app } from "../state.ts";
import { openVault, vault } from "../vault.ts";
import { Work } from "../work.ts";

const SHORTEST = 8;
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
    const passphrase = String(fields.get("passphrase"));
    void work.run(words.creatingKeystore, async () => {
      if (passphrase.length < SHORTEST) throw { code: "passphrase-short" };
      if (passphrase !== fields.get("again")) throw { code: "passphrase-differs" };
      await openVault(passphrase);
      focusHeading();
    });
  };
  return html`<section class="door">
    <h2>${words.createKeystoreTitle}</h2>
    <p>${words.createKeystoreNote}</p>
    <form @submit=${submit} novalidate>
      <input type="text" name="username" autocomplete="username" value=${app.session?.address ?? ""} hidden />
      <div class="field">
        <label for="new-passphrase">${words.newPassphrase}</label>
        <input id="new-passphrase" name="passphrase" type="password" autocomplete="new-password" aria-describedby="new-passphrase-note" required />
        <p class="note" id="new-passphrase-note">${words.newPassphraseNote}</p>
      </div>
      <div class="field">
        <label for="repeat-passphrase">${words.repeatPassphrase}</label>
        <input id="repeat-passphrase" name="again" type="password" autocomplete="new-password" required />
      </div>
      ${work.view(false)}
      <p class="actions"><button type="submit" class="primary" ?disabled=${work.busy}>${words.createKeystore}</button></p>
    </form>
  </section>`;
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
  </section>`;
}
