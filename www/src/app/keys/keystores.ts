// Several keystores in one browser, such as one for work and one for home, each with its own passphrase.
import { html, type TemplateResult } from "lit-html";
import { app } from "../state.ts";
import { chooseVault, vault } from "../vault.ts";

/** The section. */
export function keystoresSection(): TemplateResult {
  const { words } = app;
  const create = (event: SubmitEvent): void => {
    event.preventDefault();
    const name = String(new FormData(event.target as HTMLFormElement).get("keystore-name")).trim();
    if (name !== "") void chooseVault(name);
  };
  return html`<section aria-labelledby="keystores-title">
    <h2 id="keystores-title">${words.keystoresTitle}</h2>
    <p class="note">${words.keystoresNote}</p>
    ${keystoreChoice()}
    <details>
      <summary>${words.newKeystore}</summary>
      <form class="row-form" @submit=${create}>
        <div class="field">
          <label for="keystore-name">${words.keystoreName}</label>
          <input id="keystore-name" name="keystore-name" autocomplete="off" maxlength="40" required />
        </div>
        <button type="submit">${words.goOn}</button>
      </form>
    </details>
  </section>`;
}

/** Which keystore is meant; choosing another locks the open one. */
export function keystoreChoice(): TemplateResult {
  const { words } = app;
  const change = (event: Event): void => void chooseVault((event.target as HTMLSelectElement).value);
  const names = vault.names.includes(vault.name) ? vault.names : [...vault.names, vault.name];
  return html`<div class="field">
    <label for="keystore-choice">${words.keystoreChoice}</label>
    <select id="keystore-choice" @change=${change}>
      ${names.map((name) => html`<option value=${name} ?selected=${name === vault.name}>${keystoreTitle(name)}</option>`)}
    </select>
  </div>`;
}

/** The name of a keystore; the first has none of its own. */
export function keystoreTitle(name: string): string {
  return name === "" || name === "default" ? app.words.firstKeystore : name;
}
