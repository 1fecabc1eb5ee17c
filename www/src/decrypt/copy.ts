// "Save a copy": one HTML file that opens the same message without a network. The page inside is built beside this one
// (offline-copy.html); here the ciphertext and the facts are put into it. Without it, the bare OpenPGP message is saved.
import { blobOf } from "../blob.ts";
import { saveFile } from "../save-file.ts";
import type { LaterWords } from "./en-later.ts";
import type { OpenEnvelope } from "./main.ts";

/** What a saved copy holds. The link secret is part of it: whoever has the file and the password can read the message. */
export interface SavedCopy {
  salt: string;
  linkSecret?: string;
  sender: { address: string; name: string };
  created: string;
  size: number;
  hint?: string;
  /** Standard base64. */
  ciphertext: string;
}

/** Stands in the built page where the copy's data belongs. */
const PLACE = '{"envelope":"here"}';

/** Saves the copy and says in words what was saved. */
export async function saveCopy(later: LaterWords, envelope: OpenEnvelope): Promise<string> {
  const name = `message-${envelope.head.created.slice(0, 10)}`;
  const page = await fetch("/offline-copy.html", { credentials: "omit" }).then(
    async (response) => (response.ok ? await response.text() : ""),
    () => "",
  );
  const ciphertext = await blobOf(envelope.ciphertext);
  const [before, after, ...more] = page.split(PLACE);
  if (before === undefined || after === undefined || more.length > 0) {
    saveFile(`${name}.pgp`, ciphertext);
    return envelope.head.linkSecret ? later.copyRaw : later.copyRawShort;
  }
  const { salt, sender, created, size, hint, linkSecret } = envelope.head;
  const copy: SavedCopy = { salt, sender, created, size, ciphertext: await base64(ciphertext) };
  if (hint !== undefined) copy.hint = hint;
  if (linkSecret && envelope.address.secret !== undefined) copy.linkSecret = envelope.address.secret;
  // Inside <script type="application/json">, only "<" could end the data early.
  saveFile(`${name}.html`, [before, JSON.stringify(copy).replaceAll("<", "\\u003c"), after].join(""));
  return later.copySaved;
}

function base64(data: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ""));
    reader.onerror = () => reject(reader.error ?? new Error("the message could not be read"));
    reader.readAsDataURL(data);
  });
}
