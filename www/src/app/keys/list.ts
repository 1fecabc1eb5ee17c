// The keys on one screen: mine, my contacts', and what can be done with all of them.
import type { Key } from "envelock";
import { html, nothing, type TemplateResult } from "lit-html";
import { nameOf, shownAddress } from "../../user-id.ts";
import { marked } from "../icons.ts";
import { mayLeave } from "../leaving.ts";
import { searchField } from "../search-field.ts";
import { app } from "../state.ts";
import { contactOf } from "../vault-contacts.ts";
import { syncing } from "../vault-sync.ts";
import { lockVault, secretKeys, vault } from "../vault.ts";
import { verifiedMark } from "./contact.ts";
import { postQuantumOffer } from "./post-quantum.ts";
import { rivalMark } from "./rivals.ts";
import { personOf, standing, userIdOf } from "./standing.ts";
import { unlockForm } from "./unlock.ts";

/** So many are seen at once: nobody needs to search. */
const FEW = 5;
let search = "";

/** The middle column of the Keys pages. */
export function keyList(selected: string | undefined): TemplateResult {
  const { words } = app;
  if (vault.state !== "open") {
    // Restoring makes the keystore itself.
    const restoring = app.route.page === "key-task" && app.route.task === "restore";
    return html`<h1 tabindex="-1">${words.keys}</h1>${restoring ? nothing : unlockForm()}`;
  }
  const shown = found();
  const mine = shown.filter((key) => key.kind === "secret-key");
  const contacts = shown.filter((key) => key.kind === "certificate");
  return html`<div class="list-head">
      <h1 tabindex="-1">${words.keys}</h1>
      <button type="button" @click=${() => void mayLeave().then((may) => (may ? lockVault() : undefined))}>${words.lock}</button>
    </div>
    <p class="actions">
      <a class="button" href="#/keys/new">${words.newKey}</a>
      <a class="button" href="#/keys/import">${words.importKeys}</a>
      ${app.server.lookup === true ? html`<a class="button" href="#/keys/find">${words.findKey}</a>` : nothing}
      ${vault.keys.length === 0 ? nothing : html`<a class="button" href="#/keys/backup">${words.backUp}</a>`}
      <a class="button" href="#/keys/settings">${words.keystoreTitle}</a>
    </p>
    ${vault.name === "default" ? nothing : html`<p class="note" dir="auto">${words.keystoreNamed(vault.name)}</p>`} ${reminder()}
    ${vault.damaged === 0 ? nothing : html`<p class="warning">${words.damagedEntries(vault.damaged)}</p>`}
    ${vault.unread === 0 ? nothing : postQuantumOffer(words.unreadEntries(vault.unread))}
    ${vault.keys.length === 0 ? noKeys() : vault.keys.length > FEW || search !== "" ? searchField(search, (typed) => (search = typed)) : nothing}
    ${vault.keys.length > 0 && shown.length === 0 ? html`<p class="note">${words.nothingFound}</p>` : nothing}
    ${section("my-keys", words.myKeys, mine, selected)} ${section("contacts", words.contacts, contacts, selected)}
    ${mine.length > 0 && contacts.length === 0 && search === "" ? html`<p class="note">${words.noContacts}</p>` : nothing}`;
}

/** Whether there are none is known only when the other devices' have come. */
function noKeys(): TemplateResult {
  const { words } = app;
  return html`<p class="note" role="status">${syncing.settled ? html`${words.noKeys} <a href="#/keys/restore">${words.restoreInstead}</a>` : words.loading}</p>`;
}

/** Keys that would be lost with this browser. */
function reminder(): TemplateResult | typeof nothing {
  const { words } = app;
  const missing = secretKeys().filter(({ fingerprint }) => !vault.backedUp.has(fingerprint));
  if (missing.length === 0) return nothing;
  return html`<p class="warning">${marked("careful", words.notBackedUp(words.formats.list(missing.map(userIdOf))))}</p>`;
}

function found(): Key[] {
  const wanted = search.trim().toLowerCase();
  // A fingerprint may be typed with its spaces.
  const digits = wanted.replace(/\s/g, "");
  return vault.keys
    .filter((key) => [...key.userIds, ...(contactOf(key.fingerprint)?.labels ?? [])].join("\n").toLowerCase().includes(wanted) || (digits !== "" && key.fingerprint.toLowerCase().includes(digits)))
    .sort((a, b) => personOf(a).localeCompare(personOf(b), app.words.language));
}

function section(id: string, title: string, keys: Key[], selected: string | undefined): TemplateResult | typeof nothing {
  if (keys.length === 0) return nothing;
  return html`<h2 id=${id}>${title}</h2>
    <ul class="rows" aria-labelledby=${id}>
      ${keys.map((key) => row(key, key.fingerprint === selected))}
    </ul>`;
}

function row(key: Key, selected: boolean): TemplateResult {
  const userId = userIdOf(key);
  const address = shownAddress(userId);
  const labels = contactOf(key.fingerprint)?.labels ?? [];
  return html`<li>
    <a href="#/keys/${key.fingerprint}" aria-current=${selected ? "page" : nothing}>
      <strong dir="auto">${nameOf(userId)}</strong>
      ${address === nameOf(userId) ? nothing : html`<span class="row-more" dir="auto">${address}</span>`}
      <span class="row-more">${standing(key)}</span>
      ${key.kind === "certificate" ? html`<span class="row-more">${verifiedMark(key.fingerprint)}</span>` : nothing} ${rivalMark(key)}
      ${labels.length === 0 ? nothing : html`<span class="row-more" dir="auto">${app.words.labelled(app.words.formats.list(labels))}</span>`}
    </a>
  </li>`;
}
