// Mail that was sent, the latest first: to whom, and how far it got.
import { html, nothing, type TemplateResult } from "lit-html";
import { plainLine } from "../../plain-line.ts";
import { loadProblem } from "../load-problem.ts";
import { searchField } from "../search-field.ts";
import { app } from "../state.ts";
import { refreshSent, sendsMail, sent, subjectOf } from "./records.ts";
import type { OutgoingRecord } from "./requests.ts";
import { recordMark, recordText } from "./standing.ts";

let search = "";

/** The middle column. */
export function sentList(selected: string | undefined): TemplateResult {
  const { words } = app;
  const { records, problem } = sent;
  return html`<h1 tabindex="-1">${words.sentTitle}</h1>
    ${loadProblem(problem, refreshSent)}
    ${records !== undefined
      ? records.length === 0
        ? html`<p class="note">${words.nothingSent}</p>
            <p><a class="button primary" href="#/compose">${words.compose}</a></p>`
        : rows(records, selected)
      : problem !== ""
        ? nothing
        : html`<p class="note" role="status">${sendsMail() ? words.loading : words.sendsNoMail}</p>`}`;
}

function rows(records: readonly OutgoingRecord[], selected: string | undefined): TemplateResult {
  const { words } = app;
  const wanted = search.trim().toLowerCase();
  const shown = records.filter((record) => searchable(record).includes(wanted));
  return html`${searchField(search, (typed) => (search = typed))}
    <ul class="rows" aria-label=${words.sentTitle}>
      ${shown.map((record) => row(record, record.id === selected))}
    </ul>
    ${shown.length === 0 ? html`<p class="note">${words.nothingFound}</p>` : nothing}
    <p class="note">${words.sentMemory}</p>`;
}

function row(record: OutgoingRecord, selected: boolean): TemplateResult {
  const { words } = app;
  return html`<li>
    <a href="#/sent/${record.id}" aria-current=${selected ? "page" : nothing}>
      <strong dir="auto">${titleOf(record)}</strong>
      <span class="row-more" dir="ltr">${recipientsOf(record)}</span>
      <span class="row-more">${recordMark(record)}</span>
      <span class="row-more">${words.formats.fromNow(new Date(record.created))} · ${words.formats.bytes(record.size)}</span>
    </a>
  </li>`;
}

/** Its subject if it was sent from this page, else when it was sent. */
export function titleOf({ id, created }: OutgoingRecord): string {
  const { words } = app;
  const subject = subjectOf(id);
  return subject === undefined ? words.messageOf(words.formats.moment(new Date(created))) : plainLine(subject).trim() || words.noSubject;
}

/** Some of them, if there are many. */
function recipientsOf({ recipients }: OutgoingRecord): string {
  const { words } = app;
  const [some, more] = [recipients.slice(0, 3).map(({ address }) => address), recipients.length - 3];
  return words.formats.list(more > 0 ? [...some, words.furtherPeople(more)] : some);
}

function searchable(record: OutgoingRecord): string {
  return [titleOf(record), ...record.recipients.map(({ address }) => address), recordText(record)].join("\n").toLowerCase();
}
