// A keystore from its backup: the file, the recovery code or enough of its sheets, and a passphrase for this browser.
import type { PaperFacts } from "envelock";
import { html, nothing, type TemplateResult } from "lit-html";
import { announce } from "../announce.ts";
import { engine } from "../engine.ts";
import { go } from "../route.ts";
import { afterDraw, app, update } from "../state.ts";
import { restoreVault } from "../vault-care.ts";
import { vault } from "../vault.ts";
import { Work } from "../work.ts";
import { newPassphrase, passphraseFields } from "./new-passphrase.ts";

/** Above this it is no backup of a keystore. */
const LARGEST = 50_000_000;

const work = new Work();
let file: File | undefined;
let shared = false;
let sheetCount = 2;
/** What is wrong with a typed code, by the number of its field. */
const wrong = new Map<number, string>();

/** A file that was dropped on the page stands in its field, as if it had been chosen there. */
export function takeBackup(files: FileList | undefined): void {
  const field = document.querySelector<HTMLInputElement>("#backup-file");
  if (files === undefined || files.length === 0 || field === null) return;
  field.files = files;
  [file] = files;
}

/** The page. */
export function restorePage(): TemplateResult {
  const { words } = app;
  const back = html`<p class="back"><a href="#/keys">${words.backToKeys}</a></p>
    <h1 tabindex="-1">${words.restoreTitle}</h1>`;
  if (vault.state === "unknown" || vault.state === "broken") return html`${back}<p class="note">${words.loading}</p>`;
  const there = vault.state !== "none";
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void restore(new FormData(event.target as HTMLFormElement));
  };
  return html`${back}
    <p>${words.restoreNote}</p>
    <form @submit=${submit} novalidate>
      <div class="field">
        <label for="backup-file">${words.chooseBackup}</label>
        <input
          id="backup-file"
          type="file"
          accept=".pgp,.asc,.gpg"
          @change=${(event: Event) => {
            [file] = (event.target as HTMLInputElement).files ?? [];
          }}
        />
      </div>
      <fieldset>
        <legend>${words.openWith}</legend>
        ${way("code", words.withCode, !shared)} ${way("shares", words.withShares, shared)}
      </fieldset>
      ${shared ? shareFields() : codeField("recovery-code", words.recoveryCode, 0)} ${there ? presentPassphrase() : passphraseFields()} ${work.view()}
      <p class="actions"><button type="submit" class="primary" ?disabled=${work.busy}>${words.restore}</button></p>
    </form>`;
}

/** Restoring into the keystore that is there: nothing in it is replaced. */
function presentPassphrase(): TemplateResult {
  const { words } = app;
  return html`<p class="note">${words.restoreInto}</p>
    <div class="field">
      <label for="present-passphrase">${words.keystorePassphrase}</label>
      <input id="present-passphrase" name="passphrase" type="password" autocomplete="current-password" required />
    </div>`;
}

function way(value: string, label: string, chosen: boolean): TemplateResult {
  const choose = (): void => {
    shared = value === "shares";
    wrong.clear();
    update();
  };
  return html`<p class="choice"><input type="radio" id="with-${value}" name="way" .checked=${chosen} @change=${choose} /><label for="with-${value}">${label}</label></p>`;
}

