// Who a key belongs to: its fingerprint to read out, to scan, and to compare.
import type { Key } from "envelock";
import { html, nothing, type TemplateResult } from "lit-html";
import { copyText } from "../copy-text.ts";
import { qrCode } from "../qr-code.ts";
import { app } from "../state.ts";
import { compared, comparisonView } from "./comparison.ts";
import { verifyButtons } from "./contact.ts";
import { groupsOf } from "./fingerprint.ts";

/** The section of one key. */
export function identitySection(key: Key): TemplateResult {
  const { words } = app;
  const { fingerprint } = key;
  return html`<section aria-labelledby="identity-title">
    <h2 id="identity-title">${words.fingerprint}</h2>
    <p class="note">${key.kind === "secret-key" ? words.ownFingerprintNote : words.compareNote}</p>
    <div class="fingerprint-line">
      ${fingerprintView(fingerprint)}
      <button type="button" @click=${() => void copyText(groupsOf(fingerprint).join(" "), words.fingerprintCopied)}>${words.copyFingerprint}</button>
    </div>
    <div class="folds">
      <details>
        <summary>${words.fingerprintQr}</summary>
        ${qrCode(`OPENPGP4FPR:${fingerprint}`, words.fingerprintQrLabel)}
      </details>
      <details>
        <summary>${words.compareTitle}</summary>
        ${comparisonView(fingerprint)}
      </details>
    </div>
    ${key.kind === "certificate" ? verifyButtons(key, compared(fingerprint)) : nothing}
  </section>`;
}

/** A fingerprint in groups of four; a screen reader gets it as one text with spaces. */
export function fingerprintView(fingerprint: string): TemplateResult {
  return html`<p class="groups fingerprint" dir="ltr" data-testid="fingerprint">${groupsOf(fingerprint).map((group) => html`<span>${group}</span> `)}</p>`;
}
