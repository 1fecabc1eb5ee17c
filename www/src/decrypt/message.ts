// An opened message: subject, text, attachments. Everything a sender wrote goes in as text; HTML is never rendered.
// What a plain text message does not need is loaded when it is.
import { plainLine } from "../plain-line.ts";
import { button, h } from "./dom.ts";
import type { Words } from "./en.ts";
import type { OpenedMessage } from "./opener-worker.ts";

/** The message and the places that are filled in later. */
export interface MessageView {
  element: HTMLElement;
  /** The signature badge. */
  badge: HTMLElement;
  /** A fact to know before the rest, announced. */
  warn(text: string): void;
  /** Sentences that come later ("Saved …"), announced. */
  say(text: string): void;
  /** Where the reply form goes. */
  below: HTMLElement;
}

/** What can be done with an open message. Absent actions are not offered. */
export interface MessageActions {
  onReply?: () => void;
  onSaveCopy?: () => void;
  onClose: () => void;
}

/** Builds the view; `sender` is the line about who says they sent it. */
export function messageView(words: Words, message: OpenedMessage, sender: string, actions: MessageActions): MessageView {
  const badge = h("section", { className: "badge", role: "status" });
  badge.dataset["testid"] = "signature";
  const warnings = h("div", { role: "status" });
  const status = h("p", { role: "status", className: "said" });
  const below = h("div", { className: "below" });
  const heading = h("h1", { tabIndex: -1, dir: "auto" }, plainLine(message.subject) || words.noSubject);
  const onlyHtml = message.text === "" && message.html !== undefined && message.html !== "";
  const body = h("div", { className: "text", dir: "auto" }, message.text === "" ? words.noText : message.text);
  if (onlyHtml) void import("./html-as-text.ts").then(({ htmlAsText }) => (body.textContent = htmlAsText(message.html ?? "") || words.noText));
  const attachments = h("section", { hidden: message.attachments.length === 0 });
  if (message.attachments.length > 0) void import("./attachment.ts").then(({ attachmentList }) => attachments.append(...attachmentList(words, message.attachments)));
  body.dataset["testid"] = "text";
  const element = h(
    "article",
    { className: "card message" },
    heading,
    h("p", { className: "sender", dir: "auto" }, sender),
    badge,
    warnings,
    onlyHtml && h("p", { className: "note" }, words.htmlOnly),
    body,
    attachments,
    h(
      "p",
      { className: "actions" },
      actions.onReply !== undefined && button(words.reply, actions.onReply, "primary"),
      actions.onSaveCopy !== undefined && button(words.saveCopy, actions.onSaveCopy),
      button(words.close, actions.onClose),
    ),
    status,
    below,
  );
  return {
    element,
    badge,
    warn(text) {
      warnings.append(h("p", { className: "warning" }, text));
    },
    say(text) {
      status.textContent = text;
    },
    below,
  };
}

/** How sure the page is of a signature; each kind has its mark and its words, never colour alone. */
export type BadgeKind = "good" | "plain" | "careful" | "bad";

/** Fills the badge: a title, what it means, and the fingerprint if there is one. */
export function showBadge(badge: HTMLElement, words: Words, kind: BadgeKind, title: string, notes: string[], fingerprint?: string): void {
  const mark = { good: "✓", plain: "–", careful: "!", bad: "✕" }[kind];
  badge.className = `badge ${kind}`;
  badge.replaceChildren(
    h("p", { className: "badge-title" }, h("span", { className: "mark", "aria-hidden": "true" }, mark), ` ${title}`),
    ...notes.map((note) => h("p", { className: "note" }, note)),
    ...(fingerprint === undefined ? [] : [h("p", { className: "note" }, `${words.signature.fingerprint}: `, h("code", {}, fingerprint))]),
  );
}
