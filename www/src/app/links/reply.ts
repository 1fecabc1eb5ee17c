// A reply, opened with my key: text, attachments, who signed it. Everything in it is shown as text.
import type { AddressChange, Certificate, OpenedEnvelope } from "envelock";
import { addressOf } from "envelock/worker";
import { html, nothing, type TemplateResult } from "lit-html";
import { blobOf } from "../../blob.ts";
import { htmlAsText } from "../../decrypt/html-as-text.ts";
import { plainLine } from "../../plain-line.ts";
import { safeFileName, saveFile } from "../../save-file.ts";
import { announce } from "../announce.ts";
import { fetchReply } from "../api.ts";
import { composeTo } from "../compose/page.ts";
import { enclosedCertificate } from "../enclosed-certificate.ts";
import { engine } from "../engine.ts";
import { personOf } from "../keys/standing.ts";
import { unlockForm } from "../keys/unlock.ts";
import { problemText } from "../problem.ts";
import { signatureBadge } from "../signature-badge.ts";
import { app } from "../state.ts";
import { certificates, keepKey, secretKeys, unlockable, vault, whenLocked } from "../vault.ts";
import { Work } from "../work.ts";

/** One reply, with its own work: a slow one does not hold up the next. */
interface Entry {
  id: string;
  number: number;
  work: Work;
  message?: OpenedEnvelope;
  update?: Update;
}
let opened: Entry | undefined;

/** What came of the news about a key I know. */
interface Update {
  changed: AddressChange[];
  problem: string;
}
whenLocked(() => {
  opened = undefined;
});

/** The page. */
export function replyPage(id: string, number: number): TemplateResult {
  const { words } = app;
  const back = html`<p><a href="#/links/${id}">${words.backToLink}</a></p>`;
  if (vault.state !== "open") return html`<h1 tabindex="-1">${words.replyNumber(number)}</h1>${back}${unlockForm(words.unlockForReply)}`;
  let entry = opened;
  if (entry?.id !== id || entry.number !== number) {
    opened = entry = { id, number, work: new Work() };
    start(entry);
  }
  const { work, message } = entry;
  return html`<h1 tabindex="-1" dir="auto">${plainLine(message?.subject ?? "") || words.replyNumber(number)}</h1>
    ${back} ${work.view(false)} ${work.problem === "" ? nothing : html`<p class="actions"><button type="button" @click=${() => start(entry)}>${words.retry}</button></p>`}
    ${message === undefined ? nothing : view(message)} ${entry.update === undefined ? nothing : updateView(entry.update, message?.senderCertificate)}`;
}

function start(entry: Entry): void {
  // Not while a page is being drawn.
  queueMicrotask(() => {
    void entry.work.run(app.words.openingReply, async (signal) => {
      const ciphertext = await fetchReply(entry.id, entry.number);
      entry.message = await engine().openEnvelope({ ciphertext, keys: secretKeys().map(unlockable), verifyWith: certificates(), signal });
      entry.update = await takeUpdate(entry.message.senderCertificate);
      if (opened === entry) announce(app.words.replyOpened);
    });
  });
}

/** A key I know already may have come with news, such as a later expiry: they are merged into my copy. New addresses in it are told, and not trusted. */
async function takeUpdate(certificate: Certificate | undefined): Promise<Update> {
  const known = vault.keys.find(({ fingerprint }) => fingerprint === certificate?.fingerprint);
  if (certificate === undefined || known?.kind !== "certificate" || certificate.armored === known.armored) return { changed: [], problem: "" };
  try {
    return { changed: (await keepKey(certificate, { origin: "message" })).changed, problem: "" };
  } catch (error) {
    // The message is open all the same.
    return { changed: [], problem: problemText(error) };
  }
}

function updateView({ changed, problem }: Update, certificate: Certificate | undefined): TemplateResult {
  const { words } = app;
  return html`${problem === "" ? nothing : html`<p class="problem">${words.updateNotKept} ${problem}</p>`}
    ${changed.map(
      ({ address }) => html`<p class="warning">${words.updateClaims(certificate === undefined ? "" : personOf(certificate), address)} <a href="#/keys/${certificate?.fingerprint}">${words.lookAtKey}</a></p>`,
    )}`;
}

function view(message: OpenedEnvelope): TemplateResult {
  const { words } = app;
  const text = message.text !== "" ? message.text : message.html !== undefined ? htmlAsText(message.html) : "";
  const certificate = message.senderCertificate;
  const known = vault.keys.find((key) => key.fingerprint === certificate?.fingerprint);
  return html`${signatureBadge(message.signatures, html`<p class="note">${words.unsignedReplyNote}</p>`)}
    <div class="text" dir="auto" data-testid="reply-text">${text === "" ? words.noText : text}</div>
    ${message.attachments.length === 0
      ? nothing
      : html`<section aria-labelledby="files-title">
          <h2 id="files-title">${words.attachments}</h2>
          <ul class="attachments" aria-labelledby="files-title">
            ${message.attachments.map(({ name, data }) => ({ name: safeFileName(name), data })).map(
              ({ name, data }) => html`<li>
                <span class="file-name" dir="auto">${name}</span>
                <span class="file-size">${words.formats.bytes(data.length)}</span>
                <button type="button" aria-label=${words.saveFileNamed(name)} @click=${async () => saveFile(name, await blobOf(data))}>${words.save}</button>
              </li>`,
            )}
          </ul>
        </section>`}
    ${certificate === undefined || known !== undefined ? nothing : enclosedCertificate(certificate)} ${writeBack(message)}`;
}

/** A message to the writer: encrypted to the key I know for the address, never to what came with the reply. */
function writeBack({ replyTo, senderCertificate }: OpenedEnvelope): TemplateResult | typeof nothing {
  const address = replyTo?.email ?? senderCertificate?.userIds.map(addressOf).find((one) => one !== undefined);
  if (address === undefined) return nothing;
  const person = replyTo?.name ?? (senderCertificate === undefined ? address : personOf(senderCertificate));
  return html`<p class="actions"><button type="button" @click=${() => void composeTo(address)}>${app.words.writeBack(plainLine(person))}</button></p>`;
}
