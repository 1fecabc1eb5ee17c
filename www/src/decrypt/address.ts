// Reads the link of a sealed message: /d/<id>#<secret>, both 128 random bits in base64url (22 characters).

const TOKEN = /^[A-Za-z0-9_-]{22}$/;

/** What a link says. `secret` is absent in a short link. */
export interface LinkAddress {
  id: string;
  secret?: string;
  /** The fragment is there but is no link secret: the link was cut or changed on its way. */
  damaged: boolean;
}

/** The id and secret in a path and fragment; `undefined` when the path names no message. */
export function readAddress(pathname: string, fragment: string): LinkAddress | undefined {
  const id = /^\/d\/([^/]+)\/?$/.exec(pathname)?.[1];
  if (id === undefined || !TOKEN.test(id)) return undefined;
  const secret = fragment.replace(/^#/, "");
  if (secret === "") return { id, damaged: false };
  return TOKEN.test(secret) ? { id, secret, damaged: false } : { id, damaged: true };
}
