// Compose: recipients, subject, text, attachments, password, and one button that says what will happen.
import { html, nothing, type TemplateResult } from "lit-html";
import { keyed } from "lit-html/directives/keyed.js";
import { announce, dismiss } from "../announce.ts";
import { ask } from "../ask.ts";
import { keepingLine } from "../drafts/keeping-line.ts";
import { forgetKept, isUnstored, keep, letGo, storeNow } from "../drafts/keeping.ts";
import { refreshLinks } from "../links/records.ts";
import { choiceOf } from "../keys/standing.ts";
import { refreshSent, sendsMail } from "../outgoing/records.ts";
import { go } from "../route.ts";
import { noCopy, unkept } from "../sent/keeping.ts";
import { noCopyText } from "../sent/notice.ts";
import { afterDraw, app, update } from "../state.ts";
import { secretKeys, vault, whenLocked } from "../vault.ts";
import { Work } from "../work.ts";
import { attach, attachmentField, fits } from "./attachments.ts";
import { copyOf, emptyDraft, everybody, hasContent, passwordOf, readAddress, type Draft } from "./draft.ts";
import { deliverySection, givesAway, passwordSection } from "./password.ts";
import { forgetRecipientProblems, recipientFields, recipientsAsTyped, takeAllRecipients } from "./recipients.ts";
import { resultCard } from "./result.ts";
import { signingKey, type Sealed } from "./seal.ts";
import { sendDraft, type Progress } from "./sending.ts";
import { buttonText, isMailed, makesLink, planOf, waySection } from "./way.ts";

/** Recipients of one mail (`RECIPIENTS` of `crates/wire`). */
const MOST_RECIPIENTS = 100;

const work = new Work(() => (progress.handed.length > 0 ? app.words.cancelledRest : app.words.cancelled));
let draft: Draft | undefined;
let sealed: Sealed | undefined;
let problem = "";
const unsent = (): Progress => ({ handed: [], seen: { recipients: [], cc: [] }, last: undefined, sealed: undefined, copies: [], uncopied: undefined });
/** How far the draft is that is being sent. */
let progress = unsent();
/** What the button said when it was drawn. */
let promised = "";

/** Whether leaving would lose text that is kept as no draft, a copy that is not stored yet, or a passphrase on the screen that nobody has noted. */
export function unsentText(): boolean {
  return isUnfinished() || unkept.length > 0 || unnotedPassword();
}

/** Whether something is being sent, or was written and is stored nowhere. */
export function isUnfinished(): boolean {
  return work.busy || (draft !== undefined && isUnstored(draft));
}

/** Whether the only copy of a sealed message's passphrase is the one on the card. */
export function unnotedPassword(): boolean {
  return sealed?.noted === false;
}

/** When the page is left: a password that somebody has is not shown again. */
export function leaveCompose(): void {
  if (sealed?.noted === true) sealed = undefined;
  void storeNow();
}
whenLocked(leaveCompose);

/** Drops text and password, as when signing out. */
export function forgetMessage(): void {
  sealed = undefined;
  draft = undefined;
  problem = work.problem = "";
  progress = unsent();
  forgetRecipientProblems();
  forgetKept();
}

/** The page. */
export function composePage(): unknown {
  if (sealed !== undefined) return resultCard(sealed, progress.handed, noCopyText(progress.uncopied), startOver);
  const current = written();
  if (!work.busy) keep(current);
  // A new draft gets new fields: what was typed into the old ones may not stay in them.
  return keyed(current, form(current));
}

/** What is being written, or a new one. */
function written(): Draft {
  if (draft === undefined) {
    draft = emptyDraft(app.server.limits.defaultExpirySeconds);
    progress = unsent();
  }
  return draft;
}

/** Goes to the page with this recipient, beside what is being written already. */
export async function composeTo(address: string): Promise<void> {
  if (!(await mayForgetPassword())) return;
  sealed = undefined;
  const current = written();
  const wanted = readAddress(address);
  if (wanted !== undefined && !everybody(current).includes(wanted)) current.recipients.push(wanted);
  go("#/compose");
}

