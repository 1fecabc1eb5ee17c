// Checks the signature of an open message with the full module (loaded now, not before) and says in words who signed it.
import type { Contact } from "envelock";
import { addressOf, createWorker, type EnvelockWorker } from "envelock/worker";
import postQuantumUrl from "envelock/pqc-worker-script?worker&url";
import scriptUrl from "envelock/worker-script?worker&url";
import { grouped } from "../language/formats.ts";
import { mostDoubtful, signerOf } from "../signature.ts";
import { workerScript } from "../trusted.ts";
import type { LaterWords } from "./en-later.ts";
import type { Words } from "./en.ts";
import type { OpenEnvelope } from "./main.ts";
import { showBadge } from "./message.ts";

let worker: EnvelockWorker | undefined;
/** Whether the sender's key is of a kind that only the larger module reads. */
let postQuantum = false;
const looked = new WeakMap<OpenEnvelope, Promise<void>>();

/** The full module in its worker; one for the life of the page. */
export function fullModule(): EnvelockWorker {
  worker ??= createWorker({ url: workerScript(postQuantum ? postQuantumUrl : scriptUrl) });
  return worker;
}

/** The module that reads the certificate the sender enclosed, if any does. */
export async function moduleFor(envelope: OpenEnvelope): Promise<EnvelockWorker> {
  if (!looked.has(envelope)) looked.set(envelope, chooseModule(envelope));
  await looked.get(envelope);
  return fullModule();
}

async function chooseModule({ message: { senderCertificate } }: OpenEnvelope): Promise<void> {
  if (senderCertificate === undefined || postQuantum) return;
  const keys = await fullModule().readKeys(senderCertificate);
  if (keys.some(({ kind }) => kind !== "unsupported")) return;
  endFullModule();
  postQuantum = true;
}

/** Ends that worker and with it everything it was given. */
export function endFullModule(): void {
  worker?.terminate();
  worker = undefined;
}

/**
 * Fills the badge. Never rejects: what cannot be checked is said so.
 *
 * Unless its reader unlocks a keystore, this page knows no keys: every certificate came with the message, so even a valid
 * signature is shown with care. Names come from the key that signed, never from what the server claims.
 */
export async function verify(words: Words, later: LaterWords, envelope: OpenEnvelope, badge: HTMLElement, contacts: readonly Contact[] = []): Promise<void> {
  const say = { ...words.signature, ...later.signature };
  try {
    const { signatures, senderCertificate } = await (await moduleFor(envelope)).verifyEnvelope({
      signedMessage: envelope.message.signedMessage,
      verifyWith: contacts.map(({ key }) => key),
    });
    const verdict = mostDoubtful(signatures);
    if (verdict === undefined) return showBadge(badge, words, "careful", say.unsigned, [say.unsignedNote]);
    const fingerprint = verdict.signer === undefined ? undefined : grouped(verdict.signer);
    switch (verdict.status) {
      case "valid": {
        const { address } = envelope.head.sender;
        const who = verdict.signerUserId;
        const contact = contacts.find(({ key }) => key.fingerprint === verdict.signer);
        if (contact !== undefined) {
          const { userId, trust } = signerOf(contact.key, contact.trust, who);
          if (trust === "verified") return showBadge(badge, words, "good", say.compared(userId), [say.comparedNote], fingerprint);
          if (trust === "changed") return showBadge(badge, words, "careful", say.changed(userId), [say.changedNote], fingerprint);
          return showBadge(badge, words, "careful", say.known(userId), [say.knownNote], fingerprint);
        }
        const names = senderCertificate?.fingerprint === verdict.signer ? (senderCertificate?.userIds ?? []) : [];
        const claimed = names.some((userId) => addressOf(userId) === addressOf(address));
        const title = who === undefined ? say.nameless : say.valid(who);
        return showBadge(badge, words, "careful", title, claimed ? [say.validNote] : [say.otherAddress(address), say.validNote], fingerprint);
      }
      case "unknown-signer":
        return showBadge(badge, words, "careful", say.unknown, [say.unknownNote], fingerprint);
      case "expired-key":
      case "revoked-key":
      case "expired":
        return showBadge(badge, words, "careful", say.old, [say.oldNote], fingerprint);
      case "weak":
        return showBadge(badge, words, "careful", say.weak, [say.weakNote], fingerprint);
      case "invalid":
        return showBadge(badge, words, "bad", say.invalid, [say.invalidNote], fingerprint);
    }
  } catch {
    showBadge(badge, words, "careful", say.unchecked, [say.uncheckedNote]);
  }
}
