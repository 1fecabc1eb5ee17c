// Whether the account's password opens the keystore, or a passphrase of its own, here and on a new device: turning the one into the other.
import { html, nothing, type TemplateResult } from "lit-html";
import { prepareLogin } from "../account.ts";
import { announce } from "../announce.ts";
import { marked } from "../icons.ts";
import { rememberedCode, storedVersion } from "../keystore-backup.ts";
import { problemText } from "../problem.ts";
import { app, update } from "../state.ts";
import { account, opensWithAccount, wasSetAnew } from "../vault-account.ts";
import { renewCode, turnOff, turnOn } from "../vault-password.ts";
import { syncing } from "../vault-sync.ts";
import { vault, whenLocked, whenOpened } from "../vault.ts";
import { Work } from "../work.ts";
import { newPassphrase, passphraseFields } from "./new-passphrase.ts";
import { decisionOf, strangeCopyFields } from "./strange-copy.ts";

const work = { on: new Work(), off: new Work(), renewing: new Work() };
/** What became of the code on the server and elsewhere, until the page is left. */
let outcome = "";
/** What the server has, as it was told since this page is looked at; another device may have changed it at any time. */
let stored: { version: string | undefined } | { problem: string } | undefined;
let asked = false;
addEventListener("hashchange", () => {
  outcome = work.on.problem = work.off.problem = work.renewing.problem = "";
  askAnew();
});
whenOpened(askAnew);
whenLocked(askAnew);

function askAnew(): void {
  asked = false;
}

async function look(): Promise<void> {
  stored = await storedVersion(new AbortController().signal).then(
    (version) => ({ version }),
    (error: unknown) => ({ problem: problemText(error) }),
  );
  update();
}

/** The section of the keystore's page. */
export function onePasswordSection(): TemplateResult {
  const { words } = app;
  if (!asked) {
    asked = true;
    stored = undefined;
    queueMicrotask(() => void look());
  }
  return html`<section aria-labelledby="one-password-title">
    <h2 id="one-password-title">${words.onePasswordTitle}</h2>
    ${stored === undefined ? html`<p class="note" role="status">${words.loading}</p>` : opensWithAccount() ? here(stored) : elsewhere(stored)}
    ${outcome === "" ? nothing : html`<p class="warning" role="status">${outcome}</p>`}
  </section>`;
}

/** The account's password opens the keystore of this browser. */
function here(known: NonNullable<typeof stored>): TemplateResult {
  const { words } = app;
  // What a new code goes through is no state of its own.
  const less = work.renewing.busy ? "" : lessThanAll(known);
  return html`<p>${less === "" ? words.onePasswordOn : marked("careful", less)}</p>
    ${unknown(known)}
    <p class="warning">${words.onePasswordWarning}</p>
    ${less === "" ? renewing() : html`${work.renewing.view()} ${turningOn(words.onePasswordRepair)}`}
    <details>
      <summary>${words.onePasswordTurnOff}</summary>
      <p>${words.onePasswordTurnOffNote}</p>
      ${syncing.on ? nothing : html`<p class="warning">${words.onePasswordCopy.left}</p>`}
      <p>${words.onePasswordTurnOffBackups}</p>
      <form @submit=${(event: SubmitEvent) => void off(event)} novalidate>
        ${passwordField("password-to-turn-off")} ${passphraseFields()} ${work.off.view()}
        <p class="actions"><button type="submit" ?disabled=${work.off.busy}>${words.onePasswordTurnOff}</button></p>
      </form>
    </details>`;
}

/** Why it does not bring the keys to a new device; empty if it does. */
function lessThanAll(known: NonNullable<typeof stored>): string {
  const { words } = app;
  if (wasSetAnew()) return words.onePasswordReset;
  const { version: remembered = "", renewing } = rememberedCode(vault.name, account()) ?? {};
  if (renewing === true) return words.onePasswordRenewing;
  if ("version" in known && known.version === undefined) return words.onePasswordHereOnly;
  if ("version" in known && remembered !== "" && known.version !== remembered) return words.onePasswordOther;
  if (syncing.underOtherCode) return words.onePasswordOther;
  return syncing.on ? "" : words.onePasswordApart;
}

