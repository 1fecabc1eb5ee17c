// The backup of the whole keystore: one sealed file, and the recovery code that opens it, on paper.
import type { SecretKey } from "envelock";
import { html, nothing, type TemplateResult } from "lit-html";
import { saveFile } from "../../save-file.ts";
import { announce } from "../announce.ts";
import { attempt } from "../attempt.ts";
import { copyText } from "../copy-text.ts";
import { beforeLeaving } from "../leaving.ts";
import { go } from "../route.ts";
import { afterDraw, app, update } from "../state.ts";
import { makeBackup, rememberBackup } from "../vault-care.ts";
import { secretKeys, vault, whenLocked } from "../vault.ts";
import { Work } from "../work.ts";
import { sureOfOwner } from "./owner.ts";
import { sharesSection, forgetShares } from "./shares.ts";
import { printSheets, sheets } from "./sheet.ts";
import { personOf } from "./standing.ts";

const work = new Work();
let made: { file: Uint8Array; code: string; name: string; at: Date; keys: SecretKey[]; saved: boolean; noted: boolean } | undefined;
whenLocked(forget);
// The code is shown only until the page is left: a key made later is not in this file.
addEventListener("hashchange", forget);
// Nobody can look the code up later.
beforeLeaving(() => {
  const { words } = app;
  return made === undefined || made.noted ? undefined : { title: words.leaveCodeTitle, text: words.leaveCodeText, action: words.leaveCode };
});

function forget(): void {
  made = undefined;
  work.problem = "";
  forgetShares();
}

/** The page. */
export function backupPage(): TemplateResult {
  const { words } = app;
  return html`<p class="back"><a href="#/keys">${words.backToKeys}</a></p>
    <h1 tabindex="-1">${words.backupPageTitle}</h1>
    ${backupSteps(() => go("#/keys"))}`;
}

/** The steps, wherever a backup is made; `done` leaves. */
export function backupSteps(done: () => void): TemplateResult {
  return made === undefined ? begin() : finish(made, done);
}

function begin(): TemplateResult {
  const { words } = app;
  const make = async (): Promise<void> => {
    const finished = await work.run(words.makingBackup, async (signal) => {
      const [place, keys] = [location.hash, secretKeys()];
      await sureOfOwner(signal);
      const { file, recoveryCode } = await makeBackup(signal);
      if (location.hash !== place) return;
      const at = new Date();
      made = { file, code: recoveryCode, name: `envelock-backup-${at.toISOString().slice(0, 10)}.pgp`, at, keys, saved: false, noted: false };
    });
    if (finished) afterDraw(() => document.querySelector<HTMLElement>("#backup-file-title")?.focus());
  };
  return html`<p>${words.backupPageNote}</p>
    ${work.view()}
    <p class="actions"><button type="button" class="primary" @click=${() => void make()}>${words.makeBackup}</button></p>`;
}

/** Where a backup is restored: nothing but the page, for a sheet that others may see. */
function restoreAddress(): string {
  return `${location.origin}${location.pathname}#/keys/restore`;
}

function finish(backup: NonNullable<typeof made>, done: () => void): TemplateResult {
  const { words } = app;
  const save = (): void => {
    saveFile(backup.name, backup.file as Uint8Array<ArrayBuffer>);
    backup.saved = true;
    announce(words.saved(backup.name));
  };
  const leave = (): Promise<void> =>
    attempt(async () => {
      await rememberBackup(backup.keys.map(({ fingerprint }) => fingerprint));
      forget();
      announce(words.backupDone);
      done();
    });
  const people = words.formats.list([...new Set(backup.keys.map(personOf))]);
  const day = words.formats.day(backup.at);
  const keystore = vault.name === "default" ? "" : vault.name;
  return html`<h2 id="backup-file-title" tabindex="-1">${words.backupFileTitle}</h2>
    <p>${words.backupFileNote}</p>
    <p class="actions">
      <button type="button" class=${backup.saved ? "" : "primary"} @click=${save}>${words.saveBackupFile}${backup.saved ? " ✓" : nothing}</button>
    </p>
    <h2>${words.recoveryCodeTitle}</h2>
    <p>${words.recoveryCodeNote}</p>
    ${sheets("code", [{ title: words.sheetTitle, lines: [words.sheetOf(people, day, keystore), words.sheetFile(backup.name), words.sheetUse(restoreAddress())], code: backup.code }])}
    <p class="actions">
      <button type="button" @click=${() => printSheets("code")}>${words.printCode}</button>
      <button type="button" @click=${() => void copyText(backup.code, words.codeCopied)}>${words.copyCode}</button>
    </p>
    ${sharesSection(backup.code, (threshold, count) => [
      words.shareOf(people, day, keystore),
      words.shareUse(threshold, count),
      words.sheetFile(backup.name),
      words.shareHow(restoreAddress(), threshold),
      words.shareKeep,
    ])}
    <p class="choice">
      <input
        type="checkbox"
        id="code-noted"
        .checked=${backup.noted}
        @change=${(event: Event) => {
          backup.noted = (event.target as HTMLInputElement).checked;
          update();
        }}
      />
      <label for="code-noted">${words.codeNoted}</label>
    </p>
    <p class="actions"><button type="button" class="primary" ?disabled=${!backup.saved || !backup.noted} @click=${() => void leave()}>${words.done}</button></p>
    ${backup.saved && backup.noted ? nothing : html`<p class="note">${words.backupNotDone}</p>`}`;
}
