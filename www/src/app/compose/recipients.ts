// Recipients as chips, each with its key mark in words.
import { html, nothing, type TemplateResult } from "lit-html";
import { announce } from "../announce.ts";
import { sendsMail } from "../outgoing/records.ts";
import type { Transport } from "../outgoing/requests.ts";
import { transportTo } from "../outgoing/transport.ts";
import { afterDraw, app, update } from "../state.ts";
import { recipientFor } from "../vault-contacts.ts";
import { vault } from "../vault.ts";
import { readAddress, type Draft } from "./draft.ts";
import { isMailed } from "./way.ts";

let problem = "";

/** For a new draft. */
export function forgetRecipientProblem(): void {
  problem = "";
}

const piecesOf = (text: string): string[] => text.split(/[,;\n]+/).filter((piece) => piece.trim() !== "");

/** Everybody it is for, with whom stands in the field and is no chip yet: what the button says holds for them, too. */
export function recipientsAsTyped(draft: Draft): string[] {
  const input = document.getElementById("to");
  const typed = input instanceof HTMLInputElement ? piecesOf(input.value).map(readAddress) : [];
  return [...new Set([...draft.recipients, ...typed.filter((address) => address !== undefined)])];
}

/** Takes what stands in the field over into chips; whether nothing doubtful is left. */
export function takeRecipients(draft: Draft, input: HTMLInputElement): boolean {
  const pieces = piecesOf(input.value);
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
      @input=${update}
      @blur=${(event: Event) => takeRecipients(draft, event.target as HTMLInputElement)}
    />
    <p class="note" id="to-note">${sendsMail() ? words.toNoteSending : words.toNote}</p>
    ${problem === "" ? nothing : html`<p class="problem" role="alert">${problem}</p>`} ${draft.recipients.map(changedWarning)} ${routes(draft)}
  </div>`;
}

/** What the marks of the ways to them mean, and who cannot be reached at all. */
function routes(draft: Draft): TemplateResult | typeof nothing {
  const { words } = app;
  const mailed = draft.recipients.filter((address) => isMailed(draft, address));
  const found = [...new Set(mailed.map(transportTo).filter((one) => one !== undefined))];
  if (found.length === 0) return nothing;
  const unreachable = mailed.filter((address) => transportTo(address) === "none");
  return html`${unreachable.length === 0 ? nothing : html`<p class="warning" role="alert">${words.cannotBeReached(words.formats.list(unreachable))}</p>`}
    <details>
      <summary>${words.transportTitle}</summary>
      <dl class="facts">
        ${found.map((one) => html`<div><dt>${words.transports[one]}</dt><dd>${words.transportNotes[one]}</dd></div>`)}
      </dl>
    </details>`;
}

/** A key that came to take another's place is not used; where to settle it. */
function changedWarning(address: string): TemplateResult | typeof nothing {
  const { words } = app;
  if (vault.state !== "open" || recipientFor(address)?.trust !== "changed") return nothing;
  return html`<p class="warning">${words.changedKeyNotUsed(address)} <a href="#/keys">${words.lookAtKeys}</a></p>`;
}

function chip(draft: Draft, address: string, index: number): TemplateResult {
  const { words } = app;
  const mark = sendsMail() && draft.way === "clear" ? words.markClear : vault.state === "open" ? markOf(draft, address) : words.markLocked;
  return html`<li class="chip">
    <span dir="ltr">${address}</span> <span class="mark">${mark}</span> ${isMailed(draft, address) ? routeMark(transportTo(address)) : nothing}
    <button type="button" class="quiet" aria-label=${words.removeRecipient(address)} @click=${() => remove(draft, index)}>×</button>
  </li>`;
}

/** How the mail travels to it. */
function routeMark(transport: Transport | undefined): TemplateResult {
  const { words } = app;
  return html`<span class="mark route ${transport ?? ""}">· ${transport === undefined ? words.transportAsked : words.transports[transport]}</span>`;
}

function markOf(draft: Draft, address: string): string | typeof nothing {
  const { words } = app;
  const recipient = recipientFor(address);
  if (recipient === undefined) return nothing;
  if (sendsMail() && draft.way === "link") return words.markLocked;
  return recipient.trust === undefined ? words.markNone : words.markTrust[recipient.trust];
}

function remove(draft: Draft, index: number): void {
  const [address] = draft.recipients.splice(index, 1);
  if (address !== undefined) announce(app.words.removed(address));
  afterDraw(() => document.getElementById("to")?.focus());
}
