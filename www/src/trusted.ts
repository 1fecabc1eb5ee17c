// The one Trusted Types policy of our own: worker scripts of this origin, and nothing else.
// (lit-html brings its own policy, `lit-html`, for its static templates.)

interface Policy {
  createScriptURL(url: string): string;
}
interface Factory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): Policy;
}

function sameOrigin(url: string): string {
  if (new URL(url, location.href).origin !== location.origin) throw new TypeError("worker scripts come from this origin only");
  return url;
}

const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes;
/** As the server's Content-Security-Policy allows it. */
export const POLICY = "envelock-worker";
const policy = factory?.createPolicy(POLICY, { createScriptURL: sameOrigin });

/** A worker's address as `new Worker` wants it under `require-trusted-types-for 'script'`. */
export function workerScript(url: string): string {
  return policy === undefined ? sameOrigin(url) : policy.createScriptURL(url);
}
