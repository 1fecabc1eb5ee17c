// The names and addresses of one key: how each stands and who certified it; for mine also add, choose and revoke.
import type { InspectedUserId, Key, KeyInspection, SecretKey } from "envelock";
import { html, nothing, type TemplateResult } from "lit-html";
import { shownUserId } from "../../user-id.ts";
import { ask } from "../ask.ts";
import { engine } from "../engine.ts";
import { marked } from "../icons.ts";
import { app } from "../state.ts";
import { certificationList } from "./certifications.ts";
import { edit, editing, editView } from "./editing.ts";

/** Octets of name and address together, as the package takes them. */
const LONGEST = 2048;
const PLACE = "user-ids";

/** The section. */
export function userIdSection(key: Key, inspected: KeyInspection | undefined): TemplateResult {
  const { words } = app;
  const own = key.kind === "secret-key" ? key : undefined;
  return html`<section aria-labelledby="user-ids-title">
    <h2 id="user-ids-title">${words.userIdsTitle}</h2>
    <ul class="rows">
      ${inspected === undefined
        ? key.userIds.map((text) => html`<li class="part"><strong dir="auto">${shownUserId(text)}</strong></li>`)
        : inspected.userIds.map((userId) => html`<li class="part">${userIdView(key, userId, own)}</li>`)}
    </ul>
    ${editView(PLACE)} ${own === undefined || own.status === "revoked" ? nothing : addForm(own)}
  </section>`;
}

function userIdView(key: Key, userId: InspectedUserId, own: SecretKey | undefined): TemplateResult {
  const { words } = app;
  const { text, status, primary } = userId;
  const state = status === "valid" && primary ? words.mainUserId : words.userIdStates[status];
  return html`<strong dir="auto">${shownUserId(text)}</strong>
    <span class="row-more">${marked(status === "valid" ? "good" : status === "expired" ? "careful" : "bad", state)}</span>
    ${userId.certifiedAt === undefined ? nothing : html`<span class="row-more">${words.selfCertified(words.formats.day(userId.certifiedAt))}</span>`}
    ${userId.warnings.map((warning) => html`<span class="row-more">${marked("careful", words.userIdWarnings[warning])}</span>`)} ${certificationList(key, text, userId.certifications, PLACE)}
    ${own === undefined || own.status === "revoked" || status !== "valid" ? nothing : userIdActions(own, text, primary)}`;
}

function userIdActions(own: SecretKey, text: string, main: boolean): TemplateResult | typeof nothing {
  const { words } = app;
  if (own.userIds.length < 2) return nothing;
  return html`<p class="actions">
    ${main ? nothing : html`<button type="button" aria-label=${words.makeMainLabel(shownUserId(text))} ?disabled=${editing()} @click=${() => void makeMain(own, text)}>${words.makeMain}</button>`}
    <button type="button" class="danger" aria-label=${words.revokeUserIdLabel(shownUserId(text))} ?disabled=${editing()} @click=${() => void revoke(own, text)}>${words.revokeIt}</button>
  </p>`;
}

function addForm(key: SecretKey): TemplateResult {
  const { words } = app;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const fields = new FormData(form);
    const name = String(fields.get("name")).trim();
    const email = String(fields.get("email")).trim();
    void edit(key, PLACE, { doing: words.addingUserId, done: words.userIdAdded(email) }, (unlocked, signal) => {
      checkName(name, email);
      return engine().addUserId({ key: unlocked, userId: { ...(name === "" ? {} : { name }), email }, ...(fields.get("primary") === null ? {} : { primary: true }), signal });
    }).then((added) => {
      if (added) form.reset();
    });
  };
  return html`<details>
    <summary>${words.addUserId}</summary>
    <form @submit=${submit}>
      <div class="field">
        <label for="added-name">${words.name}</label>
        <input id="added-name" name="name" autocomplete="name" />
      </div>
      <div class="field">
        <label for="added-email">${words.email}</label>
        <input id="added-email" name="email" type="email" autocomplete="email" required />
      </div>
      <p class="choice"><input type="checkbox" id="added-primary" name="primary" /><label for="added-primary">${words.asMainUserId}</label></p>
      <p class="actions"><button type="submit" ?disabled=${editing()}>${words.addThisUserId}</button></p>
    </form>
  </details>`;
}

/** Rejects what makes no user ID, with words about the name. */
export function checkName(name: string, email: string): void {
  if (/[<>\p{Cc}]/u.test(name)) throw { code: "bad-name" };
  if (new TextEncoder().encode(`${name} <${email}>`).length > LONGEST) throw { code: "user-id-too-long" };
}

async function makeMain(key: SecretKey, userId: string): Promise<void> {
  const { words } = app;
  await edit(key, PLACE, { doing: words.changingUserIds, done: words.mainUserIdSet(userId) }, (unlocked, signal) => engine().setPrimaryUserId({ key: unlocked, userId, signal }));
}

async function revoke(key: SecretKey, userId: string): Promise<void> {
  const { words } = app;
  if (!(await ask({ title: words.revokeUserIdTitle(shownUserId(userId)), text: words.revokeUserIdText, action: words.revokeIt, typed: { word: words.revokeWord, label: words.typeRevoke } }))) return;
  await edit(key, PLACE, { doing: words.changingUserIds, done: words.userIdRevoked(shownUserId(userId)) }, (unlocked, signal) => engine().revokeUserId({ key: unlocked, userId, signal }));
}
