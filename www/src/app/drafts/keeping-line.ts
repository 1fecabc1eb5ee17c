// One line under the message that says whether it is kept. It speaks when that changes, not with every key.
import { html, nothing, type TemplateResult } from "lit-html";
import { app } from "../state.ts";
import { keeping, storeNow } from "./keeping.ts";

/** The line. */
export function keepingLine(): TemplateResult {
  const { words } = app;
  const { state, pending, elsewhere, missing } = keeping;
  return html`${elsewhere === undefined
      ? nothing
      : html`<p class="warning" role="alert">
          ${elsewhere.what === "changed" ? html`${words.draftChangedElsewhere} <a href="#/drafts/${elsewhere.id}">${words.draftShowOther}</a>` : words.draftDeletedElsewhere}
        </p>`}
    ${missing.length === 0 ? nothing : html`<p class="warning">${words.draftFilesMissing(words.formats.list(missing))}</p>`}
    <p class="note keeping">
      <span role="status" class=${pending ? "unseen" : state === "failed" ? "problem" : ""}>${standing()}</span>
      ${pending ? html`<span aria-hidden="true">${words.draftStoring}</span>` : nothing}
      ${state === "failed" && !pending ? html`<button type="button" class="quiet" @click=${() => void storeNow(true)}>${words.retry}</button>` : nothing}
      ${state === "locked" ? html`<a href="#/keys">${words.unlockKeys}</a>` : state === "no-key" ? html`<a href="#/keys/new">${words.newKey}</a>` : state === "unfit-key" ? html`<a href="#/keys">${words.keys}</a>` : nothing}
    </p>`;
}

function standing(): string | typeof nothing {
  const { words, server } = app;
  switch (keeping.state) {
    case "none":
      return nothing;
    case "locked":
      return words.draftLocked;
    case "no-key":
      return words.draftNeedsKey;
    case "unfit-key":
      return words.draftUnfitKey;
    case "failed":
      return `${words.draftNotStored(keeping.problem)} ${keeping.tryingAgain ? words.draftTriedAgain : words.draftTriedWhenAsked}`;
    case "stored":
      return keeping.omitted.length > 0 ? words.draftWithoutFiles(words.formats.list(keeping.omitted), words.formats.bytes(server.limits.draftBytes)) : words.draftStored;
  }
}
