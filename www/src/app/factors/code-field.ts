// The field for a code: digits of an authenticator app, or a recovery code.
import { html, type TemplateResult } from "lit-html";

/** The field, named `code`; `kind` says what may be typed. */
export function codeField(id: string, label: string, kind: "app" | "recovery" | "either"): TemplateResult {
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <input
      id=${id}
      name="code"
      class="armored"
      inputmode=${kind === "app" ? "numeric" : "text"}
      autocomplete=${kind === "recovery" ? "off" : "one-time-code"}
      autocapitalize="none"
      spellcheck="false"
      dir="ltr"
      required
    />
  </div>`;
}

/** What was typed into it, without the gaps that apps show; the field is empty for the next one. */
export function typedCode(event: SubmitEvent): string {
  event.preventDefault();
  const form = event.target as HTMLFormElement;
  const code = String(new FormData(form).get("code")).replace(/\s/g, "");
  form.reset();
  return code;
}
