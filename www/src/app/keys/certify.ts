// Signing a contact's user IDs with my key: after the fingerprint has been compared, for myself or for everybody.
import type { Certificate, SecretKey } from "envelock";
import { html, nothing, type TemplateResult } from "lit-html";
import { shownUserId } from "../../user-id.ts";
import { engine } from "../engine.ts";
import { app } from "../state.ts";
import { keepKey, secretKeys } from "../vault.ts";
import { attend, editing, editView } from "./editing.ts";
import { expiryField } from "./expiry.ts";
import { chosenExpiry } from "./key-end.ts";
import { withUnlocked } from "./passphrase.ts";
import { choiceOf, personOf } from "./standing.ts";

const PLACE = "certify";

/** The section of a contact; nothing without a key to sign with. */
export function certifySection(certificate: Certificate): TemplateResult | typeof nothing {
  const { words } = app;
  const signers = secretKeys().filter((key) => key.status === "valid");
  const { userIds } = certificate;
  if (signers.length === 0 || userIds.length === 0 || certificate.status !== "valid") return nothing;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const fields = new FormData(event.target as HTMLFormElement);
    const signer = signers.find((key) => key.fingerprint === fields.get("signer"));
    const expires = chosenExpiry(String(fields.get("expires")), String(fields.get("day")));
    if (signer !== undefined && expires !== undefined) void certify(certificate, signer, fields.getAll("user-id").map(String), expires, fields.get("public") !== null);
  };
  return html`<section aria-labelledby="certify-title">
    <h2 id="certify-title">${words.certifyTitle}</h2>
    <p class="note">${words.certifyNote}</p>
    <details>
      <summary>${words.certifyThis(personOf(certificate))}</summary>
      <form @submit=${submit}>
        <fieldset>
          <legend>${words.certifyNames}</legend>
          ${userIds.map(
            (userId, index) => html`<p class="choice"><input type="checkbox" id="certify-${index}" name="user-id" value=${userId} checked /><label for="certify-${index}" dir="auto">${shownUserId(userId)}</label></p>`,
          )}
        </fieldset>
        <div class="field">
          <label for="certify-with">${words.certifyWith}</label>
          <select id="certify-with" name="signer">${signers.map((key) => html`<option value=${key.fingerprint}>${choiceOf(key)}</option>`)}</select>
        </div>
        ${expiryField("certify-expires", words.expires, 5)}
        <p class="choice">
          <input type="checkbox" id="certify-public" name="public" aria-describedby="certify-public-note" /><label for="certify-public"
            >${words.certifyPublic}<span class="row-more" id="certify-public-note">${words.certifyPublicNote}</span></label
          >
        </p>
        <p class="actions"><button type="submit" ?disabled=${editing()}>${words.certifyNow}</button></p>
      </form>
    </details>
    ${editView(PLACE)}
  </section>`;
}

async function certify(certificate: Certificate, signer: SecretKey, userIds: string[], expires: Date | null, exportable: boolean): Promise<void> {
  const { words } = app;
  if (userIds.length === 0) return;
  await attend(PLACE, { doing: words.certifying, done: words.certified(personOf(certificate)) }, async (signal) => {
    const certified = await withUnlocked(signer, (unlocked) =>
      engine().certifyKey({ certificate, userIds, signer: unlocked, exportable, ...(expires === null ? {} : { expires }), signal }),
    );
    await keepKey(certified);
  });
}
