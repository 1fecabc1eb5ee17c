// One key: fingerprint, what it can do, export, backup, removal.
import type { Key } from "envelock";
import { html, nothing, type TemplateResult } from "lit-html";
import { grouped } from "../../language/formats.ts";
import { saveFile } from "../../save-file.ts";
import { announce } from "../announce.ts";
import { ask } from "../ask.ts";
import { copyText } from "../copy-text.ts";
import { go } from "../route.ts";
import { app, update } from "../state.ts";
import { forgetKey, keepKey, revocationOf, vault } from "../vault.ts";
import { Work } from "../work.ts";
import { compareSection } from "./compare.ts";
import { personOf, stateOf } from "./list.ts";

const work = new Work();
let revocation: { fingerprint: string; armored: string | undefined } | undefined;

/** The page. */
export function keyPage(fingerprint: string): TemplateResult {
  const { words } = app;
  const key = vault.keys.find((other) => other.fingerprint === fingerprint);
  if (key === undefined) return html`<h1 tabindex="-1">${words.keys}</h1><p class="problem">${words.noSuchKey}</p>`;
  if (key.kind === "secret-key" && revocation?.fingerprint !== fingerprint) lookForRevocation(fingerprint);
  const certificate = key.kind === "secret-key" ? key.certificate : key;
  const short = fingerprint.slice(-16);
  const abilities = [key.canEncrypt ? words.canEncrypt : "", key.canSign ? words.canSign : ""].filter(Boolean);
  return html`<h1 tabindex="-1" dir="auto">${personOf(key)}</h1>
    <p class="row-more">${key.kind === "secret-key" ? words.yourKey : words.theirCertificate}</p>
    ${key.problems.length === 0 ? nothing : html`<ul class="lines warning">${key.problems.map((problem) => html`<li>${problem.message}</li>`)}</ul>`}
    <dl class="facts">
      <div><dt>${words.userIds}</dt><dd dir="auto">${key.userIds.map((userId) => html`<div>${userId}</div>`)}</dd></div>
      ${key.unverifiedUserIds.length === 0
        ? nothing
        : html`<div><dt>${words.unverifiedNames}</dt><dd dir="auto">${key.unverifiedUserIds.map((userId) => html`<div>${userId}</div>`)}</dd></div>`}
      <div><dt id="fingerprint-label">${words.fingerprint}</dt><dd><code class="fingerprint" data-testid="fingerprint">${grouped(fingerprint)}</code></dd></div>
      <div><dt>${words.algorithm}</dt><dd>${key.algorithm} (v${key.version})</dd></div>
      <div><dt>${words.state}</dt><dd>${stateOf(key)}</dd></div>
      <div><dt>${words.created}</dt><dd>${words.formats.day(key.created)}</dd></div>
      <div><dt>${words.abilities}</dt><dd>${abilities.length === 0 ? words.noAbility : words.formats.list(abilities)}</dd></div>
    </dl>
    <p class="actions">
      <button type="button" @click=${() => exported(`public-key-${short}.asc`, certificate.armored)}>${words.exportPublic}</button>
      <button type="button" @click=${() => void copyText(certificate.armored, words.publicKeyCopied)}>${words.copyPublic}</button>
      ${key.kind === "secret-key"
        ? html`<button type="button" @click=${() => exported(`secret-key-${short}.asc`, key.armored)}>${words.exportSecret}</button>
            ${revocation?.armored === undefined
              ? nothing
              : html`<button type="button" @click=${() => exported(`revocation-${short}.asc`, revocation?.armored ?? "")}>${words.saveRevocation}</button>`}`
        : nothing}
      <button type="button" class="danger" @click=${() => void remove(key)}>${words.remove}</button>
    </p>
    ${key.kind === "secret-key" ? html`<p class="note">${words.exportSecretNote}</p>` : html`<p class="note">${words.compareNote}</p>`} ${compareSection(fingerprint)} ${work.view(false)}`;
}

function exported(name: string, armored: string): void {
  saveFile(name, armored);
  announce(app.words.saved(name));
}

function lookForRevocation(fingerprint: string): void {
  revocation = { fingerprint, armored: undefined };
  void revocationOf(fingerprint)
    .catch(() => undefined)
    .then((armored) => {
      if (revocation?.fingerprint !== fingerprint) return;
      revocation = { fingerprint, armored };
      update();
    });
}

async function remove(key: Key): Promise<void> {
  const { words } = app;
  if (key.kind === "secret-key") {
    const sure = await ask({
      title: words.removeSecretTitle(personOf(key)),
      text: words.removeSecretText,
      action: words.removeIt,
      typed: { word: words.removeWord, label: words.typeRemove },
    });
    if (!sure) return;
  }
  await work.run(words.removing, async () => {
    await forgetKey(key.fingerprint);
    go("#/keys");
    announce(words.removed(personOf(key)), key.kind === "secret-key" ? undefined : () => void keepKey(key));
  });
}
