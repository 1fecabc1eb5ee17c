// Text into the clipboard, said aloud.
import { announce } from "./announce.ts";
import { app } from "./state.ts";

/** Copies and says so; `what` is the sentence, such as "Link copied". */
export async function copyText(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    announce(what);
  } catch {
    announce(app.words.notCopied);
  }
}
