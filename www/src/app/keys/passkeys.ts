// Unlocking with a passkey instead of the passphrase: those that are set up, a new one, removal.
import { html, nothing, type TemplateResult } from "lit-html";
import { announce } from "../announce.ts";
import { ask } from "../ask.ts";
import { app, update } from "../state.ts";
import { enrolPasskey, removePasskey } from "../vault-care.ts";
import { passkeysSupported, vault } from "../vault.ts";
import { Work } from "../work.ts";
import { sureOfOwner } from "./owner.ts";

const work = new Work();

/** The section. */
export function passkeySection(): TemplateResult {
  const { words } = app;
  const add = (): void => {
    void work.run(words.addingPasskey, async (signal) => {
      await sureOfOwner(signal);
      await enrolPasskey(words.passkeyMade(words.formats.day(new Date())), signal);
      announce(words.passkeyAdded);
      update();
    });
  };
  return html`<section aria-labelledby="passkeys-title">
    <h2 id="passkeys-title">${words.passkeysTitle}</h2>
    <p class="note">${words.passkeysNote}</p>
    ${vault.passkeys.length === 0
      ? nothing
      : html`<ul class="rows" aria-labelledby="passkeys-title">
          ${vault.passkeys.map(
            (passkey) => html`<li class="part">
              <strong dir="auto">${passkey.name}</strong>
              <p class="actions"><button type="button" class="danger" aria-label=${words.removePasskeyLabel(passkey.name)} @click=${() => void remove(passkey.id)}>${words.remove}</button></p>
            </li>`,
          )}
        </ul>`}
    ${work.view()}
    ${passkeysSupported()
      ? html`<p class="actions"><button type="button" @click=${add}>${words.addPasskey}</button></p>`
      : html`<p class="note">${words.passkeysUnsupported}</p>`}
  </section>`;
}

async function remove(id: string): Promise<void> {
  const { words } = app;
  if (!(await ask({ title: words.removePasskeyTitle, text: words.removePasskeyText, action: words.removeIt }))) return;
  await work.run(words.removing, async () => {
    await removePasskey(id);
    announce(words.passkeyRemoved);
  });
}
