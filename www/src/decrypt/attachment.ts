// Attachments of an opened message: name, size, save; pictures can be shown on demand. Whatever type the sender claims,
// a file is saved as application/octet-stream, and only bytes that are a picture are ever shown.
import { blobOf } from "../blob.ts";
import { safeFileName, saveFile } from "../save-file.ts";
import german from "./de-attachment.ts";
import { button, h } from "./dom.ts";
import english from "./en-attachment.ts";
import type { Words } from "./en.ts";

/** An attachment as the reader hands it out. */
export interface Attachment {
  name: string;
  type: string;
  data: Uint8Array<ArrayBuffer>;
}

/** The picture type of the first bytes, if it is one every browser shows safely; SVG is not. */
export function pictureType(bytes: Uint8Array): string | undefined {
  const starts = (...signature: number[]): boolean => signature.every((byte, index) => bytes[index] === byte);
  if (starts(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return "image/png";
  if (starts(0xff, 0xd8, 0xff)) return "image/jpeg";
  if (starts(0x47, 0x49, 0x46, 0x38)) return "image/gif";
  if (starts(0x52, 0x49, 0x46, 0x46) && String.fromCharCode(...bytes.subarray(8, 12)) === "WEBP") return "image/webp";
  return undefined;
}

/** The list with its title, its buttons and a warning. */
export function attachmentList(words: Words, attachments: readonly Attachment[]): HTMLElement[] {
  const list = h("ul", { className: "attachments" });
  const title = h("h2", { id: "attachments-title" }, words.attachments);
  list.setAttribute("aria-labelledby", title.id);
  // The name that is shown is the name that is saved.
  for (const attachment of attachments) list.append(item(words, { ...attachment, name: safeFileName(attachment.name) }));
  return [title, list, h("p", { className: "note" }, own(words).saveWarning)];
}

/** What is said here alone, in the page's language. */
const own = ({ language }: Words): typeof english => (language === "de" ? german : english);

function item(words: Words, attachment: Attachment): HTMLElement {
  const save = button(own(words).save, () => void blobOf(attachment.data).then((data) => saveFile(attachment.name, data)));
  save.setAttribute("aria-label", own(words).saveFile(attachment.name));
  const entry = h(
    "li",
    {},
    h("span", { className: "file-name", dir: "auto" }, attachment.name),
    h("span", { className: "file-size" }, words.formats.bytes(attachment.data.length)),
    save,
  );
  const type = pictureType(attachment.data);
  if (type !== undefined) save.after(previewButton(words, attachment, type, entry));
  return entry;
}

function previewButton(words: Words, attachment: Attachment, type: string, entry: HTMLElement): HTMLButtonElement {
  let picture: HTMLImageElement | undefined;
  const toggle = button(own(words).preview, () => {
    if (picture === undefined) {
      const src = URL.createObjectURL(new Blob([attachment.data], { type }));
      // Once drawn it needs no address any more, and nothing is left when the message is closed.
      picture = h("img", { alt: own(words).image(attachment.name), src, onload: () => URL.revokeObjectURL(src) });
      entry.append(h("span", { className: "preview" }, picture));
    } else {
      picture.parentElement?.remove();
      picture = undefined;
    }
    toggle.setAttribute("aria-expanded", String(picture !== undefined));
    toggle.textContent = picture !== undefined ? own(words).hidePreview : own(words).preview;
    toggle.setAttribute("aria-label", picture !== undefined ? own(words).hideFile(attachment.name) : own(words).previewFile(attachment.name));
  });
  toggle.setAttribute("aria-label", own(words).previewFile(attachment.name));
  toggle.setAttribute("aria-expanded", "false");
  return toggle;
}
