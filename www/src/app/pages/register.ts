// Making an account: with an invitation, whose token stands behind `#` in the address, so that it goes to the server in bodies only, or
// where everybody may.
import { html, nothing, type TemplateResult } from "lit-html";
import { register, signIn } from "../account.ts";
import { showInvitation, type Invitation } from "../api.ts";
import { problemText } from "../problem.ts";
import { app, update, type Session } from "../state.ts";
import { Work } from "../work.ts";
import { newPassword, newPasswordFields } from "./new-password.ts";

const work = new Work(() => "");
let token: string | undefined;
/** As the server told; undefined until it has, and without a token. */
let invitation: Invitation | undefined;
let problem = "";

/** Whether the address names this page. */
export function isRegistering(): boolean {
  return location.pathname === "/register";
}

/** Asks what the invitation in the address is good for. */
export async function readInvitation(): Promise<void> {
  const given = location.hash.replace(/^#/, "");
  token = given === "" ? undefined : given;
  invitation = undefined;
  problem = "";
  if (token === undefined) return update();
  try {
    const shown = await showInvitation(token);
    if (token === given) invitation = shown;
  } catch (error) {
    // A token that was cut on its way is none.
    problem = problemText((error as { code?: unknown }).code === "invalid-request" ? { code: "invitation-ended" } : error);
  }
  update();
}

/** The page; `onMade` goes on once the account is made: signed in, unless that failed. */
export function registerPage(onMade: (session: Session | undefined) => void): TemplateResult {
  const { words, session, server } = app;
  return html`<main class="single">
    <article class="card">
      <h1 tabindex="-1">${words.register}</h1>
      ${session !== undefined
        ? html`<p>${words.registerSignedIn(session.address)}</p>`
        : problem !== ""
          ? html`<p class="problem" role="alert">${problem}</p>
              <p class="actions"><button type="button" @click=${() => void readInvitation()}>${words.retry}</button></p>`
          : token === undefined && server.registration !== "open"
            ? html`<p>${server.registration === "invitation" ? words.registerNeedsInvitation : words.registerClosed}</p>`
            : token !== undefined && invitation === undefined
              ? html`<p class="note" role="status">${words.loading}</p>`
              : form(onMade)}
      <p><a href="/">${session === undefined ? words.haveAccount : words.goOn}</a></p>
    </article>
  </main>`;
}

function form(onMade: (session: Session | undefined) => void): TemplateResult {
  const { words, server } = app;
  const only = invitation?.address;
  const domains = server.registrationDomains ?? [];
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const fields = new FormData(event.target as HTMLFormElement);
    const address = only ?? String(fields.get("address")).trim();
    void work.run(words.registering, async (signal) => {
      const password = newPassword(fields);
      const account = { address, name: String(fields.get("name")).trim(), ...(token === undefined ? {} : { invitation: token }) };
      await register(account, password, signal);
      // What goes wrong from here on is heard when they sign in themselves.
      onMade(await signIn(address, password, signal).catch(() => undefined));
    });
  };
  return html`<p>${words.registerNote}</p>
    ${invitation === undefined ? nothing : html`<p class="note">${words.invitedUntil(words.formats.moment(new Date(invitation.expires)))}</p>`}
    <form @submit=${submit}>
      <div class="field">
        <label for="name">${words.yourName}</label>
        <input id="name" name="name" autocomplete="name" maxlength="100" aria-describedby="name-note" required />
        <p class="note" id="name-note">${words.yourNameNote}</p>
      </div>
      <div class="field">
        <label for="address">${words.address}</label>
        <input id="address" name="address" type="email" autocomplete="username" aria-describedby="address-note" .value=${only ?? ""} ?readonly=${only !== undefined} required />
        <p class="note" id="address-note">
          ${only !== undefined ? words.addressInvited : domains.length > 0 ? words.addressOfDomains(words.formats.list(domains)) : words.addressAny}
        </p>
      </div>
      ${newPasswordFields(words.accountPassword, words.newPasswordNote, words.repeatAccountPassword)}
      <p class="warning">${words.passwordLost}</p>
      ${work.view()}
      <p class="actions"><button type="submit" class="primary" ?disabled=${work.busy}>${words.makeAccount}</button></p>
    </form>`;
}
