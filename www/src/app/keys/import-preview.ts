// The preview: each key with what it changes, what is weak, and what was left out; then the import itself.
import type { Key, SecretKey } from "envelock";
import { addressOf } from "envelock/worker";
import { html, nothing, type TemplateResult } from "lit-html";
import { shownUserId } from "../../user-id.ts";
import { announce } from "../announce.ts";
import { engine } from "../engine.ts";
import { marked, type Mark } from "../icons.ts";
import { go } from "../route.ts";
import { afterDraw, app, update } from "../state.ts";
import { contactOf } from "../vault-contacts.ts";
import { keepKey, vault, whenLocked } from "../vault.ts";
import { Work } from "../work.ts";
import { besideEachOther } from "./comparison.ts";
import type { Entry, Reading } from "./import-reading.ts";
import { fingerprintView } from "./identity.ts";
import { personOf, standing, userIdLine } from "./standing.ts";

const importing = new Work();
/** For the reading on the page: typed passphrases, which keys are left out, whose passphrase did not fit. */
let choice = choiceFor(undefined);
whenLocked(forgetChoice);

function choiceFor(reading: Reading | undefined) {
  return { of: reading, passphrases: new Map(reading?.passphrases), left: new Set(reading?.entries.filter(uselessness).map(({ key }) => key.fingerprint)), wrong: new Set<string>() };
}

/**
 * Why a new key should not be taken unasked; undefined for one that is of use. My own expired or revoked key still decrypts, and
 * what a copy says of a key that is here, such as that it is revoked, is always wanted.
 */
function uselessness({ key, change }: Entry): keyof typeof app.words.leftOut | undefined {
  if (change !== "new") return undefined;
  if (key.status === "valid") return key.canEncrypt || key.canSign ? undefined : "useless";
  return key.kind === "certificate" || key.status === "invalid" ? key.status : undefined;
}

/** The reading is done with, and with it what was typed. */
export function forgetChoice(): void {
  choice = choiceFor(undefined);
  importing.problem = "";
}

/** The section; `origin` is remembered with the keys, `done` runs after the import. */
export function previewView(reading: Reading, origin: string, done: () => void): TemplateResult {
  const { words } = app;
  if (choice.of !== reading) choice = choiceFor(reading);
  const taken = reading.entries.filter(({ key, change }) => change !== "unchanged" && !choice.left.has(key.fingerprint));
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void importAll(taken, origin, done);
  };
  return html`<section aria-labelledby="preview-title">
    <h2 id="preview-title" tabindex="-1">${words.whatWillChange}</h2>
    <p role="status">${summary(reading)}</p>
    <form @submit=${submit}>
      <ul class="rows">
        ${reading.entries.map((entry) => html`<li class="preview-row">${entryView(entry)}</li>`)}
      </ul>
      ${reading.skipped.length === 0
        ? nothing
        : html`<h3>${words.skippedTitle}</h3>
            <ul class="lines warning">${reading.skipped.map((why) => html`<li>${why}</li>`)}</ul>`}
      ${importing.view()}
      <p class="actions">
        <button type="submit" class="primary" ?disabled=${taken.length === 0 || importing.busy}>${words.importCount(taken.length)}</button>
        <button type="button" @click=${done}>${words.cancel}</button>
      </p>
    </form>
  </section>`;
}

function summary({ entries, skipped }: Reading): string {
  const { words } = app;
  const count = (change: Entry["change"]): number => entries.filter((entry) => entry.change === change).length;
  const parts = [words.newKeys(count("new")), words.updatedKeys(count("updated")), words.unchangedKeys(count("unchanged")), words.skippedKeys(skipped.length)];
  return words.formats.list(parts.filter((part) => part !== ""));
}

function entryView(entry: Entry): TemplateResult {
  const { words } = app;
  const { key, change, changes, weaknesses } = entry;
  const useless = uselessness(entry);
  const takeIt = `take-${key.fingerprint}`;
  const doubles = change === "unchanged" ? [] : othersOfSameAddress(key);
  return html`<div class="preview-head">
      <div>
        <strong dir="auto">${personOf(key)}</strong>
        ${key.userIds.map((userId) => html`<span class="row-more">${userIdLine(userId)}</span>`)}
      </div>
      ${marked(CHANGE_MARKS[change], changeText(key, change))}
    </div>
    <span class="row-more">${key.algorithm}</span>
    <span class="row-more">${standing(key)}</span>
    ${fingerprintView(key.fingerprint)}
    ${key.unverifiedUserIds.length === 0 ? nothing : html`<p class="row-more" dir="auto">${marked("careful", `${words.unverifiedNames}: ${key.unverifiedUserIds.map(shownUserId).join(", ")}`)}</p>`}
    ${changes.length === 0 ? nothing : html`<ul class="lines">${changes.map((text) => html`<li>${text}</li>`)}</ul>`}
    ${weaknesses.map((text) => html`<p class="row-more">${marked("careful", text)}</p>`)}
    ${doubles.map(({ address, other }) => warning(key, address, other))}
    ${change === "unchanged"
      ? nothing
      : html`<p class="choice">
          <input
            type="checkbox"
            id=${takeIt}
            aria-describedby=${useless === undefined ? nothing : `${takeIt}-why`}
            .checked=${!choice.left.has(key.fingerprint)}
            @change=${(event: Event) => {
              if ((event.target as HTMLInputElement).checked) choice.left.delete(key.fingerprint);
              else choice.left.add(key.fingerprint);
              update();
            }}
          />
          <label for=${takeIt}>${words.takeThis(personOf(key))}</label>
        </p>
        ${useless === undefined ? nothing : html`<p class="note" id="${takeIt}-why">${words.leftOut[useless]}</p>`}`}
    ${asksPassphrase(key, change) ? passphraseField(key) : nothing}`;
}

