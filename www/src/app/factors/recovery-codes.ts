// The ten recovery codes, shown once: to copy, to save, to print, and not to be left behind unseen.
import { html, type TemplateResult } from "lit-html";
import { saveFile } from "../../save-file.ts";
import { announce } from "../announce.ts";
import { copyText } from "../copy-text.ts";
import { beforeLeaving } from "../leaving.ts";
import { printSheets } from "../keys/sheet.ts";
import { afterDraw, app, update } from "../state.ts";

let codes: readonly string[] = [];
let kept = false;
addEventListener("hashchange", forgetCodes);
// The server keeps hashes: nobody can look them up later.
beforeLeaving(() => {
  const { words } = app;
  return codes.length === 0 || kept ? undefined : { title: words.leaveCodesTitle, text: words.leaveCodesText, action: words.leaveCodes };
});

/** Shows these, until they are done with. */
export function showCodes(made: readonly string[]): void {
  codes = made;
  kept = false;
  afterDraw(() => document.querySelector<HTMLElement>("#recovery-codes-title")?.focus());
}

/** Whether there are codes to be shown. */
export function codesShown(): boolean {
  return codes.length > 0;
}

function forgetCodes(): void {
  codes = [];
}

/** The codes; `onDone` runs when their owner has them. */
export function recoveryCodesView(onDone: () => void): TemplateResult {
  const { words, session, awaiting } = app;
  const address = (session ?? awaiting)?.address ?? "";
  const text = (): string => `${words.codesOf(location.host, address)}\n\n${codes.join("\n")}\n`;
  const done = (): void => {
    forgetCodes();
    announce(words.codesDone);
    onDone();
  };
  return html`<h3 id="recovery-codes-title" tabindex="-1">${words.recoveryCodesTitle}</h3>
    <p>${words.recoveryCodesNote}</p>
    <div class="sheets" id="sheets-recovery-codes">
      <article class="sheet">
        <h4>${words.codesOf(location.host, address)}</h4>
        <ol class="codes" dir="ltr" aria-labelledby="recovery-codes-title">
          ${codes.map((code) => html`<li class="armored">${code}</li>`)}
        </ol>
      </article>
    </div>
    <p class="actions">
      <button type="button" @click=${() => saveFile("envelock-recovery-codes.txt", text())}>${words.saveCodes}</button>
      <button type="button" @click=${() => printSheets("recovery-codes")}>${words.printCodes}</button>
      <button type="button" @click=${() => void copyText(codes.join("\n"), words.codesCopied)}>${words.copyCodes}</button>
    </p>
    <p class="choice">
      <input
        type="checkbox"
        id="codes-kept"
        .checked=${kept}
        @change=${(event: Event) => {
          kept = (event.target as HTMLInputElement).checked;
          update();
        }}
      />
      <label for="codes-kept">${words.codesKept}</label>
    </p>
    <p class="actions"><button type="button" class="primary" ?disabled=${!kept} @click=${done}>${words.done}</button></p>`;
}
