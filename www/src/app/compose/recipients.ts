// Recipients as chips, each with its key mark in words.
import { html, nothing, type TemplateResult } from "lit-html";
import { announce } from "../announce.ts";
import { afterDraw, app, update } from "../state.ts";
import { recipientFor } from "../vault-contacts.ts";
import { vault } from "../vault.ts";
import { readAddress, type Draft } from "./draft.ts";

let problem = "";

/** For a new draft. */
export function forgetRecipientProblem(): void {
  problem = "";
}

/** Takes what stands in the field over into chips; whether nothing doubtful is left. */
export function takeRecipients(draft: Draft, input: HTMLInputElement): boolean {
  const pieces = input.value.split(/[,;\n]+/).filter((piece) => piece.trim() !== "");
  const left: string[] = [];
  for (const piece of pieces) {
    const address = readAddress(piece);
    if (address === undefined) left.push(piece.trim());
    else if (!draft.recipients.includes(address)) draft.recipients.push(address);
  }
  input.value = left.join(", ");
  problem = left.length === 0 ? "" : app.words.notAnAddress(left.join(", "));
  update();
  return left.length === 0;
}

/** The field with its chips. */
export function recipientField(draft: Draft): TemplateResult {
  const { words } = app;
  const onKey = (event: KeyboardEvent): void => {
    const input = event.target as HTMLInputElement;
    if (event.key === "Enter" || event.key === "," || event.key === ";") {
      event.preventDefault();
      takeRecipients(draft, input);
    } else if (event.key === "Backspace" && input.value === "" && draft.recipients.length > 0) {
      remove(draft, draft.recipients.length - 1);
    }
  };
  return html`<div class="field">
    <label for="to">${words.to}</label>
    ${draft.recipients.length === 0
      ? nothing
      : html`<ul class="chips" aria-label=${words.recipients}>
          ${draft.recipients.map((address, index) => chip(draft, address, index))}
        </ul>`}
    <input
      id="to"
      type="text"
      inputmode="email"
      autocomplete="off"
      autocapitalize="none"
      spellcheck="false"
      aria-describedby="to-note"
      aria-invalid=${problem === "" ? nothing : "true"}
      @keydown=${onKey}
      @blur=${(event: Event) => takeRecipients(draft, event.target as HTMLInputElement)}
    />
    <p class="note" id="to-note">${words.toNote}</p>
    ${problem === "" ? nothing : html`<p class="problem" role="alert">${problem}</p>`} ${draft.recipients.map(changedWarning)}
  </div>`;
}

/** A key that came to take another's place is not used; where to settle it. */
function changedWarning(address: string): TemplateResult | typeof nothing {
  const { words } = app;
  if (vault.state !== "open" || recipientFor(address)?.trust !== "changed") return nothing;
  return html`<p class="warning">${words.changedKeyNotUsed(address)} <a href="#/keys">${words.lookAtKeys}</a></p>`;
}

function chip(draft: Draft, address: string, index: number): TemplateResult {
  const { words } = app;
  const mark = vault.state === "open" ? markOf(address) : words.markLocked;
  return html`<li class="chip">
    <span dir="ltr">${address}</span> <span class="mark">${mark}</span>
    <button type="button" class="quiet" aria-label=${words.removeRecipient(address)} @click=${() => remove(draft, index)}>×</button>
  </li>`;
}

function markOf(address: string): string | typeof nothing {
  const { words } = app;
  const recipient = recipientFor(address);
  if (recipient === undefined) return nothing;
  return recipient.trust === undefined ? words.markNone : words.markTrust[recipient.trust];
}

function remove(draft: Draft, index: number): void {
  const [address] = draft.recipients.splice(index, 1);
  if (address !== undefined) announce(app.words.removed(address));
  afterDraw(() => document.getElementById("to")?.focus());
}
