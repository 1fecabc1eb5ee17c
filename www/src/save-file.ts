// Hands bytes to the browser's download, never to a viewer: whatever type a sender claims, it is application/octet-stream.
import { plainLine } from "./plain-line.ts";

/** Saves bytes or text under a name; characters that could disguise or misplace the file are replaced. */
export function saveFile(name: string, data: BlobPart): void {
  const url = URL.createObjectURL(new Blob([data], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = safeFileName(name);
  document.body.append(link);
  link.click();
  link.remove();
  // The download has taken its reference by then; revoking at once makes some browsers save an empty file.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** A name without path separators, control characters and text-direction marks (which can hide the real ending): for saving and for showing. */
export function safeFileName(name: string): string {
  return plainLine(name, "_").replace(/[/\\]/g, "_") || "attachment";
}
