// One key: whose it is, how it stands, what to do with it; everything else behind the switch.
import type { Key } from "envelock";
import { html, nothing, type TemplateResult } from "lit-html";
import { keyed } from "lit-html/directives/keyed.js";
import { app } from "../state.ts";
import { vault } from "../vault.ts";
import { keyActions, leaveActions } from "./actions.ts";
import { certifySection } from "./certify.ts";
import { contactFacts, labelSection, verifiedMark } from "./contact.ts";
import { leaveEditing } from "./editing.ts";
import { expiryForm } from "./expiry.ts";
import { extentSwitch, showsEverything } from "./extent.ts";
import { identitySection } from "./identity.ts";
import { inspectionOf } from "./inspection.ts";
import { preferenceSection } from "./preferences.ts";
import { revocationSection } from "./revocation.ts";
import { rivalSection } from "./rivals.ts";
import { setupMessageSection } from "./setup-message.ts";
import { endsSoon, personOf, standing, userIdLine } from "./standing.ts";
import { subkeySection } from "./subkeys.ts";
import { userIdSection } from "./user-ids.ts";

let shown = "";

/** The page. */
export function keyPage(fingerprint: string): TemplateResult {
  const { words } = app;
  if (shown !== fingerprint) {
    leaveEditing();
    leaveActions();
  }
  shown = fingerprint;
  const key = vault.keys.find((other) => other.fingerprint === fingerprint);
  if (key === undefined) {
    return html`<h1 tabindex="-1">${words.keys}</h1>
      <p class="problem">${words.noSuchKey}</p>
      <p class="actions"><a class="button" href="#/keys">${words.backToKeys}</a></p>`;
  }
  return html`${keyed(fingerprint, page(key))}`;
}

/** Keyed by the caller: what is typed for one key never stands in the form of another. */
function page(key: Key): TemplateResult {
  const { words } = app;
  return html`<p class="back beside-list"><a href="#/keys">${words.backToKeys}</a></p>
    <h1 tabindex="-1" dir="auto">${personOf(key)}</h1>
    <p class="key-state">${key.kind === "secret-key" ? words.yourKey : words.theirCertificate} ${standing(key)} ${key.kind === "certificate" ? verifiedMark(key.fingerprint) : nothing}</p>
    ${problemLines(key)}
    ${rivalSection(key)} ${facts(key)} ${keyActions(key)} ${identitySection(key)}
    <div class="folds">${expirySection(key)} ${labelSection(key)}</div>
    ${extentSwitch()} ${showsEverything() ? parts(key) : nothing}`;
}

/** What is wrong with the key, beside the state that is said already. */
function problemLines(key: Key): TemplateResult | typeof nothing {
  const { words } = app;
  const told = (code: string): boolean => code === key.status && (code === "revoked" || code === "expired");
  const lines = key.problems.filter(({ code }) => !told(code)).map(({ code }) => words.skippedReasons[code] ?? words.otherProblem(code));
  return lines.length === 0 ? nothing : html`<ul class="lines warning">${lines.map((line) => html`<li>${line}</li>`)}</ul>`;
}

function expirySection(key: Key): TemplateResult | typeof nothing {
  const { words } = app;
  if (key.kind !== "secret-key" || key.status === "revoked") return nothing;
  return html`<details ?open=${key.status === "expired" || endsSoon(key)}>
    <summary>${words.expiryTitle}</summary>
    ${expiryForm(key)}
  </details>`;
}

/** What only those need who know OpenPGP. */
function parts(key: Key): TemplateResult {
  const inspected = inspectionOf(key);
  return html`${userIdSection(key, inspected)} ${key.kind === "certificate" ? certifySection(key) : nothing} ${subkeySection(key, inspected)}
    ${inspected === undefined ? nothing : preferenceSection(inspected)} ${key.kind === "secret-key" ? setupMessageSection(key) : nothing} ${revocationSection(key)}`;
}

function facts(key: Key): TemplateResult {
  const { words } = app;
  const abilities = [key.canEncrypt ? words.canEncrypt : "", key.canSign ? words.canSign : ""].filter(Boolean);
  return html`<dl class="facts">
    <div><dt>${words.userIds}</dt><dd>${key.userIds.map((userId) => html`<div>${userIdLine(userId)}</div>`)}</dd></div>
    ${key.unverifiedUserIds.length === 0
      ? nothing
      : html`<div><dt>${words.unverifiedNames}</dt><dd>${key.unverifiedUserIds.map((userId) => html`<div>${userIdLine(userId)}</div>`)}</dd></div>`}
    <div><dt>${words.algorithm}</dt><dd>${key.algorithm} (v${key.version})</dd></div>
    <div><dt>${words.created}</dt><dd>${words.formats.day(key.created)}</dd></div>
    ${key.kind === "certificate" ? contactFacts(key) : nothing}
    <div><dt>${words.abilities}</dt><dd>${abilities.length === 0 ? words.noAbility : words.formats.list(abilities)}</dd></div>
  </dl>`;
}
