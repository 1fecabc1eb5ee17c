// After sealing: the link with copy and QR, the password, and how to hand it over.
import { html, nothing, type TemplateResult } from "lit-html";
import { copyText } from "../copy-text.ts";
import { app } from "../state.ts";
import { qrCode } from "../qr-code.ts";
import type { Sealed } from "./seal.ts";

/** The card; `uncopied` says why there is no copy. */
export function resultCard(sealed: Sealed, handed: readonly string[], uncopied: string, onAnother: () => void): TemplateResult {
  const { words } = app;
  const { formats } = words;
  const copyPassword = (): void => void copyText(sealed.password, words.passwordCopied, () => (sealed.noted = true));
  return html`<h1 tabindex="-1">${words.linkReady}</h1>
    <p>${words.linkReadyNote(words.timesOrAny(sealed.maxOpenings), formats.moment(sealed.expires))}</p>
    <div class="field">
      <label for="result-link">${words.link}</label>
      <input id="result-link" readonly dir="ltr" .value=${sealed.link} @focus=${(event: Event) => (event.target as HTMLInputElement).select()} />
    </div>
    <p class="actions">
      <button type="button" class="primary" @click=${() => void copyText(sealed.link, words.linkCopied)}>${words.copyLink}</button>
    </p>
    ${handed.length === 0 ? nothing : html`<p>${words.handedOver(formats.list(handed))} <a href="#/sent">${words.sentTitle}</a></p>`}
    ${sealed.recipients.length === 0 || sealed.mailed ? nothing : html`<p>${words.sendLinkTo(formats.list(sealed.recipients))}</p>`}
    ${uncopied === "" ? nothing : html`<p class="note">${uncopied}</p>`}
    <section class="boxed password-card">
      <h2>${words.passwordFor}</h2>
      <output class="passphrase" data-testid="password" translate="no">${sealed.password}</output>
      <p class="warning">${words.anotherChannel}</p>
      <p class="actions"><button type="button" @click=${copyPassword}>${words.copyPassword}</button></p>
      <p class="note">${words.passwordForgotten}</p>
    </section>
    <details>
      <summary>${words.qrTitle}</summary>
      ${qrCode(sealed.link, words.qrLabel)}
    </details>
    <p class="actions">
      <a class="button" href="#/links/${sealed.id}">${words.seeState}</a>
      <button type="button" @click=${onAnother}>${words.writeAnother}</button>
    </p>`;
}
