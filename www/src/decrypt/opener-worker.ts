// The worker of the decrypt page: Argon2 and decryption with the small reader module, off the main thread.
// The derived key never leaves this worker; ending the worker ends the key.
import { deriveAccess, init, openEnvelope, type Access } from "envelock/reader";
import type { Attachment } from "./attachment.ts";

/** What the page asks. */
export type OpenerQuestion =
  | { id: number; op: "ready"; wasm?: Uint8Array<ArrayBuffer> }
  | { id: number; op: "derive"; salt: string; linkSecret: string | undefined; password: string }
  | { id: number; op: "open"; ciphertext: Uint8Array<ArrayBuffer> };

/** What it hears. */
export type OpenerAnswer =
  | { id: number; kind: "progress"; done: number; total: number }
  | { id: number; kind: "done"; value: unknown }
  | { id: number; kind: "failed"; code: string };

/**
 * A message as the reader opened it; whether its signature is good is not known yet. What may be large is moved here and handed on in
 * pieces: blobs would be copied to the browser's process just when the message is to be drawn.
 */
export interface OpenedMessage {
  subject: string;
  text: string;
  html?: string;
  attachments: Attachment[];
  /** The certificate the sender enclosed, binary. */
  senderCertificate?: Uint8Array<ArrayBuffer>;
  /** Absent when the sender forbids replies. */
  replyTo?: { name?: string; email?: string };
  /** The packets inside, for checking the signature with the full module. */
  signedMessage: Uint8Array<ArrayBuffer>;
  /** The message as it was sealed. */
  ciphertext: Uint8Array<ArrayBuffer>;
}

let access: Access | undefined;

// At once: the page's first message comes when its main thread has time. A saved copy brings the module along.
if (location.protocol !== "blob:") init().catch(() => undefined);

async function answer(question: OpenerQuestion): Promise<{ value: unknown; transfer: Transferable[] }> {
  switch (question.op) {
    case "ready":
      await init(question.wasm === undefined ? {} : { wasm: question.wasm });
      return { value: undefined, transfer: [] };
    case "derive": {
      access?.free();
      const { salt, password, linkSecret } = question;
      access = await deriveAccess({ salt, password, linkSecret });
      return { value: access.token, transfer: [] };
    }
    case "open": {
      if (access === undefined) throw Object.assign(new Error("open before derive"), { code: "internal" });
      const onProgress = ({ done, total }: { done: number; total: number }): void => tell({ id: question.id, kind: "progress", done, total });
      const { ciphertext } = question;
      const message = { ...(await openEnvelope({ ciphertext, access, onProgress })), ciphertext } as OpenedMessage;
      const large = [ciphertext, message.signedMessage, ...message.attachments.map(({ data }) => data)];
      return { value: message, transfer: large.map(({ buffer }) => buffer) };
    }
  }
}

function tell(message: OpenerAnswer, transfer: Transferable[] = []): void {
  self.postMessage(message, { transfer });
}

self.onmessage = async (event: MessageEvent<OpenerQuestion>) => {
  const { id } = event.data;
  try {
    const { value, transfer } = await answer(event.data);
    tell({ id, kind: "done", value }, transfer);
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    tell({ id, kind: "failed", code: typeof code === "string" ? code : "internal" });
  }
};
