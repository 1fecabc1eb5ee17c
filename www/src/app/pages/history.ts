// Who signed in to the account in the last 90 days, as far as browsers tell, and a notice of those that had not been used before.
import { html, nothing, type TemplateResult } from "lit-html";
import { listLogins, listSessions, type LoginRecord } from "../api.ts";
import { marked } from "../icons.ts";
import { problemText } from "../problem.ts";
import { app, update } from "../state.ts";
import { deviceName } from "./sessions.ts";

/** When the newest sign-in to the account was that this browser knows of: the server's time, and nothing else. */
const seen = (): string => `envelock-logins-seen:${app.session?.address ?? ""}`;

/** As the server last told; undefined until first loaded. */
let known: LoginRecord[] | undefined;
let problem = "";
/** New devices that were not pointed out in this browser yet. */
let fresh: LoginRecord[] = [];

/** Asks the server again, and points out what is new. */
export async function refreshHistory(): Promise<void> {
  try {
    const [logins, sessions] = await Promise.all([listLogins(), listSessions()]);
    known = logins;
    problem = "";
    const own = sessions.find(({ current }) => current)?.created;
    const shown = localStorage.getItem(seen());
    // The times are UTC in one form, so they compare as text does.
    fresh = shown === null ? [] : logins.filter(({ newDevice, first }) => newDevice && first > shown && first !== own);
    if (fresh.length === 0) markSeen();
  } catch (error) {
    problem = problemText(error);
  }
  update();
}

function markSeen(): void {
  const newest = (known ?? []).map(({ first }) => first).sort().at(-1);
  if (newest !== undefined) localStorage.setItem(seen(), newest);
  fresh = [];
  update();
}

function sentence(): string {
  const { words } = app;
  return words.newDevices(words.formats.list(fresh.map(({ device, first }) => words.newDevice(deviceName(device), words.formats.moment(new Date(first))))));
}

/** Above every page, until somebody says that they have seen it; said aloud as well. */
export function newDeviceNotice(): TemplateResult {
  const { words } = app;
  return html`<p class="unseen" role="status">${fresh.length === 0 ? nothing : sentence()}</p>
    ${fresh.length === 0
      ? nothing
      : html`<section class="warning new-device" aria-label=${words.newDeviceTitle}>
          <p>${marked("careful", sentence())}</p>
          <p>${words.sessionsStranger}</p>
          <p class="actions">
            <a class="button" href="#/settings">${words.sessionsTitle}</a>
            <button type="button" @click=${markSeen}>${words.newDeviceSeen}</button>
          </p>
        </section>`}`;
}

/** The section, closed until it is wanted. */
export function historySection(): TemplateResult {
  const { words } = app;
  return html`<details>
    <summary>${words.historyTitle}</summary>
    <p class="note">${words.historyNote}</p>
    ${problem === "" ? nothing : html`<p class="problem">${problem}</p>`}
    ${known === undefined
      ? nothing
      : html`<ul class="rows" aria-label=${words.historyTitle}>
          ${known.map(
            ({ device, last, times, newDevice }) => html`<li class="part">
              <strong>${deviceName(device)}</strong>
              ${newDevice ? html`<span class="row-more">${marked("careful", words.firstWithDevice)}</span>` : nothing}
              <span class="row-more">${words.signedInTimes(times, words.formats.moment(new Date(last)))}</span>
            </li>`,
          )}
        </ul>`}
  </details>`;
}
