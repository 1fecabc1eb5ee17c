// Importing keys by paste, drop or picker. Nothing changes before the preview of what will change has been confirmed.
import { html, nothing, type TemplateResult } from "lit-html";
import { go } from "../route.ts";
import { app, update } from "../state.ts";
import { vault, whenLocked } from "../vault.ts";
import { Work } from "../work.ts";
import { previewView } from "./import-preview.ts";
import { readInputs, type Reading } from "./import-reading.ts";

/** Above this no key file is sensible, and reading it would only take long. */
const LARGEST = 5_000_000;

let pasted = "";
let found: Reading | undefined;
let dragging = false;
const reading = new Work();
whenLocked(forget);

function forget(): void {
  pasted = "";
  found = undefined;
  reading.problem = "";
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
          accept=".asc,.pgp,.gpg,.key,.txt,application/pgp-keys"
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
    ${reading.view()} ${found === undefined ? nothing : previewView(found, pasted === "" ? "file" : "paste", forget)}`;
}

/** Key files may be dropped anywhere on the key pages; text too. */
export function watchDrops(): void {
  const ours = (event: DragEvent): boolean => {
    if (app.session === undefined || vault.state !== "open" || !location.hash.startsWith("#/keys")) return false;
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
  found = undefined;
  reading.problem = "";
  update();
  // Pasted piece by piece: wait for the end of the block instead of calling half of it broken.
  if (text.trim() === "" || (text.includes("-----BEGIN") && !text.includes("-----END"))) return;
  void read(async () => [text], () => pasted === text);
}

function readFiles(files: FileList | null | undefined): void {
  const chosen = [...(files ?? [])];
  if (chosen.length === 0) return;
  pasted = "";
  const bytesOf = async (file: File): Promise<Uint8Array> => {
    if (file.size > LARGEST) throw { code: "too-large" };
    return new Uint8Array(await file.arrayBuffer());
  };
  void read(() => Promise.all(chosen.map(bytesOf)));
}

async function read(inputs: () => Promise<(string | Uint8Array)[]>, wanted: () => boolean = () => true): Promise<void> {
  found = undefined;
  await reading.run(app.words.readingKeys, async (signal) => {
    const result = await readInputs(await inputs(), signal);
    if (wanted()) found = result;
  });
  // What was typed meanwhile is read now.
  if (!wanted()) readText(pasted);
}
