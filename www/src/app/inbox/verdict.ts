// Where a message came from, as far as its domains answer for it: SPF, DKIM and DMARC. Never merged with who signed (`signature-badge.ts`).
import { html, nothing, type TemplateResult } from "lit-html";
import { plainLine } from "../../plain-line.ts";
import { marked, type Mark } from "../icons.ts";
import { app } from "../state.ts";
import type { Alarm, Evidence, MailRecord } from "./requests.ts";

const MARKS: Record<Alarm, Mark> = { red: "bad", amber: "careful", grey: "plain", none: "good" };

/** In a row: the mark and its words. */
export function alarmMark({ verdict: { alarm } }: MailRecord): TemplateResult {
  return marked(MARKS[alarm], app.words.alarms[alarm]);
}

/** On the page of a message: how loud, why, and what that was found out by. What is probably forged is said at once. */
export function originBadge({ verdict: { alarm, reasons, evidence } }: MailRecord): TemplateResult {
  const { words } = app;
  const mark = MARKS[alarm];
  const domain = evidence?.authorDomain ?? words.domainOfSender;
  const known = reasons.flatMap((reason) => (Object.hasOwn(words.alarmReasons, reason) ? [words.alarmReasons[reason as keyof typeof words.alarmReasons](domain)] : []));
  return html`<section class="badge ${mark}" role=${alarm === "red" ? "alert" : nothing} data-testid="origin">
    <p class="badge-title">${marked(mark, words.alarms[alarm])}</p>
    ${(known.length === 0 ? [words.alarmReasonUnknown] : known).map((reason) => html`<p>${reason}</p>`)}
    ${alarm === "red" ? html`<p>${words.alarmAdvice}</p>` : nothing} ${evidence === null ? nothing : found(evidence)}
  </section>`;
}

/** In the words of RFC 8601, for whoever looks into it. */
function found({ spf, dkim, dmarc }: Evidence): TemplateResult {
  const { words } = app;
  const line = (name: string, result: string, domain: string, more: readonly string[] = []): TemplateResult =>
    html`<div><dt>${name}</dt><dd dir="ltr">${[result, plainLine(domain), ...more].filter((part) => part !== "").join(" · ")}</dd></div>`;
  const aligned = (is: boolean): string => (is ? words.aligned : words.notAligned);
  return html`<details>
    <summary>${words.evidenceTitle}</summary>
    <dl class="facts">
      ${line("SPF", spf.result, spf.domain, [aligned(spf.aligned)])}
      ${dkim.length === 0 ? line("DKIM", "none", "") : dkim.map((one) => line("DKIM", one.result, one.domain, [aligned(one.aligned), ...one.weaknesses]))}
      ${line("DMARC", dmarc.result, "", dmarc.policy === null ? [] : [`p=${dmarc.policy}`])}
    </dl>
  </details>`;
}
