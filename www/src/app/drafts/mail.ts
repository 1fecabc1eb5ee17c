// A draft as a mail, which every mail program can read; what only Envelock knows of it stands in one header field. The mail is padded
// to a Padmé length, so that its ciphertext tells little about how much was written, whatever format the key asks for.
// A password is never part of it. Not here: what is in it (`content.ts`), encryption (`encryption.ts`), when drafts are kept (`keeping.ts`).
import { padme, type Draft } from "../compose/draft.ts";
import { engine } from "../engine.ts";
import { app } from "../state.ts";
import { draftOf, escaped, FIELD, type Facts, type Kept, type WrittenDraft } from "./content.ts";

const PADDING = "Envelock-Padding: ";
/** Of a header section; `crates/mime` reads 256 KiB and no more, and a draft that cannot be read is lost. */
const MOST_HEADER = 250_000;
const LINE = 69;

/** The mail. Rejects with `draft-header-too-large` if all that stands in its header could not be read again. */
export async function writeMail(draft: Draft, facts: Facts): Promise<string> {
  const { address, name } = app.session ?? { address: "", name: "" };
  const { recipients, cc, bcc, way, linkByHand, hint, passwordKind, expiresInSeconds, maxOpenings, linkSecret, signWith, allowReply, thread, files } = draft;
  const { mail } = await engine().composeMail({
    from: isWritable(address) ? { name, address } : { address: "unknown@invalid" },
    to: recipients.filter(isWritable).map((address) => ({ address })),
    cc: cc.filter(isWritable).map((address) => ({ address })),
    subject: draft.subject,
    text: escaped(draft.text),
    attachments: files.map((file) => ({ name: nameInMail(file.name), type: file.type || "application/octet-stream", data: file })),
  });
  const kept: Kept = { ...facts, recipients, cc, bcc, way, linkByHand, hint, passwordKind, expiresInSeconds, maxOpenings, linkSecret, signWith, allowReply, thread, files: files.map(({ name, type }) => ({ name, type })) };
  const whole = `${FIELD}: ${folded(encodeURIComponent(JSON.stringify(kept)))}\r\n${mail}`;
  const header = whole.indexOf("\r\n\r\n");
  if (header > MOST_HEADER) throw Object.assign(new Error("the header is too large"), { code: "draft-header-too-large" });
  return padded(whole, files.length > 0 ? undefined : MOST_HEADER - header);
}

/** Reads what `writeMail` wrote. Rejects with `not-a-draft` for every other mail. */
export async function readMail(mail: Uint8Array): Promise<WrittenDraft> {
  return draftOf(await engine().readMail({ mail }), app.server.limits.defaultExpirySeconds);
}

/** An attachment that is encrypted would be opened as one, by its name. */
const nameInMail = (name: string): string => (/\.(?:pgp|gpg|asc)$/i.test(name) ? `${name}.bin` : name);

/** Whether an address can stand in a header field; all of them are kept beside. */
const isWritable = (address: string): boolean => /^[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+$/.test(address);

/** In lines of a header field (RFC 5322 §2.2.3). */
const folded = (value: string): string => (value.match(new RegExp(`.{1,${LINE}}`, "g")) ?? []).join("\r\n ");

/** Behind the last part of several (RFC 2046 §5.1.1: nobody shows that), else in a header field, which has room for so much. */
function padded(mail: string, most?: number): string {
  const { length } = mail;
  const room = padme(length + PADDING.length + 2) - length;
  if (most === undefined) return mail + filler(room);
  return `${PADDING}${filler(Math.max(0, Math.min(room, most) - PADDING.length - 2))}\r\n${mail}`;
}

/** So many octets that mean nothing, in lines that may stand in a header field. */
function filler(octets: number): string {
  const line = `${".".repeat(LINE)}\r\n `;
  const cut = line.repeat(Math.ceil(octets / line.length)).slice(0, octets);
  return cut.replace(/\r(?:\n ?)?$/, (end) => ".".repeat(end.length));
}
