// Password links, newest first, each with its state in words.
import { html, nothing, type TemplateResult } from "lit-html";
import { plainLine } from "../../plain-line.ts";
import { announce } from "../announce.ts";
import { withdrawAll, type EnvelopeRecord } from "../api.ts";
import { ask } from "../ask.ts";
import { confirmed } from "../factors/confirm.ts";
import { searchField } from "../search-field.ts";
import { app } from "../state.ts";
import { vault } from "../vault.ts";
import { Work } from "../work.ts";
import { knownNote } from "./note.ts";
import { links, refreshLinks } from "./records.ts";

const withdrawing = new Work(() => "");
let search = "";

/** The middle column of the Links and Compose pages. */
export function linkList(selected: string | undefined): TemplateResult {
  const { words } = app;
  const { records } = links;
  const wanted = search.trim().toLowerCase();
  const shown = (records ?? []).filter((record) => searchable(record).includes(wanted));
  return html`<h1 tabindex="-1">${words.links}</h1>
    ${links.problem === "" ? nothing : html`<p class="problem" role="alert">${links.problem}</p>`}
    ${vault.state === "locked" && records?.some(({ note }) => note !== undefined) === true
      ? html`<p class="note">${words.unlockForSubjects} <a href="#/keys">${words.unlockKeys}</a></p>`
      : nothing}
    ${records === undefined
      ? html`<p class="note">${words.loading}</p>`
      : records.length === 0
        ? html`<p class="note">${words.noLinks}</p>
            <p><a class="button primary" href="#/compose">${words.compose}</a></p>`
        : html`${searchField(search, (typed) => (search = typed))}
            <ul class="rows" aria-label=${words.linksList}>
              ${shown.map((record) => row(record, record.id === selected))}
            </ul>
            ${shown.length === 0 ? html`<p class="note">${words.nothingFound}</p>` : nothing}
            ${records.filter(canBeOpened).length > 1 ? withdrawal() : nothing}`}`;
}

const canBeOpened = ({ state }: EnvelopeRecord): boolean => state === "sealed" || state === "locked";

/** For somebody who fears that a stranger has been here. */
function withdrawal(): TemplateResult {
  const { words } = app;
  const all = async (): Promise<void> => {
    if (!(await ask({ title: words.withdrawAllTitle, text: words.withdrawAllText, action: words.withdrawAll }))) return;
    await withdrawing.run(words.withdrawing, async () => {
      const count = await confirmed(withdrawAll);
      await refreshLinks();
      announce(words.allWithdrawn(count));
    });
  };
  return html`<details>
    <summary>${words.moreForLinks}</summary>
    ${withdrawing.view(false)}
    <p class="actions"><button type="button" class="danger" ?disabled=${withdrawing.busy} @click=${() => void all()}>${words.withdrawAll}</button></p>
  </details>`;
}

function searchable(record: EnvelopeRecord): string {
  const note = knownNote(record.id);
  return [titleOf(record), ...(note?.recipients ?? []), stateOf(record)].join("\n").toLowerCase();
}

function row(record: EnvelopeRecord, selected: boolean): TemplateResult {
  const { words } = app;
  const note = knownNote(record.id);
  return html`<li>
    <a href="#/links/${record.id}" aria-current=${selected ? "page" : nothing}>
      <strong dir="auto">${titleOf(record)}</strong>
      ${note === undefined || note.recipients.length === 0 ? nothing : html`<span class="row-more">${words.formats.list(note.recipients)}</span>`}
      <span class="row-more"><span class="state ${record.state}">${stateOf(record)}</span> · ${words.formats.fromNow(new Date(record.created))}</span>
      ${record.replies === 0 ? nothing : html`<span class="row-more replied">${words.replyCount(record.replies)}</span>`}
    </a>
  </li>`;
}

/** Its subject if the sender's keys are at hand, else when it was made. */
export function titleOf(record: EnvelopeRecord): string {
  const { words } = app;
  const subject = knownNote(record.id)?.subject;
  if (subject !== undefined) return plainLine(subject).trim() || words.noSubject;
  return words.messageOf(words.formats.moment(new Date(record.created)));
}

/** Where it is in its life, in words. */
export function stateOf(record: EnvelopeRecord): string {
  const { words } = app;
  switch (record.state) {
    case "sealed":
      if (record.openings === 0) return words.states.waiting;
      return typeof record.maxOpenings === "number" ? words.openedOf(record.openings, record.maxOpenings) : words.openedTimes(record.openings);
    default:
      return words.states[record.state];
  }
}
