// @ts-check
// The best minutes of a show.

import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { locale, t } from "../components/words.js";
import { formatTime } from "../lib/money.js";

/** @import { RecapHighlight } from "../../schemas/generated/messages" */

/** Icon and words of each. @type {Record<RecapHighlight["kind"], [string, string]>} */
const KINDS = {
  viewers: ["users", "report-best-viewers"],
  orders: ["shopping-bag", "report-best-orders"],
  messages: ["message-circle", "report-best-messages"],
  reactions: ["heart", "report-best-hearts"],
};

/** @param {{ highlights: RecapHighlight[] }} props */
export const Highlights = ({ highlights }) => html`
  <section class="panel" aria-labelledby="report-best">
    <header><h2 id="report-best">${t("report-best")}</h2></header>
    ${highlights.length === 0 && html`<p class="empty">${t("report-best-none")}</p>`}
    <ol class="report-best">${highlights.map(({ kind, at_ms, value, titles }) => html`
      <li key=${kind} data-testid="report-highlight" data-kind=${kind}>
        <span class="report-best-icon"><${Icon} name=${KINDS[kind][0]} /></span>
        <span><strong>${t(KINDS[kind][1], { count: value })}</strong>
          <span class="small soft"><span class="numbers">${formatTime(at_ms, locale())}</span>${titles.length > 0 && ` · ${t("report-minute-pinned", { titles: titles.join(", ") })}`}</span></span>
      </li>`)}</ol>
  </section>
`;
