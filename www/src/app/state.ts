// What every page of the webmail sees: words, formats, session, server, route; and how a change gets drawn.
// Pages keep their own state beside their view; this is only what they share.
import type { Words } from "../language/en.ts";
import type { Route } from "./route.ts";

/** Sizes and times the server accepts. */
export interface Limits {
  envelopeBytes: number;
  replyBytes: number;
  hintChars: number;
  noteBytes: number;
  replies: number;
  minExpirySeconds: number;
  maxExpirySeconds: number;
  defaultExpirySeconds: number;
  maxOpenings: number;
}

/** Who the server is. */
export interface ServerInfo {
  name: string;
  version: string;
  demo: boolean;
  /** Whether it looks certificates up. */
  lookup?: boolean;
  /** Who may make an account. */
  registration?: "closed" | "invitation" | "open";
  /** Of which an address has to be that somebody registers with; none: any, by invitation. */
  registrationDomains?: string[];
  limits: Limits;
}

/** Who is signed in. */
export interface Session {
  address: string;
  name: string;
}

interface Shared {
  words: Words;
  server: ServerInfo;
  session: Session | undefined;
  route: Route;
}

/** Set by `main.ts` before the first draw. */
export const app = {} as Shared;

let draw: () => void = () => undefined;
let due = false;

/** Says how the page is drawn. */
export function drawWith(render: () => void): void {
  draw = render;
}

/** Draws soon; several calls in one task draw once. */
export function update(): void {
  if (due) return;
  due = true;
  queueMicrotask(() => {
    due = false;
    draw();
  });
}

/** Runs after the next draw, such as moving the focus to what it brought. */
export function afterDraw(work: () => void): void {
  update();
  queueMicrotask(() => queueMicrotask(work));
}
