// Who certified a user ID, by name where the issuer is here. A certification of mine can be taken back.
import type { Key, SecretKey, UserIdCertification } from "envelock";
import { html, nothing, type TemplateResult } from "lit-html";
import { grouped } from "../../language/formats.ts";
import { ask } from "../ask.ts";
import { engine } from "../engine.ts";
import { app } from "../state.ts";
import { keepKey, secretKeys, vault } from "../vault.ts";
import { attend, editing } from "./editing.ts";
import { withUnlocked } from "./passphrase.ts";
import { personOf } from "./standing.ts";

/** The list under one user ID of `key`; nothing when nobody else certified it. `place` shows how far a change is. */
export function certificationList(key: Key, userId: string, certifications: readonly UserIdCertification[], place: string): TemplateResult | typeof nothing {
  const { words } = app;
  if (certifications.length === 0) return nothing;
  // One that was taken back, has expired or cannot be checked vouches for nothing.
  const counting = certifications.filter(({ status }) => status === "valid").length;
  const others = certifications.length - counting;
  return html`<details>
    <summary>${words.certificationCount(counting)}${others === 0 ? nothing : html` · ${words.otherCertifications(others)}`}</summary>
    <ul class="lines">
      ${certifications.map((one) => html`<li><span dir="auto">${issuerOf(one.issuer)}</span>: ${factsOf(one)} ${takeBackButton(key, userId, one, place)}</li>`)}
    </ul>
  </details>`;
}

function factsOf({ status, created, expires, exportable }: UserIdCertification): string {
  const { words } = app;
  const facts = [words.certificationStates[status]];
  if (created !== undefined) facts.push(words.formats.day(created));
  if (expires !== undefined) facts.push(words.expiresOn(words.formats.day(expires)));
  return `${facts.join(", ")}${exportable ? "" : ` (${words.onlyHere})`}`;
}

function takeBackButton(key: Key, userId: string, { issuer, status }: UserIdCertification, place: string): TemplateResult | typeof nothing {
  const signer = status === "valid" ? secretKeys().find(({ fingerprint }) => fingerprint === issuer) : undefined;
  if (signer === undefined || signer.fingerprint === key.fingerprint) return nothing;
  const { words } = app;
  return html`<button type="button" class="danger" aria-label=${words.takeBackLabel(userId)} ?disabled=${editing()} @click=${() => void takeBack(key, userId, signer, place)}>
    ${words.takeBack}
  </button>`;
}

async function takeBack(key: Key, userId: string, signer: SecretKey, place: string): Promise<void> {
  const { words } = app;
  const sure = await ask({
    title: words.takeBackTitle(userId),
    text: words.takeBackText,
    action: words.takeBack,
    typed: { word: words.revokeWord, label: words.typeRevoke },
  });
  if (!sure) return;
  await attend(place, { doing: words.takingBack, done: words.takenBack(userId) }, async (signal) => {
    await keepKey(await withUnlocked(signer, (unlocked) => engine().revokeCertification({ certificate: key, userIds: [userId], signer: unlocked, signal })));
  });
}

function issuerOf(issuer: string | undefined): string {
  if (issuer === undefined) return app.words.unknownIssuer;
  const known = vault.keys.find((key) => key.fingerprint === issuer || key.keyId === issuer);
  return known === undefined ? grouped(issuer) : personOf(known);
}
