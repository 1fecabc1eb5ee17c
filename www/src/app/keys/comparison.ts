// A fingerprint next to the one its owner read out or sent: group below group, differences marked. The other one may be
// typed, or come as the whole certificate.
import { html, nothing, type TemplateResult } from "lit-html";
import { engine } from "../engine.ts";
import { marked } from "../icons.ts";
import { app, update } from "../state.ts";
import { groupsOf, readFingerprint } from "./fingerprint.ts";
import { personOf } from "./standing.ts";

interface Other {
  of: string;
  text: string;
  /** Read from `text`; undefined while nothing in it is a fingerprint. */
  fingerprint?: string | undefined;
  /** Whose certificate it was, if it was one. */
  person?: string | undefined;
  reading: boolean;
}

let other: Other = { of: "", text: "", reading: false };

/** What the comparison on the page shows for this key; undefined while there is nothing to compare with. */
export function compared(fingerprint: string): "same" | "different" | undefined {
  if (other.of !== fingerprint || other.fingerprint === undefined) return undefined;
  return other.fingerprint === fingerprint ? "same" : "different";
}

/** The field for the other fingerprint, and both below each other. */
export function comparisonView(fingerprint: string): TemplateResult {
  const { words } = app;
  if (other.of !== fingerprint) other = { of: fingerprint, text: "", reading: false };
  return html`<div class="field">
      <label for="other-fingerprint">${words.otherFingerprint}</label>
      <textarea
        id="other-fingerprint"
        class="armored"
        rows="3"
        autocomplete="off"
        autocapitalize="characters"
        spellcheck="false"
        dir="ltr"
        aria-describedby="other-fingerprint-note"
        .value=${other.text}
        @input=${(event: Event) => take((event.target as HTMLTextAreaElement).value)}
      ></textarea>
      <p class="note" id="other-fingerprint-note">${words.otherFingerprintNote}</p>
    </div>
    <div role="status">${other.text.trim() === "" || other.reading ? nothing : result(fingerprint)}</div>`;
}

function take(text: string): void {
  const typed = readFingerprint(text);
  const armored = typed === undefined && text.includes("-----BEGIN");
  const entry: Other = { of: other.of, text, fingerprint: typed, reading: armored };
  other = entry;
  if (armored) {
    void engine()
      .readKeys(text)
      .then(([key]) => {
        entry.fingerprint = key?.fingerprint;
        if (key !== undefined && key.kind !== "unsupported") entry.person = personOf(key);
      })
      .catch(() => undefined)
      .finally(() => {
        entry.reading = false;
        update();
      });
  }
  update();
}

function result(fingerprint: string): TemplateResult {
  const { words } = app;
  if (other.fingerprint === undefined) return html`<p>${words.noFingerprint}</p>`;
  const label = other.person === undefined ? words.otherFingerprint : words.otherFingerprintOf(other.person);
  return html`${besideEachOther({ label: words.fingerprintHere, fingerprint }, { label, fingerprint: other.fingerprint })} ${verdict(fingerprint, other.fingerprint)}`;
}

/** A fingerprint and whose it is. */
export interface Labelled {
  label: string;
  fingerprint: string;
}

/** Two fingerprints, group below group, the differing groups marked. */
export function besideEachOther(one: Labelled, other: Labelled): TemplateResult {
  const [mine, theirs] = [groupsOf(one.fingerprint), groupsOf(other.fingerprint)];
  const line = (groups: readonly string[]): TemplateResult => html`<p class="groups" dir="ltr">
    ${groups.map((group, index) => (mine[index] === theirs[index] ? html`<span>${group}</span>` : html`<mark>${group}</mark>`))}
  </p>`;
  return html`<div class="comparison">
    <p class="label">${one.label}</p>
    ${line(mine)}
    <p class="label">${other.label}</p>
    ${line(theirs)}
  </div>`;
}

function verdict(here: string, there: string): TemplateResult {
  const { words } = app;
  const [mine, theirs] = [groupsOf(here), groupsOf(there)];
  const count = Array.from({ length: Math.max(mine.length, theirs.length) }, (_, index) => index).filter((index) => mine[index] !== theirs[index]).length;
  return html`<p data-testid="comparison"><strong>${count === 0 ? marked("good", words.sameFingerprint) : marked("bad", words.differentFingerprint(count))}</strong></p>`;
}
