/**
 * What the wasm module looks like from here, and the one seam between the calls and where they run: a
 * {@link Backend} is either the module on this thread (`local.ts`) or a worker (`rpc.ts`).
 */
import type { InitOptions, Progress } from "./api.js";
import type { Head } from "./streams.js";
import type { Fill } from "./threads.js";

/** The exports of the module, by name. Each takes one argument object and a progress callback. */
export type CallName =
  | "generateKey" | "readKeys" | "encrypt" | "decrypt" | "sign" | "verify"
  | "sealEnvelope" | "sealReply" | "openEnvelope" | "deriveAccess" | "verifyEnvelope"
  | "lockKey" | "unlockCheck" | "errorCodes"
  | "addUserId" | "revokeUserId" | "setPrimaryUserId" | "setExpiration" | "addSubkey" | "revokeSubkey"
  | "revokeKey" | "generateRevocation" | "applyRevocation" | "certifyKey" | "revokeCertification"
  | "inspectKey" | "mergeKeys" | "minimizeKey" | "previewImport"
  | "composeMail" | "readMail" | "autocryptHeader" | "readAutocryptHeader" | "autocryptSetupMessage" | "readAutocryptSetupMessage"
  | "generateSessionKey" | "encryptSessionKey" | "decryptSessionKeys" | "inspectMessage" | "armor" | "dearmor"
  | "lookupUrls" | "selectForAddress"
  | "keystoreCreate" | "keystoreOpen" | "keystoreClose" | "keystoreSeal" | "keystoreUnseal" | "keystoreSlot"
  | "keystoreRewrap" | "keystoreAdopt" | "keystoreKeep"
  | "keystorePasskeys" | "keystoreOpenPasskey" | "keystoreAddPasskey" | "keystoreRemovePasskey"
  | "keystoreBackup" | "keystoreRestore" | "splitRecoveryCode" | "joinRecoveryShares" | "sealRecoveryCode" | "openRecoveryCode";

/** The exports that work on a stream: as the others, with the ends of the stream behind. */
export type StreamName = "encryptStream" | "decryptStream";

/** Told how far the work is; answers whether to go on. */
export type Report = (done: number, total: number) => boolean;

/** Work that waits for WebCrypto in between; see `drive` in `local.ts`. */
export interface Job {
  /** Goes on until the next wait; the value once it is done. `wake` is called when it can go on again. */
  poll(wake: () => void): { value: unknown } | undefined;
  free(): void;
}

/** The glue that wasm-bindgen makes (`--target web`), as far as it is used. */
export type Glue = Record<CallName, (args: object, report: Report) => unknown> & Record<
  StreamName, (args: object, report: Report, take: Ends["take"], give: Ends["give"], open: Ends["open"]) => unknown
> & {
  initSync(options: { module: WebAssembly.Module }): unknown;
  /** See `threads.ts`. */
  useThreads(fill: Fill | undefined): void;
  /** Makes new instances of the same compiled parts. */
  __wbg_reset_state(): void;
  /** What waits for the second part. */
  later: (CallName | StreamName)[];
  /** Starts the second part. */
  join(module: WebAssembly.Module): void;
  /** Whether the last turn of work missed the second part: what came out of it is to be thrown away. */
  missedRest(): boolean;
  Job: new () => Job;
};

/** How a call is watched while it runs. */
export interface Control {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: Progress) => void) | undefined;
}

/** The ends of a stream, on the caller's side. */
export interface Ends {
  /** So many octets, or fewer if they are the last; good until the next call. They may be moved away, and the last ones brought back. */
  take(size: number, spent?: Uint8Array): Promise<Uint8Array>;
  /** Takes octets; settles when there is room again. */
  give(bytes: Uint8Array): Promise<void>;
  /** Hears once what is known before the first octets, where something is. */
  open(head: Head): void;
}

/** Where calls run. */
export interface Backend {
  init(options: InitOptions): Promise<void>;
  /**
   * Runs one call. `args` is plain data; the buffers in `transfer` may be moved away. Strings that are secret
   * come as bytes and are overwritten afterwards.
   */
  call(name: CallName, args: object, control: Control, transfer: ArrayBuffer[]): Promise<unknown>;
  /** Runs one call on a stream. `args` as in {@link Backend.call}. */
  stream(name: StreamName, args: object, control: Control, ends: Ends): Promise<unknown>;
}
