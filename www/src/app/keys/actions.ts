// What can be done with one key at once: give it away, keep a copy, remove it.
import type { Key, KeyMetadata, SecretKey } from "envelock";
import { html, nothing, type TemplateResult } from "lit-html";
import { saveFile } from "../../save-file.ts";
import { announce } from "../announce.ts";
import { ask } from "../ask.ts";
import { attempt } from "../attempt.ts";
import { copyText } from "../copy-text.ts";
import { engine } from "../engine.ts";
import { go } from "../route.ts";
import { app, update } from "../state.ts";
import { opensWithAccount } from "../vault-account.ts";
import { exportKey } from "../vault-care.ts";
import { contactOf } from "../vault-contacts.ts";
import { forgetKey, opened, readAfterChange, revocationOf } from "../vault.ts";
import { Work } from "../work.ts";
import { sureOfOwner } from "./owner.ts";
import { personOf } from "./standing.ts";

const work = new Work();
let revocation: { fingerprint: string; armored: string | undefined } | undefined;

/** The buttons, with what they say about themselves. */
export function keyActions(key: Key): TemplateResult {
  const { words } = app;
  return html`<p class="actions">
      <button type="button" @click=${() => void publish(key, (armored) => saved(`public-key-${shortId(key)}.asc`, armored))}>${words.exportPublic}</button>
      <button type="button" @click=${() => void publish(key, (armored) => copyText(armored, words.publicKeyCopied))}>${words.copyPublic}</button>
      ${key.kind === "secret-key" ? ownActions(key) : nothing}
      <button type="button" class="danger" @click=${() => void remove(key)}>${words.remove}</button>
    </p>
    ${key.kind === "secret-key" ? html`<p class="note">${opensWithAccount() ? words.exportSecretCodeNote : words.exportSecretNote}</p>` : nothing} ${work.view(false)}`;
}

function ownActions(key: SecretKey): TemplateResult {
  const { words } = app;
  if (revocation?.fingerprint !== key.fingerprint) lookForRevocation(key.fingerprint);
  const armored = revocation?.armored;
  return html`<button type="button" @click=${() => void exportSecret(key)}>${words.exportSecret}</button>
    ${armored === undefined ? nothing : html`<button type="button" @click=${() => saved(`revocation-${shortId(key)}.asc`, armored)}>${words.saveRevocation}</button>`}`;
}

/** Another key is looked at: what went wrong with the last one is no longer said. */
export function leaveActions(): void {
  if (!work.busy) work.problem = "";
}

/** Short enough for a file name; never to compare by. */
export function shortId(key: Key): string {
  return key.fingerprint.slice(-16);
}

/** Hands out what others need of a key: never the certifications that are for oneself. */
async function publish(key: Key, give: (armored: string) => Promise<void> | void): Promise<void> {
  await work.run(app.words.preparing, async () => {
    await give((await engine().minimizeKey({ key })).armored);
  });
}

/** Through the keystore, which notes it in the log. */
async function exportSecret(key: SecretKey): Promise<void> {
  await work.run(app.words.preparing, async (signal) => {
    await sureOfOwner(signal);
    saved(`secret-key-${shortId(key)}.asc`, await exportKey(key.fingerprint, signal));
  });
}

function saved(name: string, armored: string): void {
  saveFile(name, armored);
  announce(app.words.saved(name));
}

function lookForRevocation(fingerprint: string): void {
  revocation = { fingerprint, armored: undefined };
  void revocationOf(fingerprint)
    .catch(() => undefined)
    .then((armored) => {
      if (revocation?.fingerprint !== fingerprint) return;
      revocation = { fingerprint, armored };
      update();
    });
}

async function remove(key: Key): Promise<void> {
  const { words } = app;
  if (key.kind === "secret-key") {
    const sure = await ask({
      title: words.removeSecretTitle(personOf(key)),
      text: words.removeSecretText,
      action: words.removeIt,
      typed: { word: words.removeWord, label: words.typeRemove },
    });
    if (!sure) return;
  }
  await work.run(words.removing, async () => {
    const known = contactOf(key.fingerprint);
    await forgetKey(key.fingerprint);
    go("#/keys");
    announce(words.removed(personOf(key)), key.kind === "secret-key" ? undefined : () => void attempt(() => giveBack(key, known)));
  });
}

/** Puts a removed contact back with what was known about it: never more than that. */
async function giveBack(key: Key, known: KeyMetadata | undefined): Promise<void> {
  if (known !== undefined) {
    const { labels, origin, verified, addresses } = known;
    const compared = verified !== undefined && addresses.every(({ address }) => verified.addresses.includes(address));
    // One date stands for all addresses: the latest, so that none seems known for longer than it is.
    const date = new Date(Math.max(known.firstSeen.getTime(), ...addresses.map(({ firstSeen }) => firstSeen.getTime())));
    await opened().add(key, { labels, origin, date, ...(compared ? { verified: { at: verified.at, how: verified.how } } : {}) });
  } else await opened().add(key);
  await readAfterChange();
}
