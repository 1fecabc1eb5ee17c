// A key of mine on its way to another mail program: as an Autocrypt Setup Message, a mail to myself that opens with a code of
// nine times four digits. The code is shown once and kept nowhere.
import type { SecretKey } from "envelock";
import { html, nothing, type TemplateResult } from "lit-html";
import { saveFile } from "../../save-file.ts";
import { shownAddress } from "../../user-id.ts";
import { announce } from "../announce.ts";
import { copyText } from "../copy-text.ts";
import { engine } from "../engine.ts";
import { afterDraw, app, update } from "../state.ts";
import { isPostQuantum } from "../vault-module.ts";
import { whenLocked } from "../vault.ts";
import { shortId } from "./actions.ts";
import { attend, editView } from "./editing.ts";
import { sureOfOwner } from "./owner.ts";
import { withUnlocked } from "./passphrase.ts";
import { printSheets, sheets } from "./sheet.ts";

const PLACE = "setup-message";
let made: { of: string; address: string; mail: string; code: string; saved: boolean } | undefined;
const forget = (): void => {
  made = undefined;
};
whenLocked(forget);
// Whoever comes back to the page does not find the code there.
addEventListener("hashchange", forget);

/** The section of one of my keys; nothing where it has no address to send it to. */
export function setupMessageSection(key: SecretKey): TemplateResult | typeof nothing {
  const { words } = app;
  const addresses = [...new Set(key.userIds.map(shownAddress).filter((address) => address.includes("@")))];
  if (addresses.length === 0 || key.status !== "valid") return nothing;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const address = String(new FormData(event.target as HTMLFormElement).get("address"));
    void make(key, address);
  };
  return html`<section aria-labelledby="setup-title">
    <h2 id="setup-title">${words.setupTitle}</h2>
    <p class="note">${words.setupNote}</p>
    ${isPostQuantum(key) || key.version === 6 ? html`<p class="note">${words.setupNotRead}</p>` : nothing}
    ${made?.of === key.fingerprint
      ? finished(key, made)
      : html`<form class="row-form" @submit=${submit}>
          <div class="field">
            <label for="setup-address">${words.setupAddress}</label>
            <select id="setup-address" name="address" dir="ltr">${addresses.map((address) => html`<option value=${address}>${address}</option>`)}</select>
          </div>
          <button type="submit">${words.makeSetupMessage}</button>
        </form>`}
    ${editView(PLACE)}
  </section>`;
}

async function make(key: SecretKey, address: string): Promise<void> {
  const { words } = app;
  const done = await attend(PLACE, { doing: words.makingSetupMessage, done: words.setupMade }, async (signal) => {
    await sureOfOwner(signal);
    const { mail, code } = await withUnlocked(key, (unlocked) => engine().autocryptSetupMessage({ key: unlocked, address, signal }));
    made = { of: key.fingerprint, address, mail, code, saved: false };
  });
  if (done) afterDraw(() => document.querySelector<HTMLElement>("#setup-code-title")?.focus());
}

function finished(key: SecretKey, message: NonNullable<typeof made>): TemplateResult {
  const { words } = app;
  const name = `setup-message-${shortId(key)}.eml`;
  const save = (): void => {
    saveFile(name, message.mail);
    message.saved = true;
    announce(words.saved(name));
  };
  const leave = (): void => {
    forget();
    update();
    afterDraw(() => document.querySelector<HTMLElement>("#setup-address")?.focus());
  };
  return html`<h3>${words.setupFileTitle}</h3>
    <p>${words.setupFileNote}</p>
    <p class="actions"><button type="button" class=${message.saved ? "" : "primary"} @click=${save}>${words.saveSetupMessage}${message.saved ? " ✓" : nothing}</button></p>
    <h3 id="setup-code-title" tabindex="-1">${words.setupCodeTitle}</h3>
    <p>${words.setupCodeNote}</p>
    ${sheets("setup", [{ title: words.setupSheetTitle, lines: [words.setupSheetFor(message.address), words.setupSheetUse], code: message.code }])}
    <p class="actions">
      <button type="button" @click=${() => printSheets("setup")}>${words.printSetupCode}</button>
      <button type="button" @click=${() => void copyText(message.code, words.setupCodeCopied)}>${words.copySetupCode}</button>
      <button type="button" @click=${leave}>${words.done}</button>
    </p>`;
}
