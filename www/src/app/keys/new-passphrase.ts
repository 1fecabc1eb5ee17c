// A new passphrase for the keystore: typed twice, with its strength in words.
import { html, nothing, type TemplateResult } from "lit-html";
import { loadEstimator, strengthInWords } from "../compose/strength.ts";
import { app, update } from "../state.ts";

const SHORTEST = 8;
let typed = "";

/** The two fields, named `passphrase` and `again`. */
export function passphraseFields(): TemplateResult {
  const { words } = app;
  return html`<input type="text" name="username" autocomplete="username" value=${app.session?.address ?? ""} hidden />
    <div class="field">
      <label for="new-passphrase">${words.newPassphrase}</label>
      <input
        id="new-passphrase"
        name="passphrase"
        type="password"
        autocomplete="new-password"
        aria-describedby="new-passphrase-note new-passphrase-strength"
        required
        @focus=${loadEstimator}
        @input=${(event: Event) => {
          typed = (event.target as HTMLInputElement).value;
          update();
        }}
      />
      <p class="note" id="new-passphrase-note">${words.newPassphraseNote}</p>
      <p class="note" id="new-passphrase-strength" role="status">${strengthInWords(typed) ?? nothing}</p>
    </div>
    <div class="field">
      <label for="repeat-passphrase">${words.repeatPassphrase}</label>
      <input id="repeat-passphrase" name="again" type="password" autocomplete="new-password" required />
    </div>`;
}

/** What was typed; throws `passphrase-short` or `passphrase-differs`. Forgets it here. */
export function newPassphrase(fields: FormData): string {
  const passphrase = String(fields.get("passphrase"));
  if (passphrase.length < SHORTEST) throw { code: "passphrase-short" };
  if (passphrase !== fields.get("again")) throw { code: "passphrase-differs" };
  typed = "";
  return passphrase;
}