/** Goes to the page with a new message that begins so. */
export async function composeAnew(begun: Partial<Draft>): Promise<void> {
  if (await loadDraft(copyOf({ ...emptyDraft(app.server.limits.defaultExpirySeconds), ...begun }))) go("#/compose");
}

/** Puts a draft in the place of what is being written, which is kept as one itself; whether it is there. Its owner may have to say what shall go. */
export async function loadDraft(loaded: Draft): Promise<boolean> {
  const { words } = app;
  if (work.busy || !(await mayForgetPassword())) return false;
  await storeNow();
  if (draft !== undefined && isUnstored(draft) && !(await ask({ title: words.discardTitle, text: words.discardText, action: words.discardIt }))) return false;
  forgetMessage();
  draft = loaded;
  return true;
}

async function mayForgetPassword(): Promise<boolean> {
  const { words } = app;
  return !unnotedPassword() || ask({ title: words.unnotedTitle, text: words.unnotedText, action: words.unnotedForget });
}

/** What is discarded, or sent and copied, is no draft any more. Where there is no copy yet, it stays until there is, or for good. */
async function dropDraft(copies: readonly Promise<boolean>[] = []): Promise<void> {
  const drop = letGo();
  if ((await Promise.all(copies)).includes(false)) return;
  const gone = await drop().catch(() => false);
  if (!gone) announce(app.words.draftStays);
}

function startOver(): void {
  forgetMessage();
  afterDraw(() => document.getElementById("to")?.focus());
}

function form(current: Draft): TemplateResult {
  const { words } = app;
  const text = (name: "subject" | "text") => (event: Event) => {
    current[name] = (event.target as HTMLInputElement).value;
  };
  const take = (event: DragEvent | ClipboardEvent): void => {
    const files = "dataTransfer" in event ? event.dataTransfer?.files : event.clipboardData?.files;
    if (files === undefined || files.length === 0) return;
    event.preventDefault();
    attach(current, files);
  };
  const asTyped = recipientsAsTyped(current);
  promised = buttonText(current, asTyped);
  const withPassword = makesLink(planOf(current)) && (!sendsMail() || current.way !== "clear");
  return html`<h1 tabindex="-1">${words.compose}</h1>
    <form class="compose" novalidate @submit=${submit} @input=${() => keep(current)} @change=${() => keep(current)} @paste=${take} @drop=${take} @dragover=${(event: DragEvent) => event.preventDefault()} ?inert=${work.busy}>
      ${recipientFields(current)}
      <div class="field">
        <label for="subject">${words.subject}</label>
        <input id="subject" autocomplete="off" dir="auto" .value=${current.subject} @input=${text("subject")} />
      </div>
      <div class="field">
        <label for="message">${words.message}</label>
        <textarea id="message" rows="10" dir="auto" .value=${current.text} @input=${text("text")}></textarea>
      </div>
      ${attachmentField(current)} ${waySection(current)} ${withPassword ? html`${passwordSection(current)} ${deliverySection(current, everybody(current).some((address) => isMailed(current, address)))}` : nothing} ${signSection(current)}
      ${problem === "" ? nothing : html`<p class="problem" role="alert" id="compose-problem" tabindex="-1">${problem}</p>`}
      <p class="actions">
        <button type="submit" class="primary" ?disabled=${work.busy}>${promised}</button>
        <button type="button" @click=${() => void discard(current)}>${words.discard}</button>
      </p>
      ${noCopy() === undefined ? nothing : html`<p class="note">${noCopyText(noCopy())}</p>`}
    </form>
    ${progress.handed.length === 0 || work.busy ? nothing : html`<p class="note" role="status">${words.handedAlready(words.formats.list(progress.handed))} <a href="#/sent">${words.sentTitle}</a></p>`}
    ${keepingLine()} ${work.view()}`;
}

