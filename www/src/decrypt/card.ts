// The card before a message is open: closed, working, wrong, and the endings without a message (gone, locked, cannot run).
import type { Head } from "./server.ts";
import { button, field, h } from "./dom.ts";
import type { Words } from "./en.ts";

/** The closed envelope with its password field. */
export interface Card {
  element: HTMLElement;
  /** Shows what is being done, with a bar when `share` (0 to 1) is known, and Cancel. */
  working(text: string, share?: number): void;
  /** Back to the password field with a sentence on what happened; the field keeps focus. */
  problem(text: string): void;
  /** Replaces the form by a sentence: nothing can be typed until the page is loaded again. */
  ended(text: string): void;
  focus(): void;
}

/** A line of the card. Numbers and times are written after the password can be typed: the first use of Intl takes a phone a quarter of a second. */
type Fact = [name: string, value: () => string];

/** What the card shows and calls. */
export interface CardOptions {
  /** The first sentence. */
  title: string;
  /** Claimed-sender note; absent in saved copies. */
  note?: string;
  facts: Fact[];
  /** "This is the last opening", above the field. */
  warning?: string | undefined;
  onOpen(password: string): void;
  onCancel(): void;
  /** The two small explanations below. */
  explanations: boolean;
}

/** The facts of a head as the card lists them. */
export function factsOf(words: Words, head: Pick<Head, "created" | "size"> & { expires?: string; hint?: string | undefined }): Fact[] {
  const { created, expires, size, hint } = head;
  const facts: Fact[] = [[words.sent, () => words.formats.moment(new Date(created))]];
  if (expires !== undefined) facts.push([words.expires, () => words.formats.moment(new Date(expires))]);
  facts.push([words.size, () => words.formats.bytes(size)]);
  if (hint !== undefined && hint !== "") facts.push([words.hint, () => hint]);
  return facts;
}

/** Builds the card. */
export function closedCard(words: Words, options: CardOptions): Card {
  const password = h("input", { type: "password", className: "password", autocomplete: "off", autocapitalize: "none", spellcheck: false, required: true });
  const problem = h("p", { className: "problem", role: "alert", id: "problem" });
  const reveal = button(words.show, () => {
    const hidden = password.type === "password";
    password.type = hidden ? "text" : "password";
    reveal.textContent = hidden ? words.hide : words.show;
    password.focus();
  });
  reveal.className = "quiet";
  const passwordField = field(words.password, password, words.passwordNote);
  password.setAttribute("aria-describedby", `${password.getAttribute("aria-describedby") ?? ""} ${problem.id}`);
  const form = h(
    "form",
    {
      noValidate: true,
      onsubmit: (event: Event) => {
        event.preventDefault();
        if (password.value === "") return showProblem(words.empty);
        options.onOpen(password.value);
      },
    },
    options.warning !== undefined && h("p", { className: "warning" }, options.warning),
    passwordField,
    reveal,
    problem,
    h("button", { type: "submit", className: "primary" }, words.open),
  );
  const bar = h("progress", { max: 1 });
  const workText = h("p", { className: "work-text", id: "work-text" });
  bar.setAttribute("aria-labelledby", workText.id);
  const announced = h("p", { role: "status", className: "unseen" });
  const work = h("div", { className: "work", hidden: true }, workText, announced, bar, button(words.cancel, options.onCancel));
  const facts = h("dl", { className: "facts" });
  for (const [name, value] of options.facts) {
    const written = h("dd", { dir: "auto" }, "\u00a0");
    facts.append(h("div", {}, h("dt", {}, name), written));
    whenIdle(() => (written.textContent = value()));
  }
  const element = h(
    "article",
    { className: "card" },
    h("h1", { dir: "auto" }, options.title),
    options.note !== undefined && h("p", { className: "note" }, options.note),
    facts,
    form,
    work,
    options.explanations && explanations(words),
  );
  const showProblem = (text: string): void => {
    problem.textContent = text;
    password.setAttribute("aria-invalid", "true");
    password.focus();
    password.select();
  };
  return {
    element,
    working(text, share) {
      form.hidden = true;
      work.hidden = false;
      workText.textContent = text;
      // Said aloud once a stage, not once a number.
      if (share === undefined || share === 0) announced.textContent = text;
      if (share === undefined) bar.removeAttribute("value");
      else bar.value = share;
    },
    problem(text) {
      form.hidden = false;
      work.hidden = true;
      showProblem(text);
    },
    ended(text) {
      work.remove();
      form.replaceWith(h("p", { className: "problem", role: "alert" }, text), h("p", { className: "actions" }, button(words.retry, () => location.reload())));
    },
    focus: () => password.focus(),
  };
}

/** After what is under way: the card is drawn, and a password that was typed already is on its way to the worker. */
export function whenIdle(work: () => void): void {
  if ("requestIdleCallback" in globalThis) requestIdleCallback(work, { timeout: 500 });
  else setTimeout(work, 50);
}

function explanations(words: Words): HTMLElement {
  const one = (title: string, text: string[]): HTMLElement => h("details", {}, h("summary", {}, title), ...text.map((line) => h("p", {}, line)));
  return h("footer", { className: "explanations" }, one(words.howTitle, words.how), one(words.whatTitle, words.what));
}

/** A card that only says something: gone, cannot run, closed. */
export function plainCard(title: string, text: string, ...actions: HTMLElement[]): HTMLElement {
  const heading = h("h1", { tabIndex: -1 }, title);
  return h("article", { className: "card" }, heading, h("p", { role: "alert" }, text), actions.length > 0 && h("p", { className: "actions" }, ...actions));
}
