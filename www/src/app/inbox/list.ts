// Mail that arrived, what arrived last first: who wrote it, about what, and how far it can be relied on.
import { html, nothing, type TemplateResult } from "lit-html";
import { loadProblem } from "../load-problem.ts";
import { searchField } from "../search-field.ts";
import { app } from "../state.ts";
import { Work } from "../work.ts";
import { authorOf, headingOf, isRead, subjectOf } from "./headings.ts";
import { inbox, refreshInbox, showMore, takesMail } from "./records.ts";
import type { MailRecord } from "./requests.ts";
import { alarmMark } from "./verdict.ts";

const more = new Work();
let search = "";

/** The middle column. */
export function mailList(selected: string | undefined): TemplateResult {
  const { words } = app;
  const { records, problem } = inbox;
  return html`<h1 tabindex="-1">${words.inbox}</h1>
    ${loadProblem(problem, refreshInbox)}
    ${!takesMail()
      ? html`<p class="note">${words.noMailHere}</p>`
      : records === undefined
        ? html`<p class="note" role="status">${problem === "" ? words.loading : nothing}</p>`
        : records.length === 0
          ? html`<p class="note">${words.noMail}</p>`
          : rows(records, selected)}`;
}

function rows(records: readonly MailRecord[], selected: string | undefined): TemplateResult {
  const { words } = app;
  const wanted = search.trim().toLowerCase();
  const shown = records.filter((record) => searchable(record).includes(wanted));
  return html`${searchField(search, (typed) => (search = typed))}
    <ul class="rows mails" aria-label=${words.inbox}>
      ${shown.map((record) => row(record, record.id === selected))}
    </ul>
    ${shown.length === 0 ? html`<p class="note">${words.nothingFound}</p>` : nothing} ${more.view(false)}
    ${inbox.next === undefined ? nothing : html`<p class="actions"><button type="button" ?disabled=${more.busy} @click=${() => void more.run(words.loading, () => showMore())}>${words.olderMail}</button></p>`}`;
}

function row(record: MailRecord, selected: boolean): TemplateResult {
  const { words } = app;
  return html`<li>
    <a href="#/inbox/${record.id}" class=${record.seen ? "seen" : nothing} aria-current=${selected ? "page" : nothing}>
      ${record.seen ? nothing : html`<span class="row-more replied">${words.unseenMail}</span>`}
      <strong dir="auto">${senderOf(record)}</strong>
      <span class="row-subject" dir="auto">${subjectOf(headingOf(record.id))}</span>
      <span class="row-more">${alarmMark(record)}</span>
      <span class="row-more">${words.formats.fromNow(new Date(record.receivedAt))} · ${words.formats.bytes(record.size)}</span>
    </a>
  </li>`;
}

function senderOf({ id }: MailRecord): string {
  const heading = headingOf(id);
  return isRead(heading) ? authorOf(heading) : heading === null ? app.words.authorUnclear : "…";
}

function searchable(record: MailRecord): string {
  return [senderOf(record), subjectOf(headingOf(record.id)), app.words.alarms[record.verdict.alarm]].join("\n").toLowerCase();
}
