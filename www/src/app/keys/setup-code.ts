// Taking in an Autocrypt Setup Message: what is imported may be such a mail, and then its code is asked for first. The key in it
// is locked under a passphrase that nobody sees before it leaves the module, and under the keystore's when it is kept.
import type { SecretKey } from "envelock";
import { html, nothing, type TemplateResult } from "lit-html";
import { engine } from "../engine.ts";
import { afterDraw, app, update } from "../state.ts";
import { Work } from "../work.ts";

const BLOCKS = 9;
const DIGITS = 4;
const work = new Work();
let typed = "";

/** A message whose code is wanted. */
export interface SetupMessage {
  mail: string | Uint8Array;
  /** What it says its code begins with. */
  codeBegins: string;
  /** Whether the code has nine blocks of four digits, as all programs of today make it. */
  numeric: boolean;
}

/** The message if `input` is one; anything else is undefined. */
export async function readSetupMessage(input: string | Uint8Array, signal: AbortSignal): Promise<SetupMessage | undefined> {
  const text = typeof input === "string" ? input : new TextDecoder("latin1").decode(input);
  const whole = /^Autocrypt-Setup-Message:/im.test(text);
  if (!whole && !/^Passphrase-Format:/im.test(text)) return undefined;
  const mail = whole ? input : mailAround(text);
  const { codeBegins = "" } = await engine().readAutocryptSetupMessage({ mail, signal });
  const format = /^Passphrase-Format:\s*(\S+)/im.exec(text)?.[1];
  return { mail, codeBegins, numeric: format === undefined || format.toLowerCase() === "numeric9x4" };
}

/** Many programs save or show the attachment alone, or the armored block in it. */
function mailAround(attachment: string): string {
  const head = `Autocrypt-Setup-Message: v1\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="setup"\n\n`;
  return `${head}--setup\nContent-Type: application/autocrypt-setup\n\n${attachment}\n--setup--\n`.replace(/\r?\n/g, "\r\n");
}

/** Digits in blocks of four, hyphens between them, as on the sheet. */
export function blocksOf(text: string): string {
  const digits = text.replace(/\D/g, "").slice(0, BLOCKS * DIGITS);
  return (digits.match(/\d{1,4}/g) ?? []).join("-");
}

/** Forgets what was typed. */
export function forgetSetupCode(): void {
  typed = "";
  work.problem = "";
}

/** The form that asks for the code; `opened` gets the key and the passphrase it is locked under. */
export function setupCodeForm(message: SetupMessage, opened: (key: SecretKey, passphrase: string) => void, cancel: () => void): TemplateResult {
  const { words } = app;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void open(message, opened);
  };
  const input = (event: Event): void => {
    const field = event.target as HTMLInputElement;
    typed = field.value;
    // Only where it does not move the cursor: at the end.
    if (message.numeric && field.selectionStart === field.value.length && (event as InputEvent).inputType?.startsWith("insert") === true) field.value = typed = blocksOf(typed);
    update();
  };
  const wrong = work.problem !== "";
  const digits = typed.replace(/\D/g, "").length;
  return html`<section aria-labelledby="setup-code-title">
    <h2 id="setup-code-title" tabindex="-1">${words.setupFound}</h2>
    <p>${words.setupFoundNote}</p>
    <form @submit=${submit} novalidate>
      <div class="field">
        <label for="setup-code">${words.setupCode}</label>
        <input
          id="setup-code"
          class="armored"
          inputmode=${message.numeric ? "numeric" : "text"}
          autocomplete="off"
          spellcheck="false"
          dir="ltr"
          placeholder=${message.numeric ? Array.from({ length: BLOCKS }, () => "0".repeat(DIGITS)).join("-") : nothing}
          aria-describedby="setup-code-note setup-code-count"
          aria-invalid=${wrong ? "true" : nothing}
          .value=${typed}
          @input=${input}
        />
        <p class="note" id="setup-code-note">${message.codeBegins !== "" ? words.setupCodeBegins(message.codeBegins) : message.numeric ? words.setupCodeFormat : nothing}</p>
        <p class="note" id="setup-code-count">${message.numeric ? words.digitsOf(Math.min(digits, BLOCKS * DIGITS), BLOCKS * DIGITS) : nothing}</p>
      </div>
      ${work.view()}
      <p class="actions">
        <button type="submit" class="primary" ?disabled=${work.busy}>${words.openSetupMessage}</button>
        <button type="button" @click=${cancel}>${words.cancel}</button>
      </p>
    </form>
  </section>`;
}

async function open(message: SetupMessage, opened: (key: SecretKey, passphrase: string) => void): Promise<void> {
  const done = await work.run(app.words.openingSetupMessage, async (signal) => {
    const code = message.numeric ? blocksOf(typed) : typed.trim();
    if (message.numeric ? code.length !== BLOCKS * (DIGITS + 1) - 1 : code === "") throw { code: "setup-code-incomplete" };
    const passphrase = crypto.randomUUID();
    const { key } = await engine()
      .readAutocryptSetupMessage({ mail: message.mail, code, newPassphrase: passphrase, signal })
      .catch((error: unknown) => {
        throw (error as { code?: unknown }).code === "decryption-failed" ? { code: "wrong-setup-code" } : error;
      });
    if (key === undefined) throw { code: "no-keys" };
    typed = "";
    opened(key, passphrase);
  });
  if (!done) afterDraw(() => document.querySelector<HTMLInputElement>("#setup-code")?.select());
}
