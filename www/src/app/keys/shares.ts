// The recovery code split on several sheets of paper, so that no single one opens the backup and one may get lost.
import { html, nothing, type TemplateResult } from "lit-html";
import { engine } from "../engine.ts";
import { afterDraw, app, update } from "../state.ts";
import { Work } from "../work.ts";
import { printSheets, sheets } from "./sheet.ts";

const MOST = 8;
const work = new Work();
let wanted = { shares: 3, threshold: 2 };
let split: string[] = [];

/** Forgets what is on the page. */
export function forgetShares(): void {
  split = [];
  wanted = { shares: 3, threshold: 2 };
}

/** The section for one code; `lines` are what stands on each sheet beside its part of the code. */
export function sharesSection(recoveryCode: string, lines: (threshold: number, count: number) => string[]): TemplateResult {
  const { words } = app;
  const make = (event: SubmitEvent): void => {
    event.preventDefault();
    void work
      .run(words.splitting, async (signal) => {
        split = await engine().splitRecoveryCode({ recoveryCode, ...wanted, signal });
      })
      .then((done) => {
        if (done) afterDraw(() => document.querySelector<HTMLElement>("#shares-title")?.focus());
      });
  };
  const { shares, threshold } = wanted;
  return html`<details>
    <summary>${words.splitTitle}</summary>
    <p class="note">${words.splitNote}</p>
    <form class="row-form" @submit=${make}>
      ${choice("share-count", words.shareCount, 2, MOST, shares, (count) => {
        wanted = { shares: count, threshold: Math.min(threshold, count) };
      })}
      ${choice("share-threshold", words.shareThreshold, 2, shares, threshold, (count) => {
        wanted = { shares, threshold: count };
      })}
      <button type="submit" ?disabled=${work.busy}>${words.split}</button>
    </form>
    ${work.view(false)}
    ${split.length === 0
      ? nothing
      : html`<h3 id="shares-title" tabindex="-1">${words.sharesTitle(split.length)}</h3>
          ${sheets("shares", split.map((code, index) => ({ title: words.shareTitle(index + 1, split.length), lines: lines(threshold, split.length), code })))}
          <p class="actions"><button type="button" @click=${() => printSheets("shares")}>${words.printShares}</button></p>`}
  </details>`;
}

function choice(id: string, label: string, from: number, to: number, chosen: number, choose: (count: number) => void): TemplateResult {
  const counts = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <select
      id=${id}
      .value=${String(chosen)}
      @change=${(event: Event) => {
        choose(Number((event.target as HTMLSelectElement).value));
        split = [];
        update();
      }}
    >
      ${counts.map((count) => html`<option value=${count} ?selected=${count === chosen}>${app.words.formats.number(count)}</option>`)}
    </select>
  </div>`;
}
