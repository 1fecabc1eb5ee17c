// What a key asks of those who write to it: algorithms and features, as it says itself.
import type { KeyInspection } from "envelock";
import { html, nothing, type TemplateResult } from "lit-html";
import { app } from "../state.ts";

/** The section. */
export function preferenceSection({ preferences, weaknesses }: KeyInspection): TemplateResult {
  const { words } = app;
  const lines = [
    [words.preferenceNames.ciphers, preferences.ciphers],
    [words.preferenceNames.aead, preferences.aead],
    [words.preferenceNames.format, [preferences.seipdV2 ? words.formatNew : words.formatOld]],
  ] as const;
  return html`<section aria-labelledby="preferences-title">
    <h2 id="preferences-title">${words.preferencesTitle}</h2>
    <dl class="facts">
      ${lines.map(([name, values]) => html`<div><dt>${name}</dt><dd>${values.length === 0 ? words.notStated : values.join(", ")}</dd></div>`)}
    </dl>
    ${weaknesses.length === 0 ? nothing : html`<ul class="lines warning">${weaknesses.map((weakness) => html`<li>${words.weaknesses[weakness.code] ?? weakness.message}</li>`)}</ul>`}
  </section>`;
}
