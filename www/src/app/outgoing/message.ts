// One message that was sent: how far it got to each of its recipients, why not further, and taking it back.
import { html, nothing, type TemplateResult } from "lit-html";
import { plainLine } from "../../plain-line.ts";
import { announce } from "../announce.ts";
import { ask } from "../ask.ts";
import { composeAnew } from "../compose/page.ts";
import { app } from "../state.ts";
import { Work } from "../work.ts";
import { titleOf } from "./list.ts";
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
  const record = sent.records?.find((other) => other.id === id);
  if (record === undefined) {
    return html`<h1 tabindex="-1">${words.sentTitle}</h1>
      <p class="note" role="status">${sent.records === undefined ? (sendsMail() || sent.problem !== "" ? words.loading : words.sendsNoMail) : words.noSuchSent}</p>`;
  }
  const { formats } = words;
  return html`<h1 tabindex="-1" dir="auto">${titleOf(record)}</h1>
    <dl class="facts">
      <div><dt>${words.handedToServer}</dt><dd>${formats.moment(new Date(record.created))}</dd></div>
      <div><dt>${words.size}</dt><dd>${formats.bytes(record.size)}</dd></div>
    </dl>
    <h2 id="recipients-title">${words.recipients}</h2>
    <ul class="fates" aria-labelledby="recipients-title">
      ${record.recipients.map((one) => fate(record, one))}
    </ul>
    ${work.view(false)}
    ${isOnItsWay(record) ? html`<p class="actions"><button type="button" class="danger" @click=${() => void withdraw(record)}>${words.withdraw}</button></p>` : nothing}`;
}

function fate(record: OutgoingRecord, recipient: OutgoingRecipient): TemplateResult {
  const { words } = app;
  const { formats } = words;
  const reason = recipient.state === "sent" ? undefined : reasonText(recipient);
  const said = plainLine(recipient.reply ?? "").trim();
  return html`<li data-testid="fate">
    <p class="fate-title"><strong dir="ltr">${recipient.address}</strong> ${stateMark(recipient)} <span class="note">${formats.moment(new Date(recipient.changed))}</span></p>
    ${reason === undefined ? nothing : html`<p>${reason}</p>`}
    ${recipient.state === "delayed" && recipient.next !== undefined ? html`<p>${words.triedAgainAt(formats.moment(new Date(recipient.next)))}</p>` : nothing}
    ${said === "" || recipient.state === "sent" ? nothing : html`<p class="note">${words.otherServerSays}</p><blockquote class="text" dir="auto">${said}</blockquote>`}
    ${recipient.state === "failed" || (recipient.state === "delayed" && isUnsafeWay(recipient)) ? another(record, recipient) : nothing}
  </li>`;
}

/** The message itself is not here any more: it is written anew, for whom it did not reach. */
function another({ id }: OutgoingRecord, recipient: OutgoingRecipient): TemplateResult {
  const { words } = app;
  const isUnsafe = isUnsafeWay(recipient);
  const label = isUnsafe ? words.writeLink : words.writeAnew;
  const begin = (): void => void composeAnew({ recipients: [recipient.address], subject: subjectOf(id) ?? "", ...(isUnsafe ? { way: "link", linkByHand: true } : {}) });
  return html`${isUnsafe ? html`<p>${words.linkInstead}</p>` : nothing}
    <p class="actions"><button type="button" aria-label="${label}: ${recipient.address}" @click=${begin}>${label}</button></p>`;
}

async function withdraw(record: OutgoingRecord): Promise<void> {
  const { words } = app;
  const own = work;
  const left = record.recipients.filter(({ state }) => state === "queued" || state === "delayed").map(({ address }) => address);
  if (!(await ask({ title: words.withdrawSentTitle, text: words.withdrawSentText(words.formats.list(left)), action: words.withdrawIt }))) return;
  await own.run(words.withdrawing, async () => {
    try {
      await withdrawOutgoing(record.id);
      announce(words.withdrawnSent);
    } finally {
      await refreshSent();
    }
  });
}
