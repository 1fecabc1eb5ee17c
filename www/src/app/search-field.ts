// The field above a list that is searched while somebody types.
import { html, type TemplateResult } from "lit-html";
import { app, update } from "./state.ts";

/** With what is searched for now; `typed` is told what is to be searched for. */
export function searchField(search: string, typed: (search: string) => void): TemplateResult {
  const { words } = app;
  return html`<div class="field">
    <label class="unseen" for="search">${words.search}</label>
    <input
      id="search"
      type="search"
      placeholder=${words.search}
      .value=${search}
      @input=${(event: Event) => {
        typed((event.target as HTMLInputElement).value);
        update();
      }}
    />
  </div>`;
}
