// Who signed: never merged with where a message came from, never by colour alone. Only a certificate whose fingerprint was compared names
// its owner without reservation; one that came with the message merely says so.
import type { Signature } from "envelock";
import { html, nothing, type TemplateResult } from "lit-html";
import { grouped } from "../language/formats.ts";
import { confidenceIn, mostDoubtful, signerOf } from "../signature.ts";
import { app } from "./state.ts";
import { vault } from "./vault.ts";

/** The badge for these signatures; `unsigned` stands below where there are none, `more` below in any case. */
export function signatureBadge(signatures: readonly Signature[], unsigned: unknown, more: unknown = nothing): TemplateResult {
  const { words } = app;
  const verdict = mostDoubtful(signatures);
  if (verdict === undefined) {
    return html`<section class="badge plain" data-testid="signature"><p class="badge-title"><span aria-hidden="true">–</span> ${words.verdicts.unsigned}</p>${unsigned} ${more}</section>`;
  }
  const kept = vault.keys.find(({ fingerprint }) => fingerprint === verdict.signer);
  const signer = kept === undefined ? undefined : signerOf(kept, vault.trust.get(kept.fingerprint) ?? [], verdict.signerUserId);
  const sure = verdict.status === "valid" && signer?.trust === "verified" && verdict.from !== "mismatch";
  const confidence = verdict.status === "valid" && !sure ? "careful" : confidenceIn(verdict);
  const title = verdict.status !== "valid" ? words.verdicts[verdict.status] : validTitle(verdict, signer);
  return html`<section class="badge ${confidence}" data-testid="signature">
    <p class="badge-title"><span aria-hidden="true">${MARKS[confidence]}</span> ${title}</p>
    ${verdict.signer === undefined ? nothing : html`<p class="note">${words.fingerprint}: <code>${grouped(verdict.signer)}</code></p>`} ${more}
  </section>`;
}

function validTitle(verdict: Signature, signer: ReturnType<typeof signerOf> | undefined): string {
  const { verdicts } = app.words;
  if (verdict.from === "mismatch") return verdicts.validOther(signer?.userId ?? verdict.signerUserId ?? grouped(verdict.signer ?? ""));
  if (signer === undefined) return verdicts.validEnclosed(verdict.signerUserId ?? grouped(verdict.signer ?? ""));
  return { verified: verdicts.valid, known: verdicts.validKnown, changed: verdicts.validChanged }[signer.trust](signer.userId);
}

const MARKS = { good: "✓", careful: "!", bad: "✕" };
