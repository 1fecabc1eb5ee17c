/**
 * `envelock`: the API on this thread, over the wasm module beside it.
 *
 * Importing it has no effect; the module is loaded by `init` or by the first call.
 */
import type { Envelock } from "./api.js";
import { createCalls } from "./calls.js";
import { DividedLoader } from "./divided-loader.js";
import { LocalBackend } from "./local.js";
import type { Glue } from "./module.js";
import { fillByThreads } from "./threads.js";
import * as glue from "../wasm/envelock.js";

export type * from "./api.js";
export { type ErrorCode, errorCodes, type PaperFacts, PgpError, type Place } from "./error.js";
export { addressOf } from "./keystore-address.js";

/** An open keystore. */
export type Keystore = import("./keystore.js").Keystore;

const calls: Envelock = /* @__PURE__ */ createCalls(
  /* @__PURE__ */ new LocalBackend(
    /* @__PURE__ */ new DividedLoader(
      glue as unknown as Glue, "encrypt",
      () => new URL("../wasm/envelock_bg.wasm", import.meta.url),
      () => new URL("../wasm/envelock_rest_bg.wasm", import.meta.url),
    ),
    fillByThreads,
  ),
);

export const {
  init, generateKey, readKeys, encrypt, decrypt, sign, verify, sealEnvelope, sealReply, openEnvelope, deriveAccess,
  verifyEnvelope, lockKey, changePassphrase, unlockCheck,
  addUserId, revokeUserId, setPrimaryUserId, setExpiration, addSubkey, revokeSubkey, revokeKey, generateRevocation, applyRevocation,
  certifyKey, revokeCertification,
  inspectKey, mergeKeys, minimizeKey, previewImport, wkdUrls, lookupKey,
  composeMail, readMail, autocryptHeader, readAutocryptHeader, autocryptSetupMessage, readAutocryptSetupMessage,
  generateSessionKey, encryptSessionKey, decryptSessionKeys, inspectMessage, armor, dearmor,
  splitRecoveryCode, joinRecoveryShares, sealRecoveryCode, openRecoveryCode, Keystore,
} = calls;
