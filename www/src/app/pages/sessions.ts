// Where the account is signed in: every session with its device and last use, and how to end one or all others.
import { html, nothing, type TemplateResult } from "lit-html";
import { announce } from "../announce.ts";
import { ApiError, endOtherSessions, endSession, listSessions, type Device, type SessionRecord } from "../api.ts";
import { ask } from "../ask.ts";
import { marked } from "../icons.ts";
import { problemText } from "../problem.ts";
import { loadProblem } from "../load-problem.ts";
import { afterDraw, app, update } from "../state.ts";
import { Work } from "../work.ts";

/** Their names are the same in every language. */
const BROWSERS = new Map([["firefox", "Firefox"], ["chrome", "Chrome"], ["edge", "Edge"], ["safari", "Safari"], ["opera", "Opera"]]);
const SYSTEMS = new Map([["windows", "Windows"], ["macos", "macOS"], ["linux", "Linux"], ["android", "Android"], ["ios", "iOS"], ["chromeos", "ChromeOS"]]);

const work = new Work();
/** As the server last told; undefined until first loaded. */
let known: SessionRecord[] | undefined;
let problem = "";

/** Asks the server again. */
export async function refreshSessions(): Promise<void> {
  try {
    known = await listSessions();
    problem = "";
  } catch (error) {
    problem = problemText(error);
  }
  update();
}

/** The section; `onSignOut` ends the session of this browser. */
export function sessionsSection(onSignOut: () => void): TemplateResult {
  const { words } = app;
  return html`<section aria-labelledby="sessions-title">
    <h2 id="sessions-title" tabindex="-1">${words.sessionsTitle}</h2>
    <p class="note">${words.sessionsNote}</p>
    ${loadProblem(problem, again)}
    ${known === undefined ? (problem === "" ? html`<p class="note" role="status">${words.loading}</p>` : nothing) : list(known, onSignOut)}
  </section>`;
}

async function again(): Promise<void> {
  await refreshSessions();
  if (problem === "") focusTitle();
}

function list(sessions: readonly SessionRecord[], onSignOut: () => void): TemplateResult {
  const { words } = app;
  const others = sessions.some(({ current }) => !current);
  return html`<ul class="rows" aria-labelledby="sessions-title">
      ${sessions.map((session) => row(session, onSignOut))}
    </ul>
    ${work.view(false)}
    ${others
      ? html`<p class="note">${words.sessionsStranger}</p>
          <p class="actions"><button type="button" class="danger" ?disabled=${work.busy} @click=${() => void endOthers()}>${words.endOthers}</button></p>`
      : html`<p class="note">${words.onlyHere}</p>`}`;
}

function row(session: SessionRecord, onSignOut: () => void): TemplateResult {
  const { words } = app;
  const device = deviceName(session.device);
  const since = words.formats.moment(new Date(session.created));
  // A clock that runs behind the server's makes no future of it.
  const used = new Date(Math.min(Date.parse(session.used), Date.now()));
  return html`<li class="part">
    <strong>${device}</strong>
    ${session.current ? html`<span class="row-more">${marked("good", words.thisSession)}</span>` : nothing}
    <span class="row-more">${words.lastUsed(words.formats.fromNow(used))}</span>
    <span class="row-more">${words.signedInOn(since)}</span>
    <p class="actions">
      ${session.current
        ? html`<button type="button" @click=${onSignOut}>${words.signOut}</button>`
        : html`<button type="button" class="danger" aria-label=${words.endSessionLabel(device, since)} ?disabled=${work.busy} @click=${() => void end(session)}>
            ${words.endSession}
          </button>`}
    </p>
  </li>`;
}

/** A device in words. */
export function deviceName(device: Device): string {
  const { words } = app;
  const [browser, system] = [BROWSERS.get(device.browser), SYSTEMS.get(device.system)];
  if (system === undefined) return browser ?? words.unknownDevice;
  return words.browserOn(browser ?? words.anotherBrowser, system);
}

async function end(session: SessionRecord): Promise<void> {
  const { words } = app;
  await work.run(words.endingSession, async () => {
    await endSession(session.id)
      .catch((error: unknown) => {
        // It has ended meanwhile.
        if (!(error instanceof ApiError && error.code === "not-found")) throw error;
      })
      .finally(refreshSessions);
    announce(words.sessionEnded(deviceName(session.device)));
  });
  focusTitle();
}

async function endOthers(): Promise<void> {
  const { words } = app;
  if (!(await ask({ title: words.endOthersTitle, text: words.endOthersText, action: words.endOthers }))) return;
  await work.run(words.endingSession, async () => {
    await endOtherSessions().finally(refreshSessions);
    announce(words.othersEnded);
  });
  focusTitle();
}

/** The button that had the focus is gone or was switched off meanwhile. */
function focusTitle(): void {
  afterDraw(() => document.querySelector<HTMLElement>("#sessions-title")?.focus());
}
