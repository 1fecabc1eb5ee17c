// How a key stands, in words and with a mark: valid, soon to expire, expired, revoked, not usable.
import type { Key } from "envelock";
import { html, type TemplateResult } from "lit-html";
import { disguises } from "../../plain-line.ts";
import { nameOf, shownUserId } from "../../user-id.ts";
import { marked, type Mark } from "../icons.ts";
import { app } from "../state.ts";

/** From here on an expiry is worth a warning. */
const SOON_MILLISECONDS = 30 * 24 * 60 * 60 * 1000;

/** Whether a valid key ends within the next 30 days. */
export function endsSoon(key: Key, now = new Date()): boolean {
  return key.status === "valid" && key.expires !== undefined && key.expires.getTime() - now.getTime() < SOON_MILLISECONDS;
}

/** Its state and expiry in words. */
export function stateOf(key: Key): string {
  const { words } = app;
  const state = words.keyStates[key.status];
  if (key.expires === undefined) return key.status === "valid" ? `${state}, ${words.neverExpires}` : state;
  if (key.status === "expired") return words.expiredOn(words.formats.day(key.expires));
  return key.status === "valid" ? `${state}, ${words.expiresOn(words.formats.day(key.expires))}` : state;
}

/** The mark that goes with it. */
export function markOf(key: Key): Mark {
  if (key.status === "valid") return endsSoon(key) || key.problems.length > 0 || key.userIds.some(disguises) ? "careful" : "good";
  return key.status === "expired" ? "careful" : "bad";
}

/** Both. */
export function standing(key: Key): TemplateResult {
  return marked(markOf(key), stateOf(key));
}

/** The user ID a key is known by. */
export function userIdOf(key: Key): string {
  return key.primaryUserId ?? key.userIds[0] ?? key.keyId;
}

/** The name a key is listed by. */
export function personOf(key: Key): string {
  return nameOf(userIdOf(key));
}

/** A user ID with a warning where it holds what could make it look like another. */
export function userIdLine(userId: string): TemplateResult {
  const shown = html`<span dir="auto">${shownUserId(userId)}</span>`;
  return disguises(userId) ? html`${shown} <span class="row-more">${marked("careful", app.words.userIdWarnings.bidirectional)}</span>` : shown;
}

/** A key among several in a choice, where a narrow screen cuts the end: the name, then the digits that tell it from the others. */
export function choiceOf(key: Key): string {
  return `${personOf(key)} …${key.fingerprint.slice(-8, -4)} ${key.fingerprint.slice(-4)}`;
}
