// One key: whose it is, how it stands, what to do with it; everything else behind the switch.
import type { Key } from "envelock";
import { html, nothing, type TemplateResult } from "lit-html";
import { app } from "../state.ts";
import { vault } from "../vault.ts";
import { keyActions } from "./actions.ts";
import { identitySection } from "./identity.ts";
import { personOf, standing } from "./standing.ts";

/** The page. */
export function keyPage(fingerprint: string): TemplateResult {
  const { words } = app;
  const key = vault.keys.find((other) => other.fingerprint === fingerprint);
  if (key === undefined) {
    return html`<h1 tabindex="-1">${words.keys}</h1>
      <p class="problem">${words.noSuchKey}</p>
      <p class="actions"><a class="button" href="#/keys">${words.backToKeys}</a></p>`;
  }
  return html`<p class="back"><a href="#/keys">${words.backToKeys}</a></p>
    <h1 tabindex="-1" dir="auto">${personOf(key)}</h1>
    <p class="key-state">${key.kind === "secret-key" ? words.yourKey : words.theirCertificate} · ${standing(key)}</p>
    ${key.problems.length === 0 ? nothing : html`<ul class="lines warning">${key.problems.map((problem) => html`<li>${problem.message}</li>`)}</ul>`}
    ${facts(key)} ${keyActions(key)} ${identitySection(key)}`;
}

function facts(key: Key): TemplateResult {
  const { words } = app;
  const abilities = [key.canEncrypt ? words.canEncrypt : "", key.canSign ? words.canSign : ""].filter(Boolean);
  return html`<dl class="facts">
    <div><dt>${words.userIds}</dt><dd dir="auto">${key.userIds.map((userId) => html`<div>${userId}</div>`)}</dd></div>
    ${key.unverifiedUserIds.length === 0
      ? nothing
      : html`<div><dt>${words.unverifiedNames}</dt><dd dir="auto">${key.unverifiedUserIds.map((userId) => html`<div>${userId}</div>`)}</dd></div>`}
    <div><dt>${words.algorithm}</dt><dd>${key.algorithm} (v${key.version})</dd></div>
    <div><dt>${words.created}</dt><dd>${words.formats.day(key.created)}</dd></div>
    <div><dt>${words.abilities}</dt><dd>${abilities.length === 0 ? words.noAbility : words.formats.list(abilities)}</dd></div>
  </dl>`;
}
