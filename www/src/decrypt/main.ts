// The decrypt page: one envelope, from the closed card to the open message. Plain DOM, so that the page stays small;
// signature check, reply and saved copy are loaded after the message is open.
//
// The link secret stays in the address bar's fragment (a reload works) until "Close and forget"; password, key and message
// live in memory only and are dropped when the page is left.
import { plainLine } from "../plain-line.ts";
import { nextTurn } from "../turn.ts";
import workerUrl from "./opener-worker.ts?worker&url";
import { languageFor } from "../language/formats.ts";
import { workerScript } from "../trusted.ts";
import { readAddress, type LinkAddress } from "./address.ts";
import { closedCard, factsOf, plainCard, whenIdle, type Card } from "./card.ts";
import { button } from "./dom.ts";
import type { LaterWords } from "./en-later.ts";
import english, { type Words } from "./en.ts";
import { messageView, showBadge, type MessageView } from "./message.ts";
import { Opener, OpenerError, type OpenedMessage } from "./opener.ts";
import { borrow, confirm, readHead, Refused, type Head } from "./server.ts";

/** An opened message with what a reply and a saved copy need. */
export interface OpenEnvelope {
  address: LinkAddress;
  head: Head;
  message: OpenedMessage;
  token: string;
  password: string;
  ciphertext: Uint8Array<ArrayBuffer>;
}

const place = document.querySelector("main") ?? document.body.appendChild(document.createElement("main"));
const opener = new Opener(() => new Worker(workerScript(workerUrl), { type: "module" }));
let words: Words;
let abort: AbortController | undefined;
/** Of the latest download, so that a retry continues it. */
let lease: string | undefined;
/** Set while a reply is being written. */
let unsaved = (): string => "";
/** What works for the open message and ends with it. */
let endings: (() => void)[] = [];

async function start(): Promise<void> {
  const able = "WebAssembly" in globalThis && "Worker" in globalThis && crypto.subtle !== undefined;
  const address = readAddress(location.pathname, location.hash);
  // On their way while the words are loaded and the password is typed.
  const module = able && address !== undefined ? opener.ready() : undefined;
  const fetched = able && address !== undefined ? readHead(address.id) : undefined;
  for (const one of [module, fetched]) one?.catch(() => undefined);
  // A catalogue of its own would be one more round trip before anything can be typed; for the most common one that is saved.
  words = languageFor(navigator.languages) === "de" ? (await import("./de.ts")).default : english;
  document.documentElement.lang = words.language;
  document.documentElement.dir = words.direction;
  document.title = words.page;
  if (!able) return cannotRun();
  if (address === undefined || fetched === undefined) return show(plainCard(words.goneTitle, words.gone));
  let head: Head;
  try {
    head = await fetched;
  } catch (error) {
    return noHead(error);
  }
  closed(address, head);
  // The password can be typed, and waits in the worker, while the module is on its way.
  module?.catch((error: unknown) => {
    if (error instanceof OpenerError && error.code === "cancelled") return;
    abort?.abort();
    if (error instanceof OpenerError && error.code === "wasm-not-loaded" && !navigator.onLine) noHead(new Refused("offline"));
    else cannotRun();
  });
}

function show(element: HTMLElement): void {
  place.replaceChildren(element);
  element.querySelector<HTMLElement>("h1[tabindex]")?.focus();
}

function cannotRun(): void {
  const copy = button(words.copyLink, () => {
    void navigator.clipboard.writeText(location.href).then(() => (copy.textContent = words.copied));
  });
  show(plainCard(words.cannotTitle, words.cannot, copy));
}

function noHead(error: unknown): void {
  const code = error instanceof Refused ? error.code : "failed";
  if (code === "gone") return show(plainCard(words.goneTitle, words.gone));
  show(plainCard(words.page, refusalText(code), button(words.retry, () => location.reload(), "primary")));
}

