// The job behind the one button: seal in the worker, announce, upload. Nothing readable leaves the browser; a cancelled or
// failed upload is taken back, and the draft stays.
import type { Certificate, SecretKey } from "envelock";
import { blobOf } from "../../blob.ts";
import { announceEnvelope, uploadCiphertext, withdrawEnvelope } from "../api.ts";
import { engine } from "../engine.ts";
import { linkOf, rememberNote, writeNote, type Note } from "../links/note.ts";
import { app } from "../state.ts";
import { ownKeyFor } from "../vault-contacts.ts";
import { opened, secretKeys, unlockable, vault } from "../vault.ts";
import type { Report } from "../work.ts";
import { everybody, openingsOf, passwordOf, type Draft } from "./draft.ts";

/** A sealed message that can be opened. */
export interface Sealed {
  id: string;
  link: string;
  password: string;
  recipients: string[];
  expires: Date;
  maxOpenings: number | null;
  linkSecret: boolean;
  /** Whether the writer has the password: an own one, or one that was copied. */
  noted: boolean;
  /** Whether the server brings the link to its recipients. */
  mailed: boolean;
}

/** The key a draft is signed with: the chosen one, or the first that can sign. */
export function signingKey(draft: Draft): SecretKey | undefined {
  const able = secretKeys().filter((key) => key.canSign);
  if (draft.signWith === undefined) return able.find(({ fingerprint }) => fingerprint === ownKeyFor(app.session?.address ?? "")?.fingerprint) ?? able[0];
  return able.find((key) => key.fingerprint === draft.signWith);
}

/** Seals and uploads. */
export async function sealDraft(draft: Draft, signal: AbortSignal, report: Report): Promise<Sealed> {
  const { words, server, session } = app;
  const key = signingKey(draft);
  const own = ownKey(key);
  const password = passwordOf(draft);
  const maxOpenings = openingsOf(draft, server.limits.maxOpenings);
  report(words.encrypting, 0, 1);
  const sealed = await engine().sealEnvelope({
    subject: draft.subject,
    text: draft.text,
    attachments: draft.files.map((file) => ({ name: file.name, type: file.type || "application/octet-stream", data: file })),
    password,
    linkSecret: draft.linkSecret,
    ...(key === undefined ? {} : { signers: unlockable(key) }),
    recipients: await readers(draft, own),
    reply: draft.allowReply && key !== undefined ? { name: session?.name, email: session?.address } : false,
    signal,
    onProgress: ({ done, total }) => report(words.encrypting, done, total),
  });
  if (sealed.ciphertext.length > server.limits.envelopeBytes) throw { code: "too-large" };
  const note: Note = {
    subject: draft.subject,
    recipients: everybody(draft),
    ...(sealed.linkSecret === undefined ? {} : { linkSecret: sealed.linkSecret }),
  };
  const armored = own === undefined ? undefined : await writeNote(note, own, server.limits.noteBytes);
  const hint = draft.hint.trim();
  const record = await announceEnvelope(
    {
      profile: sealed.head.profile,
      salt: sealed.head.salt,
      linkSecret: sealed.head.linkSecret,
      tokenHash: sealed.tokenHash,
      ...(hint === "" ? {} : { hint }),
      expiresInSeconds: draft.expiresInSeconds,
      maxOpenings,
      size: sealed.ciphertext.length,
      ...(armored === undefined ? {} : { note: armored }),
    },
    signal,
  );
  const { length } = sealed.ciphertext;
  try {
    report(words.uploading, 0, length);
    await uploadCiphertext(record.id, await blobOf(sealed.ciphertext), (done) => report(words.uploading, done, length), signal);
  } catch (error) {
    await withdrawEnvelope(record.id).catch(() => undefined);
    throw error;
  }
  rememberNote(record.id, note);
  return {
    id: record.id,
    link: linkOf(record.id, sealed.linkSecret),
    password,
    recipients: everybody(draft),
    expires: new Date(record.expires),
    maxOpenings,
    linkSecret: draft.linkSecret,
    noted: draft.passwordKind === "own",
    mailed: false,
  };
}

/** My key for what I want to read again: the one that signs, or any that can encrypt. */
export function ownKey(signing: SecretKey | undefined): SecretKey | undefined {
  return signing?.canEncrypt === true ? signing : secretKeys().find((key) => key.canEncrypt);
}

/** Who can open it without the password: recipients whose certificate is here, and the sender (the copy to oneself). It says for how many keys it is, so nobody in Bcc. */
async function readers(draft: Draft, own: SecretKey | undefined): Promise<Certificate[]> {
  const found = vault.state === "open" ? await Promise.all([...draft.recipients, ...draft.cc].map((address) => opened().recipient(address))) : [];
  const all = [...found.map(({ certificate }) => certificate), own?.certificate].filter((certificate) => certificate !== undefined);
  return [...new Map(all.map((certificate) => [certificate.fingerprint, certificate])).values()];
}
