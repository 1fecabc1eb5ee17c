// The page inside a saved copy: opens the message in this file, from file://, without a network. The reader module, the
// ciphertext and the facts are in the file; the worker is a Blob. Signatures are not checked here and the page says so.
import OpenerWorker from "../decrypt/opener-worker.ts?worker&inline";
import { closedCard, factsOf, plainCard } from "../decrypt/card.ts";
import type { SavedCopy } from "../decrypt/copy.ts";
import de from "../decrypt/de.ts";
import en from "../decrypt/en.ts";
import { messageView, showBadge } from "../decrypt/message.ts";
import { Opener, OpenerError, type OpenedMessage } from "../decrypt/opener.ts";
import { languageFor } from "../language/formats.ts";
import { canonicalPassphrase } from "../passphrase.ts";
import ownGerman from "./de.ts";
import ownEnglish from "./en.ts";

const words = languageFor(navigator.languages) === "de" ? de : en;
const own = words.language === "de" ? ownGerman : ownEnglish;
const place = document.querySelector("main") ?? document.body;
const opener = new Opener(() => new OpenerWorker());

function dataOf(id: string): string {
  return document.getElementById(id)?.textContent?.trim() ?? "";
}

function bytes(base64: string): Uint8Array<ArrayBuffer> {
  const binary = atob(base64);
  const result = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index += 1) result[index] = binary.charCodeAt(index);
  return result;
}

function show(element: HTMLElement): void {
  place.replaceChildren(element);
  element.querySelector<HTMLElement>("h1[tabindex]")?.focus();
}

function closed(copy: SavedCopy): void {
  const { name, address } = copy.sender;
  const card = closedCard(words, {
    title: own.title(name || address, address),
    note: words.claimed,
    facts: factsOf(words, copy),
    explanations: false,
    onOpen: (password) => void open(password),
    onCancel: () => opener.stop(),
  });
  const openWith = async (password: string): Promise<OpenedMessage> => {
    await opener.derive(copy.salt, copy.linkSecret, password);
    return opener.open(bytes(copy.ciphertext), (done, total) =>
      card.working(words.decrypting(words.formats.bytesOf(done, total, words.of)), done / Math.max(total, 1)),
    );
  };
  const open = async (password: string): Promise<void> => {
    try {
      card.working(words.preparing);
      await opener.ready(bytes(dataOf("module")));
      const message = await openWith(password).catch((error: unknown) => {
        const otherwise = error instanceof OpenerError && error.code === "decryption-failed" ? canonicalPassphrase(password) : undefined;
        if (otherwise === undefined || otherwise === password) throw error;
        card.working(words.preparing);
        return openWith(otherwise);
      });
      opener.stop();
      const view = messageView(words, message, `${words.from} ${name} (${address})`, { onClose: () => closed(copy) });
      showBadge(view.badge, words, "careful", own.unchecked, [own.uncheckedNote]);
      show(view.element);
    } catch (error) {
      const code = error instanceof OpenerError ? error.code : "";
      if (code === "cancelled") return card.problem(words.cancelled);
      if (code.startsWith("wasm")) return show(plainCard(words.cannotTitle, words.cannot));
      card.problem(own.wrong);
    }
  };
  show(card.element);
  card.focus();
}

document.documentElement.lang = words.language;
document.documentElement.dir = words.direction;
document.title = words.page;
if (!("WebAssembly" in globalThis) || !("Worker" in globalThis) || crypto.subtle === undefined) show(plainCard(words.cannotTitle, words.cannot));
else closed(JSON.parse(dataOf("envelope")) as SavedCopy);
