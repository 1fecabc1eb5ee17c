// What is in a copy: its text and attachments, writing it once more, and deleting it. What may not be what its owner sent is shown only after
// they were told. Not here: how far it got (`outgoing/message.ts`).
import { html, nothing, type TemplateResult } from "lit-html";
import { announce } from "../announce.ts";
import { ask } from "../ask.ts";
import { composeAnew } from "../compose/page.ts";
import { fileList, textView } from "../inbox/pieces.ts";
import { deleteMail } from "../inbox/requests.ts";
import { titleOf } from "../outgoing/list.ts";
import { problemText } from "../problem.ts";
import { go } from "../route.ts";
import { app, update } from "../state.ts";
import type { DecryptedCopy } from "./copy.ts";
import type { SentEntry } from "./joined.ts";
import { readCopy, type OpenedCopy } from "./reading.ts";
import { dropCopy, refreshCopies } from "./records.ts";

/** The section of a copy that is open, or on its way to be. */
export function copyView(entry: SentEntry, opened: OpenedCopy): TemplateResult {
  const { words } = app;
  const { work, copy } = opened;
  const show = (): void => {
    opened.shown = true;
    update();
  };
  const isShown = copy !== undefined && (copy.doubt === undefined || opened.shown);
  return html`${work.view(false)}
    ${copy?.doubt === undefined ? nothing : html`<p class="warning" role="alert">${words.copyDoubts[copy.doubt]}</p>`}
    ${isShown ? content(copy) : nothing}
    <p class="actions">
      ${copy !== undefined && !isShown ? html`<button type="button" @click=${show}>${words.draftOpenAnyway}</button>` : nothing}
      ${isShown ? html`<button type="button" @click=${() => void composeAnew(copy.draft)}>${words.writeOnceMore}</button>` : nothing}
      ${work.problem === "" ? nothing : html`<button type="button" @click=${() => void readCopy(opened)}>${words.retry}</button>`}
      <button type="button" class="danger" @click=${() => void askToDelete(entry)}>${words.deleteCopy}</button>
    </p>`;
}

function content({ draft: { text, files }, sent: { link } }: DecryptedCopy): TemplateResult {
  const { words } = app;
  return html`${link === undefined ? nothing : html`<p><a href="#/links/${link}">${words.seeState}</a></p>`}
    <h2>${words.message}</h2>
    ${text.trim() === "" ? html`<p class="note">${words.noText}</p>` : textView(text)}
    ${files.length === 0 ? nothing : fileList("sent-files", files.map((file) => ({ name: file.name, size: file.size, octets: () => file })), "")}`;
}

async function askToDelete(entry: SentEntry): Promise<void> {
  const { words } = app;
  if (!(await ask({ title: words.deleteCopyTitle(titleOf(entry)), text: words.deleteCopyText, action: words.deleteCopy }))) return;
  try {
    await deleteMail(entry.id);
  } catch (error) {
    announce(problemText(error));
    return void refreshCopies();
  }
  dropCopy(entry.id);
  announce(words.copyDeleted);
  if (app.route.page === "sent-mail") go("#/sent");
}
