// The second factors in the settings, and on the page of somebody who has to have one before anything else.
import { html, nothing, type TemplateResult } from "lit-html";
import { announce } from "../announce.ts";
import { ask } from "../ask.ts";
import { marked } from "../icons.ts";
import { problemText } from "../problem.ts";
import { loadProblem } from "../load-problem.ts";
import { afterDraw, app, update } from "../state.ts";
import { Work } from "../work.ts";
import { appEnrolment } from "./app-enrolment.ts";
import { hasPasskeys, makePasskey } from "./authenticator.ts";
import { confirmed } from "./confirm.ts";
import { codesShown, recoveryCodesView, showCodes } from "./recovery-codes.ts";
import { addApp, addPasskey, factors, removeApp, removePasskey, renewCodes, startNewPasskey, type Added, type Factors, type PasskeyRecord } from "./requests.ts";

const work = new Work(() => "");
/** As the server last told; undefined until first loaded. */
let known: Factors | undefined;
let problem = "";
/** Whose recovery codes were in an answer that was lost, until they have made new ones. */
let codesLostOf: string | undefined;

/** Asks the server again. */
export async function refreshFactors(): Promise<void> {
  try {
    known = await factors();
    problem = "";
  } catch (error) {
    problem = problemText(error);
  }
  update();
}

/** Whether there may be recovery codes that nobody has seen, and those of before may hold no more. */
export function codesLost(): boolean {
  return codesLostOf !== undefined && codesLostOf === owner() && (known === undefined || count(known) > 0);
}

const owner = (): string | undefined => (app.session ?? app.awaiting)?.address;

const count = ({ totp, passkeys }: Factors): number => passkeys.length + ((totp ?? undefined) === undefined ? 0 : 1);

/** Makes a change. If its answer was lost, and the codes with it, the server is asked what is so. */
async function changed<T>(change: () => Promise<T>, givesCodes: boolean): Promise<T> {
  try {
    const answer = await confirmed(change);
    if (givesCodes) codesLostOf = undefined;
    return answer;
  } catch (error) {
    const isLost = (error as { code?: unknown }).code === "answer-lost";
    if (isLost && givesCodes) codesLostOf = owner();
    // What was lost once may have been made later than it was asked for.
    if (isLost || codesLostOf !== undefined) await lookAnew();
    throw error;
  }
}

/** What was known is not so any more, perhaps. */
async function lookAnew(): Promise<void> {
  known = undefined;
  await refreshFactors();
  if (problem !== "") problem = app.words.problems["answer-lost"];
}

/** The section; `onReady` runs when a factor is there and its owner has the recovery codes. */
export function factorsSection(onReady: () => void): TemplateResult {
  const { words } = app;
  return html`<section aria-labelledby="factors-title">
    <h2 id="factors-title" tabindex="-1">${words.factorsTitle}</h2>
    <p class="note">${words.factorsNote}</p>
    ${loadProblem(problem, refreshFactors)}
    ${codesLost() ? html`<p class="warning" role="alert">${words.codesLost}</p>` : nothing}
    ${codesShown() ? recoveryCodesView(onReady) : known === undefined ? (problem === "" ? html`<p class="note" role="status">${words.loading}</p>` : nothing) : all(known, onReady)}
  </section>`;
}

function all(own: Factors, onReady: () => void): TemplateResult {
  const { words } = app;
  const totp = own.totp ?? undefined;
  const some = count(own) > 0;
  const add = async (adding: () => Promise<Added>): Promise<void> => {
    let codes: readonly string[] = [];
    try {
      codes = (await changed(adding, !some)).recoveryCodes ?? [];
    } catch (error) {
      // One more than before: it was added.
      if (known === undefined || count(known) <= count(own)) throw error;
    }
    announce(words.factorAdded);
    if (codes.length > 0) showCodes(codes);
    else onReady();
    // A session that waited for its first factor is another one now: asked by whoever goes on from here.
    if (app.session !== undefined) void refreshFactors();
  };
  const passkey = async (): Promise<void> => {
    const name = words.passkeyMade(words.formats.day(new Date()));
    await work.run(words.askingPasskey, async (signal) => {
      const { ceremony, options } = await confirmed(startNewPasskey);
      const credential = await makePasskey(options, signal);
      await add(() => addPasskey(ceremony, name, credential));
    });
  };
  return html`<p>${some ? marked("good", words.factorsOn) : marked("careful", own.required ? words.factorsRequired : words.factorsOff)}</p>
    <h3>${words.appTitle}</h3>
    ${totp === undefined
      ? html`<p class="note">${words.appNote}</p>
          ${appEnrolment((code) => add(() => addApp(code)))}`
      : html`<p>${words.appSince(words.formats.day(new Date(totp.created)))}</p>
          <p class="actions"><button type="button" class="danger" ?disabled=${work.busy} @click=${() => void remove(words.removeAppTitle, removeApp)}>${words.removeApp}</button></p>`}
    <h3>${words.loginPasskeysTitle}</h3>
    <p class="note">${words.loginPasskeysNote}</p>
    ${own.passkeys.length === 0 ? nothing : html`<ul class="rows" aria-label=${words.loginPasskeysTitle}>${own.passkeys.map(passkeyRow)}</ul>`}
    ${hasPasskeys()
      ? html`<p class="actions"><button type="button" ?disabled=${work.busy} @click=${() => void passkey()}>${words.addLoginPasskey}</button></p>`
      : html`<p class="note">${words.passkeysUnsupported}</p>`}
    ${some
      ? html`<h3>${words.recoveryCodesTitle}</h3>
          <p>${own.recoveryCodes <= 3 ? marked("careful", words.codesLeft(own.recoveryCodes)) : words.codesLeft(own.recoveryCodes)}</p>
          <p class="actions"><button type="button" ?disabled=${work.busy} @click=${() => void renew()}>${words.renewCodes}</button></p>`
      : nothing}
    ${work.view()}`;
}

function passkeyRow(passkey: PasskeyRecord): TemplateResult {
  const { words } = app;
  const { day, fromNow } = words.formats;
  const used = typeof passkey.used === "string" ? words.lastUsed(fromNow(new Date(Math.min(Date.parse(passkey.used), Date.now())))) : words.notUsedYet;
  return html`<li class="part">
    <strong dir="auto">${passkey.name}</strong>
    <span class="row-more">${words.addedOn(day(new Date(passkey.created)))}</span>
    <span class="row-more">${used}</span>
    <p class="actions">
      <button
        type="button"
        class="danger"
        aria-label=${words.removePasskeyLabel(passkey.name)}
        ?disabled=${work.busy}
        @click=${() => void remove(words.removeLoginPasskeyTitle, () => removePasskey(passkey.id))}
      >
        ${words.remove}
      </button>
    </p>
  </li>`;
}

async function remove(title: string, removal: () => Promise<void>): Promise<void> {
  const { words } = app;
  if (!(await ask({ title, text: words.removeFactorText, action: words.removeIt }))) return;
  const done = await work.run(words.removing, async () => {
    await changed(removal, false);
    await refreshFactors();
    announce(words.factorRemoved);
  });
  // The button that had the focus is gone.
  if (done) afterDraw(() => document.querySelector<HTMLElement>("#factors-title")?.focus());
}

async function renew(): Promise<void> {
  const { words } = app;
  if (!(await ask({ title: words.renewCodesTitle, text: words.renewCodesText, action: words.renewCodes }))) return;
  await work.run(words.preparing, async () => {
    showCodes((await changed(renewCodes, true)).recoveryCodes);
    await refreshFactors();
  });
}
