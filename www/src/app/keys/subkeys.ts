// The parts of one key: what each can do and how it stands; for mine also add, extend and revoke.
import type { InspectedComponent, Key, KeyInspection, SecretKey } from "envelock";
import { html, nothing, type TemplateResult } from "lit-html";
import { grouped } from "../../language/formats.ts";
import { ask } from "../ask.ts";
import { engine } from "../engine.ts";
import { marked } from "../icons.ts";
import { app } from "../state.ts";
import { edit, editing, editView } from "./editing.ts";
import { expiryField, expiryForm } from "./expiry.ts";
import { chosenExpiry } from "./key-end.ts";
import { reasonFields, reasonOf } from "./reasons.ts";

const PLACE = "subkeys";

/** The section. */
export function subkeySection(key: Key, inspected: KeyInspection | undefined): TemplateResult {
  const { words } = app;
  const own = key.kind === "secret-key" && key.status !== "revoked" ? key : undefined;
  return html`<section aria-labelledby="subkeys-title">
    <h2 id="subkeys-title">${words.subkeysTitle}</h2>
    <ul class="rows">
      ${(inspected?.components ?? []).map((part) => html`<li class="part">${partView(part, own)}</li>`)}
    </ul>
    ${editView(PLACE)} ${own === undefined ? nothing : addForm(own)}
  </section>`;
}

function partView(part: InspectedComponent, own: SecretKey | undefined): TemplateResult {
  const { words } = app;
  const able = (["certify", "sign", "encrypt", "authenticate"] as const).filter((ability) => part.can[ability]).map((ability) => words.abilityNames[ability]);
  const name = part.primary ? words.primaryKey : words.subkeyFor(able.length === 0 ? words.noAbility : words.formats.list(able));
  return html`<strong>${name}</strong>
    <span class="row-more">${part.algorithm}${part.bits === undefined ? nothing : ` (${words.bits(part.bits)})`} · ${words.createdOn(words.formats.day(part.created))}</span>
    <span class="row-more">${partStanding(part)}</span>
    ${part.primary && able.length > 0 ? html`<span class="row-more">${words.canDo(words.formats.list(able))}</span>` : nothing}
    ${part.secret === undefined ? nothing : html`<span class="row-more">${marked(part.secret === "absent" ? "plain" : "locked", words.secretStates[part.secret])}</span>`}
    <code class="row-more fingerprint">${grouped(part.fingerprint)}</code>
    ${part.revocation === undefined ? nothing : html`<span class="row-more">${words.revokedBecause(words.revocationReasons[part.revocation.code], part.revocation.text, words.formats.day(part.revocation.at))}</span>`}
    ${own === undefined || part.primary || part.status === "revoked" ? nothing : partActions(own, part)}`;
}

function partStanding(part: InspectedComponent): TemplateResult {
  const { words } = app;
  if (part.status === "expired" && part.expires !== undefined) return marked("careful", words.expiredOn(words.formats.day(part.expires)));
  const state = words.keyStates[part.status];
  if (part.status !== "valid") return marked("bad", state);
  return marked("good", `${state}, ${part.expires === undefined ? words.neverExpires : words.expiresOn(words.formats.day(part.expires))}`);
}

function partActions(key: SecretKey, part: InspectedComponent): TemplateResult {
  const { words } = app;
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const reason = reasonOf(new FormData(event.target as HTMLFormElement));
    const sure = await ask({
      title: words.revokeSubkeyTitle,
      text: words.revokeSubkeyText,
      action: words.revokeIt,
      typed: { word: words.revokeWord, label: words.typeRevoke },
    });
    if (!sure) return;
    await edit(key, PLACE, { doing: words.revokingSubkey, done: words.subkeyRevoked }, (unlocked, signal) =>
      engine().revokeSubkey({ key: unlocked, subkey: part.fingerprint, ...reason, signal }),
    );
  };
  return html`<details>
      <summary>${words.changeSubkeyExpiry}</summary>
      ${expiryForm(key, part)}
    </details>
    <details>
      <summary>${words.revokeSubkey}</summary>
      <form @submit=${(event: SubmitEvent) => void submit(event)}>
        <p>${words.revokeSubkeyText}</p>
        ${reasonFields(`revoke-${part.keyId}`)}
        <p class="actions"><button type="submit" class="danger" ?disabled=${editing()}>${words.revokeThisSubkey}</button></p>
      </form>
    </details>`;
}

function addForm(key: SecretKey): TemplateResult {
  const { words } = app;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const fields = new FormData(event.target as HTMLFormElement);
    const expires = chosenExpiry(String(fields.get("expires")), String(fields.get("day")));
    if (expires === undefined) return;
    void edit(key, PLACE, { doing: words.addingSubkey, done: words.subkeyAdded }, (unlocked, signal) =>
      engine().addSubkey({ key: unlocked, use: fields.get("use") === "sign" ? "sign" : "encrypt", ...(expires === null ? {} : { expires }), signal }),
    );
  };
  return html`<details>
    <summary>${words.addSubkey}</summary>
    <form @submit=${submit}>
      <fieldset>
        <legend>${words.subkeyUse}</legend>
        <p class="choice"><input type="radio" id="use-encrypt" name="use" value="encrypt" checked /><label for="use-encrypt">${words.toEncrypt}</label></p>
        <p class="choice"><input type="radio" id="use-sign" name="use" value="sign" /><label for="use-sign">${words.toSign}</label></p>
      </fieldset>
      ${expiryField("subkey-expires", words.expires)}
      <p class="actions"><button type="submit" ?disabled=${editing()}>${words.addThisSubkey}</button></p>
    </form>
  </details>`;
}
