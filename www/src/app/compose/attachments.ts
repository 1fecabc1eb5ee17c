// Attachments of the message being written: by picker, drop and paste, with a size forecast before anything is sealed.
import { html, nothing, type TemplateResult } from "lit-html";
import { announce } from "../announce.ts";
import { afterDraw, app } from "../state.ts";
import { forecast, mailForecast, type Draft } from "./draft.ts";
import { makesLink, planOf } from "./way.ts";

/** Octets of a mail that the server takes (`OUTGOING_BYTES` of `crates/wire`). */
const MAIL_BYTES = 25 * 1024 * 1024;

/** Adds files and says so. */
export function attach(draft: Draft, files: Iterable<File> | null | undefined): void {
  const added = [...(files ?? [])];
  if (added.length === 0) return;
  draft.files.push(...added);
  announce(app.words.attached(app.words.formats.list(added.map((file) => file.name))));
}

/** Whether the server would take it. */
export function fits(draft: Draft): boolean {
  return sizesOf(draft).every(({ size, limit }) => size <= limit);
}

/** What it will weigh, and may, as a sealed message and as a mail: whichever of them it becomes, the one that fits worst first. */
function sizesOf(draft: Draft): { size: number; limit: number }[] {
  const plan = planOf(draft);
  const sizes = makesLink(plan) ? [{ size: forecast(draft), limit: app.server.limits.envelopeBytes }] : [];
  if (plan.encrypted.size + plan.clear.length > 0) sizes.push({ size: mailForecast(draft, plan.clear.length === 0), limit: MAIL_BYTES });
  return sizes.sort((one, other) => other.size / other.limit - one.size / one.limit);
}

/** The picker, the list and the forecast. */
export function attachmentField(draft: Draft): TemplateResult {
  const { words } = app;
  const { formats } = words;
  const pick = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    attach(draft, input.files);
    input.value = "";
  };
  return html`<div class="field">
    <label for="attach">${words.attachFiles}</label>
    <input id="attach" type="file" multiple aria-describedby="attach-note" @change=${pick} />
    <p class="note" id="attach-note">${words.attachNote}</p>
    ${draft.files.length === 0
      ? nothing
      : html`<ul class="attachments" aria-label=${words.attachments}>
          ${draft.files.map(
            (file, index) => html`<li>
              <span class="file-name" dir="auto">${file.name}</span>
              <span class="file-size">${formats.bytes(file.size)}</span>
              <button type="button" aria-label=${words.removeFile(file.name)} @click=${() => remove(draft, index)}>×</button>
            </li>`,
          )}
        </ul>`}
    ${draft.files.length === 0 ? nothing : forecastLine(draft)}
  </div>`;
}

function forecastLine(draft: Draft): TemplateResult {
  const { words } = app;
  const { formats } = words;
  const [worst = { size: 0, limit: 0 }] = sizesOf(draft);
  const [size, limit] = [formats.bytes(worst.size), formats.bytes(worst.limit)];
  return fits(draft)
    ? html`<p class="note">${draft.way === "clear" ? words.forecastClear(size, limit) : words.forecast(size, limit)}</p>`
    : html`<p class="problem" role="alert">${draft.way === "clear" ? words.tooLargeForServerClear(size, limit) : words.tooLargeForServer(size, limit)}</p>`;
}

function remove(draft: Draft, index: number): void {
  const [file] = draft.files.splice(index, 1);
  if (file !== undefined) announce(app.words.removed(file.name), () => attach(draft, [file]));
  afterDraw(() => document.getElementById("attach")?.focus());
}
