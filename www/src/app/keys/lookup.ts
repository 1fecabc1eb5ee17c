// Finding somebody's key by address: the server asks the address's own domain, then keyservers. Where it came from is shown,
// and nothing is kept before it has been looked at.
import type { CertificateOrigin } from "envelock";
import { html, nothing, type TemplateResult } from "lit-html";
import { engine } from "../engine.ts";
import { go } from "../route.ts";
import { app } from "../state.ts";
import { whenLocked } from "../vault.ts";
import { Work } from "../work.ts";
import { previewView } from "./import-preview.ts";
import { postQuantumOffer } from "./post-quantum.ts";
import { readInputs, type Reading } from "./import-reading.ts";

/** No answer, which is not the answer that there is none. */
const DID_NOT_WORK = ["lookup-failed", "lookup-refused"];

const work = new Work();
/** The address whose key is of a kind that only the larger module reads. */
let unread = "";
/** The address for which the look-up itself did not work: whether there is a key is not known. */
let again = "";
let found: { origin: CertificateOrigin; host: string; reading: Reading } | undefined;
whenLocked(forget);

function forget(): void {
  found = undefined;
  unread = again = "";
  work.problem = "";
}

/** The page. */
export function lookupPage(): TemplateResult {
  const { words, server } = app;
  if (server.lookup !== true) {
    return html`<h1 tabindex="-1">${words.findKey}</h1>
      <p>${words.problems["lookup-off"]}</p>
      <p class="actions"><a class="button" href="#/keys/import">${words.importKeys}</a></p>`;
  }
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void find(String(new FormData(event.target as HTMLFormElement).get("address")).trim());
  };
  return html`<p class="back"><a href="#/keys">${words.backToKeys}</a></p>
    <h1 tabindex="-1">${words.findKey}</h1>
    <p class="note">${words.findKeyNote}</p>
    <form class="row-form" @submit=${submit}>
      <div class="field">
        <label for="find-address">${words.email}</label>
        <input id="find-address" name="address" type="email" autocomplete="off" required />
      </div>
      <button type="submit" class="primary" ?disabled=${work.busy}>${words.find}</button>
    </form>
    ${work.view()} ${again === "" ? nothing : html`<p class="actions"><button type="button" @click=${() => void find(again)}>${words.retry}</button></p>`}
    ${unread === "" ? nothing : postQuantumOffer(words.unsupportedOffer, () => void find(unread))} ${found === undefined ? nothing : result(found)}`;
}

function result({ origin, host, reading }: NonNullable<typeof found>): TemplateResult {
  const { words } = app;
  return html`<p class=${origin === "keyserver" ? "warning" : "note"}>${words.origins[origin](host)}</p>
    ${previewView(reading, origin, () => {
      forget();
      go("#/keys");
    })}`;
}

async function find(address: string): Promise<void> {
  found = undefined;
  unread = again = "";
  await work.run(app.words.finding(address), async (signal) => {
    const { origin, host = "", certificates, rejected } = await engine()
      .lookupKey({ address, signal })
      .catch((error: unknown) => {
        if (DID_NOT_WORK.includes(String((error as { code?: unknown }).code))) again = address;
        throw error;
      });
    if (rejected.some(({ code }) => code === "unsupported")) unread = address;
    if (origin === undefined || certificates.length === 0) throw { code: rejected.length === 0 ? "nothing-found" : "nothing-usable-found" };
    found = { origin, host, reading: await readInputs(certificates.map(({ binary }) => binary), signal) };
  });
}
