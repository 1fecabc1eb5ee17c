/**
 * The calls about mails over a backend.
 */
import type { Certificate, SecretKey, Signature } from "./api.js";
import { at, binaries, list, notations, readAttachments, runOn, secret, secrets, unlockable, unlockables, untilText } from "./arguments.js";
import { decoded, readData, text } from "./data.js";
import { type RawKey, type RawSignature, readKey, readSignatures } from "./keys.js";
import type {
  AutocryptFound, AutocryptInput, AutocryptPeer, MailCalls, Mailbox, MailPart, OpenedAutocryptSetupMessage, ReadMail,
} from "./mails.js";
import type { Backend } from "./module.js";
import { checkOptions } from "./options.js";

type RawPeer = Omit<AutocryptPeer, "certificate"> & { certificate: RawKey };
type RawFound = Omit<AutocryptFound, "peer"> & { peer?: RawPeer };
type RawPart = Omit<MailPart, "signatures">;
type RawMail = Omit<ReadMail, "subject" | "signatures" | "parts" | "autocrypt" | "gossip"> & {
  signatures: RawSignature[]; layers: RawSignature[][]; parts: RawPart[]; autocrypt: RawFound; gossip: RawPeer[];
};

/** The calls of `mails.ts`. */
export function mailCalls(backend: Backend): MailCalls {
  const run = runOn(backend);

  return {
    async composeMail(options) {
      checkOptions("composeMail", options);
      const { subject, html, messageId, inReplyTo, format = "auto", hideSubject = true, hideRecipients = false } = options;
      const { attachments, inputs } = await readAttachments(options.attachments, options.signal);
      const draft = {
        from: mailbox(options.from), to: list(options.to).map(mailbox), cc: list(options.cc).map(mailbox),
        replyTo: list(options.replyTo).map(mailbox), subject, text: options.text, html, attachments, messageId, inReplyTo,
        references: options.references === undefined ? undefined : list(options.references).join(" "),
      };
      const [control, end] = untilText(options);
      const composed = (await run("composeMail", {
        draft, signers: unlockables(options.signers, backend), recipients: binaries(options.recipients),
        passwords: secrets(options.passwords), format, hideSubject, hideRecipients, notations: notations(options.notations),
        autocrypt: options.autocrypt && autocrypt(options.autocrypt), gossip: list(options.gossip).map(autocrypt), at: at(options),
      }, control, inputs)) as { mail: Uint8Array; messageId: string };
      const mail = await decoded(composed.mail, options.signal);
      end();
      return { mail, messageId: composed.messageId };
    },

    async readMail(options) {
      checkOptions("readMail", options);
      const mail = await readData(options.mail, options.signal);
      const read = (await run("readMail", {
        mail: mail.bytes, keys: unlockables(options.keys, backend), passwords: secrets(options.passwords),
        verifyWith: binaries(options.verifyWith), knownNotations: list(options.knownNotations), at: at(options),
      }, options, [mail])) as RawMail;
      const { fields, from, protection, mismatches } = read;
      const layers = read.layers.map(readSignatures);
      return {
        fields, protection, mismatches, ...(from && { from }),
        subject: fields.find(({ name }) => name.toLowerCase() === "subject")?.value ?? "",
        signatures: readSignatures(read.signatures),
        parts: read.parts.map((raw) => part(raw, layers[raw.layer] ?? [])),
        autocrypt: found(read.autocrypt),
        gossip: read.gossip.map(peer),
      };
    },

    async autocryptHeader(options) {
      checkOptions("autocryptHeader", options);
      return (await run("autocryptHeader", { autocrypt: autocrypt(options), at: at(options) }, options)) as string;
    },

    async readAutocryptHeader(options) {
      checkOptions("readAutocryptHeader", options);
      const mail = await readData(options.mail, options.signal);
      return found((await run("readAutocryptHeader", { mail: mail.bytes, at: at(options) }, options, [mail])) as RawFound);
    },

    async autocryptSetupMessage(options) {
      checkOptions("autocryptSetupMessage", options);
      const { address, preferEncrypt = false } = options;
      const args = { key: unlockable(options.key, backend), address, preferEncrypt, at: at(options) };
      const made = (await run("autocryptSetupMessage", args, options)) as { mail: Uint8Array; code: string };
      return { mail: text(made.mail), code: made.code };
    },

    async readAutocryptSetupMessage(options): Promise<OpenedAutocryptSetupMessage> {
      checkOptions("readAutocryptSetupMessage", options);
      const mail = await readData(options.mail, options.signal);
      const args = { mail: mail.bytes, password: secret(options.code), newPassphrase: secret(options.newPassphrase), at: at(options) };
      const { key, ...opened } = (await run("readAutocryptSetupMessage", args, options, [mail])) as
        Omit<OpenedAutocryptSetupMessage, "key"> & { key?: RawKey };
      return { ...opened, ...(key && { key: readKey(key) as SecretKey }) };
    },
  };
}

const mailbox = ({ name = "", address }: Mailbox) => ({ name, address });
const autocrypt = ({ key, address, preferEncrypt = false }: AutocryptInput) => ({ key: binaries(key)[0], address, preferEncrypt });
const peer = (raw: RawPeer): AutocryptPeer => ({ ...raw, certificate: readKey(raw.certificate) as Certificate });
const found = ({ peer: raw, ...rest }: RawFound): AutocryptFound => ({ ...rest, ...(raw && { peer: peer(raw) }) });

/** A part with real dates; the platform knows more charsets than the module. */
function part(raw: RawPart, signatures: Signature[]): MailPart {
  const read: MailPart = { ...raw, signatures };
  if (read.text === undefined && read.charset !== undefined && read.type.startsWith("text/") && !read.attachment && !read.problem) {
    try {
      read.text = new TextDecoder(read.charset).decode(read.data);
    } catch {
      // A charset that this platform does not know either: the bytes are there.
    }
  }
  return read;
}
