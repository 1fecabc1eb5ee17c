// Boot of the webmail: language, server, session, routes, keyboard, drawing.
import { html, render, type TemplateResult } from "lit-html";
import { languageFor, type Language } from "../language/formats.ts";
import { takeKey } from "./account-key.ts";
import { announcement } from "./announce.ts";
import { currentSession, serverInfo, signOut, whenSignedOut } from "./api.ts";
import { ask, tell } from "./ask.ts";
import { attempt } from "./attempt.ts";
import { forgetMessage, isUnfinished, leaveCompose, unnotedPassword, unsentText } from "./compose/page.ts";
import { storeNow } from "./drafts/keeping.ts";
import { open as openDraft } from "./drafts/opening.ts";
import { forgetDrafts, refreshDrafts } from "./drafts/records.ts";
import { enrolmentPage } from "./factors/enrolment.ts";
import { secondStepPage, stepUnheard } from "./factors/second-step.ts";
import { codesLost, refreshFactors } from "./factors/section.ts";
import { forgetMail } from "./inbox/reading.ts";
import { forgetSealing, refreshSealing } from "./inbox/sealing.ts";
import { forgetInbox, keepInboxFresh, refreshInbox } from "./inbox/records.ts";
import { watchDrops } from "./keys/import.ts";
import { loss, mayLeave } from "./leaving.ts";
import { forgetLinks, keepFresh, refreshLinks, refreshReplies, showNotes } from "./links/records.ts";
import { tellTabs } from "./one-account.ts";
import { forgetSent, keepSentFresh, refreshSent } from "./outgoing/records.ts";
import { changeUnheard } from "./pages/account-password.ts";
import { shortcuts } from "./pages/help.ts";
import { refreshHistory } from "./pages/history.ts";
import { isRegistering, readInvitation, registerPage } from "./pages/register.ts";
import { refreshSessions } from "./pages/sessions.ts";
import { signInPage } from "./pages/sign-in.ts";
import { problemText } from "./problem.ts";
import { refreshPrograms } from "./programs/section.ts";
import { go, listOf, readRoute, type KeyTask } from "./route.ts";
import { forgetUnkept, keepAll, unkept } from "./sent/keeping.ts";
import { forgetCopy } from "./sent/reading.ts";
import { forgetCopies, refreshCopies } from "./sent/records.ts";
import { shell } from "./shell.ts";
import { afterDraw, app, drawWith, update, type Session } from "./state.ts";
import { openAtSignIn } from "./vault-account.ts";
import { syncChanges, unsynced } from "./vault-sync.ts";
import { lockVault, stayAwake, whenOpened } from "./vault.ts";

const LANGUAGE = "envelock-language";
const root = document.getElementById("app") ?? document.body.appendChild(document.createElement("div"));
/** In the address for one load: the sign-in page then says why it is there. */
const [ENDED, CHANGED] = ["?ended", "?changed"];
/** Why somebody is on the sign-in page: signed out elsewhere, perhaps with another password or a second step, by that step without having heard of it, too slow with it, or with a new account. */
let because: "ended" | "changed" | "enrolled" | "unheard" | "late" | "made" | undefined = location.search === ENDED ? "ended" : location.search === CHANGED ? "changed" : undefined;
let leaving = false;
/** Whoever signs out waits for a draft, or for keys. */
let storing = false;
/** How long whoever signs out waits at most for a draft to be stored, and keys to be brought to other devices … */
const LAST_WRITE_MILLISECONDS = 5_000;
/** … and how long before that is said. */
const QUIET_MILLISECONDS = 250;
/** Ends that waiting. */
let skipWaiting: (() => void) | undefined;
let chosenLanguage = localStorage.getItem(LANGUAGE) ?? "";

async function loadLanguage(language: Language): Promise<void> {
  app.words = (language === "de" ? await import("../language/de.ts") : await import("../language/en.ts")).default;
  document.documentElement.lang = app.words.language;
  document.documentElement.dir = app.words.direction;
}

async function start(): Promise<void> {
  await loadLanguage(languageFor(chosenLanguage === "" ? navigator.languages : [chosenLanguage]));
  if (because !== undefined) history.replaceState(null, "", location.pathname);
  app.route = readRoute(location.hash);
  try {
    app.server = await serverInfo();
    take(await currentSession());
  } catch (error) {
    render(
      html`<main class="single">
        <article class="card">
          <h1>Envelock</h1>
          <p class="problem" role="alert">${problemText(error)}</p>
          <p class="actions"><button type="button" class="primary" @click=${() => location.reload()}>${app.words.retry}</button></p>
        </article>
      </main>`,
      root,
    );
    return;
  }
  drawWith(draw);
  keepFresh();
  keepInboxFresh();
  keepSentFresh();
  if (isRegistering()) await readInvitation();
  else if (app.session !== undefined) signedIn();
  update();
}

