// Says above every page that a copy of what was sent is not stored yet, and before sending that none will be.
import { html, nothing, type TemplateResult } from "lit-html";
import { app } from "../state.ts";
import { doWithout, keepAll, unkept, type NoCopy } from "./keeping.ts";

/** Nothing while all is well. */
export function copyNotice(): TemplateResult | typeof nothing {
  const { words } = app;
  const waiting = unkept.filter(({ problem }) => problem !== "");
  const [first] = waiting;
  if (first === undefined) return nothing;
  const isBusy = waiting.some(({ running }) => running !== undefined);
  return html`<section class="warning login-notice" id="copy-notice" data-testid="copy-notice" aria-label=${words.copyUnkeptTitle}>
    <p class="problem" role="alert">${words.copyUnkept} ${first.problem}</p>
    <p>${words.copyUnkeptKept}</p>
    <p class="actions">
      <button type="button" ?disabled=${isBusy} @click=${() => void keepAll(true)}>${words.copyTryNow}</button>
      <button type="button" class="quiet" ?disabled=${isBusy} @click=${doWithout}>${words.copyDoWithout}</button>
    </p>
  </section>`;
}

/** Why there is no copy, or will be none; empty if there is. */
export function noCopyText(why: NoCopy | undefined): string {
  return why === undefined ? "" : app.words.noCopy[why];
}
