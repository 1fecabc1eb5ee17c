// An authenticator app is told its secret, as a QR code or typed, and shows that it has it.
import { html, nothing, type TemplateResult } from "lit-html";
import { qrCode } from "../qr-code.ts";
import { afterDraw, app } from "../state.ts";
import { Work } from "../work.ts";
import { codeField, typedCode } from "./code-field.ts";
import { confirmed } from "./confirm.ts";
import { startApp } from "./requests.ts";

const work = new Work(() => "");
/** Shown once, until a code has come. */
let started: { secret: string; uri: string } | undefined;
addEventListener("hashchange", forgetSecret);

function forgetSecret(): void {
  started = undefined;
  work.problem = "";
}

/** `add` gives the account the app that this code is of. */
export function appEnrolment(add: (code: string) => Promise<void>): TemplateResult {
  const { words } = app;
  if (started === undefined) {
    const begin = async (): Promise<void> => {
      const begun = await work.run(words.preparing, async () => {
        started = await confirmed(startApp);
      });
      if (begun) afterDraw(() => document.querySelector<HTMLElement>("#app-secret-title")?.focus());
    };
    return html`${work.view(false)}
      <p class="actions"><button type="button" ?disabled=${work.busy} @click=${() => void begin()}>${words.addApp}</button></p>`;
  }
  const { secret, uri } = started;
  const submit = (event: SubmitEvent): void => {
    const code = typedCode(event);
    void work.run(words.checkingCode, async () => {
      await add(code);
      forgetSecret();
    });
  };
  return html`<h3 id="app-secret-title" tabindex="-1">${words.appSecretTitle}</h3>
    <p>${words.appSecretNote}</p>
    ${qrCode(uri, words.appSecretQr)}
    <p>${words.appSecretTyped}</p>
    <p class="armored" dir="ltr" data-testid="app-secret">${secret.match(/.{1,4}/g)?.join(" ")}</p>
    <form @submit=${submit}>
      ${codeField("new-app-code", words.appCodeNow, "app")} ${work.view(false)}
      <p class="actions">
        <button type="submit" class="primary" ?disabled=${work.busy}>${words.switchOn}</button>
        <button
          type="button"
          @click=${() => {
            forgetSecret();
            afterDraw(() => document.querySelector<HTMLElement>("#factors-title")?.focus());
          }}
        >
          ${words.cancel}
        </button>
      </p>
    </form>
    ${work.problem === "" ? nothing : html`<p class="note">${words.appCodeClock}</p>`}`;
}
