// Who certified a user ID, by name where the issuer is here.
import type { UserIdCertification } from "envelock";
import { html, nothing, type TemplateResult } from "lit-html";
import { grouped } from "../../language/formats.ts";
import { app } from "../state.ts";
import { vault } from "../vault.ts";
import { personOf } from "./standing.ts";

/** The list under one user ID; nothing when nobody else certified it. */
export function certificationList(certifications: readonly UserIdCertification[]): TemplateResult | typeof nothing {
  const { words } = app;
  if (certifications.length === 0) return nothing;
  return html`<details>
    <summary>${words.certificationCount(certifications.length)}</summary>
    <ul class="lines">
      ${certifications.map(
        (one) => html`<li>
          <span dir="auto">${issuerOf(one.issuer)}</span>: ${words.certificationStates[one.status]}${one.created === undefined ? nothing : html`, ${words.formats.day(one.created)}`}
          ${one.expires === undefined ? nothing : html`, ${words.expiresOn(words.formats.day(one.expires))}`} ${one.exportable ? nothing : html`(${words.onlyHere})`}
        </li>`,
      )}
    </ul>
  </details>`;
}

function issuerOf(issuer: string | undefined): string {
  if (issuer === undefined) return app.words.unknownIssuer;
  const known = vault.keys.find((key) => key.fingerprint === issuer || key.keyId === issuer);
  return known === undefined ? grouped(issuer) : personOf(known);
}
