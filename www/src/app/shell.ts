// The frame: navigation, list, detail; three columns that fold to one.
import { html, nothing, type TemplateResult } from "lit-html";
import { announcement } from "./announce.ts";
import { composePage } from "./compose/page.ts";
import { draftList, draftPage } from "./drafts/list.ts";
import { drafts } from "./drafts/records.ts";
import { mailList } from "./inbox/list.ts";
import { mailPage } from "./inbox/message.ts";
import { takesMail, unseen } from "./inbox/records.ts";
import { keyPage } from "./keys/detail.ts";
import { keyList } from "./keys/list.ts";
import { keyTaskPage } from "./keys/tasks.ts";
import { linkPage } from "./links/detail.ts";
import { linkList } from "./links/list.ts";
import { replyPage } from "./links/reply.ts";
import { sentList } from "./outgoing/list.ts";
import { sentPage } from "./outgoing/message.ts";
import { sendsMail } from "./outgoing/records.ts";
import { helpPage } from "./pages/help.ts";
import { loginNotice } from "./pages/history.ts";
import { settingsPage } from "./pages/settings.ts";
import { isAboutKeys, isMail, isSent, type Route } from "./route.ts";
import { copyNotice } from "./sent/notice.ts";
import { copies } from "./sent/records.ts";
import { app } from "./state.ts";
import { vault } from "./vault.ts";

/** What the frame calls. */
export interface ShellActions {
  language: string;
  onLanguage(language: string): void;
  onSignOut(): void;
  /** While somebody who signs out waits for a draft to be stored, or keys to reach other devices: does not wait any longer. */
  onSkip: (() => void) | undefined;
}

/** The whole page of somebody signed in. */
export function shell(actions: ShellActions): TemplateResult {
  const { words, route, session } = app;
  const list = listColumn(route);
  const detail = detailColumn(route, actions);
  // There is no list beside the keystore's door.
  const atDoor = isAboutKeys(route) && vault.state !== "open";
  return html`${loginNotice()}${copyNotice()}
  <div class="frame ${list === undefined ? "no-list" : ""} ${detail === undefined ? "no-detail" : ""}">
    <header class="side">
      <p class="brand" aria-hidden="true">Envelock</p>
      <nav aria-label=${words.mainNavigation}>
        <ul>
          ${entry("#/compose", words.compose, PENCIL, route.page === "compose", true)}
          ${takesMail() ? entry("#/inbox", words.inboxNumber(unseen()), TRAY, isMail(route)) : nothing}
          ${sendsMail() || (copies.records?.length ?? 0) > 0 ? entry("#/sent", words.sentTitle, PLANE, isSent(route)) : nothing}
          ${entry("#/links", words.links, CHAIN, route.page === "links" || route.page === "link" || route.page === "reply")}
          ${entry("#/drafts", words.draftsNumber(drafts.records?.length ?? 0), SHEET, route.page === "drafts" || route.page === "draft")}
          ${entry("#/keys", words.keys, KEY, isAboutKeys(route))}
          ${entry("#/settings", words.settings, SLIDERS, route.page === "settings")} ${entry("#/help", words.help, QUESTION, route.page === "help")}
        </ul>
      </nav>
      <div class="account">
        <p class="account-name"><strong dir="auto">${session?.name}</strong><span dir="ltr">${session?.address}</span></p>
        <button type="button" @click=${actions.onSignOut}>${words.signOut}</button>
        <p class="note" role="status">${actions.onSkip === undefined ? nothing : words.signOutWaits}</p>
        ${actions.onSkip === undefined ? nothing : html`<button type="button" @click=${actions.onSkip}>${words.signOutNow}</button>`}
      </div>
    </header>
    <main>
      ${list === undefined ? nothing : html`<section class="list" aria-label=${listName(route)}>${list}</section>`}
      ${detail === undefined ? html`<section class="detail empty" aria-hidden="true">${atDoor ? nothing : html`<p class="note">${words.chooseSomething}</p>`}</section>` : html`<section class="detail">${detail}</section>`}
    </main>
  </div>
  ${announcement()}`;
}

function listName(route: Route): string {
  const { words } = app;
  if (isMail(route)) return words.inbox;
  if (isSent(route)) return words.sentTitle;
  if (route.page === "drafts" || route.page === "draft") return words.drafts;
  return isAboutKeys(route) ? words.keys : words.links;
}

function entry(href: string, label: string, icon: TemplateResult, current: boolean, primary = false): TemplateResult {
  return html`<li><a class=${primary ? "entry primary" : "entry"} href=${href} aria-current=${current ? "page" : nothing}>${icon}<span>${label}</span></a></li>`;
}

function listColumn(route: Route): TemplateResult | undefined {
  switch (route.page) {
    case "inbox":
      return mailList(undefined);
    case "mail":
      return mailList(route.id);
    case "sent":
      return sentList(undefined);
    case "sent-mail":
      return sentList(route.id);
    case "compose":
    case "links":
      return linkList(undefined);
    case "link":
    case "reply":
      return linkList(route.id);
    case "drafts":
      return draftList(undefined);
    case "draft":
      return draftList(route.id);
    case "keys":
    case "key-task":
      return keyList(undefined);
    case "key":
      return keyList(route.fingerprint);
    default:
      return undefined;
  }
}

function detailColumn(route: Route, actions: ShellActions): unknown {
  switch (route.page) {
    case "compose":
      return composePage();
    case "mail":
      return mailPage(route.id);
    case "sent-mail":
      return sentPage(route.id);
    case "link":
      return linkPage(route.id);
    case "reply":
      return replyPage(route.id, route.number);
    case "draft":
      return draftPage(route.id);
    // Behind the keystore's door, which stands in the list column.
    case "key":
      return vault.state === "open" ? keyPage(route.fingerprint) : undefined;
    case "key-task":
      return keyTaskPage(route.task);
    case "settings":
      return settingsPage(actions.language, actions.onLanguage, actions.onSignOut);
    case "help":
      return helpPage();
    default:
      return undefined;
  }
}

const PENCIL = html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M4 20h4L19 9l-4-4L4 16zM13 7l4 4" /></svg>`;
const TRAY = html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M4 13h4l2 3h4l2-3h4M4 13v6h16v-6L17 5H7z" /></svg>`;
const PLANE = html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M3 11l18-7-7 17-3-7zM11 14l10-10" /></svg>`;
const CHAIN = html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1" /></svg>`;
const SHEET = html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h4" /></svg>`;
const KEY = html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><circle cx="8" cy="16" r="4" /><path d="M11 13l9-9m-4.5 4.5l3 3" /></svg>`;
const SLIDERS = html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M4 7h9m4 0h3M4 17h3m4 0h9M15 5v4M9 15v4" /></svg>`;
const QUESTION = html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M9 9a3 3 0 1 1 4 2.8c-.7.3-1 .9-1 1.7V15m0 3v.5M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z" /></svg>`;
