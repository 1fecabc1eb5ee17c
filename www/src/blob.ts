// Large bytes as a blob. A blob copies what it is given at once: a hundred megabytes would hold the page for longer than anybody
// overlooks, so they are taken in pieces with a turn of the event loop between them.
import { nextTurn } from "./turn.ts";

const PIECE = 2 * 1024 * 1024;

/** The same bytes; what the caller does to them afterwards does not reach the blob. */
export async function blobOf(bytes: Uint8Array): Promise<Blob> {
  const pieces: Blob[] = [];
  for (let at = 0; at < bytes.length; at += PIECE) {
    if (at > 0) await nextTurn();
    pieces.push(new Blob([bytes.subarray(at, at + PIECE) as Uint8Array<ArrayBuffer>]));
  }
  return new Blob(pieces);
}
