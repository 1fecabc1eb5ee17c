// Importing keys by paste, drop or picker. Nothing changes before the preview of what will change has been confirmed.
import type { Certificate, SecretKey, UnsupportedKey } from "envelock";
import { html, nothing, type TemplateResult } from "lit-html";
import { grouped } from "../../language/formats.ts";
import { announce } from "../announce.ts";
import { engine } from "../engine.ts";
import { go } from "../route.ts";
import { app, update } from "../state.ts";
import { keepKey, vault } from "../vault.ts";
import { Work } from "../work.ts";
import { personOf, stateOf } from "./list.ts";

type ReadKey = Certificate | SecretKey | UnsupportedKey;
/** Above this no key file is sensible, and reading it would only take long. */
const LARGEST = 5_000_000;

let found: ReadKey[] | undefined;
const passphrases = new Map<string, string>();
const reading = new Work();
const importing = new Work();

/** The page. */
export function importPage(): TemplateResult {
  const { words } = app;
  return html`<h1 tabindex="-1">${words.importKeys}</h1>
    <div
      class="drop"
      @dragover=${(event: DragEvent) => event.preventDefault()}
      @drop=${(event: DragEvent) => {
        event.preventDefault();
        readFiles(event.dataTransfer?.files);
      }}
    >
      <div class="field">
        <label for="paste-keys">${words.pasteKeys}</label>
        <textarea
          id="paste-keys"
          rows="6"
          spellcheck="false"
          autocomplete="off"
          class="armored"
          placeholder="-----BEGIN PGP PUBLIC KEY BLOCK-----"
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
          }}
        />
        <p class="note" id="key-files-note">${words.dropKeysNote}</p>
      </div>
    </div>
    ${reading.view(false)} ${found === undefined ? nothing : preview(found)}`;
}

function readText(text: string): void {
  if (text.trim() === "") {
    found = undefined;
    reading.problem = "";
    return update();
  }
  // Pasted piece by piece: wait for the end of the block instead of calling half of it broken.
  if (text.includes("-----BEGIN") && !text.includes("-----END")) return;
  void read(async () => [text]);
}

function readFiles(files: FileList | null | undefined): void {
  const chosen = [...(files ?? [])];
  if (chosen.length === 0) return;
  void read(() =>
    Promise.all(
      chosen.map(async (file) => {
        if (file.size > LARGEST) throw { code: "too-large" };
        return new Uint8Array(await file.arrayBuffer());
      }),
    ),
  );
}

async function read(inputs: () => Promise<(string | Uint8Array)[]>): Promise<void> {
  found = undefined;
  passphrases.clear();
  await reading.run(app.words.readingKeys, async () => {
    const all: ReadKey[] = [];
    for (const input of await inputs()) all.push(...(await engine().readKeys(input)));
    if (all.length === 0) throw { code: "no-keys" };
    found = all;
  });
}

function preview(keys: ReadKey[]): TemplateResult {
  const { words } = app;
  const usable = keys.filter((key): key is Certificate | SecretKey => key.kind !== "unsupported");
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void importing
      .run(words.importing, async () => {
        for (const key of usable) await keepOne(key);
      })
      .then((done) => {
        if (!done) return;
        found = undefined;
        passphrases.clear();
        announce(words.imported(usable.length));
        const [only] = usable;
        go(usable.length === 1 && only !== undefined ? `#/keys/${only.fingerprint}` : "#/keys");
      });
  };
  return html`<section aria-labelledby="preview-title">
    <h2 id="preview-title">${words.whatWillChange}</h2>
    <form @submit=${submit}>
      <ul class="rows">
        ${keys.map((key) => html`<li class="preview-row">${previewOf(key)}</li>`)}
      </ul>
      ${importing.view(false)}
      <p class="actions">
        <button type="submit" class="primary" ?disabled=${usable.length === 0 || importing.busy}>${words.importCount(usable.length)}</button>
      </p>
    </form>
  </section>`;
}

async function keepOne(key: Certificate | SecretKey): Promise<void> {
  if (key.kind === "certificate") return void (await keepKey(key));
  const passphrase = passphrases.get(key.fingerprint) ?? "";
  if (key.locked && passphrase !== "") {
    if (!(await engine().unlockCheck({ key, passphrase }))) throw { code: "wrong-passphrase" };
    await keepKey(key, passphrase);
    return;
  }
  await keepKey(key);
}

function previewOf(key: ReadKey): TemplateResult {
  const { words } = app;
  if (key.kind === "unsupported") {
    return html`<strong>${words.unsupportedKey}</strong> <span class="row-more">${key.fingerprint === undefined ? nothing : grouped(key.fingerprint)} ${key.reason}</span>`;
  }
  const present = vault.keys.find((other) => other.fingerprint === key.fingerprint);
  const change =
    present === undefined
      ? key.kind === "secret-key"
        ? words.addsSecret
        : words.addsCertificate
      : present.kind === "certificate" && key.kind === "secret-key"
        ? words.addsSecretPart
        : present.kind === "secret-key" && key.kind === "certificate"
          ? words.keepsSecret
          : words.replaces;
  const id = `passphrase-${key.fingerprint}`;
  return html`<strong dir="auto">${personOf(key)}</strong>
    <span class="row-more" dir="auto">${key.userIds.join(", ")}</span>
    ${key.unverifiedUserIds.length === 0 ? nothing : html`<span class="row-more" dir="auto">! ${words.unverifiedNames}: ${key.unverifiedUserIds.join(", ")}</span>`}
    <span class="row-more">${key.algorithm} · ${stateOf(key)}</span>
    <code class="fingerprint">${grouped(key.fingerprint)}</code>
    <span class="change">${change}</span>
    ${key.problems.map((problem) => html`<span class="row-more">! ${problem.message}</span>`)}
    ${key.kind === "secret-key" && key.locked
      ? html`<div class="field">
          <label for=${id}>${words.passphraseOfKey}</label>
          <input
            id=${id}
            type="password"
            autocomplete="off"
            aria-describedby="${id}-note"
            @input=${(event: Event) => passphrases.set(key.fingerprint, (event.target as HTMLInputElement).value)}
          />
          <p class="note" id="${id}-note">${words.passphraseOfKeyNote}</p>
        </div>`
      : nothing}`;
}
