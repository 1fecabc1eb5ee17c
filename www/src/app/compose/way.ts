// How a draft reaches its recipients, where the server sends mail: what will happen is said on the button before it does.
import type { Certificate } from "envelock";
import { html, nothing, type TemplateResult } from "lit-html";
import { sendsMail } from "../outgoing/records.ts";
import { app, update } from "../state.ts";
import { recipientFor } from "../vault-contacts.ts";
import { vault } from "../vault.ts";
import { everybody, type Draft, type Way } from "./draft.ts";

/** Whoever gets it, by how. */
export interface Plan {
  /** Addresses with the certificate that it is encrypted to. */
  encrypted: Map<string, Certificate>;
  linked: string[];
  clear: string[];
}

/** What will be done with a draft, by the keys that are known now. Where the server sends nothing there is only the link. */
export function planOf(draft: Pick<Draft, "recipients" | "cc" | "bcc" | "way">): Plan {
  const { way } = draft;
  const plan: Plan = { encrypted: new Map(), linked: [], clear: [] };
  for (const address of everybody(draft)) {
    const certificate = sendsMail() && way === "key" && vault.state === "open" ? recipientFor(address)?.certificate : undefined;
    if (sendsMail() && way === "clear") plan.clear.push(address);
    else if (certificate !== undefined) plan.encrypted.set(address, certificate);
    else plan.linked.push(address);
  }
  return plan;
}

/** Whether there will be a link, and with it a password. A draft for nobody becomes one that its writer hands out. */
export function makesLink({ encrypted, linked, clear }: Plan): boolean {
  return linked.length > 0 || encrypted.size + clear.length === 0;
}

/** Whether the server will bring mail to this address. */
export function isMailed(draft: Draft, address: string): boolean {
  return sendsMail() && (!draft.linkByHand || !planOf(draft).linked.includes(address));
}

/** What the button says. */
export function buttonText(draft: Draft, recipients: readonly string[] = everybody(draft)): string {
  const { words } = app;
  const { encrypted, linked, clear } = planOf({ way: draft.way, recipients: [...recipients], cc: [], bcc: [] });
  const whom = (addresses: readonly string[]): string => (addresses.length === 1 ? (addresses[0] ?? "") : words.people(addresses.length));
  if (sendsMail() && draft.way === "clear") return recipients.length === 0 ? words.sendClearTo("") : words.sendClearTo(whom(clear));
  if (encrypted.size > 0 && linked.length > 0) return draft.linkByHand ? words.sendEncryptedAndLink(encrypted.size, linked.length) : words.sendEncryptedAndMailLink(encrypted.size, linked.length);
  if (encrypted.size > 0) return words.sendEncryptedTo(whom([...encrypted.keys()]));
  if (sendsMail() && linked.length > 0 && !draft.linkByHand) return words.mailLinkTo(whom(linked));
  return words.sealButton(recipients.length, recipients[0] ?? "");
}

/** The section; nothing where the server sends no mail. */
export function waySection(draft: Draft): TemplateResult | typeof nothing {
  const { words } = app;
  if (!sendsMail()) return nothing;
  const choice = (way: Way, label: string, note: string): TemplateResult => {
    const choose = (): void => {
      draft.way = way;
      update();
    };
    return html`<p class="choice">
        <input type="radio" id="way-${way}" name="way" .checked=${draft.way === way} aria-describedby="way-${way}-note" @change=${choose} />
        <label for="way-${way}">${label}</label>
      </p>
      <p class=${way === "clear" && draft.way === way ? "warning" : "note indented"} id="way-${way}-note">${note}</p>`;
  };
  return html`<fieldset class="boxed">
    <legend>${words.wayTitle}</legend>
    ${choice("key", words.wayKey, words.wayKeyNote)} ${choice("link", words.wayLink, words.wayLinkNote)} ${choice("clear", words.wayClear, words.wayClearNote)}
    ${draft.way !== "clear" && makesLink(planOf(draft)) ? byHand(draft) : nothing}
    <p class="note">${words.neverInClear}</p>
  </fieldset>`;
}

function byHand(draft: Draft): TemplateResult {
  const { words } = app;
  const choose = (event: Event): void => {
    draft.linkByHand = (event.target as HTMLInputElement).checked;
    update();
  };
  return html`<p class="choice">
      <input type="checkbox" id="link-by-hand" .checked=${draft.linkByHand} aria-describedby="link-by-hand-note" @change=${choose} />
      <label for="link-by-hand">${words.linkByHand}</label>
    </p>
    <p class="note indented" id="link-by-hand-note">${words.linkByHandNote}</p>`;
}
