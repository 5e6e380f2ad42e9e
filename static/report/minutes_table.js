// @ts-check
// The plot as a table, for those who read it rather than look at it.

import { html } from "../components/html.js";
import { locale, t } from "../components/words.js";
import { formatMoney, formatTime } from "../lib/money.js";
import { pinnedIn, spansOf } from "../lib/recap.js";

/** @import { RecapView } from "../../schemas/generated/messages" */

/** @param {{ recap: RecapView }} props */
export function MinutesTable({ recap }) {
  const spans = spansOf(recap.moments, recap.ended_at_ms ?? Number.MAX_SAFE_INTEGER);
  return html`
    <details class="report-table">
      <summary data-testid="report-table">${t("report-as-table")}</summary>
      <div class="report-scroll" tabindex="0" role="region" aria-label=${t("report-minutes")}>
        <table class="report-rows">
          <thead><tr>${["report-minute", "report-viewers", "report-orders", "report-revenue", "report-messages", "report-pinned"].map((word, index) => html`
            <th key=${word} scope="col" class=${index > 0 && index < 5 ? "report-number" : ""}>${t(word)}</th>`)}</tr></thead>
          <tbody>${recap.minutes.map((minute) => html`
            <tr key=${minute.at_ms}>
              <th scope="row" class="numbers">${formatTime(minute.at_ms, locale())}</th>
              <td class="report-number numbers">${minute.viewers_peak}</td>
              <td class="report-number numbers">${minute.orders}</td>
              <td class="report-number numbers">${minute.revenue.map((money) => formatMoney(money, locale())).join(" + ") || "—"}</td>
              <td class="report-number numbers">${minute.messages}</td>
              <td>${pinnedIn(spans, minute.at_ms).join(", ")}</td>
            </tr>`)}</tbody>
        </table>
      </div>
    </details>
  `;
}
