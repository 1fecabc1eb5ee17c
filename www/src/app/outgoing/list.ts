// What was sent, the latest first: about what, to whom, and how far it got.
import { html, nothing, type TemplateResult } from "lit-html";
import { plainLine } from "../../plain-line.ts";
import { loadProblem } from "../load-problem.ts";
import { searchField } from "../search-field.ts";
import { entryOf, joined, type SentEntry } from "../sent/joined.ts";
import { copies, knownOf, refreshCopies, showMoreCopies } from "../sent/records.ts";
import { app } from "../state.ts";
import { vault } from "../vault.ts";
import { Work } from "../work.ts";
import { refreshSent, sendsMail, sent, subjectOf } from "./records.ts";
import { recordMark, recordText } from "./standing.ts";
import type { OutgoingRecord } from "./requests.ts";

const more = new Work();
let search = "";

/** All rows; copies are among them while the keystore is open, as their summaries say which mails they became. */
export function sentEntries(): SentEntry[] {
  return joined(vault.state === "open" ? (copies.records ?? []) : [], sent.records ?? [], knownOf);
}

/** Whether there are copies that nobody can read now. */
export function hasLockedCopies(): boolean {
  return vault.state !== "open" && (copies.records?.length ?? 0) > 0;
}

/** Whether the server has told all that it has. */
export function isLoaded(): boolean {
  return copies.records !== undefined && (sent.records !== undefined || !sendsMail());
}

/** The middle column. */
export function sentList(selected: string | undefined): TemplateResult {
  const { words } = app;
  const entries = sentEntries();
  const problem = sent.problem === "" ? copies.problem : sent.problem;
  return html`<h1 tabindex="-1">${words.sentTitle}</h1>
    ${loadProblem(problem, refreshAll)} ${hasLockedCopies() ? html`<p class="note">${words.sentUnlock} <a href="#/keys">${words.unlockKeys}</a></p>` : nothing}
    ${entries.length > 0
      ? rows(entries, selected)
      : problem !== "" || hasLockedCopies()
        ? nothing
        : !isLoaded()
          ? html`<p class="note" role="status">${words.loading}</p>`
          : sendsMail()
            ? html`<p class="note">${words.nothingSent}</p>
                <p><a class="button primary" href="#/compose">${words.compose}</a></p>`
            : html`<p class="note" role="status">${words.sendsNoMail}</p>`}`;
}

async function refreshAll(): Promise<void> {
  await Promise.all([refreshSent(), refreshCopies()]);
}

function rows(entries: readonly SentEntry[], selected: string | undefined): TemplateResult {
  const { words } = app;
  const wanted = search.trim().toLowerCase();
  const shown = entries.filter((entry) => searchable(entry).includes(wanted));
  const current = selected === undefined ? undefined : entryOf(entries, selected);
  return html`${searchField(search, (typed) => (search = typed))}
    <ul class="rows" aria-label=${words.sentTitle}>
      ${shown.map((entry) => row(entry, entry === current))}
    </ul>
    ${shown.length === 0 ? html`<p class="note">${words.nothingFound}</p>` : nothing} ${more.view(false)}
    ${copies.next === undefined || vault.state !== "open"
      ? nothing
      : html`<p class="actions"><button type="button" ?disabled=${more.busy} @click=${() => void more.run(words.loading, () => showMoreCopies())}>${words.olderMail}</button></p>`}
    <p class="note">${words.sentMemory}</p>`;
}

function row(entry: SentEntry, isCurrent: boolean): TemplateResult {
  const { words } = app;
  return html`<li>
    <a href="#/sent/${entry.id}" aria-current=${isCurrent ? "page" : nothing}>
      <strong dir="auto">${titleOf(entry)}</strong>
      <span class="row-more" dir="ltr">${recipientsOf(entry)}</span>
      ${entry.mails.length === 0 ? nothing : html`<span class="row-more">${recordMark(asOne(entry.mails))}</span>`}
      ${entry.summary?.link === undefined ? nothing : html`<span class="row-more">${words.sentByLink}</span>`}
      <span class="row-more">${words.formats.fromNow(new Date(entry.at))} · ${words.formats.bytes(entry.size)}</span>
    </a>
  </li>`;
}

/** Its subject if that is known, else when it was sent. */
export function titleOf({ at, copy, summary, mails }: SentEntry): string {
  const { words } = app;
  if (copy !== undefined && summary === null) return words.mailUnreadable;
  const subject = summary?.subject ?? mails.map(({ id }) => subjectOf(id)).find((one) => one !== undefined);
  return subject === undefined ? words.messageOf(words.formats.moment(new Date(at))) : shownSubject(subject);
}

/** As it stands in a line. */
export function shownSubject(subject: string): string {
  return plainLine(subject).trim() || app.words.noSubject;
}

/** Some of them, if there are many. */
function recipientsOf({ summary, mails }: SentEntry): string {
  const { words } = app;
  const all = summary?.recipients ?? mails.flatMap(({ recipients }) => recipients.map(({ address }) => address));
  const [some, furtherOnes] = [all.slice(0, 3).map((address) => plainLine(address)), all.length - 3 + (summary?.more ?? 0)];
  return words.formats.list(furtherOnes > 0 ? [...some, words.furtherPeople(furtherOnes)] : some);
}

/** What one message became, as one mail to all of them. */
function asOne(mails: readonly OutgoingRecord[]): Pick<OutgoingRecord, "recipients"> {
  return { recipients: mails.flatMap(({ recipients }) => recipients) };
}

function searchable(entry: SentEntry): string {
  return [titleOf(entry), ...(entry.summary?.recipients ?? []), ...entry.mails.flatMap(({ recipients }) => recipients.map(({ address }) => address)), entry.mails.length === 0 ? "" : recordText(asOne(entry.mails))].join("\n").toLowerCase();
}
