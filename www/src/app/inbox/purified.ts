// HTML of strangers as nodes that carry no script, no form and nothing that would be loaded from anywhere. DOMPurify does the first; what
// would be loaded is dealt with here, and by the policy of the frame that shows it (`frame.ts`): either would do without the other.
// Loaded when there is HTML to be shown.
import DOMPurify from "dompurify";
import { plainLine } from "../../plain-line.ts";
import { parsed } from "./parsed.ts";

/** What may be loaded. */
export interface Sources {
  /** Addresses of pictures in the message, by content id. */
  enclosed: ReadonlyMap<string, string>;
  /** Whether its reader asked for pictures from elsewhere. */
  remote: boolean;
}

const FORBIDDEN = ["form", "input", "button", "select", "textarea", "dialog", "audio", "video", "source", "track", "picture", "map", "area"];
const LOADING = ["src", "background"];
const ELSEWHERE_IN_STYLE = /url\(\s*(?:['"]\s*)?(https?:)?\/\//gi;

/** Where pictures from elsewhere lie that are not loaded: by https they are if their reader asks, by http never. */
export type LeftOut = "https" | "http";

/**
 * The nodes, which belong to a document that loads nothing; and which pictures from elsewhere are left out of them. Undefined if there are too
 * many. They are read in the frame they are for: there its policy holds, and this page's, which makes markup of no text, need not make an exception.
 */
export function purified(markup: string, sources: Sources, frame: Window & typeof globalThis): { content: DocumentFragment; leftOut: Set<LeftOut> } | undefined {
  const body = parsed(markup, frame);
  if (body === undefined) return undefined;
  const content = DOMPurify(frame).sanitize(body, {
    RETURN_DOM_FRAGMENT: true,
    USE_PROFILES: { html: true },
    FORBID_TAGS: FORBIDDEN,
    FORBID_ATTR: ["srcset", "poster", "target", "autofocus", "tabindex"],
  });
  const leftOut = new Set<LeftOut>();
  for (const [, scheme] of markup.matchAll(ELSEWHERE_IN_STYLE)) leftOut.add(scheme?.toLowerCase() === "http:" ? "http" : "https");
  for (const name of LOADING) {
    for (const element of content.querySelectorAll(`[${name}]`)) {
      const { address, elsewhere } = sourceOf(element.getAttribute(name) ?? "", sources);
      if (address === undefined && elsewhere !== undefined) leftOut.add(elsewhere);
      if (address === undefined) element.removeAttribute(name);
      else element.setAttribute(name, address);
    }
  }
  for (const link of content.querySelectorAll("a")) showTarget(link);
  return { content, leftOut };
}

/**
 * From where a picture may be loaded, if at all: out of the message; from elsewhere if that was asked for, and never from this server, which knows
 * the reader, nor by a connection that anybody can look into.
 */
export function sourceOf(written: string, { enclosed, remote }: Sources): { address?: string; elsewhere?: LeftOut } {
  const value = written.trim();
  if (/^cid:/i.test(value)) return present(enclosed.get(decoded(value.slice(4))));
  if (/^data:image\/(?:png|jpeg|gif|webp)[;,]/i.test(value)) return { address: value };
  if (!/^(?:https?:)?\/\//i.test(value) || !URL.canParse(value, "https://elsewhere.invalid")) return {};
  const url = new URL(value, "https://elsewhere.invalid");
  if (url.protocol === "http:") return { elsewhere: "http" };
  return { ...(remote && url.host !== location.host && { address: url.href }), elsewhere: "https" };
}

const present = (address: string | undefined): { address?: string } => (address === undefined ? {} : { address });

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A link opens apart, tells nobody where it was, and says where it leads: what it is called is its writer's choice. */
function showTarget(link: HTMLAnchorElement): void {
  const written = link.getAttribute("href") ?? "";
  const url = /^https?:/i.test(written.trim()) && URL.canParse(written) ? new URL(written) : undefined;
  for (const { name } of [...link.attributes]) if (!["class", "style", "dir"].includes(name)) link.removeAttribute(name);
  if (url === undefined) return;
  link.href = url.href;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  link.title = url.href;
  if (link.textContent?.trim().toLowerCase() === url.host) return;
  const host = link.ownerDocument.createElement("bdi");
  host.textContent = ` [${plainLine(url.host)}]`;
  link.append(host);
}
