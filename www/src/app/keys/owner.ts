// Whether it is still the keystore's owner who asks for what gives the keys away, or opens the door for later: what opens the keystore is then
// asked for once more. This stops who finds a screen that was left open; not who runs programs of their own there, nor a hostile page.
import { html } from "lit-html";
import { confirmed } from "../factors/confirm.ts";
import { askForProof } from "../factors/proof-dialog.ts";
import { readCode } from "../keystore-backup.ts";
import { problemText } from "../problem.ts";
import { app } from "../state.ts";
import { stopwatch } from "../stopwatch.ts";
import { codeOf, opensWithAccount, wasSetAnew } from "../vault-account.ts";
import { opensAgain } from "../vault-care.ts";
import { asPrinted } from "../vault-password.ts";
import { passkeysSupported, vault, whenLocked, whenOpened } from "../vault.ts";

/** As long as the server takes a proof of the account's owner for new. */
const GOOD_MILLISECONDS = 300_000;
/** How long ago the keystore was opened, or its owner last asked. */
let sureFor: (() => number) | undefined;
whenOpened(() => {
  sureFor = stopwatch();
});
whenLocked(() => {
  sureFor = undefined;
});

/**
 * Resolves when the owner of the open keystore is there, or was five minutes ago; whoever does not say so gets `not-confirmed`. Where the account's
 * password opens it, the server judges by that or a factor; without the server, or with a passphrase of its own, the keystore.
 */
export async function sureOfOwner(signal: AbortSignal): Promise<void> {
  if (opensWithAccount() && !wasSetAnew()) {
    try {
      await confirmed(() => readCode(signal));
      return;
    } catch (error) {
      if (codeOf(error) !== "offline") throw error;
    }
  }
  if (sureFor !== undefined && sureFor() < GOOD_MILLISECONDS) return;
  await askKeystore();
  sureFor = stopwatch();
}

function askKeystore(): Promise<void> {
  const { words } = app;
  const mayBeCode = opensWithAccount();
  const passkey = passkeysSupported() && vault.passkeys.length > 0;
  return askForProof({
    text: words.confirmText,
    fields: html`<input type="text" name="username" autocomplete="username" value=${app.session?.address ?? ""} hidden />
      <div class="field">
        <label for="owner-passphrase">${mayBeCode ? words.codeOrPassphrase : words.keystorePassphrase}</label>
        <input id="owner-passphrase" name="passphrase" type="password" autocomplete=${mayBeCode ? "off" : "current-password"} required ?autofocus=${!passkey} />
      </div>`,
    byTyped: async (fields) => {
      const typed = String(fields.get("passphrase"));
      await opensAgain({ passphrase: mayBeCode ? asPrinted(typed) : typed });
    },
    byPasskey: passkey ? (signal) => opensAgain({ passkey: true, signal }) : undefined,
    problem: problemText,
  });
}
