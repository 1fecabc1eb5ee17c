// HTML mail, in a frame where no script runs and nothing is loaded from anywhere: its own address has its own policy (`public/mail-frame.html`,
// and the server's header on it), its sandbox allows no scripts, and what is put into it was cleaned (`purified.ts`).
// Never `allow-scripts` beside `allow-same-origin`: together they would be no sandbox.
import type { MailPart } from "envelock";
import { html, nothing, type TemplateResult } from "lit-html";
import { keyed } from "lit-html/directives/keyed.js";
import { pictureType } from "../../decrypt/attachment.ts";
import { htmlAsText } from "../../decrypt/html-as-text.ts";
import { app, update } from "../state.ts";
import { textView } from "./pieces.ts";
import type { LeftOut } from "./purified.ts";

/** What would hold the page up: it is shown as text. */
const tooLarge = new WeakSet<MailPart>();
/** Which pictures from elsewhere were left out, and of whom they were asked for: as long as the message is open. */
const leftOut = new WeakMap<MailPart, ReadonlySet<LeftOut>>();
const asked = new WeakSet<MailPart>();
/** By then the frame has taken them. */
const TAKEN_MILLISECONDS = 60_000;

/** The part as its writer formatted it; `pictures` are the other parts of the same layer. */
export function formatted(part: MailPart, pictures: readonly MailPart[]): TemplateResult {
  const { words } = app;
  if (tooLarge.has(part)) return html`<p class="warning">${words.formattedTooLarge}</p>${textView(htmlAsText(part.text ?? ""))}`;
  const remote = asked.has(part);
  const load = (): void => {
    asked.add(part);
    leftOut.delete(part);
    update();
  };
  const fill = (event: Event): void => void fillFrame(event.target as HTMLIFrameElement, part, pictures, remote);
  const frame = remote
    ? html`<iframe class="mail-frame" title=${words.formattedTitle} sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox" src="/mail-frame-pictures.html" @load=${fill}></iframe>`
    : html`<iframe class="mail-frame" title=${words.formattedTitle} sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox" src="/mail-frame.html" @load=${fill}></iframe>`;
  const left = leftOut.get(part);
  return html`${left !== undefined && !remote ? html`<p class="note">${words.picturesLeftOut}</p>` : nothing}
    ${left?.has("http") === true ? html`<p class="note">${words.picturesUnsafe}</p>` : nothing}
    ${left?.has("https") === true && !remote ? html`<p class="actions"><button type="button" @click=${load}>${words.loadPictures}</button></p>` : nothing}
    ${keyed(part, frame)}`;
}

async function fillFrame(frame: HTMLIFrameElement, part: MailPart, pictures: readonly MailPart[], remote: boolean): Promise<void> {
  const { purified } = await import("./purified.ts");
  const inside = frame.contentWindow;
  const page = frame.contentDocument;
  if (inside === null || page === null || page.body.childElementCount > 0) return;
  const cleaned = purified(part.text ?? "", { enclosed: enclosed(pictures), remote }, inside as Window & typeof globalThis);
  if (cleaned === undefined) {
    tooLarge.add(part);
    return update();
  }
  page.body.append(page.adoptNode(cleaned.content));
  frame.style.blockSize = `${page.documentElement.scrollHeight + 2}px`;
  if (cleaned.leftOut.size === 0 || leftOut.has(part)) return;
  leftOut.set(part, cleaned.leftOut);
  update();
}

/** Addresses of pictures by content id. Only what is a picture by its octets gets one. */
function enclosed(pictures: readonly MailPart[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const { contentId, data } of pictures) {
    const octets = data as Uint8Array<ArrayBuffer>;
    const type = pictureType(octets);
    if (contentId !== undefined && type !== undefined) found.set(contentId, URL.createObjectURL(new Blob([octets], { type })));
  }
  setTimeout(() => [...found.values()].forEach(URL.revokeObjectURL), TAKEN_MILLISECONDS);
  return found;
}
