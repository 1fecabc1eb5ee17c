// Files out of the page and text into the clipboard.
import { announce } from "./announce.ts";
import { app } from "./state.ts";

/** Saves bytes or text as a download that no program opens by itself. */
export function saveFile(name: string, data: BlobPart): void {
  const url = URL.createObjectURL(new Blob([data], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name.replace(/[/\\\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, "_") || "attachment";
  document.body.append(link);
  link.click();
  link.remove();
  // The download has taken its reference by then; revoking at once makes some browsers save an empty file.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Copies and says so; `what` is the sentence, such as "Link copied". */
export async function copyText(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    announce(what);
  } catch {
    announce(app.words.notCopied);
  }
}
