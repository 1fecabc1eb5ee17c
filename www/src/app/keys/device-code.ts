// The field for the code that the devices share.
import { html, type TemplateResult } from "lit-html";
import { app } from "../state.ts";

/** The field, named `sync-code`. */
export function deviceCodeField(id: string, label: string): TemplateResult {
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <textarea id=${id} name="sync-code" class="armored" rows="2" autocomplete="off" autocapitalize="characters" spellcheck="false" dir="ltr" aria-describedby="${id}-note" @keydown=${submitOnEnter}></textarea>
    <p class="note" id="${id}-note">${app.words.syncCodeNote}</p>
  </div>`;
}

/** Two lines show the whole code on a phone; it is one line all the same. */
function submitOnEnter(event: KeyboardEvent): void {
  if (event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  (event.target as HTMLTextAreaElement).form?.requestSubmit();
}