function signSection(current: Draft): TemplateResult {
  const { words } = app;
  const able = secretKeys().filter((key) => key.canSign);
  const key = signingKey(current);
  return html`<fieldset class="boxed">
    <legend>${words.signature}</legend>
    ${vault.state === "locked"
      ? html`<p class="note">${words.unlockToSign} <a href="#/keys">${words.unlockKeys}</a></p>`
      : able.length === 0
        ? html`<p class="note">${words.noSigningKey} <a href="#/keys/new">${words.newKey}</a></p>`
        : html`<div class="field">
            <label for="sign-with">${words.signWith}</label>
            <select
              id="sign-with"
              @change=${(event: Event) => {
                current.signWith = (event.target as HTMLSelectElement).value;
                update();
              }}
            >
              ${able.map(
                (one) => html`<option value=${one.fingerprint} ?selected=${one.fingerprint === key?.fingerprint}>
                  ${choiceOf(one)}
                </option>`,
              )}
              <option value="" ?selected=${key === undefined}>${words.doNotSign}</option>
            </select>
          </div>`}
    <p class="choice">
      <input
        type="checkbox"
        id="allow-reply"
        .checked=${current.allowReply && key !== undefined}
        ?disabled=${key === undefined}
        aria-describedby="allow-reply-note"
        @change=${(event: Event) => {
          current.allowReply = (event.target as HTMLInputElement).checked;
        }}
      />
      <label for="allow-reply">${words.allowReply}</label>
    </p>
    <p class="note indented" id="allow-reply-note">${key === undefined ? words.replyNeedsKey : words.allowReplyNote}</p>
  </fieldset>`;
}

function submit(event: SubmitEvent): void {
  event.preventDefault();
  const current = draft;
  if (current === undefined || work.busy) return;
  const doubtful = takeAllRecipients(current);
  if (doubtful !== undefined) return doubtful.focus();
  problem = buttonText(current) === promised ? whatIsMissing(current) : app.words.planChanged;
  if (problem !== "") return afterDraw(() => document.getElementById("compose-problem")?.focus());
  void work
    .run(app.words.encrypting(""), (signal, report) => sendDraft(current, progress, signal, report))
    .then((done) => {
      // The button that had the focus was out of reach meanwhile, and Cancel is gone.
      if (!done) return afterDraw(() => document.activeElement === document.body && document.querySelector<HTMLElement>(".compose [type=submit]")?.focus());
      sealed = progress.sealed;
      draft = undefined;
      void dropDraft(progress.copies);
      dismiss();
      void refreshLinks();
      if (sealed === undefined) return void showSent();
      if (sendsMail()) void refreshSent();
      afterDraw(() => document.querySelector<HTMLElement>(".detail h1")?.focus());
    });
}

/** The server has all of it: how far it gets is told there. */
async function showSent(): Promise<void> {
  const { handed, last, uncopied } = progress;
  announce([app.words.handedOver(app.words.formats.list(handed)), noCopyText(uncopied)].join(" ").trim());
  forgetMessage();
  await refreshSent();
  if (app.route.page === "compose") go(`#/sent/${last}`);
}

function whatIsMissing(current: Draft): string {
  const { words } = app;
  if (current.subject.trim() === "" && current.text.trim() === "" && current.files.length === 0) return words.nothingWritten;
  const plan = planOf(current);
  if (sendsMail() && current.way === "clear" && everybody(current).length === 0) return words.nobodyToSendTo;
  if (sendsMail() && everybody(current).length > MOST_RECIPIENTS) return words.tooManyRecipients(MOST_RECIPIENTS);
  if (makesLink(plan) && passwordOf(current) === "") return words.noPassword;
  if (makesLink(plan) && givesAway(current)) return words.hintGivesAway;
  if (!fits(current)) return words.tooLargeToSend;
  return "";
}

async function discard(current: Draft): Promise<void> {
  const { words } = app;
  if (hasContent(current) && !(await ask({ title: words.discardTitle, text: words.discardText, action: words.discardIt }))) return;
  void dropDraft();
  startOver();
}