/** The account is made: its owner goes on where keys are made, or signs in. */
function registered(session: Session | undefined): void {
  history.replaceState(null, "", "/#/keys");
  app.route = readRoute(location.hash);
  enter(session);
  if (session === undefined) because = "made";
}

/** Somebody is signed in, or has a step to go. */
function take(session: Session | undefined): void {
  const whole = session?.pending === undefined;
  app.session = whole ? session : undefined;
  app.awaiting = whole ? undefined : session;
  if (app.awaiting?.pending === "enrolment") void refreshFactors();
  if (session !== undefined) tellTabs(session.address);
}

function draw(): void {
  const { words, session } = app;
  document.title = `${isRegistering() ? words.register : session === undefined ? words.signIn : title()} · Envelock`;
  render(
    isRegistering()
      ? html`${registerPage(registered)}${announcement()}`
      : session === undefined
        ? html`${entrance()}${announcement()}`
        : shell({ language: chosenLanguage, onLanguage: (language) => void changeLanguage(language), onSignOut: () => void leave(), onSkip: skipWaiting }),
    root,
  );
}

function entrance(): TemplateResult {
  const { awaiting } = app;
  const back = (): void => void leaveStep();
  switch (awaiting?.pending) {
    case undefined:
      return signInPage(enter, because === undefined ? "" : entranceNotes()[because]);
    case "second-factor":
      return secondStepPage(awaiting as Session, enter, back);
    case "enrolment":
      return enrolmentPage(() => void attempt(async () => enter(await currentSession())), back);
  }
}

function entranceNotes(): Record<NonNullable<typeof because>, string> {
  const { words } = app;
  return { ended: words.signedOutElsewhere, changed: words.problems["password-lost"], enrolled: words.enrolmentLost, unheard: words.secondStepUnheard, late: words.secondStepLate, made: words.accountMade };
}

function enter(session: Session | undefined): void {
  take(session);
  because = undefined;
  if (app.session === undefined) focusPage();
  else signedIn();
}

/** Back to the first step. */
async function leaveStep(): Promise<void> {
  await attempt(async () => {
    if (!(await mayLeave())) return;
    await signOut();
    takeKey()?.fill(0);
    enter(undefined);
  });
}

/** Never a name or an address: browsers write titles down in their history. */
function title(): string {
  const { words, route } = app;
  if (route.page === "key-task") return taskTitles()[route.task];
  return {
    inbox: words.inbox,
    mail: words.inbox,
    sent: words.sentTitle,
    "sent-mail": words.sentTitle,
    compose: words.compose,
    links: words.links,
    link: words.links,
    reply: words.replies,
    drafts: words.drafts,
    draft: words.drafts,
    keys: words.keys,
    key: words.keys,
    settings: words.settings,
    help: words.help,
  }[route.page];
}

function taskTitles(): Record<KeyTask, string> {
  const { words } = app;
  return {
    new: words.newKey,
    import: words.importKeys,
    find: words.findKey,
    backup: words.backupPageTitle,
    restore: words.restoreTitle,
    settings: words.keystoreTitle,
    log: words.logTitle,
  };
}

function signedIn(): void {
  void openAtSignIn();
  void refreshLinks();
  void refreshDrafts();
  void refreshInbox();
  void refreshSent();
  void refreshCopies();
  void refreshHistory();
  if (app.route.page === "settings") refreshSettings();
  if (app.route.page === "draft") void openDraft(app.route.id);
  focusPage();
}

function refreshSettings(): void {
  void refreshSessions();
  void refreshFactors();
  void refreshPrograms();
  void refreshSealing();
}

/** The session was ended elsewhere, or by time. What would be lost stays, with the reason beside it, until its owner leaves it. */
async function fallOut(): Promise<void> {
  if (app.awaiting !== undefined && loss() === undefined) {
    const reason = codesLost() ? "enrolled" : stepUnheard() ? "unheard" : "late";
    takeKey()?.fill(0);
    enter(undefined);
    because = reason;
  }
  if (leaving || app.session === undefined || unsentText() || loss() !== undefined) return;
  leaving = true;
  await lockVault().catch(() => undefined);
  location.replace(location.pathname + (changeUnheard() ? CHANGED : ENDED));
}

