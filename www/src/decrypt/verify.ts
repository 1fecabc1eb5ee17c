// Checks the signature of an open message with the full module (loaded now, not before) and says in words who signed it.
import { createWorker, type EnvelockWorker } from "envelock/worker";
import type { Signature } from "envelock";
import scriptUrl from "envelock/worker-script?worker&url";
import { grouped } from "../language/formats.ts";
import { workerScript } from "../trusted.ts";
import type { LaterWords } from "./en-later.ts";
import type { Words } from "./en.ts";
import type { OpenEnvelope } from "./main.ts";
import { showBadge } from "./message.ts";

let worker: EnvelockWorker | undefined;

/** The full module in its worker; one for the life of the page. */
export function fullModule(): EnvelockWorker {
  worker ??= createWorker({ url: workerScript(scriptUrl) });
  return worker;
}

/** Fills the badge. Never rejects: what cannot be checked is said so. */
export async function verify(words: Words, later: LaterWords, envelope: OpenEnvelope, badge: HTMLElement): Promise<void> {
  const say = { ...words.signature, ...later.signature };
  try {
    const { signatures, senderCertificate } = await fullModule().verifyEnvelope({ signedMessage: envelope.message.signedMessage.slice() });
    const verdict = worst(signatures);
    if (verdict === undefined) return showBadge(badge, words, "careful", say.unsigned, [say.unsignedNote]);
    const fingerprint = verdict.signer === undefined ? undefined : grouped(verdict.signer);
    switch (verdict.status) {
      case "valid": {
        const who = verdict.signerUserId ?? senderCertificate?.primaryUserId ?? envelope.head.sender.name;
        const { address } = envelope.head.sender;
        const names = [...(senderCertificate?.userIds ?? []), who].join("\n").toLowerCase();
        if (!names.includes(address.toLowerCase())) return showBadge(badge, words, "careful", say.valid(who), [say.otherAddress(address), say.validNote], fingerprint);
        return showBadge(badge, words, "good", say.valid(who), [say.validNote], fingerprint);
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

/** With several signatures the page speaks of the one that deserves most care. */
function worst(signatures: readonly Signature[]): Signature | undefined {
  const order: Signature["status"][] = ["invalid", "revoked-key", "expired-key", "expired", "weak", "unknown-signer", "valid"];
  return [...signatures].sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status))[0];
}
