// The password section: generated passphrase or own password with its strength in words, hint, and the kind of link.
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { announce } from "../announce.ts";
import { copyText } from "../copy-text.ts";
import { app, update } from "../state.ts";
import { everybody, openingsOf, type Draft } from "./draft.ts";
import { generatePassphrase, lettersOf } from "../../passphrase.ts";
import { guessTime, loadEstimator, secondsToGuess, strengthOf } from "./strength.ts";

let revealed = false;

/** The section. */
export function passwordSection(draft: Draft): TemplateResult {
  const { words } = app;
  const choose = (kind: Draft["passwordKind"]) => (): void => {
    draft.passwordKind = kind;
    update();
  };
  return html`<fieldset class="boxed">
    <legend>${words.password}</legend>
    <p class="note">${words.passwordNote}</p>
    <p class="choice">
      <input type="radio" id="generated" name="password-kind" .checked=${draft.passwordKind === "generated"} @change=${choose("generated")} />
      <label for="generated">${words.generatedPassphrase}</label>
    </p>
    ${draft.passwordKind === "generated" ? generated(draft) : nothing}
    <p class="choice">
      <input type="radio" id="own" name="password-kind" .checked=${draft.passwordKind === "own"} @change=${choose("own")} />
      <label for="own">${words.myOwnPassword}</label>
    </p>
    ${draft.passwordKind === "own" ? own(draft) : nothing}
    <div class="field">
      <label for="hint">${words.hint}</label>
      <input
        id="hint"
        autocomplete="off"
        maxlength=${app.server.limits.hintChars}
        aria-describedby="hint-note"
        .value=${draft.hint}
        @input=${(event: Event) => {
          draft.hint = (event.target as HTMLInputElement).value;
          update();
        }}
      />
      <p class="note" id="hint-note">${words.hintNote}</p>
      ${givesAway(draft) ? html`<p class="problem" role="alert">${words.hintGivesAway}</p>` : nothing}
    </div>
  </fieldset>`;
}

/** Whether the hint, which anyone with the link sees, contains the password. */
export function givesAway(draft: Draft): boolean {
  // However the five words are written, they open the message.
  if (draft.passwordKind === "generated") return lettersOf(draft.hint).includes(lettersOf(draft.generated));
  const password = draft.own.toLowerCase();
  return password.length > 2 && draft.hint.toLowerCase().includes(password);
}

function generated(draft: Draft): TemplateResult {
  const { words } = app;
  return html`<div class="indented">
    <output class="passphrase" data-testid="passphrase" translate="no">${draft.generated}</output>
    <p class="note">${words.generatedNote}</p>
    <p class="actions">
      <button type="button" @click=${() => void copyText(draft.generated, words.passphraseCopied)}>${words.copyPassphrase}</button>
      <button
        type="button"
        @click=${() => {
          draft.generated = generatePassphrase();
          announce(words.newPassphraseMade);
        }}
      >
        ${words.anotherOne}
      </button>
    </p>
  </div>`;
}

function own(draft: Draft): TemplateResult {
  const { words } = app;
  const seconds = secondsToGuess(draft.own);
  const strength = seconds === undefined ? undefined : strengthOf(seconds);
  return html`<div class="field indented">
    <label for="own-password">${words.ownPassword}</label>
    <input
      id="own-password"
      type=${revealed ? "text" : "password"}
      autocomplete="off"
      autocapitalize="none"
      spellcheck="false"
      aria-describedby="strength"
      .value=${draft.own}
      @focus=${loadEstimator}
      @input=${(event: Event) => {
        draft.own = (event.target as HTMLInputElement).value;
        update();
      }}
    />
    <button
      type="button"
      class="quiet"
      @click=${() => {
        revealed = !revealed;
        update();
      }}
    >
      ${revealed ? words.hidePassword : words.showPassword}
    </button>
    <p id="strength" class="strength later ${strength ?? ""}" role="status">
      ${seconds === undefined || strength === undefined ? nothing : html`<strong>${words.strengths[strength]}:</strong> ${words.strangerNeeds(guessTime(seconds))}`}
    </p>
  </div>`;
}

/** How long, how often, and what the link carries; whether the server mails it. */
export function deliverySection(draft: Draft, isMailed: boolean): TemplateResult {
  const { words, server } = app;
  const { minExpirySeconds: shortest, maxExpirySeconds: longest, maxOpenings } = server.limits;
  const lives = [3_600, 86_400, 259_200, 604_800, 2_592_000, 7_776_000, 31_536_000].filter((seconds) => seconds >= shortest && seconds <= longest);
  const wanted = openingsOf(draft, maxOpenings);
  const openings = [...new Set([1, 3, 5, 10, ...(wanted === null ? [] : [wanted])])].filter((count) => count <= maxOpenings).sort((one, other) => one - other);
  return html`<fieldset class="boxed">
    <legend>${words.link}</legend>
    <div class="pair">
      <div class="field">
        <label for="expires">${words.expires}</label>
        <select id="expires" @change=${(event: Event) => (draft.expiresInSeconds = Number((event.target as HTMLSelectElement).value))}>
          ${lives.map((seconds) => html`<option value=${seconds} ?selected=${seconds === draft.expiresInSeconds}>${words.after(words.formats.duration(seconds))}</option>`)}
        </select>
      </div>
      <div class="field">
        <label for="openings">${words.canBeOpened}</label>
        <select
          id="openings"
          aria-describedby="openings-note"
          @change=${(event: Event) => {
            const { value } = event.target as HTMLSelectElement;
            draft.maxOpenings = value === "" ? null : Number(value);
            update();
          }}
        >
          ${openings.map((count) => html`<option value=${count} .selected=${live(count === wanted)}>${words.times(count)}</option>`)}
          <option value="" .selected=${live(wanted === null)}>${words.asOftenAsWanted}</option>
        </select>
        <p class="note" id="openings-note" role="status">${openingsNote(draft, wanted)}</p>
      </div>
    </div>
    <p class="choice">
      <input type="radio" id="with-secret" name="link-kind" .checked=${draft.linkSecret} aria-describedby="with-secret-note" @change=${() => setSecret(draft, true)} />
      <label for="with-secret">${words.linkWithSecret}</label>
    </p>
    <p class="note indented" id="with-secret-note">${isMailed ? words.linkWithSecretMailed : words.linkWithSecretNote}</p>
    <p class="choice">
      <input type="radio" id="short-link" name="link-kind" .checked=${!draft.linkSecret} aria-describedby="short-link-note" @change=${() => setSecret(draft, false)} />
      <label for="short-link">${words.shortLink}</label>
    </p>
    <p class="note indented" id="short-link-note">${words.shortLinkNote}</p>
  </fieldset>`;
}

/** What the number means for several recipients, who share one link. */
function openingsNote(draft: Draft, openings: number | null): string | typeof nothing {
  const { words } = app;
  const { length } = everybody(draft);
  if (length < 2 || openings === null || (draft.maxOpenings !== undefined && openings > length)) return nothing;
  return openings < length ? words.fewerOpenings(length) : words.openingsForEach(length);
}

function setSecret(draft: Draft, linkSecret: boolean): void {
  draft.linkSecret = linkSecret;
  update();
}
