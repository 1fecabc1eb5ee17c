// A sheet to print and to keep in a drawer: what it is for, a code in groups, the same as a QR code. While a sheet is on the
// page, printing prints the sheets and nothing else (styles/print.css).
import { html, type TemplateResult } from "lit-html";
import { qrCode } from "../qr-code.ts";
import { app } from "../state.ts";

/** What stands on one sheet. */
export interface Sheet {
  title: string;
  lines: readonly string[];
  /** As it is typed in again. */
  code: string;
}

/** Prints the sheets of one kind alone. */
export function printSheets(kind: string): void {
  const wanted = document.getElementById(`sheets-${kind}`);
  wanted?.classList.add("printing");
  print();
  wanted?.classList.remove("printing");
}

/** The sheets as they will be printed. */
export function sheets(kind: string, all: readonly Sheet[]): TemplateResult {
  const { words } = app;
  return html`<div class="sheets" id="sheets-${kind}">
    ${all.map(
      ({ title, lines, code }) => html`<article class="sheet">
        <h3>${title}</h3>
        ${lines.map((line) => html`<p dir="auto">${line}</p>`)}
        <p class="code" dir="ltr" data-testid="code">${code.split("-").map((group, index) => html`${index === 0 ? "" : "-"}<span>${group}</span>`)}</p>
        ${qrCode(code, words.codeQr)}
      </article>`,
    )}
  </div>`;
}