function closed(address: LinkAddress, head: Head): void {
  const name = head.sender.name || head.sender.address;
  const card = closedCard(words, {
    title: words.sentBy(name, head.sender.address),
    note: words.claimed,
    facts: factsOf(words, head),
    warning: head.openingsLeft === 1 ? words.lastOpening : typeof head.openingsLeft === "number" ? words.openingsLeft(head.openingsLeft) : undefined,
    onOpen: (password) => void open(address, head, card, password),
    onCancel: () => {
      abort?.abort();
      opener.stop();
    },
    explanations: true,
  });
  show(card.element);
  if (head.triesLeft === 0) card.ended(words.locked(name));
  else if (address.damaged) card.ended(words.damagedLink);
  else if (head.linkSecret && address.secret === undefined) card.ended(words.missingSecret);
  // Refused before any password is used: only the profile's own parameters are safe to derive a token with.
  else if (head.profile !== 1 || !/^[A-Za-z0-9_-]{22}$/.test(head.salt)) card.ended(words.suspicious);
  else card.focus();
}

async function open(address: LinkAddress, head: Head, card: Card, password: string): Promise<void> {
  abort = new AbortController();
  const { signal } = abort;
  try {
    const { token, borrowed, fitting } = await lend(address, head, card, password, signal).catch(async (error: unknown) => {
      const otherwise = error instanceof Refused && error.code === "wrong-token" && error.triesLeft !== 0 ? await asFiveWords(password) : undefined;
      if (otherwise === undefined) throw error;
      return lend(address, head, card, otherwise, signal);
    });
    card.working(words.decrypting(amount(0, head.size)), 0);
    const message = await opener.open(borrowed, (done, total) => card.working(words.decrypting(amount(done, total)), done / Math.max(total, 1)));
    // Nobody has to wait for the answer before reading.
    const confirmed = confirm(address.id, token, lease ?? "").then(
      () => true,
      () => false,
    );
    opened({ address, head, message, token, password: fitting, ciphertext: message.ciphertext }, confirmed);
    // Not before it is drawn: what a worker held of a large message takes the system a while to take back.
    whenIdle(() => opener.stop());
  } catch (error) {
    failed(error, head, card);
  }
}

function amount(done: number, total: number): string {
  return words.formats.bytesOf(done, total, words.of);
}

/** The ciphertext, if the password is the one. */
async function lend(address: LinkAddress, head: Head, card: Card, password: string, signal: AbortSignal): Promise<{ token: string; borrowed: Uint8Array<ArrayBuffer>; fitting: string }> {
  signal.throwIfAborted();
  card.working(words.preparing);
  const token = await opener.derive(head.salt, head.linkSecret ? address.secret : undefined, password);
  card.working(words.fetching(amount(0, head.size)), 0);
  const borrowed = await borrow(
    address.id,
    head.size,
    { token, lease },
    (lent) => (lease = lent),
    (done) => card.working(words.fetching(amount(done, head.size)), done / head.size),
    signal,
  );
  return { token, borrowed, fitting: password };
}

/**
 * A generated passphrase as it was made, if that is what was typed with other blanks, hyphens or capitals. Only after the server
 * has refused the text itself: what is loaded then tells it nothing about the password.
 */
async function asFiveWords(typed: string): Promise<string | undefined> {
  const canonical = await import("../passphrase.ts").then(({ canonicalPassphrase }) => canonicalPassphrase(typed), () => undefined);
  return canonical === typed ? undefined : canonical;
}

function failed(error: unknown, head: Head, card: Card): void {
  const name = head.sender.name || head.sender.address;
  if (abort?.signal.aborted === true) return card.problem(words.cancelled);
  if (error instanceof Refused) {
    if (error.code === "wrong-token") {
      if (error.triesLeft === 0) return card.ended(words.locked(name));
      return card.problem(error.triesLeft === undefined ? words.wrongUnknown : words.wrong(error.triesLeft, name));
    }
    if (error.code === "locked") return card.ended(words.locked(name));
    if (error.code === "gone") return show(plainCard(words.goneTitle, words.gone));
    return card.problem(refusalText(error.code));
  }
  const code = error instanceof OpenerError ? error.code : "";
  if (code === "too-large" || error instanceof RangeError) return card.problem(words.tooLarge);
  if (code === "wasm-not-loaded") return card.problem(words.offline);
  card.problem(words.damagedMessage);
}

