// Importing keys by paste, drop or picker, a Setup Message among them. Nothing changes before the preview of what will change
// has been confirmed.
import { html, nothing, type TemplateResult } from "lit-html";
import type { SecretKey } from "envelock";
import { go } from "../route.ts";
import { afterDraw, app, update } from "../state.ts";
import { vault, whenLocked } from "../vault.ts";
import { Work } from "../work.ts";
import { forgetChoice, previewView } from "./import-preview.ts";
import { otherIn, type Other } from "./import-other.ts";
import { named, readInputs, type Reading } from "./import-reading.ts";
import { postQuantumOffer } from "./post-quantum.ts";
import { takeBackup } from "./restore.ts";
import { forgetSetupCode, readSetupMessage, setupCodeForm, type SetupMessage } from "./setup-code.ts";

/** Above this no key file is sensible, and reading it would only take long. */
const LARGEST = 5_000_000;

/** What is dropped there is a backup. */
const RESTORE = "#/keys/restore";

type Input = string | Uint8Array;
let pasted = "";
let found: Reading | undefined;
let origin = "";
/** A Setup Message, until its code was typed. */
let setup: SetupMessage | undefined;
/** The key that came out of one, and what it is locked under. */
let fromSetup: { fingerprint: string; passphrase: string } | undefined;
/** More of them, which are left out. */
let further = 0;
/** What was read last, to be read again by the larger module; the keys beside a Setup Message. */
let last: Input[] = [];
let dragging = false;
/** What was brought is no key, but belongs elsewhere. */
let other: Other | undefined;
const reading = new Work();
whenLocked(forget);

function forget(): void {
  pasted = "";
  found = setup = fromSetup = other = undefined;
  further = 0;
  last = [];
  reading.problem = "";
  forgetSetupCode();
  forgetChoice();
}

/** The page. */
export function importPage(): TemplateResult {
  const { words } = app;
  return html`<p class="back"><a href="#/keys">${words.backToKeys}</a></p>
    <h1 tabindex="-1">${words.importKeys}</h1>
    <div class="drop ${dragging ? "dragging" : ""}">
      <div class="field">
        <label for="paste-keys">${words.pasteKeys}</label>
        <textarea
          id="paste-keys"
          rows="6"
          spellcheck="false"
          autocomplete="off"
          class="armored"
          placeholder="-----BEGIN PGP PUBLIC KEY BLOCK-----"
          .value=${pasted}
          @input=${(event: InputEvent) => readText((event.target as HTMLTextAreaElement).value)}
        ></textarea>
      </div>
      <div class="field">
        <label for="key-files">${words.chooseKeyFiles}</label>
        <input
          id="key-files"
          type="file"
          multiple
          accept=".asc,.pgp,.gpg,.key,.txt,.eml,.html,application/pgp-keys"
          aria-describedby="key-files-note"
          @change=${(event: Event) => {
            const input = event.target as HTMLInputElement;
            readFiles(input.files);
            input.value = "";
          }}
        />
        <p class="note" id="key-files-note">${words.dropKeysNote}</p>
      </div>
    </div>
    ${reading.view()} ${other === undefined ? nothing : otherView(other)} ${setup === undefined ? nothing : setupCodeForm(setup, (key, passphrase) => void takeFromSetup(key, passphrase), leave)}
    ${found?.unsupported === true ? postQuantumOffer(words.unsupportedOffer, () => void reread()) : nothing}
    ${found === undefined ? nothing : previewView(found, origin, leave)}`;
}

/** Where it goes instead. */
function otherView(brought: Other): TemplateResult {
  const { words } = app;
  if (brought.kind === "encrypted") {
    return html`<div class="warning" role="alert">
      <p>${words.broughtEncrypted}</p>
      <p class="actions"><a class="button" href="#/keys/restore">${words.restoreTitle}</a></p>
    </div>`;
  }
  return html`<div class="warning" role="alert">
    <p>${words.broughtRevocation}</p>
    ${brought.fingerprint === undefined ? html`<p>${words.revokesNoKeyHere}</p>` : html`<p class="actions"><a class="button" href="#/keys/${brought.fingerprint}">${words.showRevokedKey}</a></p>`}
  </div>`;
}

function leave(): void {
  forget();
  afterDraw(() => document.querySelector<HTMLElement>("#paste-keys")?.focus());
}

