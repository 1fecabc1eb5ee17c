// The end of a key: revoking mine, or taking over a revocation that somebody sent or that was kept for the day.
import type { Key, SecretKey } from "envelock";
import { html, nothing, type TemplateResult } from "lit-html";
import { saveFile } from "../../save-file.ts";
import { ask } from "../ask.ts";
import { engine } from "../engine.ts";
import { app } from "../state.ts";
import { keepKey } from "../vault.ts";
import { shortId } from "./actions.ts";
import { attend, edit, editing, editView } from "./editing.ts";
import { withUnlocked } from "./passphrase.ts";
import { reasonFields, reasonOf } from "./reasons.ts";
import { personOf } from "./standing.ts";

const PLACE = "revocation";
/** A revocation is one signature: anything longer is something else. */
const LARGEST = 100_000;

/** The section. */
export function revocationSection(key: Key): TemplateResult {
  const { words } = app;
  const own = key.kind === "secret-key" ? key : undefined;
  return html`<section aria-labelledby="revocation-title">
    <h2 id="revocation-title">${words.revocationTitle}</h2>
    ${own === undefined ? nothing : html`<p class="note">${words.revocationTitleNote}</p>`}
    ${own === undefined || own.status === "revoked" ? nothing : html`${certificateForm(own)} ${revokeForm(own)}`} ${key.status === "revoked" ? nothing : applyForm(key)} ${editView(PLACE)}
  </section>`;
}

function certificateForm(key: SecretKey): TemplateResult {
  const { words } = app;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const reason = reasonOf(new FormData(event.target as HTMLFormElement));
    const name = `revocation-${shortId(key)}.asc`;
    void attend(PLACE, { doing: words.makingRevocation, done: words.saved(name) }, async (signal) => {
      saveFile(name, await withUnlocked(key, (unlocked) => engine().generateRevocation({ key: unlocked, ...reason, signal })));
    });
  };
  return html`<details>
    <summary>${words.newRevocation}</summary>
    <form @submit=${submit}>
      <p>${words.revocationNote}</p>
      ${reasonFields("certificate")}
      <p class="actions"><button type="submit" ?disabled=${editing()}>${words.saveNewRevocation}</button></p>
    </form>
  </details>`;
}

function revokeForm(key: SecretKey): TemplateResult {
  const { words } = app;
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const reason = reasonOf(new FormData(event.target as HTMLFormElement));
    if (!(await sureToRevoke(key))) return;
    await edit(key, PLACE, { doing: words.revokingKey, done: words.keyRevoked }, (unlocked, signal) => engine().revokeKey({ key: unlocked, ...reason, signal }));
  };
  return html`<details>
    <summary>${words.revokeKey}</summary>
    <form @submit=${(event: SubmitEvent) => void submit(event)}>
      <p>${words.revokeKeyText}</p>
      ${reasonFields("revoke-key")}
      <p class="actions"><button type="submit" class="danger" ?disabled=${editing()}>${words.revokeThisKey}</button></p>
    </form>
  </details>`;
}

function sureToRevoke(key: SecretKey): Promise<boolean> {
  const { words } = app;
  return ask({
    title: words.revokeKeyTitle(personOf(key)),
    text: words.revokeKeyText,
    action: words.revokeIt,
    typed: { word: words.revokeWord, label: words.typeRevoke },
  });
}

function applyForm(key: Key): TemplateResult {
  const { words } = app;
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const fields = new FormData(event.target as HTMLFormElement);
    const file = fields.get("file");
    if (key.kind === "secret-key" && !(await sureToRevoke(key))) return;
    await attend(PLACE, { doing: words.applyingRevocation, done: words.revocationApplied }, async (signal) => {
      const chosen = file instanceof File && file.size > 0;
      if (chosen && file.size > LARGEST) throw { code: "too-large" };
      const revocation = chosen ? new Uint8Array(await file.arrayBuffer()) : String(fields.get("pasted"));
      await keepKey(await engine().applyRevocation({ key, revocation, signal }));
    });
  };
  return html`<details>
    <summary>${words.applyRevocation}</summary>
    <form @submit=${(event: SubmitEvent) => void submit(event)}>
      <p>${words.applyRevocationNote}</p>
      <div class="field">
        <label for="pasted-revocation">${words.pasteRevocation}</label>
        <textarea id="pasted-revocation" name="pasted" class="armored" rows="4" spellcheck="false" autocomplete="off"></textarea>
      </div>
      <div class="field">
        <label for="revocation-file">${words.chooseRevocation}</label>
        <input id="revocation-file" name="file" type="file" accept=".asc,.rev,.pgp,.gpg,.txt" />
      </div>
      <p class="actions"><button type="submit" class="danger" ?disabled=${editing()}>${words.applyThisRevocation}</button></p>
    </form>
  </details>`;
}
