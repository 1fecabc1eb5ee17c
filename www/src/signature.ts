// What a message's badge may say of its signatures. A key that came with the message proves only that message and key belong
// together, so it is never trusted more than "careful", whatever name it bears.
// Not here: words, and whose certificate is kept (`app/vault.ts`).
import type { AddressTrust, Key, Signature, Trust } from "envelock";
import { addressOf } from "envelock/worker";

/** How sure a page may be of a signature. */
export type Confidence = "good" | "careful" | "bad";

const ORDER: readonly Signature["status"][] = ["invalid", "revoked-key", "expired-key", "expired", "weak", "unknown-signer", "valid"];

/** With several signatures the page speaks of the one that deserves most care; none: undefined. One that cannot be read beside others says nothing. */
export function mostDoubtful(signatures: readonly Signature[]): Signature | undefined {
  const readable = signatures.filter(({ reason }) => reason !== "unsupported-signature");
  const rank = (one: Signature): number => ORDER.indexOf(one.status) * 2 + Number(one.certificate === "known");
  return [...(readable.length === 0 ? signatures : readable)].sort((a, b) => rank(a) - rank(b))[0];
}

/** "good" takes a valid signature by a certificate the reader had before. */
export function confidenceIn(signature: Signature): Confidence {
  if (signature.status === "invalid") return "bad";
  return signature.status === "valid" && signature.certificate === "known" ? "good" : "careful";
}

/**
 * Whom a badge names for a key that is kept, and how sure it may be: a name whose address the key had when it was compared, if there
 * is one; a name that was added afterwards is not vouched for by the comparison. `claimed` is what the signature says.
 */
export function signerOf(key: Key, trust: readonly AddressTrust[], claimed: string | undefined): { userId: string; trust: Trust } {
  const trustIn = (userId: string): Trust => (key.kind === "secret-key" ? "verified" : (trust.find(({ address }) => address === addressOf(userId))?.trust ?? "known"));
  const first = claimed ?? key.primaryUserId ?? key.userIds[0] ?? key.keyId;
  const compared = [first, ...key.userIds].find((userId) => trustIn(userId) === "verified");
  return compared === undefined ? { userId: first, trust: trustIn(first) } : { userId: compared, trust: "verified" };
}
