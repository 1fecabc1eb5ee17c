// What is protected and what is not, in plain words; and the keyboard.
import { html, type TemplateResult } from "lit-html";
import { app } from "../state.ts";

/** The keys and what they do. */
export function shortcuts(): TemplateResult {
  return html`<dl class="facts">
    ${app.words.shortcuts.map(([key, does]) => html`<div><dt><kbd>${key}</kbd></dt><dd>${does}</dd></div>`)}
  </dl>`;
}

/** The page. */
export function helpPage(): TemplateResult {
  const { words } = app;
  const list = (lines: readonly string[]): TemplateResult => html`<ul class="lines">${lines.map((line) => html`<li>${line}</li>`)}</ul>`;
  return html`<h1 tabindex="-1">${words.help}</h1>
    <h2>${words.protectedTitle}</h2>
    ${list(words.protectedLines)}
    <h2>${words.notProtectedTitle}</h2>
    ${list(words.notProtectedLines)}
    <h2>${words.practiceTitle}</h2>
    ${list(words.practiceLines)}
    <p>
      <a href="/threat-model.html" hreflang="en" target="_blank">${words.threatModel}</a>
      · <a href="/best-practices.html" hreflang="en" target="_blank">${words.bestPractices}</a>
    </p>
    <h2>${words.keyboardTitle}</h2>
    ${shortcuts()}`;
}
