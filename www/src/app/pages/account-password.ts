// Another password for the account: the old one, the new one twice.
import { html, type TemplateResult } from "lit-html";
import { changePassword, prepareLogin, type Confirm } from "../account.ts";
import { announce } from "../announce.ts";
import { confirmed } from "../factors/confirm.ts";
import { afterDraw, app } from "../state.ts";
import { forgetStored, opensWithAccount, rememberResealed, resealed } from "../vault-account.ts";
import { Work } from "../work.ts";
import { newPassword, newPasswordFields } from "./new-password.ts";
import { refreshSessions } from "./sessions.ts";

const changing = new Work(() => "");
let isUnheard = false;

/** Whether the password may have been changed without an answer that said so: as long as none has come, too. */
export function changeUnheard(): boolean {
  return isUnheard;
}

/** The section of the settings. */
export function accountPasswordSection(): TemplateResult {
  const { words, session } = app;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const fields = new FormData(form);
    void changing.run(words.changingPassword, async (signal) => {
      const password = newPassword(fields);
      const reseal = (oldKey: Uint8Array, newKey: Uint8Array, confirm: Confirm) => resealed({ oldKey, newKey, confirm }, signal);
      const wasUnheard = isUnheard;
      isUnheard = true;
      const sent = await changePassword(session?.address ?? "", String(fields.get("old")), password, signal, reseal, confirmed).catch(
        async (error: unknown) => {
          const { code } = error as { code?: unknown };
          if (code === "keyring-changed") forgetStored();
          isUnheard = wasUnheard || code === "password-lost";
          // A change ends the session that asked for it, too.
          if (isUnheard) await refreshSessions();
          return oldPassword(error);
        },
      );
      isUnheard = false;
      await rememberResealed(sent, new AbortController().signal);
      form.reset();
      announce(words.passwordChanged);
      // The others have ended.
      await refreshSessions();
    });
  };
  return html`<section aria-labelledby="account-password-title">
    <h2 id="account-password-title">${words.accountPassword}</h2>
    <details>
      <summary>${words.changePassword}</summary>
      <p>${words.changePasswordNote} ${opensWithAccount() ? words.onePasswordOn : words.keysStay}</p>
      <form @submit=${submit}>
        <input type="text" name="username" autocomplete="username" value=${session?.address ?? ""} hidden />
        <div class="field">
          <label for="old-password">${words.oldPassword}</label>
          <input id="old-password" name="old" type="password" autocomplete="current-password" required @focus=${prepareLogin} />
        </div>
        ${newPasswordFields(words.newPassword, words.newPasswordNote, words.repeatPassword)} ${changing.view()}
        <p class="actions"><button type="submit" ?disabled=${changing.busy}>${words.changePassword}</button></p>
      </form>
    </details>
  </section>`;
}

/** Who is signed in has no wrong address. */
function oldPassword(error: unknown): never {
  if ((error as { code?: unknown }).code !== "wrong-password") throw error;
  afterDraw(() => document.getElementById("old-password")?.focus());
  throw { code: "wrong-old-password" };
}
