// What a message consists of, as it is shown: text as text, and files that are saved, never opened.
import { html, nothing, type TemplateResult } from "lit-html";
import { safeFileName, saveFile } from "../../save-file.ts";
import { app } from "../state.ts";

/** Characters of one text that a page is asked to lay out; whoever wants more saves it. */
const MOST_SHOWN = 500_000;

/** A text, and how to have the rest of one that is too long. */
export function textView(written: string): TemplateResult {
  const { words } = app;
  const text = written.replaceAll("\r\n", "\n");
  return html`<div class="text" dir="auto" data-testid="mail-text">${text.slice(0, MOST_SHOWN)}</div>
    ${text.length > MOST_SHOWN
      ? html`<p class="warning">${words.mailTextCut}</p>
          <p class="actions"><button type="button" @click=${() => saveFile("message.txt", text)}>${words.saveFileNamed("message.txt")}</button></p>`
      : nothing}`;
}

/** A file of any name. */
export interface ShownFile {
  name: string;
  size: number;
  octets: () => Promise<Blob> | Blob;
}

/** Files under a heading; the name that is shown is the name that is saved, and the type is always that of octets. */
export function fileList(title: string, files: readonly ShownFile[], note: string): TemplateResult {
  const { words } = app;
  return html`<section aria-labelledby=${title}>
    <h2 id=${title}>${words.attachments}</h2>
    <ul class="attachments" aria-labelledby=${title}>
      ${files.map(({ name, size, octets }) => {
        const safe = safeFileName(name);
        return html`<li>
          <span class="file-name" dir="auto">${safe}</span>
          <span class="file-size">${words.formats.bytes(size)}</span>
          <button type="button" aria-label=${words.saveFileNamed(safe)} @click=${async () => saveFile(safe, await octets())}>${words.save}</button>
        </li>`;
      })}
    </ul>
    ${note === "" ? nothing : html`<p class="note">${note}</p>`}
  </section>`;
}
