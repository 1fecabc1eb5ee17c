// Which of my keys stands for which address: what I sign with when I write from it.
import { addressOf } from "envelock/worker";
import { html, nothing, type TemplateResult } from "lit-html";
import { announce } from "../announce.ts";
import { attempt } from "../attempt.ts";
import { app } from "../state.ts";
import { ownKeyFor, preferKey } from "../vault-contacts.ts";
import { secretKeys } from "../vault.ts";
import { choiceOf } from "./standing.ts";

/** The section; nothing while every address has only one key. */
export function defaultsSection(): TemplateResult | typeof nothing {
  const { words } = app;
  const addresses = addressesWithChoice();
  if (addresses.length === 0) return nothing;
  return html`<section aria-labelledby="defaults-title">
    <h2 id="defaults-title">${words.defaultsTitle}</h2>
    <p class="note">${words.defaultsNote}</p>
    ${addresses.map(defaultField)}
  </section>`;
}

/** My session's address is always there: any key may sign for it. */
function addressesWithChoice(): string[] {
  const mine = secretKeys().flatMap((key) => key.userIds.map(addressOf).filter((address) => address !== undefined));
  const session = addressOf(app.session?.address ?? "");
  const all = new Set([...(session === undefined ? [] : [session]), ...mine]);
  return secretKeys().length < 2 ? [] : [...all].sort();
}

function defaultField(address: string, index: number): TemplateResult {
  const { words } = app;
  const chosen = ownKeyFor(address)?.fingerprint;
  const change = (event: Event): void => {
    const fingerprint = (event.target as HTMLSelectElement).value;
    void attempt(async () => {
      await preferKey(address, fingerprint);
      announce(words.defaultSet(address));
    });
  };
  return html`<div class="field">
    <label for="default-${index}" dir="ltr">${address}</label>
    <select id="default-${index}" @change=${change}>
      ${secretKeys().map((key) => html`<option value=${key.fingerprint} ?selected=${key.fingerprint === chosen}>${choiceOf(key)}${key.status === "valid" ? nothing : `, ${words.keyStates[key.status]}`}</option>`)}
    </select>
  </div>`;
}
