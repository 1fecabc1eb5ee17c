// A new password for the account.
import type { TemplateResult } from "lit-html";
import { prepareLogin } from "../account.ts";
import { app } from "../state.ts";
import { TypedTwice } from "../typed-twice.ts";

const typed = new TypedTwice("password", prepareLogin);

/** The two fields, named `password` and `again`. */
export function newPasswordFields(label: string, note: string, repeat: string): TemplateResult {
  return typed.fields(label, note, repeat);
}

/** What was typed; throws `passwords-differ`. Forgets it here. */
export function newPassword(fields: FormData): string {
  const password = String(fields.get("password"));
  typed.forget();
  if (password !== fields.get("again")) throw { code: app.session === undefined ? "passwords-unequal" : "passwords-differ" };
  return password;
}
