// What my secret keys were used for, and what was changed in the keystore: newest first.
import type { LogEntry } from "envelock";
import { html, nothing, type TemplateResult } from "lit-html";
import { grouped } from "../../language/formats.ts";
import { marked } from "../icons.ts";
import { app, update } from "../state.ts";
import { readLog } from "../vault-care.ts";
import { vault, whenLocked } from "../vault.ts";
import { Work } from "../work.ts";
import { personOf } from "./standing.ts";

const work = new Work();
let entries: LogEntry[] | undefined;
let asked = false;
whenLocked(() => {
  entries = undefined;
  asked = false;
});
addEventListener("hashchange", () => {
  asked = false;
});

/** The page. */
export function logPage(): TemplateResult {
  const { words } = app;
  if (!asked) {
    asked = true;
    queueMicrotask(() => void load());
  }
  return html`<p class="back"><a href="#/keys/settings">${words.keystoreTitle}</a></p>
    <h1 tabindex="-1">${words.logTitle}</h1>
    <p class="note">${words.logNote}</p>
    ${work.view(false)} ${entries === undefined ? nothing : entries.length === 0 ? html`<p>${words.logEmpty}</p>` : list(entries)}`;
}

async function load(): Promise<void> {
  await work.run(app.words.loading, async () => {
    entries = await readLog();
  });
  update();
}

function list(all: readonly LogEntry[]): TemplateResult {
  const { words } = app;
  return html`<ul class="rows" aria-label=${words.logTitle}>
    ${all.map(
      (entry, index) => html`${gapBefore(all, index) ? html`<li class="part">${marked("careful", words.logGap)}</li>` : nothing}<li class="part">
        <strong>${words.logCalls[entry.call] ?? words.logActions[entry.what]}</strong>
        <span class="row-more" dir="auto">${whoseKey(entry.fingerprint)}</span>
        <span class="row-more">${words.formats.moment(entry.date)}</span>
      </li>`,
    )}
  </ul>`;
}

/** A number is missing: somebody took entries away. */
function gapBefore(all: readonly LogEntry[], index: number): boolean {
  const [newer, older] = [all[index - 1], all[index]];
  return newer !== undefined && older !== undefined && newer.number - older.number > 1;
}

function whoseKey(fingerprint: string): string {
  const key = vault.keys.find((other) => other.fingerprint === fingerprint);
  return key === undefined ? grouped(fingerprint) : personOf(key);
}
