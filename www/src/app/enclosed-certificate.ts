// A certificate that came with a message: whose it says it is, what it would take the place of, and the offer to keep it. Anybody can send
// one, so it is kept unverified.
import type { Certificate, Key } from "envelock";
import { addressOf } from "envelock/worker";
import { html, type TemplateResult } from "lit-html";
import { grouped } from "../language/formats.ts";
import { shownUserId } from "../user-id.ts";
import { announce } from "./announce.ts";
import { besideEachOther } from "./keys/comparison.ts";
import { problemText } from "./problem.ts";
import { app } from "./state.ts";
import { contactOf } from "./vault-contacts.ts";
import { keepKey, vault } from "./vault.ts";

/** The offer; `onKept` runs when it was taken. */
export function enclosedCertificate(certificate: Certificate, onKept: () => void = () => undefined): TemplateResult {
  const { words } = app;
  const keep = async (): Promise<void> => {
    try {
      await keepKey(certificate, { origin: "message" });
      announce(words.imported(1));
      onKept();
    } catch (error) {
      announce(problemText(error));
    }
  };
  return html`<section class="boxed">
    <h2>${words.enclosedTitle}</h2>
    <p dir="auto">${certificate.userIds.map(shownUserId).join(", ")}</p>
    <p><code class="fingerprint">${grouped(certificate.fingerprint)}</code></p>
    ${changedAddresses(certificate).map(
      ({ address, key }) => html`<div class="warning"><p>${words.enclosedChanged(address)}</p>${besideEachOther({ label: words.keyYouHave, fingerprint: key.fingerprint }, { label: words.newKeyHere, fingerprint: certificate.fingerprint })}<p>${words.otherKeyAdvice}</p></div>`,
    )}
    <p class="note">${words.enclosedNote}</p>
    <p class="actions"><button type="button" @click=${() => void keep()}>${words.importEnclosed}</button></p>
  </section>`;
}

/** Addresses of an enclosed certificate for which I have another key. */
function changedAddresses(certificate: Certificate): { address: string; key: Key }[] {
  const addresses = [...new Set(certificate.userIds.map(addressOf))].filter((address) => address !== undefined);
  const have = (key: Key, address: string): boolean => contactOf(key.fingerprint)?.addresses.some((known) => known.address === address) === true;
  return addresses.flatMap((address) => vault.keys.filter((key) => have(key, address)).map((key) => ({ address, key })));
}