function asksPassphrase(key: Key, change: Entry["change"]): key is SecretKey {
  const wanted = change !== "unchanged" && !choice.left.has(key.fingerprint);
  return wanted && key.kind === "secret-key" && key.locked && choice.of?.passphrases.has(key.fingerprint) !== true;
}

const CHANGE_MARKS: Record<Entry["change"], Mark> = { new: "plain", updated: "plain", unchanged: "good" };

function changeText(key: Key, change: Entry["change"]): string {
  const { words } = app;
  if (change === "unchanged") return words.unchanged;
  if (change === "new") return key.kind === "secret-key" ? words.addsSecret : words.addsCertificate;
  const present = vault.keys.find((other) => other.fingerprint === key.fingerprint);
  return present?.kind === "certificate" && key.kind === "secret-key" ? words.addsSecretPart : words.updates;
}

/** An address that the key claims newly and that another key has: the sign of somebody posing, or of a new key. */
function othersOfSameAddress(key: Key): { address: string; other: Key }[] {
  const has = (one: string, address: string): boolean => contactOf(one)?.addresses.some((known) => known.address === address) === true;
  const claimed = [...new Set(key.userIds.map(addressOf))].filter((address) => address !== undefined && !has(key.fingerprint, address)) as string[];
  return claimed.flatMap((address) => vault.keys.filter((other) => other.fingerprint !== key.fingerprint && has(other.fingerprint, address)).map((other) => ({ address, other })));
}

function warning(key: Key, address: string, other: Key): TemplateResult {
  const { words } = app;
  return html`<div class="warning">
    <p>${marked("careful", words.otherKeyKnown(address))}</p>
    ${besideEachOther({ label: words.keyYouHave, fingerprint: other.fingerprint }, { label: words.newKeyHere, fingerprint: key.fingerprint })}
    <p>${words.otherKeyAdvice}</p>
  </div>`;
}

function passphraseField(key: SecretKey): TemplateResult {
  const { words } = app;
  const id = `passphrase-${key.fingerprint}`;
  const wrong = choice.wrong.has(key.fingerprint);
  return html`<div class="field">
    <label for=${id}>${words.passphraseOfKey}</label>
    <input
      id=${id}
      type="password"
      autocomplete="off"
      aria-describedby="${id}-note"
      aria-invalid=${wrong ? "true" : nothing}
      @input=${(event: Event) => {
        choice.passphrases.set(key.fingerprint, (event.target as HTMLInputElement).value);
        choice.wrong.delete(key.fingerprint);
      }}
    />
    <p class=${wrong ? "problem" : "note"} id="${id}-note">${wrong ? words.problems["wrong-passphrase"] : words.passphraseOfKeyNote}</p>
  </div>`;
}

/** First every passphrase is tried, then everything is kept: a wrong one changes nothing. */
async function importAll(entries: Entry[], origin: string, done: () => void): Promise<void> {
  const { words } = app;
  const passphraseFor = ({ key }: Entry): string | undefined => (key.kind === "secret-key" && key.locked && choice.passphrases.get(key.fingerprint)) || undefined;
  const finished = await importing.run(words.importing, async (signal) => {
    choice.wrong.clear();
    for (const entry of entries) {
      const passphrase = passphraseFor(entry);
      if (passphrase === undefined || entry.key.kind !== "secret-key") continue;
      if (!(await engine().unlockCheck({ key: entry.key, passphrase, signal }))) choice.wrong.add(entry.key.fingerprint);
    }
    if (choice.wrong.size > 0) throw { code: "import-wrong-passphrase" };
    for (const entry of entries) await keepKey(entry.key, { passphrase: passphraseFor(entry), origin });
  });
  if (!finished) {
    afterDraw(() => document.querySelector<HTMLInputElement>("[aria-invalid=true]")?.focus());
    return;
  }
  done();
  announce(words.imported(entries.length));
  const [only] = entries;
  go(entries.length === 1 && only !== undefined ? `#/keys/${only.key.fingerprint}` : "#/keys");
}
