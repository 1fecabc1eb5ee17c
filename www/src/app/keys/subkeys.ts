// The parts of one key: what each can do and how it stands; for mine also add, extend and revoke.
import type { SecretKey } from "envelock";
import { html, type TemplateResult } from "lit-html";
import { engine } from "../engine.ts";
import { app } from "../state.ts";
import { edit, editing, editView } from "./editing.ts";
import { chosenExpiry, expiryField } from "./expiry.ts";

const PLACE = "subkeys";

/** The section of a key of mine. */
export function subkeySection(key: SecretKey): TemplateResult {
  const { words } = app;
  return html`<section aria-labelledby="subkeys-title">
    <h2 id="subkeys-title">${words.subkeysTitle}</h2>
    ${addForm(key)} ${editView(PLACE)}
  </section>`;
}

function addForm(key: SecretKey): TemplateResult {
  const { words } = app;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const fields = new FormData(event.target as HTMLFormElement);
    const expires = chosenExpiry(String(fields.get("expires")), String(fields.get("day")));
    if (expires === undefined) return;
    void edit(key, PLACE, { doing: words.addingSubkey, done: words.subkeyAdded }, (unlocked, signal) =>
      engine().addSubkey({ key: unlocked, use: fields.get("use") === "sign" ? "sign" : "encrypt", ...(expires === null ? {} : { expires }), signal }),
    );
  };
  return html`<details>
    <summary>${words.addSubkey}</summary>
    <form @submit=${submit}>
      <fieldset>
        <legend>${words.subkeyUse}</legend>
        <p class="choice"><input type="radio" id="use-encrypt" name="use" value="encrypt" checked /><label for="use-encrypt">${words.toEncrypt}</label></p>
        <p class="choice"><input type="radio" id="use-sign" name="use" value="sign" /><label for="use-sign">${words.toSign}</label></p>
      </fieldset>
      ${expiryField("subkey-expires", words.expires)}
      <p class="actions"><button type="submit" ?disabled=${editing()}>${words.addThisSubkey}</button></p>
    </form>
  </details>`;
}
