// Settings: the language, the account's password and second factors, where one is signed in, whether mail that arrives is encrypted, and which programs act for the account. Everything else follows the system.
import { html, type TemplateResult } from "lit-html";
import { sealingSection } from "../inbox/sealing.ts";
import { factorsSection, refreshFactors } from "../factors/section.ts";
import { programsSection } from "../programs/section.ts";
import { app } from "../state.ts";
import { accountPasswordSection } from "./account-password.ts";
import { historySection } from "./history.ts";
import { sessionsSection } from "./sessions.ts";

/** The page; `onLanguage` loads another catalogue ("" follows the browser). */
export function settingsPage(chosen: string, onLanguage: (language: string) => void, onSignOut: () => void): TemplateResult {
  const { words, server } = app;
  return html`<h1 tabindex="-1">${words.settings}</h1>
    <div class="field">
      <label for="language">${words.languageLabel}</label>
      <select id="language" @change=${(event: Event) => onLanguage((event.target as HTMLSelectElement).value)}>
        <option value="" ?selected=${chosen === ""}>${words.languageOfBrowser}</option>
        <option value="en" lang="en" ?selected=${chosen === "en"}>English</option>
        <option value="de" lang="de" ?selected=${chosen === "de"}>Deutsch</option>
      </select>
    </div>
    <p class="note">${words.themeNote}</p>
    ${accountPasswordSection()} ${factorsSection(() => void refreshFactors())}
    ${sessionsSection(onSignOut)} ${historySection()}
    ${sealingSection()} ${programsSection()}
    <p class="note">${server.name} ${server.version}</p>`;
}
