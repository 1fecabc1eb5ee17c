// How much the key pages show: what everybody needs, or everything. Remembered in this browser.
import { html, type TemplateResult } from "lit-html";
import { app, update } from "../state.ts";

const STORED = "envelock-keys-advanced";
let advanced = localStorage.getItem(STORED) === "yes";

/** Whether everything is shown. */
export function showsEverything(): boolean {
  return advanced;
}

/** The switch between both. */
export function extentSwitch(): TemplateResult {
  const { words } = app;
  return html`<p class="choice">
    <input
      type="checkbox"
      role="switch"
      id="advanced"
      aria-describedby="advanced-note"
      .checked=${advanced}
      @change=${(event: Event) => {
        advanced = (event.target as HTMLInputElement).checked;
        if (advanced) localStorage.setItem(STORED, "yes");
        else localStorage.removeItem(STORED);
        update();
      }}
    />
    <label for="advanced">${words.advanced}<span class="row-more" id="advanced-note">${words.advancedNote}</span></label>
  </p>`;
}
