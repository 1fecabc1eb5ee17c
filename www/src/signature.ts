// What a message's badge may say of its signatures. A key that came with the message proves only that message and key belong
// together, so it is never trusted more than "careful", whatever name it bears.
// Not here: words, and whose certificate is kept (`app/vault.ts`).
import type { Signature } from "envelock";

/** How sure a page may be of a signature. */
export type Confidence = "good" | "careful" | "bad";

const ORDER: readonly Signature["status"][] = ["invalid", "revoked-key", "expired-key", "expired", "weak", "unknown-signer", "valid"];

/** With several signatures the page speaks of the one that deserves most care; none: undefined. */
export function mostDoubtful(signatures: readonly Signature[]): Signature | undefined {
  const rank = (one: Signature): number => ORDER.indexOf(one.status) * 2 + Number(one.certificate === "known");
  return [...signatures].sort((a, b) => rank(a) - rank(b))[0];
}

/** "good" takes a valid signature by a certificate the reader had before. */
export function confidenceIn(signature: Signature): Confidence {
  if (signature.status === "invalid") return "bad";
  return signature.status === "valid" && signature.certificate === "known" ? "good" : "careful";
}
