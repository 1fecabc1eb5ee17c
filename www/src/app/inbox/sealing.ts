// Whether mail that arrives is encrypted to its owner, in the settings: with which of my keys, and whether that still works.
import { html, nothing, type TemplateResult } from "lit-html";
import { fromBase64Url, toBase64Url } from "../../base64url.ts";
import { announce } from "../announce.ts";
import { call, unlessRefused } from "../api.ts";
import { ask } from "../ask.ts";
import { draftKey } from "../drafts/encryption.ts";
import { engine } from "../engine.ts";
import { confirmed } from "../factors/confirm.ts";
import { unlockForm } from "../keys/unlock.ts";
import { problemText } from "../problem.ts";
import { loadProblem } from "../load-problem.ts";
import { app, update } from "../state.ts";
import { vault } from "../vault.ts";
import { Work } from "../work.ts";
import { takesMail } from "./records.ts";

const PATH = "account/mailbox-certificate";

interface Sealing {
  fingerprint: string;
  /** Whether it still can be encrypted to. */
  usable: boolean;
}

const work = new Work();
/** As the server last told: null if mail stays as it comes; undefined until first loaded. */
let known: Sealing | null | undefined;
let problem = "";

/** Asks the server again. */
export async function refreshSealing(): Promise<void> {
  if (!isOffered()) return;
  try {
    known = await ofServer();
    problem = "";
  } catch (error) {
    problem = problemText(error);
  }
  update();
}

/** Of the account that signs out. */
export function forgetSealing(): void {
  known = undefined;
  problem = "";
}

/** The section, where the server can. */
export function sealingSection(): TemplateResult | typeof nothing {
  const { words } = app;
  if (!isOffered()) return nothing;
  return html`<section aria-labelledby="sealing-title">
    <h2 id="sealing-title" tabindex="-1">${words.sealingTitle}</h2>
    <p class="note">${words.sealingNote}</p>
    ${loadProblem(problem, refreshSealing)}
    ${known === undefined ? (problem === "" ? html`<p class="note" role="status">${words.loading}</p>` : nothing) : state(known)}
  </section>`;
}

const isOffered = (): boolean => app.server.sealsMail === true && takesMail();

function state(sealing: Sealing | null): TemplateResult {
  const { words } = app;
  const key = draftKey();
  const isOther = key !== undefined && key.fingerprint !== sealing?.fingerprint;
  return html`${sealing === null
      ? html`<p>${words.sealingOff}</p>`
      : sealing.usable
        ? html`<p>${words.sealingOn}</p>`
        : html`<p class="warning">${words.sealingUnusable}</p>`}
    ${sealing === null ? nothing : html`<p class="armored" dir="ltr" translate="no" data-testid="sealing-key">${sealing.fingerprint.match(/.{1,4}/g)?.join(" ")}</p>`}
    ${work.view(false)} ${vault.state === "locked" ? unlockForm(words.unlockForSealing) : key === undefined ? html`<p class="note">${words.sealingNeedsKey}</p>` : nothing}
    <p class="actions">
      ${isOther || (key !== undefined && sealing?.usable === false)
        ? html`<button type="button" ?disabled=${work.busy} @click=${() => void begin()}>${sealing === null ? words.sealMail : words.sealWithThisKey}</button>`
        : nothing}
      ${sealing === null ? nothing : html`<button type="button" ?disabled=${work.busy} @click=${() => void end()}>${words.stopSealing}</button>`}
    </p>`;
}

async function begin(): Promise<void> {
  const { words } = app;
  if (!(await ask({ title: words.sealMailTitle, text: words.sealMailText, action: words.sealMail }))) return;
  const key = draftKey();
  if (key === undefined) return;
  const done = await work.run(words.sealingBegins, async (signal) => {
    const certificate = toBase64Url(key.certificate.binary);
    await confirmed(() => call("PUT", PATH, { certificate }, signal));
    known = await ofServer();
  });
  if (done) announce(words.sealingOn);
}

async function end(): Promise<void> {
  const { words } = app;
  const done = await work.run(words.sealingEnds, async (signal) => {
    await confirmed(() => call("DELETE", PATH, undefined, signal));
    known = null;
  });
  if (done) announce(words.sealingOff);
}

async function ofServer(): Promise<Sealing | null> {
  const answer = await call("GET", PATH).catch(unlessRefused(404));
  if (answer === undefined) return null;
  const { certificate, usable } = (await answer.json()) as { certificate: string; usable: boolean };
  const [key] = await engine().readKeys(fromBase64Url(certificate));
  return { fingerprint: key?.fingerprint ?? "", usable };
}
