// A key that claims an address another key had before: it may be a new one of the same person, or somebody posing as them.
// The warning stands until the fingerprint was compared, one of the keys was chosen, or one was removed.
import type { Key } from "envelock";
import { html, nothing, type TemplateResult } from "lit-html";
import { announce } from "../announce.ts";
import { ask } from "../ask.ts";
import { attempt } from "../attempt.ts";
import { marked } from "../icons.ts";
import { app } from "../state.ts";
import { ownKeyFor, preferKey, recipientFor, rivalsOf, type Rival } from "../vault-contacts.ts";
import { vault } from "../vault.ts";
import { besideEachOther } from "./comparison.ts";

/** In one line, for the list; nothing when nothing is open. */
export function rivalMark(key: Key): TemplateResult | typeof nothing {
  return rivalsOf(key).length === 0 ? nothing : html`<span class="row-more">${marked("careful", app.words.changedKey)}</span>`;
}

/** The section of one key: whose place it would take, and the ways to settle it. */
export function rivalSection(key: Key): TemplateResult | typeof nothing {
  const { words } = app;
  const rivals = rivalsOf(key);
  if (rivals.length === 0) return displacedSection(key);
  return html`<section class="warning" aria-labelledby="rivals-title">
    <h2 id="rivals-title">${marked("careful", words.changedKey)}</h2>
    ${rivals.map((rival) => rivalView(key, rival))}
    <p>${words.changedKeyAdvice}</p>
  </section>`;
}

/** Another key is used for an address of this one: the way back. */
function displacedSection(key: Key): TemplateResult | typeof nothing {
  const { words } = app;
  if (key.status !== "valid") return nothing;
  const own = key.kind === "secret-key";
  const used = (address: string): string => (own ? ownKeyFor(address) : recipientFor(address)?.certificate)?.fingerprint ?? key.fingerprint;
  const addresses = (vault.trust.get(key.fingerprint) ?? []).map(({ address }) => address).filter((address) => used(address) !== key.fingerprint);
  return html`${addresses.map(
    (address) => html`<p class="note">${own ? words.otherOwnKeyChosen(address) : words.otherKeyChosen(address)}</p>
      <p class="actions"><button type="button" aria-label=${words.useThisKeyFor(address)} @click=${() => void choose(key, address)}>${words.useThisKey}</button></p>`,
  )}`;
}

function rivalView(key: Key, { address, key: other }: Rival): TemplateResult {
  const { words } = app;
  return html`<p>${words.changedKeyFor(address)}</p>
    ${besideEachOther({ label: words.earlierKey, fingerprint: other.fingerprint }, { label: words.thisKey, fingerprint: key.fingerprint })}
    <p class="actions">
      <a class="button" href="#/keys/${other.fingerprint}" aria-label=${words.showEarlierKeyOf(address)}>${words.showEarlierKey}</a>
      <button type="button" aria-label=${words.useThisKeyFor(address)} @click=${() => void choose(key, address)}>${words.useThisKey}</button>
    </p>`;
}

async function choose(key: Key, address: string): Promise<void> {
  const { words } = app;
  const sure = await ask({ title: words.useThisKeyTitle(address), text: key.kind === "secret-key" ? words.useThisOwnKeyText : words.useThisKeyText, action: words.useThisKey });
  if (!sure) return;
  await attempt(async () => {
    await preferKey(address, key.fingerprint);
    announce(words.keyChosen(address));
  });
}
