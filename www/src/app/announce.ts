// Results said aloud (aria-live) and shown for a while, with an undo where there is one.
import { html, nothing, type TemplateResult } from "lit-html";
import { app, update } from "./state.ts";

interface Message {
  text: string;
  undo?: () => void;
}

let message: Message | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Says `text`; with `undo`, offers it for ten seconds. */
export function announce(text: string, undo?: () => void): void {
  clearTimeout(timer);
  message = undo === undefined ? { text } : { text, undo };
  timer = setTimeout(dismiss, undo === undefined ? 6_000 : 10_000);
  update();
}

/** Takes the last message away: something newer is on the page. */
export function dismiss(): void {
  clearTimeout(timer);
  message = undefined;
  update();
}

/** Always in the page, so that screen readers watch it before it speaks. */
export function announcement(): TemplateResult {
  const undo = message?.undo;
  return html`<div class="announcement ${message === undefined ? "" : "speaking"}">
    <p role="status">${message?.text ?? nothing}</p>
    ${undo === undefined
      ? nothing
      : html`<button
          type="button"
          @click=${() => {
            dismiss();
            undo();
          }}
        >
          ${app.words.undo}
        </button>`}
  </div>`;
}