async function leave(): Promise<void> {
  const { words } = app;
  if (storing) return;
  const missing = await lastWrite();
  const losses = [
    ...(unnotedPassword() ? [{ title: words.unnotedTitle, text: words.unnotedText }] : []),
    ...(unkept.length > 0 ? [{ title: words.copyUnkeptTitle, text: words.copyUnkeptText }] : []),
    ...(isUnfinished() ? [{ title: words.discardTitle, text: words.signOutText }] : []),
    ...(missing === undefined ? [] : [words.unsynced[missing]]),
  ];
  if (!(await mayLeave())) return;
  for (const loss of losses) if (!(await ask({ ...loss, action: words.signOut }))) return;
  leaving = true;
  let problem = await signOut().then(() => "", problemText);
  // The server takes the cookie back also where it could not end the session.
  if (problem !== "" && (await currentSession().catch(() => app.session)) === undefined) problem = "";
  await lockVault().catch(() => undefined);
  forgetLinks();
  forgetDrafts();
  forgetInbox();
  forgetSent();
  forgetUnkept();
  forgetCopies();
  forgetCopy();
  forgetSealing();
  forgetMail();
  forgetMessage();
  if (problem !== "") {
    leaving = false;
    update();
    await tell(words.stillSignedIn, html`<p class="problem">${problem}</p>`);
    return void refreshLinks();
  }
  app.session = undefined;
  // Everything the pages hold in memory goes with the document.
  removeEventListener("beforeunload", warnUnsent);
  location.replace(location.pathname);
}

/** What is kept as a draft is not lost, and other devices get what was changed of keys: what they lack then. Whoever does not want to wait for it says so. */
async function lastWrite(): Promise<ReturnType<typeof unsynced>> {
  storing = true;
  const skipped = new Promise<void>((resolve) => {
    setTimeout(resolve, LAST_WRITE_MILLISECONDS);
    setTimeout(() => {
      if (!storing) return;
      skipWaiting = resolve;
      update();
    }, QUIET_MILLISECONDS);
  });
  await Promise.race([Promise.all([storeNow(), keepAll(), syncChanges()]), skipped]);
  storing = false;
  skipWaiting = undefined;
  update();
  return unsynced();
}

async function changeLanguage(language: string): Promise<void> {
  chosenLanguage = language;
  if (language === "") localStorage.removeItem(LANGUAGE);
  else localStorage.setItem(LANGUAGE, language);
  await loadLanguage(languageFor(language === "" ? navigator.languages : [language]));
  update();
}

function focusPage(): void {
  afterDraw(() => {
    const heading = document.querySelector<HTMLElement>(".detail:not(.empty) h1") ?? document.querySelector<HTMLElement>("main h1");
    (app.route.page === "compose" ? (document.getElementById("to") ?? heading) : heading)?.focus({ preventScroll: false });
  });
}

function warnUnsent(event: BeforeUnloadEvent): void {
  if (unsentText() || loss() !== undefined) event.preventDefault();
}

function onKey(event: KeyboardEvent): void {
  stayAwake();
  if (app.session === undefined || document.querySelector("dialog[open]") !== null) return;
  const target = event.target as HTMLElement;
  const typing = target.matches("input:not([type=radio], [type=checkbox], [type=file]), textarea, select");
  if (event.key === "Escape") {
    if (typing) target.blur();
    else if (listOf(app.route) !== location.hash) go(listOf(app.route));
    return;
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "c") go("#/compose");
  else if (event.key === "/") document.getElementById("search")?.focus();
  else if (event.key === "?") void tell(app.words.keyboardTitle, shortcuts());
  else return;
  event.preventDefault();
}

addEventListener("hashchange", ({ newURL }) => {
  if (app.words === undefined) return;
  if (isRegistering()) return void readInvitation();
  const left = app.route.page;
  // Whoever has gone on already was on this page all the same, and left the one before.
  app.route = readRoute(new URL(newURL).hash);
  if (left === "compose" && app.route.page !== "compose") leaveCompose();
  if (app.session !== undefined) {
    if (app.route.page === "links" || app.route.page === "link") void refreshLinks();
    if (app.route.page === "link") void refreshReplies(app.route.id);
    if (app.route.page === "inbox") void refreshInbox();
    if (app.route.page === "sent" || app.route.page === "sent-mail") {
      void refreshSent();
      void refreshCopies();
    }
    if (app.route.page === "drafts") void refreshDrafts();
    if (app.route.page === "draft") void openDraft(app.route.id);
    if (app.route.page === "settings") {
      refreshSettings();
      void refreshHistory();
    }
  }
  focusPage();
});
whenSignedOut(() => void fallOut());
whenOpened(() => void showNotes());
watchDrops();
addEventListener("keydown", onKey);
addEventListener("pointerdown", stayAwake);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && app.session !== undefined) void refreshHistory();
});
addEventListener("beforeunload", warnUnsent);
void start();
