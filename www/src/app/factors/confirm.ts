// Saying again who one is before something that a stranger at an open screen must not do. The server decides when that is due.
import { html, nothing, type TemplateResult } from "lit-html";
import { proven, type Confirm } from "../account.ts";
import { ApiError } from "../api.ts";
import { app } from "../state.ts";
import { problemText } from "../problem.ts";
import { hasPasskeys, provePasskey } from "./authenticator.ts";
import { codeField } from "./code-field.ts";
import { askForProof } from "./proof-dialog.ts";
import { confirmByPasskey, factors, startPasskey, type Factors } from "./requests.ts";

/**
 * Runs `job`, and once more after its owner has said who they are, if the server asks for that. Whoever does not say it gets `not-confirmed`.
 * `byPassword` tells the server of a password that was typed a moment ago: it is not asked for again, and nothing is where it suffices.
 */
export async function confirmed<T>(job: () => Promise<T>, byPassword?: Confirm): Promise<T> {
  try {
    return await job();
  } catch (error) {
    if (!(error instanceof ApiError && error.code === "confirmation-required")) throw error;
    if (byPassword === undefined || !(await suffices(byPassword))) await show(await factors(), byPassword);
    return await job();
  }
}

/** Whether the password alone does. */
async function suffices(byPassword: Confirm): Promise<boolean> {
  try {
    await byPassword();
    return true;
  } catch (error) {
    // There is a second step.
    if (!(error instanceof ApiError && error.code === "wrong-code")) throw error;
    return false;
  }
}

/** Resolves when the server is sure. */
function show(known: Factors, byPassword: Confirm | undefined): Promise<void> {
  const { words } = app;
  const authenticator = known.totp !== undefined && known.totp !== null;
  const passkey = known.passkeys.length > 0;
  return askForProof({
    text: byPassword === undefined ? words.confirmText : words.confirmSecondText,
    fields: html`${byPassword === undefined ? passwordField(!passkey) : nothing}
    ${authenticator || passkey ? codeField("confirm-code", authenticator ? words.appOrRecoveryCode : words.recoveryCode, authenticator ? "either" : "recovery") : nothing}`,
    byTyped: async (fields, signal) => {
      const code = fields.get("code");
      const confirm = byPassword ?? (await passwordOf(fields, signal));
      await confirm(code === null ? undefined : String(code).replace(/\s/g, ""));
    },
    byPasskey: passkey && hasPasskeys() ? byPasskey : undefined,
    problem: (error) => {
      const { code } = error as { code?: unknown };
      return problemText(code === "wrong-login" || code === "wrong-password" ? { code: "wrong-own-password" } : error);
    },
  });
}

async function byPasskey(signal: AbortSignal): Promise<void> {
  const { ceremony, options } = await startPasskey(signal);
  await confirmByPasskey(ceremony, await provePasskey(options, signal));
}

function passwordField(isFirst: boolean): TemplateResult {
  return html`<input type="text" name="username" autocomplete="username" value=${app.session?.address ?? ""} hidden />
    <div class="field">
      <label for="confirm-password">${app.words.accountPassword}</label>
      <input id="confirm-password" name="password" type="password" autocomplete="current-password" required ?autofocus=${isFirst} />
    </div>`;
}

async function passwordOf(fields: FormData, signal: AbortSignal): Promise<Confirm> {
  const { exportKey, confirm } = await proven(app.session?.address ?? "", String(fields.get("password")), signal);
  exportKey.fill(0);
  return confirm;
}
