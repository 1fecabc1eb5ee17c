// The operator asks everybody for a second factor: whoever has none sets one up before anything else.
import { html, type TemplateResult } from "lit-html";
import { app } from "../state.ts";
import { factorsSection } from "./section.ts";

/** The page; `onReady` runs when a factor is set up, `onLeave` signs out. */
export function enrolmentPage(onReady: () => void, onLeave: () => void): TemplateResult {
  const { words } = app;
  return html`<main class="single">
    <article class="card">
      <h1 tabindex="-1">${words.enrolmentTitle}</h1>
      <p>${words.enrolmentNote}</p>
      ${factorsSection(onReady)}
      <p class="actions"><button type="button" @click=${onLeave}>${words.signOut}</button></p>
    </article>
  </main>`;
}
