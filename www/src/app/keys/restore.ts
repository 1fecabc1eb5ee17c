// A keystore from its backup: the file, the recovery code or enough of its sheets, and a passphrase for this browser.
import { html, nothing, type TemplateResult } from "lit-html";
import { announce } from "../announce.ts";
import { engine } from "../engine.ts";
import { go } from "../route.ts";
import { app, update } from "../state.ts";
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
      ${shared ? shareFields() : codeField("recovery-code", words.recoveryCode)} ${there ? presentPassphrase() : passphraseFields()} ${work.view()}
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
    update();
  };
  return html`<p class="choice"><input type="radio" id="with-${value}" name="way" .checked=${chosen} @change=${choose} /><label for="with-${value}">${label}</label></p>`;
}

function codeField(id: string, label: string): TemplateResult {
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <input id=${id} name="code" class="armored" autocomplete="off" autocapitalize="characters" spellcheck="false" dir="ltr" aria-describedby="code-note" />
    ${id === "recovery-code" || id === "share-1" ? html`<p class="note" id="code-note">${app.words.codeNote}</p>` : nothing}
  </div>`;
}

function shareFields(): TemplateResult {
  const { words } = app;
  const more = (): void => {
    sheetCount += 1;
    update();
  };
  return html`${Array.from({ length: sheetCount }, (_, index) => codeField(`share-${index + 1}`, words.shareNumber(index + 1)))}
    <p class="actions"><button type="button" @click=${more}>${words.anotherShare}</button></p>`;
}

async function restore(fields: FormData): Promise<void> {
  const { words } = app;
  await work.run(words.restoring, async (signal) => {
    const codes = fields.getAll("code").map((code) => String(code).trim()).filter((code) => code !== "");
    if (file === undefined) throw { code: "no-backup-chosen" };
    if (file.size > LARGEST) throw { code: "too-large" };
    if (codes.length === 0) throw { code: "no-recovery-code" };
    const passphrase = vault.state === "none" ? newPassphrase(fields) : String(fields.get("passphrase"));
    const [only = ""] = codes;
    const recoveryCode = shared ? await engine().joinRecoveryShares({ shares: codes, signal }) : only;
    await restoreVault({ file: new Uint8Array(await file.arrayBuffer()), recoveryCode, passphrase, signal });
    file = undefined;
    announce(words.restored(vault.keys.length));
    go("#/keys");
  });
}
