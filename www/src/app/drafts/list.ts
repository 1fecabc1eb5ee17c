// Drafts, the one written last first, and the page of one that does not open by itself.
import { html, nothing, type TemplateResult } from "lit-html";
import { plainLine } from "../../plain-line.ts";
import { marked } from "../icons.ts";
import { app } from "../state.ts";
import { vault } from "../vault.ts";
import { askToDelete, notDeleted, open, openAllTheSame, opening } from "./opening.ts";
import { drafts, summaryOf } from "./records.ts";
import type { DraftRecord } from "./store.ts";

/** The middle column. */
export function draftList(selected: string | undefined): TemplateResult {
  const { words } = app;
  const { records, problem } = drafts;
  return html`<h1 tabindex="-1">${words.drafts}</h1>
    ${problem === "" ? nothing : html`<p class="problem" role="alert">${problem}</p>`}
    ${notDeleted === "" ? nothing : html`<p class="problem" role="alert">${notDeleted}</p>`}
    ${vault.state !== "open" && records !== undefined && records.length > 0 ? html`<p class="note">${words.draftsUnlock} <a href="#/keys">${words.unlockKeys}</a></p>` : nothing}
    ${records === undefined
      ? html`<p class="note">${words.loading}</p>`
      : records.length === 0
        ? html`<p class="note">${words.noDrafts}</p>
            <p><a class="button primary" href="#/compose">${words.compose}</a></p>`
        : html`<ul class="rows drafts" aria-label=${words.drafts}>
            ${records.map((record) => row(record, record.id === selected))}
          </ul>`}`;
}

function row(record: DraftRecord, selected: boolean): TemplateResult {
  const { words } = app;
  const summary = summaryOf(record);
  const { recipients } = shownOf(record);
  const title = titleOf(record);
  return html`<li>
    <a href="#/drafts/${record.id}" aria-current=${selected ? "page" : nothing}>
      <strong dir="auto">${title}</strong>
      ${recipients.length === 0 ? nothing : html`<span class="row-more">${words.formats.list(recipients)}</span>`}
      <span class="row-more">${words.formats.fromNow(new Date(record.changed))} · ${words.formats.bytes(record.size)}</span>
      ${summary?.copy === true ? html`<span class="row-more">${words.draftIsCopy}</span>` : nothing}
      ${summary?.doubt === undefined ? nothing : html`<span class="row-more">${marked("careful", words.draftDoubts[summary.doubt])}</span>`}
      ${summary === null ? html`<span class="row-more">${words.draftOtherKey}</span>` : nothing}
    </a>
    <button type="button" class="quiet" aria-label=${words.draftDeleteLabel(title)} @click=${() => void askToDelete(record, title)}>×</button>
  </li>`;
}

/** What is shown of it before it is open: nothing of one that may not be its owner's. */
function shownOf(record: DraftRecord): { subject: string | undefined; recipients: string[] } {
  const summary = summaryOf(record);
  return summary == null || summary.doubt === "foreign" || summary.doubt === "swapped" ? { subject: undefined, recipients: [] } : summary;
}

/** Its subject if that may be shown, else when it was changed. */
function titleOf(record: DraftRecord): string {
  const { words } = app;
  const { subject } = shownOf(record);
  if (subject === undefined) return words.draftOf(words.formats.moment(new Date(record.changed)));
  return plainLine(subject).trim() || words.noSubject;
}

/** The page of one draft, until it is open. */
export function draftPage(id: string): TemplateResult {
  const { words } = app;
  const current = opening?.id === id ? opening : undefined;
  const record = drafts.records?.find((one) => one.id === id);
  const remove = record === undefined ? nothing : html`<button type="button" class="danger" @click=${() => void askToDelete(record, titleOf(record))}>${words.draftDeleteIt}</button>`;
  const doubt = current?.doubtful?.doubt;
  return html`<h1 tabindex="-1">${record === undefined ? words.drafts : titleOf(record)}</h1>
    ${vault.state !== "open"
      ? html`<p class="note">${words.draftsUnlock} <a href="#/keys">${words.unlockKeys}</a></p>`
      : current !== undefined && current.problem !== ""
        ? html`<p class="problem" role="alert">${current.problem}</p>
            <p class="actions"><button type="button" @click=${() => void open(id)}>${words.retry}</button> ${remove}</p>`
        : current !== undefined && doubt !== undefined
          ? html`<p class="warning" role="alert">${words.draftDoubtTexts[doubt]}</p>
              <p class="actions"><button type="button" @click=${() => void openAllTheSame(current)}>${words.draftOpenAnyway}</button> ${remove}</p>`
          : html`<p class="note" role="status">${words.loading}</p>`}`;
}
