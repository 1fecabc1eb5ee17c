// The keys by person, one line each: name, address, algorithm, expiry, state.
import type { Key } from "envelock";
import { html, nothing, type TemplateResult } from "lit-html";
import { addressOf, nameOf } from "../../user-id.ts";
import { app, update } from "../state.ts";
import { lockVault, vault } from "../vault.ts";
import { unlockForm } from "./unlock.ts";

let search = "";

/** The middle column of the Keys pages. */
export function keyList(selected: string | undefined): TemplateResult {
  const { words } = app;
  if (vault.state !== "open") return html`<h1 tabindex="-1">${words.keys}</h1>${unlockForm()}`;
  const wanted = search.trim().toLowerCase();
  const shown = vault.keys
    .filter((key) => [key.fingerprint, ...key.userIds].join("\n").toLowerCase().includes(wanted))
    .sort((a, b) => Number(b.kind === "secret-key") - Number(a.kind === "secret-key") || personOf(a).localeCompare(personOf(b), words.language));
  return html`<h1 tabindex="-1">${words.keys}</h1>
    <p class="actions">
      <a class="button" href="#/keys/new">${words.newKey}</a>
      <a class="button" href="#/keys/import">${words.importKeys}</a>
      <button type="button" @click=${() => void lockVault()}>${words.lock}</button>
    </p>
    ${vault.damaged === 0 ? nothing : html`<p class="warning">${words.damagedEntries(vault.damaged)}</p>`}
    ${vault.keys.length === 0
      ? html`<p class="note">${words.noKeys}</p>`
      : html`<div class="field">
            <label class="unseen" for="search">${words.search}</label>
            <input
              id="search"
              type="search"
              placeholder=${words.search}
              .value=${search}
              @input=${(event: Event) => {
                search = (event.target as HTMLInputElement).value;
                update();
              }}
            />
          </div>
          <ul class="rows" aria-label=${words.keysList}>
            ${shown.map((key) => row(key, key.fingerprint === selected))}
          </ul>
          ${shown.length === 0 ? html`<p class="note">${words.nothingFound}</p>` : nothing}`}`;
}

function row(key: Key, selected: boolean): TemplateResult {
  const { words } = app;
  const userId = key.primaryUserId ?? key.userIds[0] ?? key.keyId;
  const address = addressOf(userId);
  return html`<li>
    <a href="#/keys/${key.fingerprint}" aria-current=${selected ? "page" : nothing}>
      <strong dir="auto">${nameOf(userId)}</strong>
      ${address === nameOf(userId).toLowerCase() ? nothing : html`<span class="row-more" dir="auto">${address}</span>`}
      <span class="row-more">${key.kind === "secret-key" ? words.yourKey : words.theirCertificate} · ${key.algorithm} · ${stateOf(key)}</span>
    </a>
  </li>`;
}

/** Its state and expiry in words. */
export function stateOf(key: Key): string {
  const { words } = app;
  const state = words.keyStates[key.status];
  if (key.status !== "valid") return state;
  return key.expires === undefined ? `${state}, ${words.neverExpires}` : `${state}, ${words.expiresOn(words.formats.day(key.expires))}`;
}

/** The name a key is listed by. */
export function personOf(key: Key): string {
  return nameOf(key.primaryUserId ?? key.userIds[0] ?? key.keyId);
}
