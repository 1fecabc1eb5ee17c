// How the parts of a mail are shown: which belong together, which stand for each other, which are files. Parts of different encryption or
// signature never come together: that would let the writer of one read the other (EFAIL), or lend one the signature of the other.
import type { MailPart, ReadMail, Signature } from "envelock";

/** Something that is shown in place. */
export type Block =
  /** Text; `formatted` says the same as HTML, if its writer sent both. */
  | { kind: "text"; part: MailPart; formatted: MailPart[] }
  | { kind: "html"; part: MailPart }
  /** There is nothing to show, and why. */
  | { kind: "problem"; part: MailPart };

/** Parts of one encryption or signature. */
export interface Section {
  layer: number;
  blocks: Block[];
  /** To be saved, never opened here. */
  files: MailPart[];
}

/** The sections, in the order of the mail. */
export function arrange(parts: readonly MailPart[]): Section[] {
  const sections: Section[] = [];
  for (const part of parts) {
    let section = sections.at(-1);
    if (section?.layer !== part.layer) sections.push((section = { layer: part.layer, blocks: [], files: [] }));
    const before = section.blocks.findLast((block) => block.kind === "text" && standsFor(part, block.part));
    if (part.problem !== undefined) section.blocks.push({ kind: "problem", part });
    else if (part.attachment || part.text === undefined) section.files.push(part);
    else if (before?.kind === "text") before.formatted.push(part);
    else if (part.text.trim() !== "") section.blocks.push(part.type === "text/html" ? { kind: "html", part } : { kind: "text", part, formatted: [] });
  }
  return sections;
}

/** Whether HTML says the same as a text: both stand in one `multipart/alternative` (RFC 2046 §5.1.4), the HTML perhaps with its images around it. */
function standsFor(html: MailPart, text: MailPart): boolean {
  if (html.type !== "text/html" || text.group?.type !== "alternative") return false;
  const parent = text.path.replace(/\.?\d+$/, "");
  return parent === "" || html.path.startsWith(`${parent}.`);
}

/** Whether a section is protected as the whole mail is, so that the mail's own badge speaks for it. */
export function isAsWhole({ layer }: Section, mail: Pick<ReadMail, "protection" | "signatures" | "parts">): boolean {
  const part = mail.parts.find((one) => one.layer === layer);
  return part !== undefined && part.protection === mail.protection && same(part.signatures, mail.signatures);
}

function same(some: readonly Signature[], others: readonly Signature[]): boolean {
  const key = ({ status, signer, keyFingerprint, created }: Signature): string => [status, signer, keyFingerprint, created?.getTime()].join();
  return some.length === others.length && some.every((one, index) => key(one) === key(others[index] as Signature));
}
