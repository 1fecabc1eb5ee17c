// A token for a program: its name, what it may do and for how long; then the token itself, shown once.
import { html, type TemplateResult } from "lit-html";
import { ask } from "../ask.ts";
import { copyText } from "../copy-text.ts";
import { confirmed } from "../factors/confirm.ts";
import { beforeLeaving } from "../leaving.ts";
import { afterDraw, app } from "../state.ts";
import { Work } from "../work.ts";
import { createToken, SCOPES, type Scope } from "./requests.ts";

const DAYS = [7, 30, 90, 365] as const;
const USUAL = 30;
const DAY = 86_400;
/** What a program with one scope alone may ask. */
const CALLS: Record<Scope, string> = {
  "envelopes:read": "https://HOST/api/v1/envelopes",
  "envelopes:write": "--json @envelope.json https://HOST/api/v1/envelopes",
  "keyring:read": "--output keyring https://HOST/api/v1/keyring",
  "keyring:write": "--header 'Content-Type: application/octet-stream' --header 'If-None-Match: *' --upload-file keyring https://HOST/api/v1/keyring",
  "drafts:read": "https://HOST/api/v1/account/drafts",
  "drafts:write": "--header 'Content-Type: application/octet-stream' --header 'If-None-Match: *' --upload-file draft https://HOST/api/v1/account/drafts/ID",
  "mail:read": "https://HOST/api/v1/mailbox",
  "mail:send": "--header 'Content-Type: application/octet-stream' --header 'Envelock-Recipients: ben@example.org' --data-binary @message https://HOST/api/v1/outgoing",
};

/**
 * Takes the token from the keyboard into a file that only its owner reads, as the header field it is sent in: so it stands neither in a history
 * of commands nor in the list of processes, which everybody on a machine can see. In one line with what follows: `read` would take the next.
 */
const KEPT = "(umask 077; read -r token; printf 'Authorization: Bearer %s\\n' \"$token\" > envelock-token)";

const work = new Work(() => "");
let stage: { at: "closed" } | { at: "asking" } | { at: "made"; name: string; token: string; scopes: Scope[]; copied: boolean } = { at: "closed" };
addEventListener("hashchange", close);
// The server keeps a hash: nobody can look it up later.
beforeLeaving(() => {
  const { words } = app;
  return stage.at === "made" && !stage.copied ? { title: words.leaveTokenTitle, text: words.leaveTokenText, action: words.leaveToken } : undefined;
});

function close(): void {
  stage = { at: "closed" };
  work.problem = "";
}

/** The button, the form behind it, or the token; `onChange` runs when there is one more, or may be. */
export function newToken(onChange: () => Promise<void>): TemplateResult {
  const { words } = app;
  switch (stage.at) {
    case "asking":
      return form(onChange);
    case "made":
      return shown(stage);
    case "closed": {
      const begin = (): void => {
        stage = { at: "asking" };
        afterDraw(() => document.getElementById("token-name")?.focus());
      };
      return html`<p class="actions"><button type="button" @click=${begin}>${words.newToken}</button></p>`;
    }
  }
}

function form(onChange: () => Promise<void>): TemplateResult {
  const { words } = app;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const fields = new FormData(event.target as HTMLFormElement);
    const name = String(fields.get("name")).trim();
    const scopes = SCOPES.filter((scope) => fields.has(scope));
    void work.run(words.makingToken, async () => {
      if (name === "") throw { code: "token-without-name" };
      if (scopes.length === 0) throw { code: "token-without-scope" };
      const token = await confirmed(() => createToken({ name, scopes, expiresInDays: Number(fields.get("days")) })).catch(async (error: unknown) => {
        await onChange();
        throw error;
      });
      stage = { at: "made", name, token, scopes, copied: false };
      afterDraw(() => document.getElementById("token-title")?.focus());
      await onChange();
    });
  };
  return html`<form @submit=${submit} aria-labelledby="new-token-title">
    <h3 id="new-token-title">${words.newToken}</h3>
    <div class="field">
      <label for="token-name">${words.tokenName}</label>
      <input id="token-name" name="name" maxlength="60" autocomplete="off" required aria-describedby="token-name-note" />
      <p class="note" id="token-name-note">${words.tokenNameNote}</p>
    </div>
    <fieldset>
      <legend>${words.tokenMay}</legend>
      ${SCOPES.map((scope) => html`<p class="choice"><input type="checkbox" id="scope-${scope}" name=${scope} /><label for="scope-${scope}">${words.scopes[scope]}</label></p>`)}
    </fieldset>
    <div class="field">
      <label for="token-days">${words.tokenEnds}</label>
      <select id="token-days" name="days">
        ${DAYS.map((days) => html`<option value=${days} ?selected=${days === USUAL}>${words.fromNow(words.formats.duration(days * DAY))}</option>`)}
      </select>
    </div>
    ${work.view(false)}
    <p class="actions">
      <button type="submit" class="primary" ?disabled=${work.busy}>${words.makeToken}</button>
      <button
        type="button"
        ?disabled=${work.busy}
        @click=${() => {
          close();
          afterDraw(() => document.getElementById("programs-title")?.focus());
        }}
      >
        ${words.cancel}
      </button>
    </p>
  </form>`;
}

function shown(made: Extract<typeof stage, { at: "made" }>): TemplateResult {
  const { words } = app;
  const asked = CALLS[made.scopes[0] ?? "envelopes:read"].replace("HOST", location.host);
  const usage = `${KEPT} && curl --header @envelock-token ${asked}`;
  const done = (): void => {
    close();
    afterDraw(() => document.getElementById("programs-title")?.focus());
  };
  return html`<h3 id="token-title" tabindex="-1">${words.tokenOf(made.name)}</h3>
    <p>${words.tokenOnce}</p>
    <div class="field">
      <label for="token">${words.token}</label>
      <input id="token" class="armored" readonly dir="ltr" translate="no" .value=${made.token} @focus=${(event: Event) => (event.target as HTMLInputElement).select()} />
    </div>
    <p class="actions">
      <button type="button" class="primary" @click=${() => void copyText(made.token, words.tokenCopied, () => (made.copied = true))}>${words.copyToken}</button>
    </p>
    <p>${words.tokenUsage}</p>
    <p class="armored" dir="ltr" translate="no" data-testid="token-usage">${usage}</p>
    <p class="actions">
      <button type="button" @click=${() => void copyText(usage, words.usageCopied)}>${words.copyUsage}</button>
      <button type="button" @click=${() => void leave(made, done)}>${words.done}</button>
    </p>`;
}

/** Closes what is shown; asks first, if nobody has the token. */
async function leave(made: { copied: boolean }, done: () => void): Promise<void> {
  const { words } = app;
  if (made.copied || (await ask({ title: words.leaveTokenTitle, text: words.leaveTokenText, action: words.leaveToken }))) done();
}
