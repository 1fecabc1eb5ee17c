// What is known about a contact beside the key: checked or not, where the key came from, since when, labels.
import type { Certificate } from "envelock";
import { html, nothing, type TemplateResult } from "lit-html";
import { announce } from "../announce.ts";
import { attempt } from "../attempt.ts";
import { marked } from "../icons.ts";
import { app } from "../state.ts";
import { allLabels, contactOf, setLabel, setVerified } from "../vault-contacts.ts";
import type { compared } from "./comparison.ts";

/** Whether the fingerprint has been compared, in words. */
export function verifiedMark(fingerprint: string): TemplateResult {
  const { words } = app;
  const verified = contactOf(fingerprint)?.verified;
  return verified === undefined ? marked("plain", words.notVerified) : marked("good", words.verified);
}

/** The facts of the contact. */
export function contactFacts({ fingerprint }: Certificate): TemplateResult {
  const { words } = app;
  const contact = contactOf(fingerprint);
  return html`${contact?.verified === undefined ? nothing : html`<div><dt>${words.checked}</dt><dd>${marked("good", words.verifiedOn(words.formats.day(contact.verified.at)))}</dd></div>`}
    ${contact?.origin === undefined ? nothing : html`<div><dt>${words.origin}</dt><dd>${words.originNames[contact.origin] ?? contact.origin}</dd></div>`}
    ${contact?.firstSeen === undefined ? nothing : html`<div><dt>${words.firstSeen}</dt><dd>${words.formats.day(contact.firstSeen)}</dd></div>`}`;
}

/** Marks the contact as checked, or takes that back; `shown` is what the comparison has shown. */
export function verifyButtons({ fingerprint }: Certificate, shown: ReturnType<typeof compared>): TemplateResult {
  const { words } = app;
  const contact = contactOf(fingerprint);
  const verified = contact?.verified !== undefined;
  // A copy that came later may claim more than was compared.
  const whole = contact?.addresses.every(({ address }) => contact.verified?.addresses.includes(address) === true) === true;
  const set = (value: boolean): void => {
    void attempt(async () => {
      await setVerified(fingerprint, value);
      announce(value ? words.nowVerified : words.noLongerVerified);
    });
  };
  return html`<p class="actions">
      ${verified && whole ? nothing : html`<button type="button" class=${shown === "same" ? "primary" : ""} ?disabled=${shown === "different"} @click=${() => set(true)}>${words.markVerified}</button>`}
      ${verified ? html`<button type="button" @click=${() => set(false)}>${words.takeVerifiedBack}</button>` : nothing}
    </p>
    ${shown === "different" && !(verified && whole) ? html`<p class="note">${words.cannotMarkVerified}</p>` : nothing}`;
}

/** The labels, to read and to change. */
export function labelSection({ fingerprint }: { fingerprint: string }): TemplateResult {
  const { words } = app;
  const labels = contactOf(fingerprint)?.labels ?? [];
  const add = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const label = String(new FormData(form).get("label")).trim();
    if (label === "") return;
    void attempt(async () => {
      await setLabel(fingerprint, label, true);
      form.reset();
      announce(words.labelAdded(label));
    });
  };
  const remove = (label: string): void => {
    void attempt(async () => {
      await setLabel(fingerprint, label, false);
      announce(words.removed(label));
    });
  };
  return html`<details>
    <summary>${labels.length === 0 ? words.labels : words.labelled(words.formats.list(labels))}</summary>
    ${labels.length === 0
      ? nothing
      : html`<ul class="chips" aria-label=${words.labels}>
          ${labels.map((label) => html`<li class="chip"><span dir="auto">${label}</span> <button type="button" class="quiet" aria-label=${words.removeLabel(label)} @click=${() => remove(label)}>×</button></li>`)}
        </ul>`}
    <form class="row-form" @submit=${add}>
      <div class="field">
        <label for="new-label">${words.newLabel}</label>
        <input id="new-label" name="label" autocomplete="off" maxlength="40" list="labels-known" />
        <datalist id="labels-known">${allLabels().map((label) => html`<option value=${label}></option>`)}</datalist>
      </div>
      <button type="submit">${words.addLabel}</button>
    </form>
  </details>`;
}
