// A new password for the account: typed twice, with its strength in words.
import { html, nothing, type TemplateResult } from "lit-html";
import { prepareLogin } from "../account.ts";
import { loadEstimator, strengthInWords } from "../compose/strength.ts";
import { app, update } from "../state.ts";

let typed = "";

/** The two fields, named `password` and `again`. */
export function newPasswordFields(label: string, note: string, repeat: string): TemplateResult {
  const enter = (): void => {
    loadEstimator();
    prepareLogin();
  };
  return html`<div class="field">
      <label for="new-password">${label}</label>
      <input
        id="new-password"
        name="password"
        type="password"
        autocomplete="new-password"
        aria-describedby="new-password-note new-password-strength"
        required
        @focus=${enter}
        @input=${(event: Event) => {
          typed = (event.target as HTMLInputElement).value;
          update();
        }}
      />
      <p class="note" id="new-password-note">${note}</p>
      <p class="note" id="new-password-strength" role="status">${strengthInWords(typed) ?? nothing}</p>
    </div>
    <div class="field">
      <label for="repeat-password">${repeat}</label>
      <input id="repeat-password" name="again" type="password" autocomplete="new-password" required />
    </div>`;
}

/** What was typed; throws `passwords-differ`. Forgets it here. */
export function newPassword(fields: FormData): string {
  const password = String(fields.get("password"));
  typed = "";
  if (password !== fields.get("again")) throw { code: app.session === undefined ? "passwords-unequal" : "passwords-differ" };
  return password;
}