/** Key files may be dropped anywhere on the key pages; text too. */
export function watchDrops(): void {
  const ours = (event: DragEvent): boolean => {
    if (app.session === undefined || !location.hash.startsWith("#/keys")) return false;
    if (vault.state !== "open" && location.hash !== RESTORE) return false;
    return event.dataTransfer?.types.some((type) => type === "Files" || type === "text/plain") === true && !isField(event.target);
  };
  addEventListener("dragover", (event) => {
    if (!ours(event)) return;
    event.preventDefault();
    show(true);
  });
  addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) show(false);
  });
  addEventListener("drop", (event) => {
    show(false);
    if (!ours(event)) return;
    event.preventDefault();
    if (location.hash === RESTORE) return takeBackup(event.dataTransfer?.files);
    go("#/keys/import");
    const text = event.dataTransfer?.getData("text/plain") ?? "";
    if ((event.dataTransfer?.files.length ?? 0) > 0) readFiles(event.dataTransfer?.files);
    else if (text !== "") readText(text);
  });
}

/** Text dropped on a field of its own is that field's business. */
function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input:not([type=file]), textarea:not(#paste-keys)");
}

function show(over: boolean): void {
  if (dragging === over) return;
  dragging = over;
  update();
}

function readText(text: string): void {
  pasted = text;
  found = setup = other = undefined;
  reading.problem = "";
  update();
  // Pasted piece by piece: wait for the end of the block instead of calling half of it broken.
  if (text.trim() === "" || (text.includes("-----BEGIN") && !text.includes("-----END"))) return;
  origin = "paste";
  void read(async () => [text], () => pasted === text);
}

function readFiles(files: FileList | null | undefined): void {
  const chosen = [...(files ?? [])];
  if (chosen.length === 0) return;
  pasted = "";
  const bytesOf = async (file: File): Promise<Uint8Array> => {
    if (file.size > LARGEST) throw { code: "too-large" };
    const bytes = await file.arrayBuffer().catch(() => undefined);
    if (bytes === undefined) throw { code: "file-unreadable" };
    return named(new Uint8Array(bytes), file.name);
  };
  origin = "file";
  void read(() => Promise.all(chosen.map(bytesOf)));
}

async function read(inputs: () => Promise<Input[]>, wanted: () => boolean = () => true): Promise<void> {
  found = setup = fromSetup = other = undefined;
  further = 0;
  forgetSetupCode();
  await reading.run(app.words.readingKeys, async (signal) => {
    const given = await inputs();
    const { messages, others } = await sorted(given, signal);
    const { result, elsewhere } = messages.length === 0 ? await keysOrOther(others, signal) : {};
    if (!wanted()) return;
    other = elsewhere;
    [last, setup, found] = [others, messages[0], result];
    further = messages.length - 1;
  });
  // What was typed meanwhile is read now.
  if (!wanted()) readText(pasted);
  else if (setup !== undefined) afterDraw(() => document.querySelector<HTMLElement>("#setup-code")?.focus());
}

/** The keys; or, without any, what the one input is instead. */
async function keysOrOther(inputs: Input[], signal: AbortSignal): Promise<{ result?: Reading; elsewhere?: Other | undefined }> {
  const [only] = inputs;
  const instead = async (): Promise<Other | undefined> => (inputs.length === 1 && only !== undefined ? otherIn(only, signal) : undefined);
  try {
    const result = await readInputs(inputs, signal);
    const elsewhere = result.entries.length === 0 ? await instead() : undefined;
    return elsewhere === undefined ? { result } : { elsewhere };
  } catch (error) {
    const elsewhere = signal.aborted ? undefined : await instead();
    if (elsewhere === undefined) throw error;
    return { elsewhere };
  }
}

/** Setup Messages apart from everything else. */
async function sorted(inputs: readonly Input[], signal: AbortSignal): Promise<{ messages: SetupMessage[]; others: Input[] }> {
  const messages: SetupMessage[] = [];
  const others: Input[] = [];
  for (const input of inputs) {
    const message = await readSetupMessage(input, signal);
    if (message === undefined) others.push(input);
    else messages.push(message);
  }
  return { messages, others };
}

/** The code fitted: the preview shows what was in the message, and keeps it under the keystore's passphrase. */
async function takeFromSetup(key: SecretKey, passphrase: string): Promise<void> {
  setup = undefined;
  origin = "setup-message";
  fromSetup = { fingerprint: key.fingerprint, passphrase };
  last = [key.binary, ...last];
  await reread();
}

/** Reads once more what was read last. */
async function reread(): Promise<void> {
  await reading.run(app.words.readingKeys, async (signal) => {
    found = await readInputs(last, signal);
    if (fromSetup !== undefined) found.passphrases.set(fromSetup.fingerprint, fromSetup.passphrase);
    for (let count = 0; count < further; count += 1) found.skipped.push(app.words.anotherSetupMessage);
  });
  afterDraw(() => document.querySelector<HTMLElement>("#preview-title")?.focus());
}
