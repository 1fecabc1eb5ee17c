// The browser's passkeys (WebAuthn): the ceremonies that the server begins and judges.

/** Whether this browser has passkeys in the form the server speaks (2024 and later). */
export function hasPasskeys(): boolean {
  return typeof PublicKeyCredential === "function" && typeof PublicKeyCredential.parseRequestOptionsFromJSON === "function";
}

/** Lets the owner choose a passkey and prove it. */
export async function provePasskey(options: PublicKeyCredentialRequestOptionsJSON, signal: AbortSignal): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return toJson(await navigator.credentials.get({ publicKey, signal }).catch(refused(signal)));
}

/** Makes a passkey for the account. */
export async function makePasskey(options: PublicKeyCredentialCreationOptionsJSON, signal: AbortSignal): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return toJson(await navigator.credentials.create({ publicKey, signal }).catch(refused(signal)));
}

function toJson(credential: Credential | null): unknown {
  if (!(credential instanceof PublicKeyCredential)) throw { code: "login-passkey-refused" };
  return credential.toJSON();
}

/** Browsers do not say why: somebody declined, it took too long, or there is none. */
function refused(signal: AbortSignal): (error: unknown) => never {
  return (error) => {
    if (signal.aborted) throw error;
    throw { code: error instanceof DOMException && error.name === "InvalidStateError" ? "login-passkey-known" : "login-passkey-refused" };
  };
}
