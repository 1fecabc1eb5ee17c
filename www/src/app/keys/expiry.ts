// When a key of mine ends: later, sooner or never. The whole key, or one subkey.
import type { SecretKey } from "envelock";
import { html, nothing, type TemplateResult } from "lit-html";
import { ref } from "lit-html/directives/ref.js";
import { engine } from "../engine.ts";
import { app, update } from "../state.ts";
import { edit, editing, editView } from "./editing.ts";
import { chosenExpiry, longer, YEARS } from "./key-end.ts";

/** The form; with `subkey` for that one alone. */
export function expiryForm(key: SecretKey, subkey?: { fingerprint: string; expires?: Date | undefined }): TemplateResult {
  const { words } = app;
  const place = `expiry-${subkey?.fingerprint ?? "key"}`;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const fields = new FormData(event.target as HTMLFormElement);
    const expires = chosenExpiry(String(fields.get("expires")), String(fields.get("day") ?? ""));
    if (expires === undefined) return;
    const telling = { doing: words.changingExpiry, done: expires === null ? words.expiryNever : words.expirySet(words.formats.day(expires)) };
    void edit(key, place, telling, (unlocked, signal) =>
      engine().setExpiration({ key: unlocked, expires, ...(subkey === undefined ? {} : { subkey: subkey.fingerprint }), signal }),
    );
  };
  return html`<form class="row-form" @submit=${submit}>
      ${expiryField(place, subkey === undefined ? words.newExpiryOfKey : words.newExpiryOfSubkey, longer((subkey ?? key).expires), { end: (subkey ?? key).expires })}
      <button type="submit" ?disabled=${editing()}>${subkey === undefined ? words.changeExpiryOfKey : words.changeExpiryOfSubkey}</button>
    </form>
    ${subkey === undefined ? html`<p class="note">${words.keyExpiryNote}</p>` : nothing} ${editView(place)}`;
}

/**
 * The choice of an end, named `expires`: years from now, a day of one's own (`day`), or never. With `present`, an end before that
 * one is said to be one.
 */
export function expiryField(id: string, label: string, preferred = 2, present?: { end: Date | undefined }): TemplateResult {
  const { words } = app;
  const choose = (event: Event): void => {
    const select = event.target as HTMLSelectElement;
    const day = select.parentElement?.querySelector<HTMLInputElement>("input[type=date]");
    if (day == null) return;
    // A hidden field that is checked all the same would keep the form from being sent, with no word.
    day.hidden = day.disabled = select.value !== "day";
    if (!day.hidden) day.focus();
    update();
  };
  // What is chosen stands in the fields alone: they are looked at whenever the page is drawn.
  const tellShorter = (note: Element | undefined): void => {
    const field = note?.parentElement;
    if (note === undefined || field == null || present === undefined) return;
    const chosen = chosenExpiry(field.querySelector("select")?.value ?? "", field.querySelector("input")?.value ?? "");
    const shorter = chosen != null && (present.end === undefined || chosen < present.end);
    const text = !shorter ? "" : present.end === undefined ? words.shortensNever : words.shortensUntil(words.formats.day(present.end));
    // Set only when it changes: it is read out.
    if (note.textContent !== text) note.textContent = text;
  };
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <select id=${id} name="expires" @change=${choose}>
      ${YEARS.map((years) => html`<option value=${years} ?selected=${years === preferred}>${words.inYears(years)}</option>`)}
      <option value="0" ?selected=${preferred === 0}>${words.never}</option>
      <option value="day">${words.onADay}</option>
    </select>
    <input type="date" name="day" hidden disabled required aria-label=${words.lastDay} min=${isoDay(new Date())} @change=${update} />
    ${present === undefined ? nothing : html`<p class="note" role="status" ${ref(tellShorter)}></p>`}
  </div>`;
}

function isoDay(time: Date): string {
  return time.toISOString().slice(0, 10);
}
