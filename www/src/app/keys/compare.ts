// A fingerprint next to the one its owner read out or sent: group below group, differences marked.
import { html, nothing, type TemplateResult } from "lit-html";
import { qrCode } from "../qr-code.ts";
import { app, update } from "../state.ts";
import { groupsOf, readFingerprint } from "./fingerprint.ts";

let other = { of: "", text: "" };

/** The section of one key: its fingerprint as a QR code, and the field for the other one. */
export function compareSection(fingerprint: string): TemplateResult {
  const { words } = app;
  if (other.of !== fingerprint) other = { of: fingerprint, text: "" };
  return html`<details>
      <summary>${words.fingerprintQr}</summary>
      ${qrCode(`OPENPGP4FPR:${fingerprint}`, words.fingerprintQrLabel)}
    </details>
    <details>
      <summary>${words.compareTitle}</summary>
      <div class="field">
        <label for="other-fingerprint">${words.otherFingerprint}</label>
        <input
          id="other-fingerprint"
          autocomplete="off"
          autocapitalize="characters"
          spellcheck="false"
          dir="ltr"
          aria-describedby="other-fingerprint-note"
          .value=${other.text}
          @input=${(event: Event) => {
            other.text = (event.target as HTMLInputElement).value;
            update();
          }}
        />
        <p class="note" id="other-fingerprint-note">${words.otherFingerprintNote}</p>
      </div>
      <div role="status">${other.text.trim() === "" ? nothing : comparison(fingerprint, other.text)}</div>
    </details>`;
}

function comparison(fingerprint: string, text: string): TemplateResult {
  const { words } = app;
  const typed = readFingerprint(text);
  if (typed === undefined) return html`<p>${words.noFingerprint}</p>`;
  const [mine, theirs] = [groupsOf(fingerprint), groupsOf(typed)];
  const differs = (index: number): boolean => mine[index] !== theirs[index];
  const count = Array.from({ length: Math.max(mine.length, theirs.length) }, (_, index) => index).filter(differs).length;
  const line = (groups: readonly string[]): TemplateResult => html`<p class="groups" dir="ltr">
    ${groups.map((group, index) => (differs(index) ? html`<mark>${group}</mark>` : html`<span>${group}</span>`))}
  </p>`;
  return html`<div class="comparison">
      <p class="label">${words.fingerprintHere}</p>
      ${line(mine)}
      <p class="label">${words.otherFingerprint}</p>
      ${line(theirs)}
    </div>
    <p data-testid="comparison"><strong>${count === 0 ? `✓ ${words.sameFingerprint}` : `✕ ${words.differentFingerprint(count)}`}</strong></p>`;
}
