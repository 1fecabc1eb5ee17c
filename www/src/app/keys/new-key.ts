// Generating a key pair, and the backup right afterwards.
import type { GenerateKeyOptions, SecretKey } from "envelock";
import { html, nothing, type TemplateResult } from "lit-html";
import { saveFile } from "../../save-file.ts";
import { announce } from "../announce.ts";
import { leaveFor } from "../leaving.ts";
import { afterDraw, app } from "../state.ts";
import { makeKey, whenLocked } from "../vault.ts";
import { Work } from "../work.ts";
import { shortId } from "./actions.ts";
import { backupSteps } from "./backup.ts";
import { extentSwitch, showsEverything } from "./extent.ts";
import { fingerprintView } from "./identity.ts";
import { ensurePostQuantum } from "./post-quantum.ts";
import { checkName } from "./user-ids.ts";

const work = new Work();
let made: { key: SecretKey; revocation: string; saved: boolean } | undefined;
const forget = (): void => {
  made = undefined;
};
whenLocked(forget);
// Whoever comes back wants another key; the backup of this one has a page of its own.
addEventListener("hashchange", () => {
  if (location.hash !== "#/keys/new") forget();
});

/** The page. */
export function newKeyPage(): TemplateResult {
  return made === undefined ? form() : backup(made);
}

function form(): TemplateResult {
  const { words, session } = app;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const fields = new FormData(event.target as HTMLFormElement);
    const name = String(fields.get("name")).trim();
    const email = String(fields.get("email")).trim();
    const years = Number(fields.get("years"));
    const kind = kindOf(fields);
    void work.run(words.generating, async (signal) => {
      checkName(name, email);
      if (kind.profile === "pqc") await ensurePostQuantum();
      const expires = new Date();
      expires.setFullYear(expires.getFullYear() + years);
      const { key, revocationCertificate } = await makeKey({
        userIds: [{ ...(name === "" ? {} : { name }), email }],
        ...kind,
        ...(years === 0 ? {} : { expires }),
        signal,
      });
      made = { key, revocation: revocationCertificate, saved: false };
      afterDraw(() => document.querySelector<HTMLElement>("#backup-title")?.focus());
    });
  };
  return html`<p class="back"><a href="#/keys">${words.backToKeys}</a></p>
    <h1 tabindex="-1">${words.newKey}</h1>
    <form @submit=${submit}>
      <div class="field">
        <label for="key-name">${words.name}</label>
        <input id="key-name" name="name" autocomplete="name" value=${session?.name ?? ""} />
      </div>
      <div class="field">
        <label for="key-email">${words.email}</label>
        <input id="key-email" name="email" type="email" autocomplete="email" required value=${session?.address ?? ""} />
      </div>
      <fieldset>
        <legend>${words.kindOfKey}</legend>
        <p class="choice"><input type="radio" id="compat" name="profile" value="compat" checked aria-describedby="compat-note" /><label for="compat">${words.compat}</label></p>
        <p class="note" id="compat-note">${words.compatNote}</p>
        <p class="choice"><input type="radio" id="rfc9580" name="profile" value="rfc9580" aria-describedby="rfc9580-note" /><label for="rfc9580">${words.modern}</label></p>
        <p class="note" id="rfc9580-note">${words.modernNote}</p>
        ${showsEverything() ? html`${olderKind("rsa", words.rsa, words.rsaNote, "bits", words.keySize, RSA_BITS)} ${olderKind("nist", words.nist, words.nistNote, "curve", words.curve, CURVES)} ${postQuantumKind()}` : nothing}
      </fieldset>
      <div class="field">
        <label for="key-expires">${words.expires}</label>
        <select id="key-expires" name="years">
          ${[3, 2, 1].map((years) => html`<option value=${years} ?selected=${years === 3}>${words.inYears(years)}</option>`)}
          <option value="0">${words.never}</option>
        </select>
        <p class="note">${words.keyExpiryNote}</p>
      </div>
      ${work.view()}
      <p class="actions"><button type="submit" class="primary" ?disabled=${work.busy}>${words.generateKey}</button></p>
      ${extentSwitch()}
    </form>`;
}

const RSA_BITS = [
  ["3072", "3072"],
  ["4096", "4096"],
  ["2048", "2048"],
] as const;
const CURVES = [
  ["p256", "P-256"],
  ["p384", "P-384"],
  ["p521", "P-521"],
] as const;

/** Kinds for programs and rules that ask for them. */
function olderKind(id: string, label: string, note: string, choice: string, choiceLabel: string, values: readonly (readonly [string, string])[]): TemplateResult {
  return html`<p class="choice"><input type="radio" id=${id} name="profile" value=${id} aria-describedby="${id}-note" /><label for=${id}>${label}</label></p>
    <div class="indented">
      <p class="note" id="${id}-note">${note}</p>
      <div class="field">
        <label for="${id}-${choice}">${choiceLabel}</label>
        <select id="${id}-${choice}" name=${choice}>${values.map(([value, text]) => html`<option value=${value}>${text}</option>`)}</select>
      </div>
    </div>`;
}

function postQuantumKind(): TemplateResult {
  const { words } = app;
  return html`<p class="choice"><input type="radio" id="pqc" name="profile" value="pqc" aria-describedby="pqc-note" /><label for="pqc">${words.postQuantum}</label></p>
    <p class="note" id="pqc-note">${words.postQuantumNote}</p>`;
}

function kindOf(fields: FormData): Pick<GenerateKeyOptions, "profile" | "bits" | "curve"> {
  switch (fields.get("profile")) {
    case "rfc9580":
      return { profile: "rfc9580" };
    case "pqc":
      return { profile: "pqc" };
    case "rsa":
      return { profile: "rsa", bits: Number(fields.get("bits")) };
    case "nist": {
      const curve = CURVES.find(([value]) => value === fields.get("curve"))?.[0] ?? "p256";
      return { profile: "nist", curve };
    }
    default:
      return { profile: "compat" };
  }
}

function backup(done: NonNullable<typeof made>): TemplateResult {
  const { words } = app;
  const leave = (): void => void leaveFor(`#/keys/${done.key.fingerprint}`);
  const save = (): void => {
    const name = `revocation-${shortId(done.key)}.asc`;
    saveFile(name, done.revocation);
    done.saved = true;
    announce(words.saved(name));
  };
  return html`<h1 id="backup-title" tabindex="-1">${words.backupTitle}</h1>
    <p class="label">${words.fingerprint}</p>
    ${fingerprintView(done.key.fingerprint)} ${backupSteps(leave)}
    <h2>${words.revocationTitle}</h2>
    <p class="note">${words.revocationNote}</p>
    <p class="actions">
      <button type="button" @click=${save}>${words.saveRevocation}${done.saved ? " ✓" : nothing}</button>
    </p>
    <p class="actions">
      <button type="button" @click=${leave}>${words.remindLater}</button>
    </p>`;
}
