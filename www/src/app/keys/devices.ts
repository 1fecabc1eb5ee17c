// Other devices with the same keys: turning it on, the code for the next device, where it stands, and how to stop.
import { html, nothing, type TemplateResult } from "lit-html";
import { announce } from "../announce.ts";
import { ask } from "../ask.ts";
import { copyText } from "../copy-text.ts";
import { marked } from "../icons.ts";
import { afterDraw, app, update } from "../state.ts";
import { whenLocked } from "../vault.ts";
import { opensWithAccount } from "../vault-account.ts";
import { deleteCopy, stopSync, syncCode, syncing, syncNow } from "../vault-sync.ts";
import { Work } from "../work.ts";
import { deviceCodeField } from "./device-code.ts";
import { sureOfOwner } from "./owner.ts";

const work = new Work();
/** Shown only until the page is left. */
let code: string | undefined;
addEventListener("hashchange", forget);
whenLocked(forget);

function forget(): void {
  code = undefined;
  work.problem = "";
}

/** The section. */
export function devicesSection(): TemplateResult {
  const { words } = app;
  return html`<section aria-labelledby="devices-title">
    <h2 id="devices-title" tabindex="-1">${words.devicesTitle}</h2>
    <p class="note">${words.devicesNote}</p>
    ${syncing.on ? running() : opensWithAccount() ? html`<p class="note">${words.syncWithAccount}</p>` : beginning()}
  </section>`;
}

function beginning(): TemplateResult {
  const { words } = app;
  const turnOn = async (): Promise<void> => {
    if (!(await work.run(words.loading, sureOfOwner))) return;
    if (await work.run(words.syncWorking, (signal) => syncNow(signal))) await show();
    else open();
  };
  const join = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const given = String(new FormData(event.target as HTMLFormElement).get("sync-code")).trim();
    if (given === "" || !(await work.run(words.syncWorking, (signal) => syncNow(signal, given)))) return;
    announce(syncing.came === "" ? words.syncDone : syncing.came);
    focusTitle();
  };
  return html`<p class="note">${words.syncServerSees}</p>
    ${work.view()}
    <p class="actions"><button type="button" @click=${() => void turnOn()}>${words.syncTurnOn}</button></p>
    <details id="join-devices">
      <summary>${words.syncJoin}</summary>
      <form @submit=${(event: SubmitEvent) => void join(event)} novalidate>
        ${deviceCodeField("sync-code", words.syncCodeLabel)}
        <p class="actions"><button type="submit" ?disabled=${work.busy}>${words.syncJoinNow}</button></p>
      </form>
    </details>`;
}

/** Another device was first: its code is asked for. */
function open(): void {
  document.querySelector<HTMLDetailsElement>("#join-devices")?.setAttribute("open", "");
  document.querySelector<HTMLElement>("#sync-code")?.focus();
}

function running(): TemplateResult {
  const { words } = app;
  const again = async (): Promise<void> => {
    if (await work.run(words.syncWorking, (signal) => syncNow(signal))) announce(words.syncDone);
    else if (syncing.underOtherCode) work.problem = syncing.problem;
    update();
  };
  const state = syncing.busy ? words.syncWorking : syncing.at === undefined ? words.syncNever : words.syncLast(words.formats.moment(syncing.at));
  return html`<p data-testid="sync-state">${state} ${syncing.came}</p>
    ${syncing.problem === "" || work.problem !== "" ? nothing : html`<p class="warning">${marked("careful", syncing.problem)}</p>`} ${work.view()}
    <p class="actions">
      <button type="button" ?disabled=${work.busy || syncing.busy} @click=${() => void again()}>${words.syncNow}</button>
      ${code === undefined ? html`<button type="button" @click=${() => void askAndShow()}>${words.syncShowCode}</button>` : nothing}
    </p>
    ${code === undefined ? nothing : codeCard(code)}
    <p class="actions">
      <button type="button" ?disabled=${work.busy} @click=${() => void stop()}>${words.syncStop}</button>
      <button type="button" class="danger" ?disabled=${work.busy} @click=${() => void remove()}>${words.syncDelete}</button>
    </p>`;
}

function codeCard(shown: string): TemplateResult {
  const { words } = app;
  const hide = (): void => {
    code = undefined;
    focusTitle();
  };
  return html`<div class="card" role="group" aria-labelledby="sync-code-title">
    <h3 id="sync-code-title" tabindex="-1">${words.syncCodeTitle}</h3>
    <p>${words.syncCodeSecret}</p>
    <p dir="ltr"><code data-testid="sync-code">${shown.split("-").map((group, index) => html`${index === 0 ? "" : "-"}<wbr />${group}`)}</code></p>
    <p class="actions">
      <button type="button" @click=${() => void copyText(shown, words.syncCodeCopied)}>${words.syncCopyCode}</button>
      <button type="button" @click=${hide}>${words.syncHideCode}</button>
    </p>
  </div>`;
}

async function askAndShow(): Promise<void> {
  const { words } = app;
  if (await ask({ title: words.syncShowTitle, text: words.syncCodeSecret, action: words.syncShowCode })) await show();
}

async function show(): Promise<void> {
  const shown = await work.run(app.words.loading, async (signal) => {
    await sureOfOwner(signal);
    code = await syncCode();
  });
  if (shown) afterDraw(() => document.querySelector<HTMLElement>("#sync-code-title")?.focus());
}

async function stop(): Promise<void> {
  const { words } = app;
  if (!(await ask({ title: words.syncStopTitle, text: words.syncStopText, action: words.syncStop }))) return;
  if (await work.run(words.syncWorking, () => stopSync())) ended(words.syncStopped);
}

async function remove(): Promise<void> {
  const { words } = app;
  if (!(await ask({ title: words.syncDeleteTitle, text: words.syncDeleteText, action: words.syncDelete }))) return;
  if (await work.run(words.syncWorking, (signal) => deleteCopy(signal))) ended(words.syncDeleted);
}

function ended(text: string): void {
  forget();
  announce(text);
  focusTitle();
}

function focusTitle(): void {
  update();
  afterDraw(() => document.querySelector<HTMLElement>("#devices-title")?.focus());
}
