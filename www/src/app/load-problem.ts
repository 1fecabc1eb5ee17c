// What the server was asked for and did not come: why, and once more.
import { html, nothing, type TemplateResult } from "lit-html";
import { app } from "./state.ts";

/** Nothing as long as there is no problem. */
export function loadProblem(problem: string, again: () => Promise<void>): TemplateResult | typeof nothing {
  return problem === ""
    ? nothing
    : html`<p class="problem" role="alert">${problem}</p>
        <p class="actions"><button type="button" @click=${() => void again()}>${app.words.retry}</button></p>`;
}
