// Why something is revoked (RFC 9580 §5.2.3.31), as fields of a form.
import { html, type TemplateResult } from "lit-html";
import { app } from "../state.ts";

const REASONS = ["no-reason", "superseded", "retired", "compromised"] as const;
/** The reasons offered. */
export type Reason = (typeof REASONS)[number];

/** The fields, with ids that begin with `id`. */
export function reasonFields(id: string): TemplateResult {
  const { words } = app;
  return html`<div class="field">
      <label for="${id}-reason">${words.revocationReason}</label>
      <select id="${id}-reason" name="reason">
        ${REASONS.map((reason) => html`<option value=${reason}>${words.revocationReasons[reason]}</option>`)}
      </select>
    </div>
    <div class="field">
      <label for="${id}-text">${words.revocationText}</label>
      <input id="${id}-text" name="text" autocomplete="off" maxlength="200" aria-describedby="${id}-note" />
      <p class="note" id="${id}-note">${words.revocationTextNote}</p>
    </div>`;
}

/** What was chosen. */
export function reasonOf(fields: FormData): { reason: Reason; text?: string } {
  const reason = REASONS.find((one) => one === fields.get("reason")) ?? "no-reason";
  const text = String(fields.get("text") ?? "").trim();
  return text === "" ? { reason } : { reason, text };
}
