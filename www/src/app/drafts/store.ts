// Where the drafts of an account lie: ciphertext by name on the server, written only over the revision that was read.
import { ApiError, call, over, unlessRefused, versionOf } from "../api.ts";

const PATH = "account/drafts";

/** A draft as the server knows it. */
export interface DraftRecord {
  id: string;
  revision: string;
  /** Octets of ciphertext. */
  size: number;
  changed: string;
}

/** Another device was faster: with this revision, or it deleted the draft. */
export interface Faster {
  present: string | undefined;
}

export async function listDrafts(): Promise<DraftRecord[]> {
  return ((await (await call("GET", PATH)).json()) as { drafts: DraftRecord[] }).drafts;
}

/** The ciphertext and its revision; `undefined` if there is none. */
export async function readDraft(id: string): Promise<{ ciphertext: Uint8Array; revision: string } | undefined> {
  const answer = await call("GET", `${PATH}/${id}`).catch(unlessRefused(404));
  return answer && { ciphertext: new Uint8Array(await answer.arrayBuffer()), revision: versionOf(answer) };
}

/** Stores it over this revision (`undefined`: it is new); its own. */
export async function writeDraft(id: string, revision: string | undefined, ciphertext: Uint8Array): Promise<{ revision: string } | Faster> {
  const answer = await call("PUT", `${PATH}/${id}`, ciphertext, undefined, over(revision)).catch(faster);
  return "present" in answer ? answer : { revision: versionOf(answer) };
}

/** Deletes this revision of it; `undefined` when that is done. */
export async function deleteDraft(id: string, revision: string): Promise<Faster | undefined> {
  const answer = await call("DELETE", `${PATH}/${id}`, undefined, undefined, over(revision)).catch(faster);
  return "present" in answer ? answer : undefined;
}

function faster(error: unknown): Faster {
  if (error instanceof ApiError && error.status === 412) return { present: error.present };
  throw error;
}
