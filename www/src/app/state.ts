// What every page of the webmail sees: words, formats, session, server, route; and how a change gets drawn.
// Pages keep their own state beside their view; this is only what they share.
import type { Words } from "../language/en.ts";
import type { Route } from "./route.ts";

/** Sizes and times the server accepts. */
export interface Limits {
  envelopeBytes: number;
  replyBytes: number;
  draftBytes: number;
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
  /** Of which an address has to be that mail is taken for; none: none is taken. */
  mailDomains?: string[];
  /** Whether it can encrypt mail that arrives to its owner. */
  sealsMail?: boolean;
  limits: Limits;
}

/** What the second step of signing in may be done with. */
export type FactorKind = "totp" | "passkey" | "recovery-code";

/** Who is signed in, or is about to be. */
export interface Session {
  address: string;
  name: string;
  /** What is missing yet: a second factor, or that the account has one at all. */
  pending?: "second-factor" | "enrolment";
  methods?: FactorKind[];
}

interface Shared {
  words: Words;
  server: ServerInfo;
  /** Signed in, with nothing pending. */
  session: Session | undefined;
  /** Somebody whose password was right, and who is not signed in yet. */
  awaiting: Session | undefined;
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
