// Text into the clipboard, said aloud.
import { announce } from "./announce.ts";
import { app } from "./state.ts";

/** Copies and says so; `what` is the sentence, such as "Link copied"; `onCopied` runs only when it worked. */
export async function copyText(text: string, what: string, onCopied?: () => void): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    announce(what);
    onCopied?.();
  } catch {
    announce(app.words.notCopied);
  }
}
