// Where the devices of an account meet: one sealed file on the server, written only over the version that was read.
import type { SyncStore } from "envelock";
import { ApiError, call, over, unlessRefused, versionOf } from "./api.ts";

const PATH = "keyring";

/** The file of the signed-in account. */
export function keyringStore(signal: AbortSignal): SyncStore {
  return {
    async read() {
      const answer = await call("GET", PATH, undefined, signal).catch(unlessRefused(404));
      return answer && { file: new Uint8Array(await answer.arrayBuffer()), version: versionOf(answer) };
    },
    async write(file, version) {
      const answer = await call("PUT", PATH, file, signal, over(version)).catch(unlessRefused(412));
      return answer && versionOf(answer);
    },
  };
}

/** The same as if there were none: what is written takes the place of this version, unread, and of no other. */
export function replacedKeyring(version: string, signal: AbortSignal): SyncStore {
  return {
    read: async () => undefined,
    async write(file) {
      const written = await keyringStore(signal).write(file, version);
      if (written === undefined) throw new ApiError("keyring-changed", 412);
      return written;
    },
  };
}

/** The version of the file; `undefined` if there is none. */
export async function keyringVersion(signal: AbortSignal): Promise<string | undefined> {
  const answer = await call("HEAD", PATH, undefined, signal).catch(unlessRefused(404));
  return answer && versionOf(answer);
}

/** Takes the file away, whatever its version. */
export async function removeKeyring(signal: AbortSignal): Promise<void> {
  await call("DELETE", PATH, undefined, signal);
}
