// Asking before a page is left that shows what nobody can get back: by a link, by Back, by an address, by Escape, by locking or
// signing out. Closing the tab is asked by the browser itself (`main.ts`).
import { ask, type Question } from "./ask.ts";

const guards: (() => Question | undefined)[] = [];
/** Where somebody goes who has answered already. */
let agreed: string | undefined;
let asking = false;

/** `guard` says what to ask while something would be lost. */
export function beforeLeaving(guard: () => Question | undefined): void {
  guards.push(guard);
}

/** What would be lost now, as a question; undefined: nothing. */
export function loss(): Question | undefined {
  for (const guard of guards) {
    const question = guard();
    if (question !== undefined) return question;
  }
  return undefined;
}

/** Whether what is shown may go. */
export async function mayLeave(): Promise<boolean> {
  const question = loss();
  if (question === undefined) return true;
  if (asking) return false;
  asking = true;
  return ask(question).finally(() => {
    asking = false;
  });
}

/** Goes to a page, if what is shown may go. */
export async function leaveFor(hash: string): Promise<void> {
  if (!(await mayLeave())) return;
  agreed = hash;
  location.hash = hash;
}

// Before the page changes: these run first, being of the capturing kind.
addEventListener(
  "hashchange",
  (event) => {
    const there = agreed === location.hash;
    agreed = undefined;
    if (there || loss() === undefined) return;
    event.stopImmediatePropagation();
    const wanted = location.hash;
    history.pushState(null, "", event.oldURL);
    void leaveFor(wanted);
  },
  { capture: true },
);
// A link that is asked about first leaves no trace in the history.
document.addEventListener(
  "click",
  (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[href^="#"]') : null;
    if (link === null || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || loss() === undefined) return;
    event.preventDefault();
    void leaveFor(link.hash);
  },
  { capture: true },
);
