// Who signed in to the account in the last 90 days, as far as browsers tell; a notice of browsers that had not been used before, and one of whoever
// knew the password and has not done the second step.
import { html, nothing, type TemplateResult } from "lit-html";
import { listLogins, listSessions, type Device, type LoginRecord, type SessionRecord } from "../api.ts";
import { marked } from "../icons.ts";
import { problemText } from "../problem.ts";
import { app, update } from "../state.ts";
import { deviceName } from "./sessions.ts";

/** When the newest sign-in to the account was that this browser knows of: the server's time, and nothing else. */
const seen = (): string => `envelock-logins-seen:${app.session?.address ?? ""}`;

/** As the server last told; undefined until first loaded. */
let known: LoginRecord[] | undefined;
let problem = "";
/** New devices that were not pointed out in this browser yet … */
let fresh: LoginRecord[] = [];
/** … and sign-ins that got as far as the password. */
let unfinishedLogins: LoginRecord[] = [];

/** Asks the server again, and points out what is new. */
export async function refreshHistory(): Promise<void> {
  try {
    const [logins, sessions] = await Promise.all([listLogins(), listSessions()]);
    known = logins;
    problem = "";
    const own = sessions.find(({ current }) => current)?.created;
    const shown = localStorage.getItem(seen());
    // The times are UTC in one form, so they compare as text does.
    const [since, sinceUnfinished] = shown === null ? [own, lastNotice(logins, sessions, own)] : [shown, shown];
    fresh = since === undefined ? [] : logins.filter(({ newDevice, first }) => newDevice && first > since && first !== own);
    unfinishedLogins = logins.filter(({ unfinished, last }) => unfinished && last > sinceUnfinished);
    if (fresh.length + unfinishedLogins.length === 0) markSeen();
  } catch (error) {
    problem = problemText(error);
  }
  update();
}

/**
 * When the account's owner was last told, for a browser that knows nothing of it yet: with the sign-in before this one, wherever that was. Of one
 * day and device the server tells the first and the last, and each that has not signed out since; rather they are told twice than never. A
 * sign-in with a device that was new then does not count: it may have been a stranger's.
 */
function lastNotice(logins: readonly LoginRecord[], sessions: readonly SessionRecord[], own: string | undefined): string {
  const strange = ({ device, created }: SessionRecord): boolean =>
    logins.some((login) => login.newDevice && isSame(login.device, device) && login.first <= created && created <= login.last);
  const times = [
    ...logins.filter(({ newDevice, unfinished }) => !newDevice && !unfinished).flatMap(({ first, last }) => [first, last]),
    ...sessions.filter((session) => !strange(session)).map(({ created }) => created),
  ];
  return times.filter((time) => own === undefined || time < own).sort().at(-1) ?? "";
}

const isSame = (a: Device, b: Device): boolean => a.browser === b.browser && a.system === b.system;

function markSeen(): void {
  const newest = (known ?? []).map(({ first, last, unfinished }) => (unfinished ? last : first)).sort().at(-1);
  if (newest !== undefined) localStorage.setItem(seen(), newest);
  fresh = [];
  unfinishedLogins = [];
  update();
}

/** Devices with a moment each. */
function listed(logins: readonly LoginRecord[], at: "first" | "last"): string {
  const { words } = app;
  return words.formats.list(logins.map((login) => words.deviceAt(deviceName(login.device), words.formats.moment(new Date(login[at])))));
}

/** Above every page, until somebody says that they have seen it; said aloud as well. */
export function loginNotice(): TemplateResult {
  const { words } = app;
  const begun = unfinishedLogins.length === 0 ? "" : words.unfinishedLogins(listed(unfinishedLogins, "last"));
  const strange = fresh.length === 0 ? "" : words.newDevices(listed(fresh, "first"));
  return html`<p class="unseen" role="status">${begun} ${strange}</p>
    ${begun === "" && strange === "" ? nothing : notice(begun, strange)}`;
}

/** One for both: whoever says that they have seen it has seen all of it. */
function notice(begun: string, strange: string): TemplateResult {
  const { words } = app;
  const part = (sentence: string, advice: string): TemplateResult | typeof nothing =>
    sentence === "" ? nothing : html`<p>${marked("careful", sentence)}</p>
        <p>${advice}</p>`;
  return html`<section class="warning login-notice" aria-label=${begun === "" ? words.newDeviceTitle : words.unfinishedLoginTitle}>
    ${part(begun, words.unfinishedLoginAdvice)} ${part(strange, words.sessionsStranger)}
    <p class="actions">
      <a class="button" href="#/settings">${words.sessionsTitle}</a>
      <button type="button" @click=${markSeen}>${words.newDeviceSeen}</button>
    </p>
  </section>`;
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
            ({ device, last, times, newDevice, unfinished }) => html`<li class="part">
              <strong>${deviceName(device)}</strong>
              ${newDevice ? html`<span class="row-more">${marked("careful", words.firstWithDevice)}</span>` : nothing}
              ${unfinished ? html`<span class="row-more">${marked("careful", words.unfinishedLogin)}</span>` : nothing}
              <span class="row-more">${words.signedInTimes(times, words.formats.moment(new Date(last)))}</span>
            </li>`,
          )}
        </ul>`}
  </details>`;
}