/** A new code for what the account's password opens. */
function renewing(): TemplateResult {
  const { words } = app;
  return html`<details>
    <summary>${words.onePasswordRenew}</summary>
    <p>${words.onePasswordRenewNote}</p>
    <form @submit=${(event: SubmitEvent) => void renew(event)} novalidate>
      <input type="text" name="username" autocomplete="username" value=${account()} hidden />
      ${passwordField("password-to-renew")} ${work.renewing.view()}
      <p class="actions"><button type="submit" ?disabled=${work.renewing.busy}>${words.onePasswordRenew}</button></p>
    </form>
  </details>`;
}

/** The keystore of this browser has a passphrase of its own. */
function elsewhere(known: NonNullable<typeof stored>): TemplateResult {
  const { words } = app;
  const some = "version" in known && known.version !== undefined;
  return html`<p class="note">${some ? words.onePasswordElsewhere : words.onePasswordOff}</p>
    ${unknown(known)} ${turningOn(words.onePasswordTurnOn)}`;
}

function unknown(known: NonNullable<typeof stored>): TemplateResult | typeof nothing {
  return "problem" in known ? html`<p class="warning">${app.words.onePasswordUnknown} ${known.problem}</p>` : nothing;
}

function turningOn(action: string): TemplateResult {
  const { words } = app;
  return html`<details>
    <summary>${action}</summary>
    <p>${words.withAccountPasswordNote}</p>
    <form @submit=${(event: SubmitEvent) => void on(event)} novalidate>
      <input type="text" name="username" autocomplete="username" value=${account()} hidden />
      ${passwordField("password-to-turn-on")} ${strangeCopyFields()} ${work.on.view()}
      <p class="actions"><button type="submit" ?disabled=${work.on.busy}>${action}</button></p>
    </form>
  </details>`;
}

function passwordField(id: string): TemplateResult {
  return html`<div class="field">
    <label for=${id}>${app.words.accountPasswordAgain}</label>
    <input id=${id} name="account-password" type="password" autocomplete="current-password" required @focus=${prepareLogin} />
  </div>`;
}

async function on(event: SubmitEvent): Promise<void> {
  const { words } = app;
  event.preventDefault();
  const fields = new FormData(event.target as HTMLFormElement);
  await work.on.run(words.changingPassphrase, async (signal) => {
    const skipped = await turnOn(String(fields.get("account-password")), await decisionOf(fields), signal);
    announce(skipped === 0 ? words.onePasswordTurnedOn : words.passphraseChangedBut(skipped));
  });
  await look();
}

async function renew(event: SubmitEvent): Promise<void> {
  const { words } = app;
  event.preventDefault();
  const form = event.target as HTMLFormElement;
  const fields = new FormData(form);
  outcome = "";
  await work.renewing.run(words.changingPassphrase, async (signal) => {
    const skipped = await renewCode(String(fields.get("account-password")), signal);
    form.reset();
    announce(skipped === 0 ? words.onePasswordRenewed : words.passphraseChangedBut(skipped));
    outcome = words.onePasswordRenewedNote;
  });
  await look();
}

async function off(event: SubmitEvent): Promise<void> {
  const { words } = app;
  event.preventDefault();
  const fields = new FormData(event.target as HTMLFormElement);
  await work.off.run(words.changingPassphrase, async (signal) => {
    const { skipped, copy } = await turnOff(String(fields.get("account-password")), newPassphrase(fields), signal);
    announce(skipped === 0 ? words.onePasswordTurnedOff : words.passphraseChangedBut(skipped));
    outcome = words.onePasswordCopy[copy];
  });
  await look();
}