function refusalText(code: Refused["code"]): string {
  switch (code) {
    case "gone":
      return words.gone;
    case "in-use":
      return words.inUse;
    case "offline":
      return words.offline;
    case "busy":
      return words.busy;
    case "too-large":
      return words.tooLarge;
    default:
      return words.failed;
  }
}

function opened(envelope: OpenEnvelope, confirmed: Promise<boolean>): void {
  const { head, message } = envelope;
  let removed = false;
  const canReply = message.replyTo !== undefined && message.senderCertificate !== undefined;
  const view: MessageView = messageView(words, message, `${words.from} ${head.sender.name} (${head.sender.address})`, {
    ...(canReply ? { onReply: () => void reply(envelope, view) } : {}),
    onSaveCopy: () => void saveCopy(envelope, view),
    onClose: () => close(removed),
  });
  void confirmed.then((counted) => {
    removed = counted && head.openingsLeft === 1;
    if (removed) view.warn(words.removed);
    else if (!counted) view.warn(words.notCounted);
  });
  showBadge(view.badge, words, "plain", words.checking, []);
  show(view.element);
  document.title = plainLine(message.subject) || words.page;
  void nextTurn().then(() => Promise.all([import("./verify.ts"), laterWords()])).then(
    ([{ endFullModule, verify }, later]) => {
      // Closed meanwhile: nothing of the message may start to work again.
      if (!view.element.isConnected) return;
      endings.push(endFullModule);
      return verify(words, later, envelope, view.badge);
    },
    () => showBadge(view.badge, words, "careful", words.signature.unchecked, [words.signature.uncheckedNote]),
  );
}

async function reply(envelope: OpenEnvelope, view: MessageView): Promise<void> {
  if (view.below.childElementCount > 0) return view.below.querySelector("textarea")?.focus();
  const [{ replyForm }, { verify }, later] = await Promise.all([import("./reply.ts"), import("./verify.ts"), laterWords()]);
  if (!view.element.isConnected) return;
  const form = replyForm(words, later, envelope, () => {
    unsaved = () => "";
    view.below.replaceChildren();
    view.element.querySelector<HTMLElement>("button.primary")?.focus();
  }, (contacts) => void verify(words, later, envelope, view.badge, contacts));
  unsaved = form.unsaved;
  endings.push(form.stop);
  view.below.replaceChildren(form.element);
  form.focus();
}

async function saveCopy(envelope: OpenEnvelope, view: MessageView): Promise<void> {
  const [copy, later] = await Promise.all([import("./copy.ts"), laterWords()]);
  view.say(await copy.saveCopy(later, envelope));
}

/** What is said only about an open message. */
async function laterWords(): Promise<LaterWords> {
  return (words.language === "de" ? await import("./de-later.ts") : await import("./en-later.ts")).default;
}

/** Ends every worker that has seen the message and drops what this page knows. */
function forget(): void {
  abort?.abort();
  opener.stop();
  for (const end of endings) end();
  endings = [];
  lease = undefined;
  unsaved = () => "";
  place.replaceChildren();
  document.title = words.page;
}

function close(gone: boolean): void {
  const question = unsaved();
  if (question !== "" && !globalThis.confirm(question)) return;
  forget();
  history.replaceState(null, "", location.pathname);
  show(plainCard(words.page, gone ? `${words.closed} ${words.closedGone}` : words.closed));
}

addEventListener("hashchange", () => location.reload());
addEventListener("beforeunload", (event) => {
  if (unsaved() !== "") event.preventDefault();
});
// A page kept for the back button would keep the message; it comes back closed instead.
addEventListener("pagehide", forget);
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
void start();
