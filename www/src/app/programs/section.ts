// Programs that act for the account, in the settings: what each may do, until when, its last use, and how to take that back.
import { html, nothing, type TemplateResult } from "lit-html";
import { announce } from "../announce.ts";
import { ApiError } from "../api.ts";
import { ask } from "../ask.ts";
import { problemText } from "../problem.ts";
import { loadProblem } from "../load-problem.ts";
import { afterDraw, app, update } from "../state.ts";
import { Work } from "../work.ts";
import { newToken } from "./new-token.ts";
import { listTokens, revokeAllTokens, revokeToken, type Scope, type TokenRecord } from "./requests.ts";

const work = new Work(() => "");
/** As the server last told; undefined until first loaded. */
let known: TokenRecord[] | undefined;
let problem = "";

/** Asks the server again. */
export async function refreshPrograms(): Promise<void> {
  try {
    known = await listTokens();
    problem = "";
  } catch (error) {
    problem = problemText(error);
  }
  update();
}

/** The section. */
export function programsSection(): TemplateResult {
  const { words } = app;
  return html`<section aria-labelledby="programs-title">
    <h2 id="programs-title" tabindex="-1">${words.programsTitle}</h2>
    <p class="note">${words.programsNote}</p>
    ${loadProblem(problem, refreshPrograms)}
    ${known === undefined ? (problem === "" ? html`<p class="note" role="status">${words.loading}</p>` : nothing) : all(known)}
  </section>`;
}

function all(tokens: readonly TokenRecord[]): TemplateResult {
  const { words } = app;
  return html`${tokens.length === 0
      ? html`<p>${words.noPrograms}</p>`
      : html`<ul class="rows" aria-labelledby="programs-title">
            ${tokens.map(row)}
          </ul>
          <p class="note">${words.programsStay}</p>`}
    ${work.view(false)} ${newToken(refreshPrograms)}
    ${tokens.length > 1
      ? html`<p class="actions"><button type="button" class="danger" ?disabled=${work.busy} @click=${() => void revokeAll()}>${words.revokeAllTokens}</button></p>`
      : nothing}`;
}

function row(token: TokenRecord): TemplateResult {
  const { words } = app;
  const { day, fromNow, list } = words.formats;
  const scopes = token.scopes.map((scope) => (Object.hasOwn(words.scopesInShort, scope) ? words.scopesInShort[scope as Scope] : scope));
  // A clock that runs behind the server's makes no future of it.
  const used = typeof token.used === "string" ? words.lastUsed(fromNow(new Date(Math.min(Date.parse(token.used), Date.now())))) : words.notUsedYet;
  return html`<li class="part">
    <strong dir="auto">${token.name}</strong>
    <span class="row-more">${list(scopes)}</span>
    <span class="row-more">${used}</span>
    <span class="row-more">${words.tokenFromTo(day(new Date(token.created)), day(new Date(token.expires)))}</span>
    <p class="actions">
      <button type="button" class="danger" aria-label=${words.revokeTokenLabel(token.name)} ?disabled=${work.busy} @click=${() => void revoke(token)}>${words.revokeToken}</button>
    </p>
  </li>`;
}

async function revoke(token: TokenRecord): Promise<void> {
  const { words } = app;
  if (!(await ask({ title: words.revokeTokenTitle(token.name), text: words.revokeTokenText, action: words.revokeToken }))) return;
  await take(words.tokenRevoked(token.name), () =>
    revokeToken(token.id).catch((error: unknown) => {
      // It has ended meanwhile.
      if (!(error instanceof ApiError && error.code === "not-found")) throw error;
    }),
  );
}

async function revokeAll(): Promise<void> {
  const { words } = app;
  if (!(await ask({ title: words.revokeAllTokensTitle, text: words.revokeAllTokensText, action: words.revokeAllTokens }))) return;
  await take(words.allTokensRevoked, revokeAllTokens);
}

/** The button that had the focus is gone or was switched off meanwhile. */
async function take(done: string, revocation: () => Promise<void>): Promise<void> {
  await work.run(app.words.revokingToken, async () => {
    await revocation().finally(refreshPrograms);
    announce(done);
  });
  afterDraw(() => document.getElementById("programs-title")?.focus());
}
