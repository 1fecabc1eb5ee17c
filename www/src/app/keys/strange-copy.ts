// The server has a copy of the keys under a code that nothing here opens, such as after the password was set anew: its owner types that
// code, or has the copy replaced. Part of the forms that let the account's password open the keystore.
import { html, nothing, type TemplateResult } from "lit-html";
import { ask } from "../ask.ts";
import { app, update } from "../state.ts";
import { onePassword } from "../vault-account.ts";
import type { Decision } from "../vault-password.ts";
import { deviceCodeField } from "./device-code.ts";

let anew = false;

// What destroys something is chosen each time.
addEventListener("hashchange", () => {
  anew = false;
});

/** The choice, once it is known that there is one. */
export function strangeCopyFields(): TemplateResult | typeof nothing {
  if (onePassword.strangeCopy === undefined) return nothing;
  const { words } = app;
  return html`<fieldset>
    <legend>${words.strangeCopyTitle}</legend>
    <p>${words.strangeCopyText}</p>
    ${choice("copy-code", false, words.strangeCopyCode, words.strangeCopyCodeNote)} ${anew ? nothing : deviceCodeField("strange-copy-code", words.syncCodeLabel)}
    ${choice("copy-anew", true, words.strangeCopyAnew, words.strangeCopyAnewNote)}
  </fieldset>`;
}

function choice(id: string, value: boolean, label: string, note: string): TemplateResult {
  return html`<p class="choice">
      <input
        type="radio"
        id=${id}
        name="strange-copy"
        aria-describedby="${id}-note"
        .checked=${anew === value}
        @change=${() => {
          anew = value;
          update();
        }}
      />
      <label for=${id}>${label}</label>
    </p>
    <p class="note" id="${id}-note">${note}</p>`;
}

/** What was decided, where there is something to decide; asks before anything is replaced. */
export async function decisionOf(fields: FormData): Promise<Decision | undefined> {
  const { words } = app;
  const copy = onePassword.strangeCopy;
  if (copy === undefined) return undefined;
  if (!anew) return { code: String(fields.get("sync-code") ?? "") };
  const sure = await ask({
    title: words.replaceCopyTitle,
    text: words.replaceCopyText,
    action: words.replaceCopy,
    typed: { word: words.replaceWord, label: words.typeReplace },
  });
  if (!sure) throw { code: "copy-kept" };
  return { replaces: copy };
}
