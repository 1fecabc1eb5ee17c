// Names that a device chooses: of drafts, of copies, and of one write.
import { toBase64Url } from "../base64url.ts";

/** Of 128 random bits, as the server has names. */
export const randomName = (): string => toBase64Url(crypto.getRandomValues(new Uint8Array(16)));
