// One message that was sent: how far it got to each of its recipients, why not further, and taking it back; and what was in it, if there is a copy.
import { html, nothing, type TemplateResult } from "lit-html";
import { addressKey } from "../../address-key.ts";
import { plainLine } from "../../plain-line.ts";
import { announce } from "../announce.ts";
import { ask } from "../ask.ts";
import type { Draft } from "../compose/draft.ts";
import { composeAnew } from "../compose/page.ts";
import { unlockForm } from "../keys/unlock.ts";
import { copyView } from "../sent/message.ts";
import { entryOf } from "../sent/joined.ts";
import { openedCopy, type OpenedCopy } from "../sent/reading.ts";
import { copies, isListed, lookForCopy } from "../sent/records.ts";
import { app } from "../state.ts";
import { vault } from "../vault.ts";
import { Work } from "../work.ts";
import { hasLockedCopies, isLoaded, sentEntries, shownSubject, titleOf } from "./list.ts";
import { isOnItsWay, refreshSent, sendsMail, sent, subjectOf } from "./records.ts";
import { withdrawOutgoing, type OutgoingRecipient, type OutgoingRecord } from "./requests.ts";
import { isUnsafeWay, reasonText, stateMark } from "./standing.ts";

/** What is under way or went wrong, with the one message shown. */
let work = new Work();
let shown = "";

/** The page. */
export function sentPage(id: string): TemplateResult {
  const { words } = app;
  if (shown !== id) {
    shown = id;
    work = new Work();
  }
  const entry = entryOf(sentEntries(), id);
  const door = hasLockedCopies() ? (vault.state === "none" ? html`<p class="warning">${words.mailNoKeys}</p>` : unlockForm(words.unlockForSent)) : nothing;
  if (entry === undefined) {
    if (copies.next !== undefined) queueMicrotask(() => void lookForCopy(id));
    const isLoading = !isLoaded() || sent.problem !== "" || copies.next !== undefined;
    const why = isLoading ? words.loading : sendsMail() || copies.records?.length !== 0 ? words.noSuchSent : words.sendsNoMail;
    return html`<h1 tabindex="-1">${words.sentTitle}</h1>
      ${isListed(id) ? nothing : html`<p class="note" role="status">${why}</p>`} ${door}`;
  }
  const { formats } = words;
  const opened = entry.copy === undefined ? undefined : openedCopy(entry.copy.id);
  const written = opened?.copy?.doubt === undefined || opened.shown ? opened?.copy : undefined;
  // What the copy itself says is signed.
  const mails = written === undefined ? entry.mails : (sent.records ?? []).filter((mail) => written.sent.mails.includes(mail.id));
  return html`<h1 tabindex="-1" dir="auto">${written === undefined ? titleOf(entry) : shownSubject(written.draft.subject)}</h1>
    <dl class="facts">
      <div><dt>${words.handedToServer}</dt><dd>${formats.moment(new Date(written?.sent.at ?? entry.at))}</dd></div>
      <div><dt>${words.size}</dt><dd>${formats.bytes(entry.size)}</dd></div>
    </dl>
    ${recipients(mails, written)} ${opened === undefined ? door : copyView(entry, opened)} ${work.view(false)}
    ${mails.some(isOnItsWay) ? html`<p class="actions"><button type="button" class="danger" @click=${() => void withdraw(mails)}>${words.withdraw}</button></p>` : nothing}`;
}

function recipients(mails: readonly OutgoingRecord[], written: OpenedCopy["copy"]): TemplateResult | typeof nothing {
  const { words } = app;
  const fieldOf = (address: string): string => (written?.draft.cc.includes(address) ? ` · ${words.cc}` : written?.draft.bcc.includes(address) ? ` · ${words.bcc}` : "");
  const ways = new Map(written?.sent.to.map(({ address, way }) => [addressKey(address), words.sentWays[way] + fieldOf(address)]));
  const told = new Set(mails.flatMap(({ recipients }) => recipients.map(({ address }) => addressKey(address))));
  const untold = [...ways].filter(([address]) => !told.has(address));
  if (told.size + untold.length === 0) return nothing;
  return html`<h2 id="recipients-title">${words.recipients}</h2>
    <ul class="fates" aria-labelledby="recipients-title">
      ${mails.flatMap((mail) => mail.recipients.map((one) => fate(mail, one, ways.get(addressKey(one.address)), written?.draft)))}
      ${untold.map(([address, way]) => html`<li><p class="fate-title"><strong dir="ltr">${plainLine(address)}</strong> <span class="note">${way}</span></p></li>`)}
    </ul>`;
}

function fate(mail: OutgoingRecord, recipient: OutgoingRecipient, way: string | undefined, written: Draft | undefined): TemplateResult {
  const { words } = app;
  const { formats } = words;
  const reason = recipient.state === "sent" ? undefined : reasonText(recipient);
  const said = plainLine(recipient.reply ?? "").trim();
  return html`<li data-testid="fate">
    <p class="fate-title"><strong dir="ltr">${recipient.address}</strong> ${stateMark(recipient)} <span class="note">${formats.moment(new Date(recipient.changed))}${way === undefined ? nothing : ` · ${way}`}</span></p>
    ${reason === undefined ? nothing : html`<p>${reason}</p>`}
    ${recipient.state === "delayed" && recipient.next !== undefined ? html`<p>${words.triedAgainAt(formats.moment(new Date(recipient.next)))}</p>` : nothing}
    ${said === "" || recipient.state === "sent" ? nothing : html`<p class="note">${words.otherServerSays}</p><blockquote class="text" dir="auto">${said}</blockquote>`}
    ${recipient.state === "failed" || (recipient.state === "delayed" && isUnsafeWay(recipient)) ? another(mail, recipient, written) : nothing}
  </li>`;
}

/** Written once more, for whom it did not reach: all of it if there is a copy. */
function another({ id }: OutgoingRecord, recipient: OutgoingRecipient, written: Draft | undefined): TemplateResult {
  const { words } = app;
  const isUnsafe = isUnsafeWay(recipient);
  const label = isUnsafe ? words.writeLink : words.writeAnew;
  const begin = (): void => void composeAnew({ ...(written ?? { subject: subjectOf(id) ?? "" }), recipients: [recipient.address], cc: [], bcc: [], ...(isUnsafe ? { way: "link", linkByHand: true } : {}) });
  return html`${isUnsafe ? html`<p>${words.linkInstead}</p>` : nothing}
    <p class="actions"><button type="button" aria-label="${label}: ${recipient.address}" @click=${begin}>${label}</button></p>`;
}

async function withdraw(mails: readonly OutgoingRecord[]): Promise<void> {
  const { words } = app;
  const own = work;
  const waiting = mails.filter(isOnItsWay);
  const left = waiting.flatMap(({ recipients }) => recipients.filter(({ state }) => state === "queued" || state === "delayed").map(({ address }) => address));
  if (!(await ask({ title: words.withdrawSentTitle, text: words.withdrawSentText(words.formats.list(left)), action: words.withdrawIt }))) return;
  await own.run(words.withdrawing, async () => {
    const results = await Promise.allSettled(waiting.map(({ id }) => withdrawOutgoing(id)));
    await refreshSent();
    for (const result of results) if (result.status === "rejected") throw result.reason;
    announce(words.withdrawnSent);
  });
}
