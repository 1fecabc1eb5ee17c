// Recipients as chips, each with its key mark in words: those in To and, once somebody asks for the fields, in Cc and Bcc.
import { html, nothing, type TemplateResult } from "lit-html";
import { announce } from "../announce.ts";
import { sendsMail } from "../outgoing/records.ts";
import type { Transport } from "../outgoing/requests.ts";
import { transportTo } from "../outgoing/transport.ts";
import { afterDraw, app, update } from "../state.ts";
import { recipientFor } from "../vault-contacts.ts";
import { vault } from "../vault.ts";
import { everybody, readAddress, type Draft } from "./draft.ts";
import { isMailed, planOf } from "./way.ts";

/** The fields of a draft that hold addresses, with the ids of their inputs. */
const FIELDS = { recipients: "to", cc: "cc", bcc: "bcc" } as const;
type Field = keyof typeof FIELDS;
const fields = Object.keys(FIELDS) as Field[];

const noProblems = (): Record<Field, string> => ({ recipients: "", cc: "", bcc: "" });
let problems = noProblems();
/** Drafts of which Cc and Bcc are shown. */
const withCopies = new WeakSet<Draft>();

/** For a new draft. */
export function forgetRecipientProblems(): void {
  problems = noProblems();
}

/** Its input, where it is shown. */
function inputOf(field: Field): HTMLInputElement | undefined {
  const input = document.getElementById(FIELDS[field]);
  return input instanceof HTMLInputElement ? input : undefined;
}

const piecesOf = (text: string): string[] => text.split(/[,;\n]+/).filter((piece) => piece.trim() !== "");

/** Everybody it is for, with whom stands in a field and is no chip yet: what the button says holds for them, too. */
export function recipientsAsTyped(draft: Draft): string[] {
  const typed = fields.flatMap((field) => piecesOf(inputOf(field)?.value ?? "").map(readAddress));
  return [...new Set([...everybody(draft), ...typed.filter((address) => address !== undefined)])];
}

/** Takes what stands in the fields over into chips; the first of them in which something doubtful is left. */
export function takeAllRecipients(draft: Draft): HTMLInputElement | undefined {
  const inputs = fields.map((field) => ({ field, input: inputOf(field) }));
  return inputs.filter(({ field, input }) => input !== undefined && !takeRecipients(draft, field, input))[0]?.input;
}

/** Of one field; whether nothing doubtful is left. Whoever stands in another field moves: the last word counts. */
function takeRecipients(draft: Draft, field: Field, input: HTMLInputElement): boolean {
  const left: string[] = [];
  for (const piece of piecesOf(input.value)) {
    const address = readAddress(piece);
    if (address === undefined) left.push(piece.trim());
    else if (!draft[field].includes(address)) {
      for (const other of fields) draft[other] = draft[other].filter((one) => one !== address);
      draft[field].push(address);
    }
  }
  input.value = left.join(", ");
  problems[field] = left.length === 0 ? "" : app.words.notAnAddress(left.join(", "));
  update();
  return left.length === 0;
}

/** The fields with their chips, and how mail reaches whoever is in them. */
export function recipientFields(draft: Draft): TemplateResult {
  const { words } = app;
  if (draft.cc.length + draft.bcc.length > 0) withCopies.add(draft);
  const show = (): void => {
    withCopies.add(draft);
    afterDraw(() => inputOf("cc")?.focus());
    update();
  };
  // What is typed into To becomes chips when it loses the focus: the button would be gone from under the pointer.
  const stay = (event: Event): void => event.preventDefault();
  const more = html`<p class="actions"><button type="button" class="quiet" @mousedown=${stay} @click=${show}>${words.showCopies}</button></p>`;
  return html`${fieldOf(draft, "recipients", words.to, words.recipients, sendsMail() ? words.toNoteSending : words.toNote)}
    ${withCopies.has(draft)
      ? html`${fieldOf(draft, "cc", words.cc, words.ccTitle, words.ccNote)} ${fieldOf(draft, "bcc", words.bcc, words.bccTitle, bccNote(draft))}`
      : sendsMail()
        ? more
        : nothing}
    ${routes(draft)}`;
}

