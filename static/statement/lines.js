// @ts-check
// One order per line: a table on a desktop, cards on a phone.

import { html } from "../components/html.js";
import { locale, t } from "../components/words.js";
import { formatDay } from "../lib/money.js";
import { amount } from "./figures.js";

/** @import { StatementLine } from "../../schemas/generated/messages" */

/** @param {{ lines: StatementLine[], onOpen: (orderId: string) => void }} props */
export const Lines = ({ lines, onOpen }) => html`
  <table class="lines">
    <caption class="visually-hidden">${t("statement-orders")}</caption>
    <thead>
      <tr>
        <th scope="col">${t("statement-order")}</th>
        <th scope="col" class="lines-number">${t("statement-total")}</th>
        <th scope="col" class="lines-number">${t("statement-refunded")}</th>
        <th scope="col" class="lines-number">${t("statement-tax")}</th>
        <th scope="col" class="lines-number">${t("statement-fees")}</th>
        <th scope="col" class="lines-number">${t("statement-net")}</th>
      </tr>
    </thead>
    <tbody>${lines.map((line) => html`<${Line} key=${`${line.order_id}${line.figures.currency}`} line=${line} onOpen=${onOpen} />`)}</tbody>
  </table>
`;

/** @param {{ line: StatementLine, onOpen: (orderId: string) => void }} props */
function Line({ line, onOpen }) {
  const { figures } = line;
  const fees = figures.platform_fee_minor + figures.provider_fee_minor;
  const held = figures.disputed_minor + figures.lost_minor;
  const cell = (/** @type {string} */ label, /** @type {number} */ minor, extra = "") =>
    html`<td class=${`lines-number numbers${minor === 0 ? " lines-zero" : ""}${extra}`} data-label=${label}>${amount(minor, figures.currency)}</td>`;
  return html`
    <tr data-testid="statement-line" data-order=${line.order_id}>
      <th scope="row">
        <button class="lines-open" type="button" data-testid="statement-open" onClick=${() => onOpen(line.order_id)}>
          <span>${formatDay(line.at_ms, locale())}</span>
          <span class="soft small">№ ${line.order_id.slice(-8)}</span>
          ${held !== 0 && html`<span class="lines-held small">${t(figures.disputed_minor ? "statement-disputed" : "statement-lost")}</span>`}
        </button>
      </th>
      ${cell(t("statement-total"), figures.total_minor)}
      ${cell(t("statement-refunded"), -figures.refunded_minor)}
      ${cell(t("statement-tax"), -figures.tax_minor)}
      ${cell(t("statement-fees"), -fees)}
      ${cell(t("statement-net"), figures.net_minor, " lines-net")}
    </tr>
  `;
}
