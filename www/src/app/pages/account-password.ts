// Another password for the account: the old one, the new one twice.
import { html, nothing, type TemplateResult } from "lit-html";
import { changePassword, prepareLogin } from "../account.ts";
import { announce } from "../announce.ts";
import { loadEstimator, strengthInWords } from "../compose/strength.ts";
import { app, update } from "../state.ts";
import { Work } from "../work.ts";

const changing = new Work(() => "");
let typed = "";

/** The section of the settings. */
export function accountPasswordSection(): TemplateResult {
  const { words, session } = app;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const fields = new FormData(form);
    void changing.run(words.changingPassword, async (signal) => {
      const password = String(fields.get("password"));
      typed = "";
      if (password !== fields.get("again")) throw { code: "passwords-differ" };
      await changePassword(session?.address ?? "", String(fields.get("old")), password, signal).catch(oldPassword);
      form.reset();
      announce(words.passwordChanged);
    });
  };
  return html`<section aria-labelledby="account-password-title">
    <h2 id="account-password-title">${words.accountPassword}</h2>
    <details>
      <summary>${words.changePassword}</summary>
      <p>${words.changePasswordNote}</p>
      <form @submit=${submit}>
        <input type="text" name="username" autocomplete="username" value=${session?.address ?? ""} hidden />
        ${field("old-password", "old", words.oldPassword, "current-password")}
        <div class="field">
          <label for="new-password">${words.newPassword}</label>
          <input
            id="new-password"
            name="password"
            type="password"
            autocomplete="new-password"
            aria-describedby="new-password-note new-password-strength"
            required
            @focus=${loadEstimator}
            @input=${(event: Event) => {
              typed = (event.target as HTMLInputElement).value;
              update();
            }}
          />
          <p class="note" id="new-password-note">${words.newPasswordNote}</p>
          <p class="note" id="new-password-strength" role="status">${strengthInWords(typed) ?? nothing}</p>
        </div>
        ${field("repeat-password", "again", words.repeatPassword, "new-password")} ${changing.view()}
        <p class="actions"><button type="submit" ?disabled=${changing.busy}>${words.changePassword}</button></p>
      </form>
    </details>
  </section>`;
}

function field(id: string, name: string, label: string, autocomplete: "current-password" | "new-password"): TemplateResult {
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <input id=${id} name=${name} type="password" autocomplete=${autocomplete} required @focus=${prepareLogin} />
  </div>`;
}

/** Who is signed in has no wrong address. */
function oldPassword(error: unknown): never {
  const code = (error as { code?: unknown }).code;
  throw code === "wrong-password" || code === "wrong-login" ? { code: "wrong-old-password" } : error;
}
