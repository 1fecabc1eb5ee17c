// The page of one message: where it came from, who signed it, what it says, what is attached. It is shown as text, or in the frame of
// `frame.ts`; files are saved, never opened. What cannot be shown says so, and the message can be saved as it arrived.
import type { MailPart, ReadMail } from "envelock";
import { addressOf } from "envelock/worker";
import { html, nothing, type TemplateResult } from "lit-html";
import { blobOf } from "../../blob.ts";
import { plainLine } from "../../plain-line.ts";
import { saveFile } from "../../save-file.ts";
import { announce } from "../announce.ts";
import { ask } from "../ask.ts";
import { composeAnew } from "../compose/page.ts";
import { enclosedCertificate } from "../enclosed-certificate.ts";
import { unlockForm } from "../keys/unlock.ts";
import { problemText } from "../problem.ts";
import { go } from "../route.ts";
import { signatureBadge } from "../signature-badge.ts";
import { app, update } from "../state.ts";
import { vault } from "../vault.ts";
import { askedFor, everybodyOf, handedOn, replyTo } from "./answer.ts";
import { arrange, isAsWhole, type Block, type Section } from "./arrangement.ts";
import { authorOf, headingOf, isRead, subjectOf } from "./headings.ts";
import { formatted } from "./frame.ts";
import { fileList, textView } from "./pieces.ts";
import { openedMail, readAgain, type Opened } from "./reading.ts";
import { dropRecord, inbox, lookFor, recordOf, refreshInbox } from "./records.ts";
import { deleteMail, type MailRecord } from "./requests.ts";
import { originBadge } from "./verdict.ts";

/** The page. */
export function mailPage(id: string): TemplateResult {
  const { words } = app;
  const record = recordOf(id);
  if (record === undefined) {
    if (inbox.next !== undefined) queueMicrotask(() => void lookFor(id));
    const isKnown = inbox.records !== undefined && inbox.next === undefined;
    return html`<h1 tabindex="-1">${words.inbox}</h1>
      ${isKnown ? html`<p class="note">${words.noSuchMail}</p>` : inbox.problem === "" ? html`<p class="note" role="status">${words.loading}</p>` : html`<p class="problem" role="alert">${inbox.problem}</p>`}`;
  }
  const entry = openedMail(id);
  const { work, mail } = entry;
  return html`<h1 tabindex="-1" dir="auto">${subjectOf(headingOf(id))}</h1>
    ${facts(record, mail)} ${originBadge(record)} ${work.view(false)}
    ${work.problem === "" ? nothing : html`<p>${words.mailCannotBeShown}</p>`}
    ${mail === undefined ? nothing : html`${view(mail)} ${senderKey(record, mail, entry)}`}
    ${entry.isLocked && vault.state !== "open" ? locked() : nothing}
    <p class="actions">
      ${mail === undefined || entry.original === undefined ? nothing : answers(record, mail, entry.original)}
      ${work.problem === "" ? nothing : html`<button type="button" @click=${() => readAgain(entry)}>${words.retry}</button>`}
      ${entry.original === undefined ? nothing : html`<button type="button" @click=${() => saveOriginal(entry)}>${words.saveOriginal}</button>`}
      <button type="button" class="danger" @click=${() => void askToDelete(record)}>${words.deleteMail}</button>
    </p>`;
}

/** What the server had encrypted says nothing without a key. */
function locked(): TemplateResult {
  const { words } = app;
  return vault.state === "none" ? html`<p class="warning">${words.mailNoKeys}</p>` : unlockForm(words.unlockForSealed);
}

/** Who and when. */
function facts(record: MailRecord, mail: ReadMail | undefined): TemplateResult {
  const { words } = app;
  const heading = headingOf(record.id);
  const values = (name: string): string[] => (mail?.fields ?? []).filter((field) => field.name.toLowerCase() === name).map(({ value }) => plainLine(value).trim());
  const fact = (name: string, value: string): TemplateResult | typeof nothing => (value === "" ? nothing : html`<div><dt>${name}</dt><dd dir="auto">${value}</dd></div>`);
  return html`<dl class="facts">
    ${isRead(heading) ? fact(words.mailFrom, authorOf(heading)) : nothing} ${fact(words.to, values("to").join(", "))} ${fact(words.mailCopyTo, values("cc").join(", "))}
    ${fact(words.mailReceived, words.formats.moment(new Date(record.receivedAt)))} ${fact(words.size, words.formats.bytes(record.size))}
  </dl>`;
}

function view(mail: ReadMail): TemplateResult {
  const { words } = app;
  const sections = arrange(mail.parts);
  const isEncrypted = mail.protection.endsWith("encrypted");
  // What did not open says nothing of how it is protected.
  const isOpen = mail.signatures.length > 0 || mail.parts.some(({ problem }) => problem === undefined);
  return html`${isOpen ? signatureBadge(mail.signatures, html`<p class="note">${words.unsignedMailNote}</p>`, html`<p class="note">${isEncrypted ? words.mailEncrypted : words.mailNotEncrypted}</p>`) : nothing}
    ${needsKeys(mail) ? unlockForm(words.unlockForMail) : nothing}
    ${mail.mismatches.map(({ name, outer = "", inner = "" }) => html`<p class="warning" dir="auto">${words.headerMismatch(plainLine(name), plainLine(outer), plainLine(inner))}</p>`)}
    ${sections.map((section) => sectionView(section, mail))} ${sections.every(({ blocks }) => blocks.length === 0) ? html`<p class="note">${words.mailWithoutText}</p>` : nothing}`;
}