/** Two lines show the whole code on a phone; it is one line all the same. */
function submitOnEnter(event: KeyboardEvent): void {
  if (event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  (event.target as HTMLTextAreaElement).form?.requestSubmit();
}

function codeField(id: string, label: string, number: number): TemplateResult {
  const problem = wrong.get(number);
  const correct = (): void => {
    if (wrong.delete(number)) update();
  };
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <textarea
      id=${id}
      name="code"
      class="armored"
      rows="2"
      autocomplete="off"
      autocapitalize="characters"
      spellcheck="false"
      dir="ltr"
      aria-describedby="code-note ${id}-problem"
      aria-invalid=${problem === undefined ? nothing : "true"}
      @input=${correct}
      @keydown=${submitOnEnter}
    ></textarea>
    <p class="problem" id="${id}-problem">${problem ?? nothing}</p>
    ${number === 0 ? html`<p class="note" id="code-note">${app.words.codeNote}</p>` : nothing}
  </div>`;
}

function shareFields(): TemplateResult {
  const { words } = app;
  const more = (): void => {
    sheetCount += 1;
    update();
  };
  return html`${Array.from({ length: sheetCount }, (_, index) => codeField(`share-${index + 1}`, words.shareNumber(index + 1), index))}
    <p class="actions"><button type="button" @click=${more}>${words.anotherShare}</button></p>`;
}

async function restore(fields: FormData): Promise<void> {
  const { words } = app;
  wrong.clear();
  const done = await work.run(words.restoring, async (signal) => {
    const codes = fields.getAll("code").map((code, number) => ({ number, code: String(code).trim() })).filter(({ code }) => code !== "");
    if (file === undefined) throw { code: "no-backup-chosen" };
    if (file.size > LARGEST) throw { code: "too-large" };
    const [only] = codes;
    if (only === undefined) throw { code: "no-recovery-code" };
    const passphrase = vault.state === "none" ? newPassphrase(fields) : String(fields.get("passphrase"));
    const recoveryCode = shared ? await joined(codes, signal) : only.code;
    await restoreVault({ file: new Uint8Array(await file.arrayBuffer()), recoveryCode, passphrase, signal }).catch((error: unknown) => {
      if (codeOf(error) === "recovery-code-mistyped") wrong.set(only.number, typingError(error));
      throw error;
    });
    file = undefined;
    announce(words.restored(vault.keys.length));
    go("#/keys");
  });
  if (!done) afterDraw(() => document.querySelector<HTMLInputElement>("form [aria-invalid=true]")?.focus());
}

/** What was typed in one field. */
interface Typed {
  number: number;
  code: string;
}

/** The recovery code; or, by field, everything that can be told to be wrong with the sheets. */
async function joined(sheets: Typed[], signal: AbortSignal): Promise<string> {
  for (const { number, code } of sheets) {
    // One alone gives nothing back, but each group of it can be checked.
    const error = await engine().joinRecoveryShares({ shares: [code], signal }).catch((thrown: unknown) => thrown);
    if (codeOf(error) === "share-mistyped") wrong.set(number, typingError(error));
    else if (codeOf(error) !== "shares-missing") throw error;
  }
  if (wrong.size > 0) throw { code: "share-mistyped" };
  return engine()
    .joinRecoveryShares({ shares: sheets.map(({ code }) => code), signal })
    .catch((error: unknown) => {
      const { needed, given } = factsOf(error);
      if (needed !== undefined && given !== undefined) {
        const filled = new Set(sheets.map(({ number }) => number));
        let free = 0;
        while (filled.has(free)) free += 1;
        sheetCount = Math.max(sheetCount, needed, free + 1);
        wrong.set(free, app.words.sheetsNeeded(needed, given));
      }
      if (codeOf(error) === "shares-mixed") for (const number of strangers(sheets)) wrong.set(number, app.words.strangeSheet);
      throw error;
    });
}

/** The fields with sheets of another set, if most are of one: the first group is the number of the set. */
function strangers(sheets: Typed[]): number[] {
  const sets = new Map<string, number[]>();
  for (const { number, code } of sheets) {
    const set = code.replace(/[^a-z0-9]/gi, "").toUpperCase().replaceAll("O", "0").replace(/[IL]/g, "1").slice(0, 5);
    sets.set(set, [...(sets.get(set) ?? []), number]);
  }
  const [most, second] = [...sets.values()].sort((a, b) => b.length - a.length);
  return most === undefined || second === undefined || most.length === second.length ? [] : [...sets.values()].filter((numbers) => numbers !== most).flat();
}

function typingError(error: unknown): string {
  const { group, found, wanted } = factsOf(error);
  if (group !== undefined) return app.words.wrongGroup(group);
  return found === undefined || wanted === undefined ? "" : app.words.wrongLength(found, wanted);
}

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string } | undefined)?.code;
}

function factsOf(error: unknown): PaperFacts {
  return (error as { facts?: PaperFacts } | undefined)?.facts ?? {};
}
