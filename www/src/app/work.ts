// A piece of work under way: its words, its bar, its Cancel, and what went wrong with it.
import { html, nothing, type TemplateResult } from "lit-html";
import { problemText } from "./problem.ts";
import { app, update } from "./state.ts";

/** How a piece of work tells where it is; without `total` the bar only moves. */
export type Report = (text: (amount: string) => string, done?: number, total?: number) => void;

/** One kind of work of one page: at most one is under way. */
export class Work {
  #text = "";
  #said = "";
  #share: number | undefined;
  #abort: AbortController | undefined;
  readonly #cancelled: () => string;
  /** What happened, for people; empty when all is well. */
  problem = "";

  /** `cancelled`: what a cancel says; empty where the bar going away says enough. */
  constructor(cancelled = () => app.words.cancelled) {
    this.#cancelled = cancelled;
  }

  get busy(): boolean {
    return this.#abort !== undefined;
  }

  /** Runs `job` unless one runs already. Problems are shown, not thrown; whether it succeeded. */
  async run(text: string, job: (signal: AbortSignal, report: Report) => Promise<void>): Promise<boolean> {
    if (this.#abort !== undefined) return false;
    const abort = new AbortController();
    this.#abort = abort;
    this.#text = this.#said = text;
    this.#share = undefined;
    this.problem = "";
    update();
    try {
      await job(abort.signal, (words, done, total) => this.#report(words, done, total));
      return true;
    } catch (error) {
      // Whoever cancels what may have been done already is told that.
      const isTooLate = (error as { code?: unknown } | undefined)?.code === "send-unheard";
      this.problem = abort.signal.aborted && !isTooLate ? this.#cancelled() : problemText(error);
      return false;
    } finally {
      this.#abort = undefined;
      update();
    }
  }

  #report(words: (amount: string) => string, done?: number, total?: number): void {
    const { formats, of } = app.words;
    const before = this.#share;
    this.#share = done === undefined || total === undefined || total === 0 ? undefined : done / total;
    this.#text = words(done === undefined || total === undefined ? "" : formats.bytesOf(done, total, of)).trim();
    // Said aloud once a stage, not once a number.
    if (this.#share === undefined || before === undefined || this.#share < before) this.#said = this.#text;
    update();
  }

  /** The bar while it runs, the problem when it failed. */
  view(cancel = true): TemplateResult | typeof nothing {
    if (this.#abort === undefined) return this.problem === "" ? nothing : html`<p class="problem" role="alert">${this.problem}</p>`;
    return html`<div class="work">
      <p id="work-text">${this.#text}</p>
      <p class="unseen" role="status">${this.#said}</p>
      ${this.#share === undefined
        ? html`<progress aria-labelledby="work-text"></progress>`
        : html`<progress aria-labelledby="work-text" max="1" .value=${this.#share}></progress>`}
      ${cancel ? html`<button type="button" @click=${() => this.#abort?.abort()}>${app.words.cancel}</button>` : nothing}
    </div>`;
  }
}
