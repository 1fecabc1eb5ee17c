// One password link: its state, the link again, expiry, unlock, withdraw, replies.
import { html, nothing, type TemplateResult } from "lit-html";
import { keyed } from "lit-html/directives/keyed.js";
import { changeEnvelope, withdrawEnvelope, type EnvelopeRecord } from "../api.ts";
import { announce } from "../announce.ts";
import { ask } from "../ask.ts";
import { copyText } from "../copy-text.ts";
import { qrCode } from "../qr-code.ts";
import { app } from "../state.ts";
import { Work } from "../work.ts";
import { stateOf, titleOf } from "./list.ts";
import { knownNote, linkOf } from "./note.ts";
import { links, refreshLinks, refreshReplies, replaceRecord } from "./records.ts";

/** What is under way or went wrong, with the one link shown. */
let work = new Work();
let shown = "";

/** The page. */
export function linkPage(id: string): TemplateResult {
  const { words } = app;
  if (shown !== id) {
    shown = id;
    work = new Work();
  }
  const record = links.records?.find((other) => other.id === id);
  if (record === undefined) {
    return html`<h1 tabindex="-1">${words.links}</h1>
      <p class="note">${links.records === undefined ? words.loading : words.noSuchLink}</p>`;
  }
  const { formats } = words;
  const note = knownNote(id);
  const alive = record.state === "sealed" || record.state === "locked";
  const link = record.linkSecret && note?.linkSecret === undefined ? undefined : linkOf(id, note?.linkSecret);
  return html`<h1 tabindex="-1" dir="auto">${titleOf(record)}</h1>
    <p class="state-line ${record.state}" data-testid="state">${stateOf(record)}</p>
    ${record.state === "locked" ? html`<p class="warning">${handedOutTooOften(record) ? words.lockedUnconfirmed : words.lockedNote}</p>` : nothing}
    <dl class="facts">
      ${note === undefined || note.recipients.length === 0 ? nothing : fact(words.recipients, formats.list(note.recipients))}
      ${fact(words.sent, formats.moment(new Date(record.created)))} ${end(record)}
      ${fact(words.canBeOpened, typeof record.maxOpenings === "number" ? words.times(record.maxOpenings) : words.asOftenAsWanted)}
      ${record.openedAt === undefined ? nothing : fact(words.firstOpened, formats.moment(new Date(record.openedAt)))}
      ${record.lapsedLeaseAt === undefined ? nothing : fact(words.unconfirmed, words.handedOut(record.lapsedLeases, formats.moment(new Date(record.lapsedLeaseAt))))}
      ${record.state === "sealed" && record.triesLeft < 10 ? fact(words.wrongPasswords, words.triesLeft(10 - record.triesLeft, record.triesLeft)) : nothing}
      ${fact(words.size, formats.bytes(record.size))} ${record.hint === undefined ? nothing : fact(words.hintShort, record.hint)}
    </dl>
    ${alive ? keyed(id, linkField(link)) : nothing} ${work.view(false)} ${alive ? keyed(id, actions(record)) : nothing} ${replies(record)}`;
}

/** Whether that is what locks it: as many as the server lets pass (`LAPSED_LEASES`). */
function handedOutTooOften({ maxOpenings, lapsedLeases }: EnvelopeRecord): boolean {
  return typeof maxOpenings === "number" && lapsedLeases >= 3;
}

/** When it ends or ended; a used-up envelope still takes replies until then. */
function end(record: EnvelopeRecord): TemplateResult | typeof nothing {
  const { words } = app;
  if (record.state === "withdrawn") return nothing;
  const name = record.state === "expired" ? words.ended : record.state === "opened" ? words.repliesUntil : words.expires;
  return fact(name, words.formats.moment(new Date(record.expires)));
}

function fact(name: string, value: unknown): TemplateResult {
  return html`<div><dt>${name}</dt><dd dir="auto">${value}</dd></div>`;
}

function linkField(link: string | undefined): TemplateResult {
  const { words } = app;
  if (link === undefined) return html`<p class="note">${words.linkNotKnown}</p>`;
  return html`<div class="field">
      <label for="link">${words.link}</label>
      <input id="link" readonly dir="ltr" .value=${link} @focus=${(event: Event) => (event.target as HTMLInputElement).select()} />
    </div>
    <p class="actions"><button type="button" @click=${() => void copyText(link, words.linkCopied)}>${words.copyLink}</button></p>
    <details>
      <summary>${words.qrTitle}</summary>
      ${qrCode(link, words.qrLabel)}
    </details>`;
}

function actions(record: EnvelopeRecord): TemplateResult {
  const { words, server } = app;
  const { minExpirySeconds: shortest, maxExpirySeconds: longest } = server.limits;
  const lives = [3_600, 86_400, 604_800, 2_592_000, 7_776_000].filter((seconds) => seconds >= shortest && seconds <= longest);
  const extend = (event: SubmitEvent): void => {
    event.preventDefault();
    const expiresInSeconds = Number(new FormData(event.target as HTMLFormElement).get("life"));
    void work.run(words.changing, async () => {
      replaceRecord(await changeEnvelope(record.id, { expiresInSeconds }));
      announce(words.expiryChanged);
    });
  };
  const unlock = (): void => {
    void work.run(words.changing, async () => {
      replaceRecord(await changeEnvelope(record.id, { unlock: true }));
      announce(words.unlocked);
    });
  };
  return html`<form class="row-form" @submit=${extend}>
      <div class="field">
        <label for="new-expiry">${words.newExpiry}</label>
        <select id="new-expiry" name="life">
          ${lives.map((seconds) => html`<option value=${seconds} ?selected=${seconds === 604_800}>${words.fromNow(words.formats.duration(seconds))}</option>`)}
        </select>
      </div>
      <button type="submit">${words.changeExpiry}</button>
    </form>
    <p class="actions">
      ${record.state === "locked" ? html`<button type="button" class="primary" @click=${unlock}>${words.unlockLink}</button>` : nothing}
      <button type="button" class="danger" @click=${() => void withdraw(record)}>${words.withdraw}</button>
    </p>`;
}

async function withdraw(record: EnvelopeRecord): Promise<void> {
  const { words } = app;
  const own = work;
  if (!(await ask({ title: words.withdrawTitle, text: words.withdrawText, action: words.withdrawIt }))) return;
  // The page may show another link by now.
  await own.run(words.withdrawing, async () => {
    await withdrawEnvelope(record.id);
    await refreshLinks();
    announce(words.withdrawn);
  });
}

function replies(record: EnvelopeRecord): TemplateResult | typeof nothing {
  const { words } = app;
  const known = links.replies.get(record.id);
  if (known === undefined || known.length !== record.replies) void refreshOnce(record);
  if (record.replies === 0) return nothing;
  return html`<section aria-labelledby="replies-title">
    <h2 id="replies-title">${words.replies}</h2>
    <ul class="rows" aria-labelledby="replies-title">
      ${(known ?? []).map(
        (reply) => html`<li>
          <a href="#/links/${record.id}/replies/${reply.number}">
            <strong>${words.openReply(reply.number)}</strong>
            <span class="row-more">${words.formats.moment(new Date(reply.created))} · ${words.formats.bytes(reply.size)}</span>
          </a>
        </li>`,
      )}
    </ul>
  </section>`;
}

/** The counts already asked for, so that drawing does not ask again and again. */
const asked = new Map<string, number>();

async function refreshOnce(record: EnvelopeRecord): Promise<void> {
  if (record.replies === 0 || asked.get(record.id) === record.replies) return;
  asked.set(record.id, record.replies);
  await refreshReplies(record.id);
}
