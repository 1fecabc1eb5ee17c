/**
 * The public shapes of finding certificates. Not here: asking (`lookup-calls.ts`), choosing (the core).
 */
import type { CallOptions, Certificate, DatedOptions } from "./api.js";

/** Who gave a certificate: the Web Key Directory of the address's own domain, or a keyserver. */
export type CertificateOrigin = "wkd-advanced" | "wkd-direct" | "keyserver";

/** The Web Key Directory's two URLs for an address (draft-koch-openpgp-webkey-service). */
export interface WkdUrls {
  /** Asked first. */
  advanced: string;
  /** Asked only if the host of `advanced` does not exist. */
  direct: string;
}

export interface WkdUrlsOptions extends CallOptions {
  address: string;
}

export interface LookupKeyOptions extends DatedOptions {
  /** The mail address. Its domain may be in any script. */
  address: string;
  /**
   * The lookup of an Envelock server (`/api/v1/lookup`), which asks on behalf of pages; `false` asks the domain itself, which
   * few domains let pages do. Unless given: a page's own server, and elsewhere (Node) the domain itself.
   */
  endpoint?: string | URL | false | undefined;
  /** Asked when the domain publishes nothing, in this order: `https://HOST` (verifying) or `hkps://HOST`. Not with an endpoint: servers have their own. */
  keyservers?: string[] | undefined;
  /** In place of the global `fetch`. */
  fetch?: typeof globalThis.fetch | undefined;
}

/** Something that came and is not to be used. */
export interface RejectedKey {
  /** `other-address`, `secret-key`, `unsupported` or `unreadable`. */
  code: string;
  message: string;
  fingerprint?: string;
}

/** What was found. Nothing found is an empty list, not an error. */
export interface FoundKeys {
  /**
   * Certificates for this address, each with the user IDs that have it and no others. They may be expired or revoked: see `status`. That a
   * directory gave one says that whoever runs the domain stands for it, and no more; compare fingerprints.
   */
  certificates: Certificate[];
  /** Where they came from; absent if nothing came. */
  origin?: CertificateOrigin;
  /** The host that gave them. */
  host?: string;
  /** What came and was not kept, from wherever it came. */
  rejected: RejectedKey[];
}

/** The calls, the same on every way in. */
export interface LookupCalls {
  /** Where the certificate of an address may be published. */
  wkdUrls(address: string | WkdUrlsOptions): Promise<WkdUrls>;
  /**
   * Looks up the certificate of an address. Rejects with `lookup-failed` when nobody gave a usable answer, `lookup-refused` when the server
   * did not want to ask, `bad-address` when there is nothing to ask. In Node without an endpoint the request goes to whatever host the
   * address names: a server that does this for strangers must check where that leads, as `envelock-server` does.
   */
  lookupKey(options: LookupKeyOptions): Promise<FoundKeys>;
}