/**
 * The sender's key, if one came along (Autocrypt) that is not here yet. Not of a message that is probably forged, or of which
 * that is not known, and none that claims other addresses as well: whoever keeps a key keeps it for all of them.
 */
function senderKey({ verdict }: MailRecord, { autocrypt }: ReadMail, entry: Opened): TemplateResult | typeof nothing {
  const { peer } = autocrypt;
  if (peer === undefined || vault.state !== "open" || verdict.alarm === "red" || verdict.alarm === "grey") return nothing;
  const { certificate, address } = peer;
  const isKnown = vault.keys.some(({ fingerprint }) => fingerprint === certificate.fingerprint);
  const isTheirs = certificate.status === "valid" && certificate.userIds.length > 0 && certificate.userIds.every((userId) => addressOf(userId) === addressOf(address));
  return isKnown || !isTheirs ? nothing : enclosedCertificate(certificate, () => readAgain(entry));
}

/** Whether the keystore could open something, or say who signed. */
function needsKeys({ parts, signatures }: ReadMail): boolean {
  if (vault.state === "open" || vault.state === "none") return false;
  return signatures.length > 0 || parts.some(({ problem, signatures }) => signatures.length > 0 || problem?.code === NO_KEY);
}

const NO_KEY = "no-matching-key";

/** Parts that are protected otherwise than the whole stand apart, with a badge of their own. */
function sectionView(section: Section, mail: ReadMail): TemplateResult {
  const { words } = app;
  const content = html`${section.blocks.map((block) => blockView(block, section.files))} ${section.files.length === 0 ? nothing : files(section)}`;
  const [part] = mail.parts.filter(({ layer }) => layer === section.layer);
  if (part === undefined || part.problem !== undefined || isAsWhole(section, mail)) return content;
  const isEncrypted = part.protection.endsWith("encrypted");
  return html`<section class="boxed" aria-label=${words.mailPieceTitle}>
    <p class="note">${words.mailPiece}</p>
    ${signatureBadge(part.signatures, nothing, html`<p class="note">${isEncrypted ? words.mailEncrypted : words.mailNotEncrypted}</p>`)} ${content}
  </section>`;
}

/** Texts whose reader wants to see them as their writer formatted them. */
const shownFormatted = new WeakSet<MailPart>();

function blockView(block: Block, files: readonly MailPart[]): unknown {
  const { words } = app;
  const { part } = block;
  if (block.kind === "problem") return html`<p class="warning">${partProblem(part)}</p>`;
  if (block.kind === "html") return formatted(part, files);
  if (block.formatted.length === 0) return textView(part.text ?? "");
  const isFormatted = shownFormatted.has(part);
  const toggle = (): void => {
    if (isFormatted) shownFormatted.delete(part);
    else shownFormatted.add(part);
    update();
  };
  return html`<p class="actions"><button type="button" @click=${toggle}>${isFormatted ? words.showAsText : words.showFormatted}</button></p>
    ${isFormatted ? block.formatted.map((one) => formatted(one, files)) : textView(part.text ?? "")}`;
}

function partProblem({ problem }: MailPart): string {
  const { words } = app;
  if (problem?.code === NO_KEY && vault.state !== "open") return vault.state === "none" ? words.mailNoKeys : words.mailLocked;
  return `${words.mailPartCannotBeShown} ${problem?.code === "too-large" ? words.mailTooMuch : problemText(problem)}`;
}

function files({ layer, files }: Section): TemplateResult {
  const shown = files.map(({ name, data }) => ({ name: name ?? "", size: data.length, octets: () => blobOf(data) }));
  return fileList(`files-${layer}`, shown, app.words.attachmentWarning);
}

function answers(record: MailRecord, mail: ReadMail, original: Blob): TemplateResult {
  const { words } = app;
  const about = [words.formats.moment(new Date(record.receivedAt)), plainLine(mail.from?.address ?? words.authorUnclear)] as const;
  const all = everybodyOf(mail, app.session?.address ?? "");
  const asked = askedFor(mail);
  const answer = (): void => void composeAnew(replyTo(mail, words.quoteIntro(...about)));
  const answerAll = (): void => void composeAnew({ ...replyTo(mail, words.quoteIntro(...about)), ...all });
  const handOn = (): void => void composeAnew(handedOn(mail, original, words.forwardIntro(...about)));
  return html`<button type="button" @click=${answer}>${words.answerMail}</button>
    ${[...all.recipients, ...all.cc].every((address) => asked.includes(address)) ? nothing : html`<button type="button" @click=${answerAll}>${words.answerAll}</button>`}
    <button type="button" @click=${handOn}>${words.forwardMail}</button>`;
}

function saveOriginal({ original }: Opened): void {
  if (original !== undefined) saveFile("message.eml", original);
}

async function askToDelete({ id }: MailRecord): Promise<void> {
  const { words } = app;
  const subject = subjectOf(headingOf(id));
  if (!(await ask({ title: words.deleteMailTitle(subject), text: words.deleteMailText, action: words.deleteMail }))) return;
  try {
    await deleteMail(id);
  } catch (error) {
    announce(problemText(error));
    return void refreshInbox();
  }
  dropRecord(id);
  announce(words.mailDeleted);
  if (app.route.page === "mail" && app.route.id === id) go("#/inbox");
}
