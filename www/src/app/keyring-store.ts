// Where the devices of an account meet: one sealed file on the server, written only over the version that was read.
import type { SyncStore } from "envelock";
import { ApiError, refusal } from "./api.ts";

const PATH = "/api/v1/keyring";

async function call(method: string, headers: Record<string, string>, signal: AbortSignal, body?: Uint8Array): Promise<Response> {
  const init: RequestInit = { method, headers, signal, cache: "no-store", redirect: "error" };
  if (body !== undefined) init.body = body as Uint8Array<ArrayBuffer>;
  try {
    return await fetch(PATH, init);
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ApiError("offline", 0);
  }
}

/** The file of the signed-in account. */
export function keyringStore(signal: AbortSignal): SyncStore {
  return {
    async read() {
      const answer = await call("GET", {}, signal);
      if (answer.status === 404) return undefined;
      if (!answer.ok) throw await refusal(answer);
      return { file: new Uint8Array(await answer.arrayBuffer()), version: versionOf(answer) };
    },
    async write(file, version) {
      const condition: Record<string, string> = version === undefined ? { "if-none-match": "*" } : { "if-match": version };
      const answer = await call("PUT", { ...condition, "content-type": "application/octet-stream" }, signal, file);
      if (answer.status === 412) return undefined;
      if (!answer.ok) throw await refusal(answer);
      return versionOf(answer);
    },
  };
}

/** Takes the file away, whatever its version. */
export async function removeKeyring(signal: AbortSignal): Promise<void> {
  const answer = await call("DELETE", {}, signal);
  if (!answer.ok) throw await refusal(answer);
}

/** Without one nothing could be written safely. */
function versionOf(answer: Response): string {
  const version = answer.headers.get("etag");
  if (version === null) throw new ApiError("failed", answer.status);
  return version;
}
