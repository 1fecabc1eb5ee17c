// A new passphrase for the keystore.
import { html, type TemplateResult } from "lit-html";
import { app } from "../state.ts";
import { TypedTwice } from "../typed-twice.ts";

const SHORTEST = 8;
const typed = new TypedTwice("passphrase");

/** The two fields, named `passphrase` and `again`. */
export function passphraseFields(): TemplateResult {
  const { words } = app;
  return html`<input type="text" name="username" autocomplete="username" value=${app.session?.address ?? ""} hidden />
    ${typed.fields(words.newPassphrase, words.newPassphraseNote, words.repeatPassphrase)}`;
}

/** What was typed; throws `passphrase-short` or `passphrase-differs`. Forgets it here. */
export function newPassphrase(fields: FormData): string {
  const passphrase = String(fields.get("passphrase"));
  if (passphrase.length < SHORTEST) throw { code: "passphrase-short" };
  if (passphrase !== fields.get("again")) throw { code: "passphrase-differs" };
  typed.forget();
  return passphrase;
}