/** What others can learn of them all the same. */
function bccNote(draft: Draft): string {
  const { words } = app;
  const { linked } = planOf(draft);
  return draft.bcc.some((address) => linked.includes(address)) ? `${words.bccNote} ${words.bccLinkNote}` : words.bccNote;
}

function fieldOf(draft: Draft, field: Field, label: string, title: string, note: string): TemplateResult {
  const id = FIELDS[field];
  const addresses = draft[field];
  const problem = problems[field];
  const onKey = (event: KeyboardEvent): void => {
    const input = event.target as HTMLInputElement;
    if (event.key === "Enter" || event.key === "," || event.key === ";") {
      event.preventDefault();
      takeRecipients(draft, field, input);
    } else if (event.key === "Backspace" && input.value === "" && addresses.length > 0) {
      remove(draft, field, addresses.length - 1);
    }
  };
  return html`<div class="field">
    <label for=${id}>${label}</label>
    ${addresses.length === 0
      ? nothing
      : html`<ul class="chips" aria-label=${title}>
          ${addresses.map((address, index) => chip(draft, field, address, index))}
        </ul>`}
    <input
      id=${id}
      type="text"
      inputmode="email"
      autocomplete="off"
      autocapitalize="none"
      spellcheck="false"
      aria-describedby="${id}-note"
      aria-invalid=${problem === "" ? nothing : "true"}
      @keydown=${onKey}
      @input=${update}
      @blur=${(event: Event) => takeRecipients(draft, field, event.target as HTMLInputElement)}
    />
    <p class="note" id="${id}-note">${note}</p>
    ${problem === "" ? nothing : html`<p class="problem" role="alert">${problem}</p>`} ${addresses.map(changedWarning)}
  </div>`;
}

/** What the marks of the ways to them mean, and who cannot be reached at all. */
function routes(draft: Draft): TemplateResult | typeof nothing {
  const { words } = app;
  const mailed = everybody(draft).filter((address) => isMailed(draft, address));
  const found = [...new Set(mailed.map(transportTo).filter((one) => one !== undefined))];
  if (found.length === 0) return nothing;
  const unreachable = mailed.filter((address) => transportTo(address) === "none");
  return html`<div class="field">
    ${unreachable.length === 0 ? nothing : html`<p class="warning" role="alert">${words.cannotBeReached(words.formats.list(unreachable))}</p>`}
    <details>
      <summary>${words.transportTitle}</summary>
      <dl class="facts">
        ${found.map((one) => html`<div><dt>${words.transports[one]}</dt><dd>${words.transportNotes[one]}</dd></div>`)}
      </dl>
    </details>
  </div>`;
}

/** A key that came to take another's place is not used; where to settle it. */
function changedWarning(address: string): TemplateResult | typeof nothing {
  const { words } = app;
  if (vault.state !== "open" || recipientFor(address)?.trust !== "changed") return nothing;
  return html`<p class="warning">${words.changedKeyNotUsed(address)} <a href="#/keys">${words.lookAtKeys}</a></p>`;
}

function chip(draft: Draft, field: Field, address: string, index: number): TemplateResult {
  const { words } = app;
  const mark = sendsMail() && draft.way === "clear" ? words.markClear : vault.state === "open" ? markOf(draft, address) : words.markLocked;
  return html`<li class="chip">
    <span dir="ltr">${address}</span> <span class="mark">${mark}</span> ${isMailed(draft, address) ? routeMark(transportTo(address)) : nothing}
    <button type="button" class="quiet" aria-label=${words.removeRecipient(address)} @click=${() => remove(draft, field, index)}>×</button>
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

function remove(draft: Draft, field: Field, index: number): void {
  const [address] = draft[field].splice(index, 1);
  if (address !== undefined) announce(app.words.removed(address));
  afterDraw(() => inputOf(field)?.focus());
}
